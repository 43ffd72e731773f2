"""Who calls, and what they may do: every route asks this, and gets the bank from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal
from urllib.parse import quote, unquote

from duramen.errors import IdentityError
from duramen.identity import bank_of
from duramen.types import Identity

Verb = Literal["recall", "retain", "reflect", "forget", "read", "manage", "admin"]
"""What a route does.

`read` lists and shows; `manage` changes how a bank is set up; `admin` is about the server and not about one bank: metrics,
keys. The others are the verbs of a memory.
"""

VERBS: tuple[Verb, ...] = ("recall", "retain", "reflect", "forget", "read", "manage", "admin")

_TENANT = re.compile(r"tenant:([^:]*):")


class ForbiddenError(IdentityError):
    """The caller may not do this, or not in this bank. Nothing was read or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a caller may do.

    Attributes:
        name: Who it is, for logs: the id of a key, or the subject of a token.
        tenant: All that they can reach is of this tenant; None for all tenants.
        user: All that they can reach is of this user of the tenant; None for all users.
        agent: As `user`, where there is a user.
        banks: Patterns such as `support-*`, one of which a bank must match as it is called in the request.
        verbs: What they may do.
    """

    name: str
    tenant: str | None = None
    user: str | None = None
    agent: str | None = None
    banks: tuple[str, ...] | None = None
    verbs: frozenset[Verb] = field(default_factory=lambda: frozenset(VERBS))

    @property
    def wall(self) -> str | None:
        """The tenant as its banks name it, beyond which nothing is reached, see `duramen.tenancy`; None for all tenants."""
        return None if self.tenant is None else _encoded(self.tenant)

    def may(self, verb: Verb) -> None:
        """Refuse what the caller may not do.

        Raises:
            ForbiddenError: They may not.
        """
        if verb not in self.verbs:
            raise ForbiddenError(
                f"This key does not allow {verb!r}; it allows {', '.join(sorted(self.verbs)) or 'nothing'}."
            )
        if verb == "admin" and (self.tenant is not None or self.user is not None or self.banks is not None):
            raise ForbiddenError("This is for keys of the whole server, and this one is of a part of it.")

    def bank(self, asked: str, verb: Verb) -> str:
        """Return the name of the bank that the caller means by `asked`, which is theirs.

        A caller of a tenant reaches `tenant:{tenant}:bank:{asked}`, and what already names their tenant as it is. A
        caller who is a user reaches only the banks of that user, and may call the usual one `me`.

        Raises:
            ForbiddenError: There is none of that name that is theirs.
        """
        self.may(verb)
        if self.banks is not None and not any(fnmatchcase(asked, pattern) for pattern in self.banks):
            raise ForbiddenError(f"This key does not reach the bank {asked!r}.")
        if self.user is not None:
            return self._of_user(asked)
        if self.tenant is None:
            return asked
        named = _TENANT.match(asked)
        if named is None:
            return f"tenant:{_encoded(self.tenant)}:bank:{quote(asked, safe='')}"
        if named[1] != _encoded(self.tenant):
            raise ForbiddenError(f"This key does not reach the bank {asked!r}, which is of another tenant.")
        return asked

    def shown(self, bank: str) -> str | None:
        """Return what the caller calls `bank`; None if it is not theirs."""
        if self.user is not None or self.tenant is None:
            asked = bank
        else:
            own = f"tenant:{_encoded(self.tenant)}:"
            if not bank.startswith(own):
                return None
            asked = unquote(bank.removeprefix(f"{own}bank:")) if bank.startswith(f"{own}bank:") else bank
        try:
            return asked if self.bank(asked, "read") == bank else None
        except IdentityError:
            return None

    def _of_user(self, asked: str) -> str:
        assert self.user is not None
        whole = bank_of(Identity(user=self.user, agent=self.agent, tenant=self.tenant))
        if asked in ("me", whole):
            return whole
        if (
            self.agent is None
            and asked.startswith(f"{whole}:agent:")
            and ":" not in asked.removeprefix(f"{whole}:agent:")
        ):
            return asked
        raise ForbiddenError(f"This token does not reach the bank {asked!r}; its own is {whole!r}, or `me`.")


def _encoded(tenant: str) -> str:
    return bank_of(Identity(user=tenant)).removeprefix("user:")
