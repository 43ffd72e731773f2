"""How a memory is doing: what is pending, what failed, and what became of the turns around it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Counter = Literal["recalls", "recall_failures", "retains", "retain_failures", "refused", "lost", "fallbacks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What adapters did so far.

    Attributes:
        recalls: Looked up, with or without a find.
        recall_failures: Not looked up in time or at all, so that the turn went on without memory.
        retains: Retentions on disk.
        retain_failures: Retentions that did not reach the disk when they were asked for; most are tried again.
        refused: Calls without a bank, where nothing was recalled or retained.
        lost: Messages given up, because too many waited for a memory that did not answer.
        fallbacks: How often a language model did not help, so that it was done without.
    """

    recalls: int = 0
    recall_failures: int = 0
    retains: int = 0
    retain_failures: int = 0
    refused: int = 0
    lost: int = 0
    fallbacks: int = 0


class Tally:
    """Counts, from any thread, what `Stats` tells. Counted in one with a parent is counted in both."""

    def __init__(self, parent: Tally | None = None) -> None:
        self.parent = parent
        self._stats = Stats()
        self._lock = threading.Lock()

    def count(self, name: Counter, times: int = 1) -> None:
        """Count `times` more of `name`."""
        with self._lock:
            self._stats = replace(self._stats, **{name: getattr(self._stats, name) + times})
        if self.parent is not None:
            self.parent.count(name, times)

    def stats(self) -> Stats:
        """Return the counts so far."""
        return self._stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An event that could not be turned into memories; it is kept, and tried again by `retry()`."""

    bank: str
    event: str
    key: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the memory is doing.

    Attributes:
        pending: Events acknowledged and not yet worked through, those being worked on included.
        failed: Events given up after repeated attempts; `failures` names up to 100 of them.
        oldest_pending: When the oldest pending event was acknowledged.
        jobs: Events that strategies have still to work through; of those, `jobs_waiting` wait for more to come, or for
            another try; `jobs_failed` were given up (see `MemoryEngine.jobs`).
        banks: Bank indexes held in memory. `index_bytes` is their size.
        turns: What all adapters over this memory did, since it was opened in this process.
    """

    address: str
    embedder: str
    pending: int = 0
    failed: int = 0
    oldest_pending: datetime | None = None
    jobs: int = 0
    jobs_waiting: int = 0
    jobs_failed: int = 0
    failures: tuple[Failure, ...] = ()
    banks: int = 0
    index_bytes: int = 0
    turns: Stats = field(default_factory=Stats)
