"""A bank in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from duramen.errors import BadQueryError
from duramen.index.bank import BankIndex
from duramen.index.claims import NEVER
from duramen.types import KINDS, Kind, Memory

TimeField = Literal["stored", "mentioned", "occurred"]

PERIODS: Mapping[str, tuple[timedelta, timedelta]] = {
    "1h": (timedelta(hours=1), timedelta(minutes=1)),
    "12h": (timedelta(hours=12), timedelta(hours=1)),
    "1d": (timedelta(days=1), timedelta(hours=1)),
    "7d": (timedelta(days=7), timedelta(days=1)),
    "30d": (timedelta(days=30), timedelta(days=1)),
    "90d": (timedelta(days=90), timedelta(days=1)),
}
"""How far back each goes, and how long each of its steps is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """A bank in figures.

    Attributes:
        memories: How many there are, by kind; kinds without any are left out.
        links: How often memories are tied, by type: `entity` counts the names in them, `temporal` the neighbours.
        superseded: Memories that a newer one holds instead of.
        pending: Events that are still to be worked through, `failed` those given up; `jobs` are the same for strategies.
        last_write: When the newest memory was kept; None in an empty bank.
    """

    memories: Mapping[Kind, int] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    superseded: int = 0
    pending: int = 0
    failed: int = 0
    jobs: int = 0
    jobs_failed: int = 0
    last_write: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How many memories there are of a stretch of time that begins at `start`, by kind."""

    start: datetime
    counts: Mapping[Kind, int]


def kinds_in(indexes: Sequence[BankIndex]) -> dict[Kind, int]:
    """Count memories by kind."""
    counts: Counter[Kind] = Counter()
    for index in indexes:
        for kind, count in zip(KINDS, np.bincount(index.kinds, minlength=len(KINDS)).tolist(), strict=True):
            counts[kind] += count
    return {kind: count for kind, count in counts.items() if count}


def links_in(indexes: Sequence[BankIndex]) -> dict[str, int]:
    """Count links by type."""
    return {
        "entity": sum(int(index.entities.lengths.sum()) for index in indexes),
        "temporal": sum(int((index.next >= 0).sum()) for index in indexes),
    }


def superseded_in(indexes: Sequence[BankIndex]) -> int:
    """Count memories that a newer one holds instead of."""
    return sum(int((index.superseded != NEVER).sum()) for index in indexes)


def span_of(period: str) -> tuple[timedelta, timedelta]:
    """Return how far back `period` goes, and how long its steps are.

    Raises:
        BadQueryError: There is no such period.
    """
    if period not in PERIODS:
        raise BadQueryError(f"There is no period {period!r}. Give one of {', '.join(PERIODS)}.")
    return PERIODS[period]


def steps_of(memories: Iterable[Memory], period: str, field: TimeField, now: datetime) -> list[Step]:
    """Count `memories` by step of `period`, up to `now`, steps without any included."""
    length, step = span_of(period)
    many = int(length / step)
    first = now - length
    counts: list[Counter[Kind]] = [Counter() for _ in range(many)]
    for memory in memories:
        at = time_of(memory, field)
        if at is not None and first <= at < now:
            counts[min(int((at - first) / step), many - 1)][memory.kind] += 1
    return [Step(first + place * step, dict(count)) for place, count in enumerate(counts)]


def time_of(memory: Memory, field: TimeField) -> datetime | None:
    """Return one of the times of a memory; None for one that is not known to have occurred at any."""
    if field == "occurred":
        return None if memory.occurred is None else memory.occurred.start
    return memory.stored if field == "stored" else memory.mentioned
