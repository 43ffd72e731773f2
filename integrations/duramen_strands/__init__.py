"""Duramen for Strands Agents: memory that outlives the agent.

agent = Agent(model=model, hooks=[MemoryHooks(memory)])
agent("Where do I live?", invocation_state={"user_id": "ada"})
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from duramen.turns import Retention

if TYPE_CHECKING:
    from duramen_strands.hooks import MemoryHooks
    from duramen_strands.session import DuramenSessionManager
    from duramen_strands.store import DuramenMemoryStore
    from duramen_strands.tools import memory_tools

__all__ = ["DuramenMemoryStore", "DuramenSessionManager", "MemoryHooks", "Retention", "memory_tools"]

_LAZY = {
    "DuramenMemoryStore": "duramen_strands.store",
    "DuramenSessionManager": "duramen_strands.session",
    "MemoryHooks": "duramen_strands.hooks",
    "memory_tools": "duramen_strands.tools",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'duramen_strands' has no attribute {name!r}")
    return getattr(_imported(_LAZY[name]), name)


def __dir__() -> list[str]:
    return __all__


def _imported(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "strands":
            raise ImportError("duramen_strands needs the 'strands' extra: pip install 'duramen[strands]'") from error
        raise
