"""Duramen for LangChain: memory that outlives the thread.

agent = create_agent(model, middleware=[MemoryMiddleware(memory)])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_LAZY = {
    "DuramenChatMessageHistory": "duramen_langchain.history",
    "DuramenMemory": "duramen_langchain.memory",
    "DuramenRetriever": "duramen_langchain.retriever",
    "MemoryMiddleware": "duramen_langchain.middleware",
    "Retention": "duramen.turns",
    "memory_tools": "duramen_langchain.tools",
    "with_memory": "duramen_langchain.messages",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'duramen_langchain' has no attribute {name!r}")
    return getattr(_imported(_LAZY[name]), name)


def __dir__() -> list[str]:
    return __all__


def _imported(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("langchain", "langchain_core", "langgraph"):
            raise ImportError(
                "duramen_langchain needs the 'langchain' extra: pip install 'duramen[langchain]'"
            ) from error
        raise
