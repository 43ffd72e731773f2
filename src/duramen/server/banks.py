"""What every route says of itself: which verb it is. From it and from who calls comes the bank, or a refusal."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Path, Request

from duramen.engine import MemoryEngine
from duramen.identity import bank_name
from duramen.server.caller import Grant, Verb
from duramen.server.errors import Refused
from duramen.server.limits import BankLimits
from duramen.server.metrics import Metrics
from duramen.server.seen import mark, seen
from duramen.server.tracing import Tracing, verb_name

__all__ = [
    "AskedBank",
    "Refused",
    "bank_for",
    "declares",
    "doing",
    "grant_of",
    "granted",
    "is_still_let_in",
    "memory_of",
    "verb_of",
]

GRANT = "duramen.grant"
"""Where the `Grant` of a request stands in its ASGI scope."""

STILL = "duramen.still"
"""Where there stands beside it what tells whether the caller would get the same one now."""

Still = Callable[[], Awaitable[bool]]

_VERBS: dict[Callable[..., Any], Verb] = {}


@dataclass(frozen=True, slots=True)
class AskedBank:
    """A bank that a caller asked for and may use.

    Attributes:
        asked: As they call it; what answers call it.
        name: As the engine calls it.
    """

    asked: str
    name: str


def memory_of(request: Request) -> MemoryEngine:
    """Return the memory that this server serves."""
    memory = request.app.state.memory
    assert isinstance(memory, MemoryEngine)
    return memory


def grant_of(request: Request) -> Grant:
    """Return what the caller may do.

    Raises:
        Refused: 401: nobody found out who calls, so it is nobody.
    """
    grant = request.scope.get(GRANT)
    if not isinstance(grant, Grant):
        raise Refused(401, "A key is needed.", {"WWW-Authenticate": "Bearer"})
    return grant


async def is_still_let_in(request: Request) -> bool:
    """Tell whether the caller of a request that takes long would still be let in, and could still do the same.

    Raises:
        StoreUnavailableError: That cannot be looked up.
    """
    still: Still | None = request.scope.get(STILL)
    return still is not None and await still()


@cache
def bank_for(verb: Verb) -> Callable[..., AsyncIterator[AskedBank]]:
    """Return the dependency that gives the bank of `bank_id` in the path, when the caller may `verb` it.

    The bank's share of the server is taken until the request is answered.

        @router.get("/banks/{bank_id}/stats")
        async def stats(bank: Annotated[AskedBank, Depends(bank_for("read"))]) -> Stats: ...

    Args:
        verb: What the route does; a test reads it from the route.
    """

    async def asked_bank(
        request: Request, bank_id: Annotated[str, Path(description="The bank.")]
    ) -> AsyncIterator[AskedBank]:
        bank = AskedBank(bank_id, bank_name(grant_of(request).bank(bank_id, verb)))
        async with doing(request, verb, bank.name):
            yield bank

    _VERBS[asked_bank] = verb
    return asked_bank


@cache
def granted(verb: Verb) -> Callable[..., AsyncIterator[Grant]]:
    """Return the dependency that gives the `Grant` of a caller who may `verb`, for routes that name no bank."""

    async def allowed(request: Request) -> AsyncIterator[Grant]:
        grant = grant_of(request)
        grant.may(verb)
        async with doing(request, verb, None):
            yield grant

    _VERBS[allowed] = verb
    return allowed


@cache
def declares(verb: Verb) -> Callable[[], None]:
    """Return the dependency of a route that finds out by itself who may `verb` there: it only says so, see `verb_of`."""

    def declared() -> None:
        pass

    _VERBS[declared] = verb
    return declared


def verb_of(dependency: object) -> Verb | None:
    """Return the verb that a dependency of a route stands for; None if it is another sort of dependency."""
    return _VERBS.get(dependency) if callable(dependency) else None


@asynccontextmanager
async def doing(request: Request, verb: Verb, bank: str | None) -> AsyncIterator[None]:
    """Let a verb be done within the limits of its bank, and be seen."""
    state = request.app.state
    metrics, tracing, limits = state.metrics, state.tracing, state.limits
    assert isinstance(metrics, Metrics)
    assert isinstance(tracing, Tracing)
    assert isinstance(limits, BankLimits)
    told = seen(request.scope)
    told.verb, told.bank = verb, None if bank is None else mark(bank)
    told.name, told.action = bank, getattr(request.scope.get("route"), "operation_id", None) or verb
    async with AsyncExitStack() as stack:
        attributes = {"duramen.bank": told.bank} if told.bank is not None else None
        told.span = stack.enter_context(tracing.within(told.span, verb_name(verb), attributes))
        if bank is not None:
            with tracing.within(told.span, "queue"):
                await stack.enter_async_context(limits.taking(bank))
        began = time.perf_counter()
        try:
            yield
        finally:
            metrics.verb(verb, time.perf_counter() - began)
