"""What was found for a query, over all the questions that it was taken apart into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from duramen.recall.planning import combine
from duramen.recall.ranking import Ranked, wanted_by
from duramen.types import ArmName, ArmRank, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best memories for a query, best first.

    Attributes:
        orders: What was found for each question in it. `places` has, for each, where the best stood on its shortlist.
        best: Memory ids with their scores.
        numbers: Their row numbers, by id.
        ends: Since when those that are superseded are so, by id.
    """

    orders: Sequence[Ranked]
    places: Sequence[Mapping[str, int]]
    best: Sequence[tuple[str, float]]
    numbers: Mapping[str, int]
    ends: Mapping[str, datetime]

    @property
    def confident(self) -> bool:
        """Whether the bank knows about any of the questions."""
        return any(order.confident for order in self.orders)

    def whole(self) -> list[tuple[str, float]]:
        """Return all that was ranked, not only the best."""
        return together([order.best(len(order.places)) for order in self.orders])

    def arms(self, ids: Sequence[str]) -> dict[str, dict[ArmName, ArmRank]]:
        """Return the arms that found each memory, with the best rank and its score."""
        found: dict[str, dict[ArmName, ArmRank]] = {id: {} for id in ids}
        for order, places in zip(self.orders, self.places, strict=True):
            for id, arms in order.listed.arms_of([places[id] for id in ids if id in places]).items():
                for name, rank in arms.items():
                    found[id][name] = min(rank, found[id].get(name, rank), key=lambda one: one.rank)
        return found

    def closer(self, ids: Sequence[str]) -> dict[str, dict[str, float]]:
        """Return what the closer look added to each memory that it was taken at, for the question that it fits best."""
        gains: dict[str, dict[str, float]] = {}
        for order, places in zip(self.orders, self.places, strict=True):
            for id in ids:
                gained = order.gained(places[id]) if id in places else {}
                if gained and sum(gained.values()) > sum(gains.get(id, {}).values()):
                    gains[id] = gained
        return gains

    def paths(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return how the graph led to those memories that it led to."""
        return {
            id: path
            for order, places in zip(self.orders, self.places, strict=True)
            for id in ids
            if id in places and (path := order.listed.path_to(places[id]))
        }


def found_of(orders: Sequence[Ranked], query: Query, read: int = 0) -> Found:
    """Put together what was found for each question in `query`, enough for a reranker that reads `read` memories."""
    wanted = max(wanted_by(query), read)
    lists = [order.best(wanted) for order in orders]
    numbers = {
        id: number
        for order, best in zip(orders, lists, strict=True)
        for (id, _), number in zip(best, order.numbers(wanted), strict=True)
    }
    ends = {id: end for order in orders for id, end in order.listed.ends.items()}
    places = [
        {id: place for (id, _), place in zip(best, order.places, strict=False)}
        for order, best in zip(orders, lists, strict=True)
    ]
    return Found(orders=orders, places=places, best=together(lists)[:wanted], numbers=numbers, ends=ends)


def together(lists: Sequence[list[tuple[str, float]]]) -> list[tuple[str, float]]:
    """Make one list of several, in turns; one alone stays as it is."""
    return lists[0] if len(lists) == 1 else combine(lists)
