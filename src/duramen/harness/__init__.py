"""The harness: an agent whose conversations are saved, learned from and remembered by themselves.

harness = Harness(memory, "support", agent)
answer = await harness.invoke("What do you remember about me?", session="s1", actor="ada")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.harness.configuration import ExistingMemory, ManagedMemory, NoMemory, Retrieval
    from duramen.harness.harness import Answer, Harness
    from duramen.harness.synchronous import SyncHarness, SyncResources
    from duramen.sessions.truncation import NoTruncation, SlidingWindow, Summarization
    from duramen.strategies.resources import Resource, delete_resource, list_resources, load_resource, save_resource

__all__ = [
    "Answer",
    "ExistingMemory",
    "Harness",
    "ManagedMemory",
    "NoMemory",
    "NoTruncation",
    "Resource",
    "Retrieval",
    "SlidingWindow",
    "Summarization",
    "SyncHarness",
    "SyncResources",
    "delete_resource",
    "list_resources",
    "load_resource",
    "save_resource",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Answer": "duramen.harness.harness",
        "ExistingMemory": "duramen.harness.configuration",
        "Harness": "duramen.harness.harness",
        "ManagedMemory": "duramen.harness.configuration",
        "NoMemory": "duramen.harness.configuration",
        "NoTruncation": "duramen.sessions.truncation",
        "Resource": "duramen.strategies.resources",
        "Retrieval": "duramen.harness.configuration",
        "SlidingWindow": "duramen.sessions.truncation",
        "Summarization": "duramen.sessions.truncation",
        "SyncHarness": "duramen.harness.synchronous",
        "SyncResources": "duramen.harness.synchronous",
        "delete_resource": "duramen.strategies.resources",
        "list_resources": "duramen.strategies.resources",
        "load_resource": "duramen.strategies.resources",
        "save_resource": "duramen.strategies.resources",
    },
)


def __dir__() -> list[str]:
    return __all__
