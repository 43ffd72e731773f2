"""How much is measured of speed, and on which stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

import duramen
from duramen import CapitalsEntityFinder, Item, MemoryEngine, MiniLMEmbedder
from duramen.protocols import Embedder
from tests.benchmarks.corpus import Corpus, StoredEmbedder, Vectors, pour, searched

BANK = "bank-0"
WARM_UP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured.

    Attributes:
        sizes: Memories in one bank, rising.
        fresh: Of those, the ones opened by new processes, and filled once more with another embedder.
        cold: Memories from which it is measured how a bank is loaded, from the store and from its file.
        banks: Banks of the crowded store, each of `per_bank` memories.
        recalls: Questions a size; each is asked once.
        singles: Retains of one item, and as many appends to a file.
        batches: Retains of 100 items.
        starts: New processes a store and embedder.
        imports: New interpreters an import.
    """

    sizes: Sequence[int] = (100, 1_000, 10_000, 100_000)
    fresh: Sequence[int] = (1_000, 10_000)
    cold: int = 10_000
    banks: int = 1_000
    per_bank: int = 100
    recalls: int = 200
    singles: int = 200
    batches: int = 20
    starts: int = 10
    imports: int = 10


QUICK = Plan(sizes=(100, 1_000, 10_000), banks=100, recalls=60, singles=50, batches=5, starts=3, imports=5)
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A store on disk, with what was put into its banks and what may be asked."""

    directory: Path
    turns: Sequence[Item]
    questions: Sequence[str]
    embedder: Embedder
    vectors: Vectors

    def open(self, embedder: Embedder | None = None) -> MemoryEngine:
        return duramen.open(self.directory, embedder=embedder or self.embedder, entities=CapitalsEntityFinder())


async def filled(directory: Path, memories: int, questions: int, progress: Progress, *, banks: int = 1) -> Filled:
    """Fill a store with `memories` in each of `banks`, under the name of the default embedder."""
    corpus = Corpus()
    turns = corpus.turns(memories * banks)
    asked = corpus.questions(turns[:memories], questions)
    embedder = StoredEmbedder([*searched(turns), *asked], MiniLMEmbedder.name)
    task = progress.add_task(f"{banks:,} x {memories:,} memories", total=len(turns))
    kept = {f"bank-{bank}": turns[bank * memories :][:memories] for bank in range(banks)}
    await pour(directory, kept, embedder, lambda done: progress.update(task, completed=done))
    return Filled(directory, turns, asked, embedder, embedder.vectors[: len(turns)])
