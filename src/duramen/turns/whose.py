"""From what a framework knows of a caller to the bank of that caller, or to nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from duramen.errors import BankResolutionError
from duramen.identity import Bank, bank_name
from duramen.types import Identity

Whose: TypeAlias = "Bank | Callable[[Any], Bank | None]"
"""A bank or an identity; or what names one, given what the framework passes (its runtime, state or event)."""

_ALIASES = {
    "user": ("user_id", "user", "actor_id"),
    "agent": ("agent_id", "agent"),
    "tenant": ("tenant_id", "tenant"),
}


def bank_in(sources: Iterable[object]) -> str | None:
    """Return the bank of the first of `sources` that says whose turn it is, or None.

    A source is an `Identity`, the name of a bank, or a mapping or object with a `user_id` (or `user`, `actor_id`) and
    perhaps an `agent_id` (`agent`) and a `tenant_id` (`tenant`). Numbers and UUIDs are taken as text. A source whose
    user is there but blank does not give way to the next: that would be somebody else.

    Raises:
        BankResolutionError: A part is blank or cannot be an id.
    """
    for source in sources:
        if isinstance(source, str | Identity):
            return bank_name(source)
        parts = {name: _first(source, aliases) for name, aliases in _ALIASES.items()}
        if parts["user"] is not None:
            return bank_name(Identity(**{name: _id(value) for name, value in parts.items()}))
    return None


def _first(source: object, names: Iterable[str]) -> Any:
    values = (source.get(name) if isinstance(source, Mapping) else getattr(source, name, None) for name in names)
    return next((value for value in values if value is not None), None)


def _id(value: Any) -> Any:
    """Return numbers and UUIDs as text and everything else as it is: naming a bank refuses what is no text."""
    if isinstance(value, bool):
        raise BankResolutionError(f"{value} is no id. Pass the verified id of the user, the agent or the tenant.")
    return str(value) if isinstance(value, int | uuid.UUID) else value
