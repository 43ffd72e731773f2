"""From a turn to the bank that it reads and writes, or to a refusal."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Protocol

from duramen.errors import BankResolutionError
from duramen.identity import bank_of
from duramen.types import Identity
from duramen_agentcore.config import is_text
from duramen_agentcore.context import TurnContext


class BankResolver(Protocol):
    """Names the bank of a turn; may be async. Raises rather than guess: `BankResolutionError` says it best."""

    def __call__(self, context: TurnContext, /) -> str | Awaitable[str]:
        """Return the name of the bank, not blank."""


def default_bank_resolver(context: TurnContext) -> str:
    """Name the bank `tenant:{tenant_id}:user:{user_id}:agent:{agent_name}`; without a tenant, the rest of it.

    The session is no part of it, so memory outlives the session. `duramen.bank_of` says how parts are encoded.

    Raises:
        BankResolutionError: The user or the agent is missing, or any part is blank or no text.

    >>> default_bank_resolver(TurnContext("session-1", "ada", "support", tenant_id="acme"))
    'tenant:acme:user:ada:agent:support'
    """
    identity = Identity(user=context.user_id, agent=context.agent_name or None, tenant=context.tenant_id)
    return bank_of(identity, expect=("user", "agent"))


async def resolve_bank(resolver: BankResolver, context: TurnContext, *, require_tenant: bool) -> str:
    """Return the bank that `resolver` names.

    Raises:
        BankResolutionError: A required tenant is missing, or what was named is no bank. Whatever `resolver` raises
            is raised unchanged.
    """
    if require_tenant and not is_text(context.tenant_id):
        raise BankResolutionError(
            "This adapter requires a tenant and the turn names none. Nothing was recalled or retained. "
            "Pass the verified `tenant_id`."
        )
    named = resolver(context)
    bank: object = await named if inspect.isawaitable(named) else named
    if not isinstance(bank, str) or not bank.strip():
        raise BankResolutionError(
            f"The bank resolver returned {bank!r}, which names no bank. Nothing was recalled or retained. "
            f"Return a text that only this user's turns get."
        )
    return bank
