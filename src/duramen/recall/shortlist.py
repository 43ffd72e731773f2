"""The best memories so far. A row keeps its place in an index for good: what is forgotten makes a new index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from duramen.recall.admitting import Admitted
from duramen.recall.fusion import ranks
from duramen.recall.search import Rows, Scores, Search
from duramen.recall.validity import ends_of
from duramen.types import ArmName, ArmRank

_Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shortlist:
    """Memories by place in this list, best first; every array has one element for each.

    Attributes:
        search: What they were found by.
        rows: Where they stand in its index.
        fused: The fused scores of the arms, with the priors.
        meaning: The cosine to the query, 0 where it points away.
        parts: What each arm and each prior gave, before its weight.
        before: The place of the memory said just before, or -1 if that is not on the list; `after` likewise.
        sessions: Code of the session; -1 for none.
        hidden: Whether it was superseded by the time that `as_of` names.
        changes: Pairs of places: a memory, and the one that contradicts it; in the order in which things changed.
        searched: How many memories passed the filters of the query; `admitted` says which might be listed.
    """

    search: Search
    rows: Rows
    fused: Scores
    meaning: Scores
    parts: Mapping[str, Scores]
    before: _Places
    after: _Places
    sessions: npt.NDArray[np.int32]
    hidden: npt.NDArray[np.bool_]
    changes: Sequence[tuple[int, int]]
    searched: int
    admitted: Admitted

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def numbers(self) -> list[int]:
        """The row numbers."""
        numbers: list[int] = self.search.index.numbers[self.rows].tolist()
        return numbers

    @property
    def ids(self) -> list[str]:
        """The memory ids, looked up one by one."""
        return self.ids_of(range(len(self)))

    @property
    def arms(self) -> dict[str, dict[ArmName, ArmRank]]:
        """The arms that found a memory, with rank and score, by its id."""
        return self.arms_of(range(len(self)))

    @property
    def ends(self) -> dict[str, datetime]:
        """Since when those that are superseded are so, by id."""
        return ends_of(self.search.index, self.rows, self.search.query)

    def ids_of(self, places: Sequence[int]) -> list[str]:
        """Return the memory ids at some places."""
        return self.search.index.ids.of(self.rows[list(places)])

    def arms_of(self, places: Sequence[int]) -> dict[str, dict[ArmName, ArmRank]]:
        """Return `arms` of the memories at some places."""
        ids, rows = self.ids_of(places), self.rows[list(places)]
        found: dict[str, dict[ArmName, ArmRank]] = {memory: {} for memory in ids}
        for name, scores in self.search.found.items():
            for memory, rank, score in zip(ids, ranks(scores, rows).tolist(), scores[rows].tolist(), strict=True):
                if score > 0:
                    found[memory][name] = ArmRank(rank, score)
        return found

    @property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """How the graph led to a memory, by its id."""
        return {id: path for place, id in enumerate(self.ids) if (path := self.path_to(place))}

    def path_to(self, place: int) -> tuple[str, ...]:
        """Return how the graph led to the memory at a place; nothing if it did not."""
        return self.search.paths.get(int(self.rows[place]), ())

    def first(self, count: int) -> Shortlist:
        """Return the first `count` memories; those behind are nobody's neighbours any more."""
        if count >= len(self):
            return self
        cut = slice(count)
        return replace(
            self,
            rows=self.rows[cut],
            fused=self.fused[cut],
            meaning=self.meaning[cut],
            parts={name: part[cut] for name, part in self.parts.items()},
            before=np.where(self.before[cut] < count, self.before[cut], -1),
            after=np.where(self.after[cut] < count, self.after[cut], -1),
            sessions=self.sessions[cut],
            hidden=self.hidden[cut],
        )


def places_of(search: Search, rows: Rows) -> tuple[_Places, _Places]:
    """Return for each of `rows` at which place among them its neighbour before and after stands, or -1."""
    order = np.argsort(rows)
    rising = rows[order]

    def place(neighbours: npt.NDArray[np.int32]) -> _Places:
        at = np.minimum(rising.searchsorted(neighbours), len(rising) - 1)
        return np.where(rising[at] == neighbours, order[at], -1)

    return place(search.index.previous[rows]), place(search.index.next[rows])
