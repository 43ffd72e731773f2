"""Whose turn it is, as a graph's run tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from duramen.turns import Whose


def sources(bank: Whose | None, runtime: Any, config: Mapping[str, Any] | None) -> Iterator[object]:
    """Yield what may say whose turn it is, the most trustworthy first.

    In order: `bank` if it is given, or what it returns for the runtime (or the config, where there is no runtime), and
    then nothing else; the run's `context`; the user whom the server authenticated; and the `configurable` values of
    the config, of which the thread id says nothing.
    """
    if bank is not None:
        yield bank(runtime if runtime is not None else config) if callable(bank) else bank
        return
    context = getattr(runtime, "context", None)
    yield None if isinstance(context, str) else context  # text could be anything; only a caller's argument is a bank
    configurable = _configurable(config)
    server = getattr(runtime, "server_info", None)
    yield {"user_id": _identity(getattr(server, "user", None))}
    yield {"user_id": _identity(configurable.get("langgraph_auth_user"))}
    yield {"user_id": configurable.get("langgraph_auth_user_id")}
    yield configurable


def session_of(runtime: Any, config: Mapping[str, Any] | None) -> str | None:
    """Return the thread of a run, which is a session; None where there is none."""
    thread = _configurable(config).get("thread_id") or getattr(
        getattr(runtime, "execution_info", None), "thread_id", None
    )
    return None if thread is None else str(thread)


def lasting(config: Mapping[str, Any] | None) -> bool:
    """Tell whether the messages of a run keep their ids: a checkpointer has them, or will.

    Where nothing keeps them, callers give the conversation so far with each call, and its messages get new ids.
    """
    configurable = _configurable(config)
    return bool(configurable.get("thread_id")) and configurable.get("__pregel_checkpointer", True) is not None


def in_a_tool(config: Mapping[str, Any] | None) -> bool:
    """Tell whether a run belongs to a tool that another agent called: what its user says, a machine wrote."""
    *around, _ = str(_configurable(config).get("checkpoint_ns") or "").split("|")
    return any(task.split(":")[0] == "tools" for task in around)


def _configurable(config: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (config or {}).get("configurable") or {}


def _identity(user: Any) -> Any:
    return user.get("identity") if isinstance(user, Mapping) else getattr(user, "identity", None)
