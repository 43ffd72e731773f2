"""Durable memory for AI agents: retain, recall, reflect, forget, from one local directory.

    async with duramen.open("./memory") as memory:
        await memory.retain("user:ada", "Ada moved to Lisbon in March 2025.")
        recall = await memory.recall("user:ada", "Where does Ada live?")
        print(recall.text)

The heavy parts are loaded when they are first asked for; `import duramen` alone loads none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.errors import (
    AddressError,
    BadContentError,
    BadInputError,
    BadQueryError,
    BankResolutionError,
    ClosedError,
    DuramenError,
    EmbedderError,
    EmbedderMismatchError,
    ProcessingError,
    SchemaVersionError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
)
from duramen.identity import bank_of
from duramen.lazy import lazy_names
from duramen.status import Status
from duramen.types import Event, Forgotten, Hit, Identity, Item, Memory, Page, Recall, Reflection, Retained
from duramen.version import __version__

if TYPE_CHECKING:
    from duramen.embedders.function import FunctionEmbedder
    from duramen.embedders.hashing import HashingEmbedder
    from duramen.embedders.minilm import MiniLMEmbedder
    from duramen.embedders.onnx import OnnxEmbedder
    from duramen.engine import MemoryEngine
    from duramen.explained.explanation import Explanation
    from duramen.language.entities import CapitalsEntityFinder, SpacyEntityFinder
    from duramen.opening import open, open_sync
    from duramen.rerankers.function import FunctionReranker
    from duramen.sync import SyncMemoryEngine

__all__ = [
    "AddressError",
    "BadContentError",
    "BadInputError",
    "BadQueryError",
    "BankResolutionError",
    "CapitalsEntityFinder",
    "ClosedError",
    "DuramenError",
    "EmbedderError",
    "EmbedderMismatchError",
    "Event",
    "Explanation",
    "Forgotten",
    "FunctionEmbedder",
    "FunctionReranker",
    "HashingEmbedder",
    "Hit",
    "Identity",
    "Item",
    "Memory",
    "MemoryEngine",
    "MiniLMEmbedder",
    "OnnxEmbedder",
    "Page",
    "ProcessingError",
    "Recall",
    "Reflection",
    "Retained",
    "SchemaVersionError",
    "SpacyEntityFinder",
    "Status",
    "StoreCorruptError",
    "StoreError",
    "StoreUnavailableError",
    "SyncMemoryEngine",
    "__version__",
    "bank_of",
    "open",
    "open_sync",
]

__getattr__ = lazy_names(
    __name__,
    {
        "CapitalsEntityFinder": "duramen.language.entities",
        "Explanation": "duramen.explained.explanation",
        "FunctionEmbedder": "duramen.embedders.function",
        "FunctionReranker": "duramen.rerankers.function",
        "HashingEmbedder": "duramen.embedders.hashing",
        "MemoryEngine": "duramen.engine",
        "MiniLMEmbedder": "duramen.embedders.minilm",
        "OnnxEmbedder": "duramen.embedders.onnx",
        "SpacyEntityFinder": "duramen.language.entities",
        "SyncMemoryEngine": "duramen.sync",
        "open": "duramen.opening",
        "open_sync": "duramen.opening",
    },
)


def __dir__() -> list[str]:
    return __all__
