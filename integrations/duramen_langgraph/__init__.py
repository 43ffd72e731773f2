"""Duramen for LangGraph: nodes that recall and retain, a store, a checkpointer and tools.

builder.add_node("recall", recall_node(memory))
builder.add_node("retain", retain_node(memory))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.turns import Retention
    from duramen_langchain.messages import with_memory
    from duramen_langchain.tools import memory_tools
    from duramen_langgraph._remembered import remembered
    from duramen_langgraph.callback import RetainCallback
    from duramen_langgraph.graph_memory import GraphMemory
    from duramen_langgraph.nodes import recall_node, retain_node
    from duramen_langgraph.saver import DuramenSaver
    from duramen_langgraph.state import MemoryState, Recalled
    from duramen_langgraph.store import DuramenStore

__all__ = [
    "DuramenSaver",
    "DuramenStore",
    "GraphMemory",
    "MemoryState",
    "Recalled",
    "RetainCallback",
    "Retention",
    "memory_tools",
    "recall_node",
    "remembered",
    "retain_node",
    "with_memory",
]

__getattr__ = lazy_names(
    __name__,
    {
        "DuramenSaver": "duramen_langgraph.saver",
        "DuramenStore": "duramen_langgraph.store",
        "GraphMemory": "duramen_langgraph.graph_memory",
        "MemoryState": "duramen_langgraph.state",
        "Recalled": "duramen_langgraph.state",
        "RetainCallback": "duramen_langgraph.callback",
        "Retention": "duramen.turns",
        "memory_tools": "duramen_langchain.tools",
        "recall_node": "duramen_langgraph.nodes",
        "remembered": "duramen_langgraph._remembered",
        "retain_node": "duramen_langgraph.nodes",
        "with_memory": "duramen_langchain.messages",
    },
    extra="langgraph",
    needs=("langgraph", "langchain_core"),
)


def __dir__() -> list[str]:
    return __all__
