"""The names that a bank knows: how often they are spoken of, since when, and beside which others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from duramen.index.bank import BankIndex
from duramen.index.names import fold
from duramen.naming import digest
from duramen.times import from_microseconds
from duramen.types import Memory

CROWD = 200
"""Names beside each other in one memory beyond this say nothing about each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Who or what is spoken of.

    Attributes:
        id: Follows from the name, so that it is the same in every process.
        name: As it is written in the memory that spoke of it last.
        mentions: In how many memories it is. `first` and `last` are when the first and the last of them was said.
    """

    id: str
    name: str
    mentions: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Two entities, by id, that are in `count` memories together."""

    one: str
    other: str
    count: int


def entity_id(name: str) -> str:
    """Return the id of an entity: that of its folded name."""
    return digest("entity", fold(name))


def names_in(indexes: Sequence[BankIndex], part: str | None = None) -> list[tuple[str, int]]:
    """Return the folded names with how many memories have each, the most frequent first; those with `part` in them."""
    counts: Counter[str] = Counter()
    for index in indexes:
        counts.update(index.entities.all())
    wanted = None if part is None else fold(part)
    found = [(name, count) for name, count in counts.items() if count and (wanted is None or wanted in name)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def spoken(indexes: Sequence[BankIndex], name: str) -> tuple[int, int, int] | None:
    """Return when `name` was first and last spoken of, in microseconds, and the number of a memory that does."""
    found: list[tuple[int, int, int]] = []
    for index in indexes:
        rows = index.entities.rows_of(name)
        if len(rows):
            said = index.mentioned[rows]
            found.append((int(said.min()), int(said.max()), int(index.numbers[rows[int(said.argmax())]])))
    if not found:
        return None
    latest = max(found, key=lambda one: one[1])
    return min(one[0] for one in found), latest[1], latest[2]


def described(name: str, mentions: int, when: tuple[int, int, int], memory: Memory | None) -> Entity:
    """Return an entity, its name as `memory` writes it."""
    written = () if memory is None else (one for one in memory.entities if fold(one) == name)
    return Entity(
        id=entity_id(name),
        name=next(iter(written), name),
        mentions=mentions,
        first=from_microseconds(when[0]),
        last=from_microseconds(when[1]),
    )


def together(indexes: Sequence[BankIndex], names: Iterable[str]) -> list[Beside]:
    """Return which of `names` are in the same memories, those most often together first."""
    counts: Counter[tuple[str, str]] = Counter()
    for index in indexes:
        in_row: defaultdict[int, list[str]] = defaultdict(list)
        for name in names:
            for row in index.entities.rows_of(name).tolist():
                in_row[row].append(name)
        for beside in in_row.values():
            counts.update(combinations(sorted(beside[:CROWD]), 2))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Beside(entity_id(one), entity_id(other), count) for (one, other), count in ranked]
