"""The memories of a bank and what ties them: names that they share, the talk, and meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from duramen.index.bank import BankIndex
from duramen.index.vectors import Vectors
from duramen.types import Memory

LinkType = Literal["entity", "temporal", "semantic"]

ALIKE = 0.7
"""Cosine from which two memories count as alike."""

MOST_ALIKE = 5
"""Memories that one is tied to by meaning, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A link between two memories, by id; `weight` is in (0, 1], and `label` the name that they share, if they do."""

    one: str
    other: str
    type: LinkType
    weight: float = 1.0
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Some memories of a bank, and the links between those; `total` counts the memories that there are.

    Links by meaning are told of banks that are searched by their whole vectors: those of up to about 20 000 memories.
    """

    nodes: tuple[Memory, ...]
    edges: tuple[Edge, ...]
    total: int


def edges_among(indexes: Sequence[BankIndex], memories: Sequence[Memory]) -> Iterator[Edge]:
    """Go through the links between `memories`; each pair is tied once by names, once by time, once by meaning."""
    yield from _by_name(memories)
    wanted = {memory.id for memory in memories}
    for index in indexes:
        rows = [row for row, id in enumerate(index.ids) if id in wanted]
        yield from _by_time(index, rows, wanted)
        yield from _by_meaning(index, rows)


def _by_name(memories: Sequence[Memory]) -> Iterator[Edge]:
    """Tie each memory to the next that has the same name: a chain, since all pairs would be a thicket."""
    having: defaultdict[str, list[str]] = defaultdict(list)
    for memory in memories:
        for name in memory.entities:
            having[name].append(memory.id)
    seen: set[tuple[str, str]] = set()
    for name, ids in having.items():
        for one, other in pairwise(ids):
            if (one, other) not in seen:
                seen.add((one, other))
                yield Edge(one=one, other=other, type="entity", label=name)


def _by_time(index: BankIndex, rows: Sequence[int], wanted: set[str]) -> Iterator[Edge]:
    following = index.next
    for row in rows:
        after = int(following[row])
        if after >= 0 and index.ids[after] in wanted:
            yield Edge(one=index.ids[row], other=index.ids[after], type="temporal")


def _by_meaning(index: BankIndex, rows: Sequence[int]) -> Iterator[Edge]:
    if not isinstance(index.vectors, Vectors) or len(rows) < 2:
        return
    read = index.vectors.reader()
    vectors = np.concatenate([read(row, row + 1) for row in rows])
    cosines = np.triu(vectors @ vectors.T, k=1)
    for place, row in enumerate(rows):
        best = np.argsort(-cosines[place])[:MOST_ALIKE]
        for other in best[cosines[place][best] >= ALIKE].tolist():
            weight = min(1.0, float(cosines[place, other]))
            yield Edge(one=index.ids[row], other=index.ids[rows[other]], type="semantic", weight=weight)
