"""From an identity to the one bank that belongs to it, or to nothing at all."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal, TypeAlias
from urllib.parse import unquote

from duramen.errors import BadInputError, BankResolutionError
from duramen.types import Identity

Part = Literal["tenant", "user", "agent"]

Bank: TypeAlias = "str | Identity"
"""A bank by its name, or the identity that it belongs to."""

_PARTS: tuple[Part, ...] = ("tenant", "user", "agent")
_USER: tuple[Part, ...] = ("user",)
_OF_NO_BANK = "\x1e"
_USERS = re.compile(r"(?:tenant:[^:]+:)?user:([^:]+)(?::agent:[^:]+)?")
_RESERVED = re.compile(r"[%:\x00-\x1f\x7f]")


_ACTORS = re.compile(r"resource:[^:]+:actor:([^:]+)")


def bank_of(identity: Identity, *, expect: Collection[Part] = _USER) -> str:
    """Name the bank of `identity`: `tenant:{t}:user:{u}:agent:{a}`, without the parts that are None.

    `%`, `:` and control characters in a part are percent-encoded, so that no two identities share a bank. Parts are
    taken as they are otherwise: neither trimmed nor folded, of any length and script.

    Args:
        identity: Whose memory it is.
        expect: The parts that must be given. `user` always is.

    Raises:
        BankResolutionError: An expected part is missing, or any given part is blank, not text, or not valid Unicode.

    >>> bank_of(Identity(user="ada", agent="support", tenant="acme"))
    'tenant:acme:user:ada:agent:support'
    >>> bank_of(Identity(user="a:agent:b"))
    'user:a%3Aagent%3Ab'
    """
    parts: list[str] = []
    for name in _PARTS:
        value: object = getattr(identity, name)
        if value is None and name != "user" and name not in expect:
            continue
        parts.append(f"{name}:{_checked(name, value)}")
    return ":".join(parts)


def bank_name(bank: Bank) -> str:
    """Return the name of `bank`, which may be an identity.

    Raises:
        BadInputError: It is not text that can be kept, or blank.
        BankResolutionError: The identity names no bank.
    """
    if isinstance(bank, Identity):
        return bank_of(bank)
    given: object = bank
    if not isinstance(given, str) or not bank.strip():
        raise BadInputError(f"The bank is {bank!r}. Name one, or give an `Identity`; nothing was read or written.")
    try:
        bank.encode()
    except UnicodeEncodeError as error:
        raise BadInputError(f"The bank {bank!r} is not valid Unicode (a lone surrogate).") from error
    if "\0" in bank:
        raise BadInputError(f"The bank {bank!r} holds a NUL character. Leave it out.")
    if bank.startswith(_OF_NO_BANK):
        raise BadInputError(f"The bank {bank!r} begins with U+001E, as what belongs to no bank does. Leave it out.")
    return bank


def user_of(bank: str) -> str | None:
    """Return the user whose bank this is, by the name that `bank_of` gives it; None if it is no such name.

    >>> user_of("tenant:acme:user:a%3Ab:agent:support")
    'a:b'
    """
    found = _USERS.fullmatch(bank)
    return None if found is None else unquote(found[1])


def actor_of(bank: str) -> str | None:
    """Return whose bank this is: its user, or the actor of a memory resource; None if its name does not say.

    >>> actor_of("resource:support:actor:ada"), actor_of("user:ada")
    ('ada', 'ada')
    """
    found = _ACTORS.fullmatch(bank)
    return user_of(bank) if found is None else unquote(found[1])


def _checked(name: str, value: object) -> str:
    if not isinstance(value, str):
        what = "missing" if value is None else f"a {type(value).__name__}, not text"
        raise BankResolutionError(_refusal(name, what))
    if not any(character.isprintable() and not character.isspace() for character in value):
        raise BankResolutionError(_refusal(name, "blank"))
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BankResolutionError(_refusal(name, "not valid Unicode (a lone surrogate)")) from error
    return _RESERVED.sub(lambda match: f"%{ord(match[0]):02X}", value)


def _refusal(name: str, what: str) -> str:
    return (
        f"The {name} of this identity is {what}, so no bank can be named without risking to mix up memories. "
        f"Nothing was recalled or retained. Pass the verified id of the {name}."
    )
