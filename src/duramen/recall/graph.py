"""The graph arm: memories tied by the people, places and things they speak of."""

from __future__ import annotations

import math

import numpy as np

from duramen.index.bank import BankIndex
from duramen.recall.fusion import best
from duramen.recall.search import Scores, Search
from duramen.types import ArmName, Budget

SEEDS: dict[Budget, int] = {"low": 0, "mid": 5, "high": 20}
"""How many of the best memories of the other arms spread what they name, besides the names in the query itself."""

HUB = 0.1
"""Names in more than this share of the bank tie everything to everything, and are not followed."""

REPLY = 0.5
"""What a memory passes on to its neighbours in the session."""


class GraphArm:
    """Spreads from the names in the query and from the best memories that the arms before it found.

    It goes one step: along shared names, and to the neighbours in the session.
    """

    name: ArmName = "graph"

    def __call__(self, search: Search) -> Scores | None:
        """Return the activation of every memory, in [0, 1), shape (memories,); None if nothing is tied to the query."""
        index = search.index
        activation = np.zeros(len(index), dtype=np.float32)
        for name in search.names:
            activation[index.entities.rows_of(name)] += _rarity(index, name)
        for row, strength in _seeds(search):
            for name in index.entities.names_of(row):
                if index.entities.count(name) <= max(2, HUB * len(index)):
                    activation[index.entities.rows_of(name)] += 0.5 * strength * _rarity(index, name)
            for neighbour in (index.previous[row], index.next[row]):
                if neighbour >= 0:
                    activation[neighbour] += REPLY * strength
        if not activation.any():
            return None
        return activation / (1.0 + activation)


def _rarity(index: BankIndex, name: str) -> float:
    """Return 1 for a name in one memory, falling to 0 for a name in all of them."""
    size = len(index)
    return 1.0 - math.log(max(1, index.entities.count(name))) / math.log(size) if size > 1 else 1.0


def _seeds(search: Search) -> list[tuple[int, float]]:
    count = SEEDS[search.query.budget]
    if not count or not search.found:
        return []
    together = np.add.reduce(list(search.found.values()))
    return [(int(row), float(min(1.0, together[row]))) for row in best(together, count) if together[row] > 0]
