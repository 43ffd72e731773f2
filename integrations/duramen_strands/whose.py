"""Whose turn it is, and in which session, as Strands tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from duramen.turns import Whose

_PARTS = ("user_id", "user", "actor_id", "agent_id", "tenant_id", "tenant")


def sources(bank: Whose | None, passed: Any, *, inherited: str | None = None) -> Iterator[object]:
    """Yield what may say whose turn it is, the most trustworthy first.

    In order: `bank` if it is given, or what it returns for what Strands passed, and then nothing else; the invocation
    state, which the caller gave; the bank of the run that this one is part of; and the state of the agent, which is the
    developer's own.

    Args:
        bank: As the adapter was told.
        passed: By Strands: an event or a tool context, with its `invocation_state`.
        inherited: The bank of the run around this one.
    """
    if bank is not None:
        yield bank(passed) if callable(bank) else bank
        return
    yield _identity(getattr(passed, "invocation_state", None))
    yield inherited or {}
    known: Any = getattr(getattr(passed, "agent", None), "state", None)
    if inherited is None and hasattr(known, "get"):
        yield {name: known.get(name) for name in _PARTS}


def session_of(passed: object) -> str | None:
    """Return the session of what Strands passed: that of the session manager, else the one that the caller named.

    The `session_id` of an agent without a session manager is made up, and names nothing.
    """
    host = getattr(passed, "agent", None) or getattr(passed, "source", None)
    state = getattr(passed, "invocation_state", None)
    manager = getattr(host, "_session_manager", None) or getattr(host, "session_manager", None)
    named = getattr(manager, "session_id", None) or (state.get("session_id") if isinstance(state, Mapping) else None)
    return str(named) if named else None


def _identity(state: object) -> Mapping[str, object]:
    """Return what `state` says of the caller. Strands itself puts the running agent into it, under `agent`."""
    if not isinstance(state, Mapping):
        return {}
    said = {name: state[name] for name in _PARTS if name in state}
    agent = state.get("agent")
    return {**said, "agent": agent} if isinstance(agent, str) else said
