"""Duramen for LangChain: memory that outlives the thread.

agent = create_agent(model, middleware=[MemoryMiddleware(memory)])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.turns import Retention
    from duramen_langchain.history import DuramenChatMessageHistory
    from duramen_langchain.memory import DuramenMemory
    from duramen_langchain.messages import with_memory
    from duramen_langchain.middleware import MemoryMiddleware
    from duramen_langchain.retriever import DuramenRetriever
    from duramen_langchain.tools import memory_tools

__all__ = [
    "DuramenChatMessageHistory",
    "DuramenMemory",
    "DuramenRetriever",
    "MemoryMiddleware",
    "Retention",
    "memory_tools",
    "with_memory",
]

__getattr__ = lazy_names(
    __name__,
    {
        "DuramenChatMessageHistory": "duramen_langchain.history",
        "DuramenMemory": "duramen_langchain.memory",
        "DuramenRetriever": "duramen_langchain.retriever",
        "MemoryMiddleware": "duramen_langchain.middleware",
        "Retention": "duramen.turns",
        "memory_tools": "duramen_langchain.tools",
        "with_memory": "duramen_langchain.messages",
    },
    extra="langchain",
    needs=("langchain", "langchain_core", "langgraph"),
)


def __dir__() -> list[str]:
    return __all__
