"""Duramen for Strands Agents: memory that outlives the agent.

agent = Agent(model=model, hooks=[MemoryHooks(memory)])
agent("Where do I live?", invocation_state={"user_id": "ada"})
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.turns import Retention
    from duramen_strands.hooks import MemoryHooks
    from duramen_strands.repository import DuramenSessionRepository
    from duramen_strands.session import DuramenSessionManager
    from duramen_strands.store import DuramenMemoryStore
    from duramen_strands.tools import memory_tools

__all__ = [
    "DuramenMemoryStore",
    "DuramenSessionManager",
    "DuramenSessionRepository",
    "MemoryHooks",
    "Retention",
    "memory_tools",
]

__getattr__ = lazy_names(
    __name__,
    {
        "DuramenMemoryStore": "duramen_strands.store",
        "DuramenSessionManager": "duramen_strands.session",
        "DuramenSessionRepository": "duramen_strands.repository",
        "MemoryHooks": "duramen_strands.hooks",
        "Retention": "duramen.turns",
        "memory_tools": "duramen_strands.tools",
    },
    extra="strands",
    needs=("strands",),
)


def __dir__() -> list[str]:
    return __all__
