"""Which memories may be ranked at all: what passes the filters, and what a query asks of the arms themselves."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from duramen.recall.search import Mask, Scores, Search
from duramen.types import ArmName

TooLow = Literal["min_semantic", "min_keyword", "min_graph", "min_temporal"]
"""Why a memory that passed every filter is not ranked: the score that an arm gave it; see `Query.min_arm_scores`."""

TOO_LOW: Mapping[ArmName, TooLow] = {
    "semantic": "min_semantic",
    "keyword": "min_keyword",
    "graph": "min_graph",
    "temporal": "min_temporal",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Admitted:
    """Which memories may be ranked. Every mask has the shape (memories,); None lets all through.

    Attributes:
        passing: Those that pass the filters and that the arms score high enough.
        found: Those of them that may be found; with arms switched off, only what one of the others found.
        below: The place in `Query.min_arm_scores` of the first arm that scores a memory too low which some arm found and
            which passes the filters; -1 for the other memories. None if no arm has to score so high.
        searched: How many pass the filters.
        count: How many may be found.
    """

    passing: Mask | None
    found: Mask | None
    below: npt.NDArray[np.int8] | None = None
    searched: int
    count: int


def admitted(search: Search, mask: Mask | None) -> Admitted:
    """Return what may be ranked of the memories that the filters let through, `mask`, after the arms have looked."""
    searched = len(search.index) if mask is None else int(np.count_nonzero(mask))
    query = search.query
    some_off = not all(query.arms.values())
    if not some_off and not query.min_arm_scores:
        return Admitted(passing=mask, found=mask, searched=searched, count=searched)
    passing: Mask = np.ones(len(search.index), dtype=np.bool_) if mask is None else mask
    of_arms = functools.reduce(
        np.logical_or, (scores > 0 for scores in search.found.values()), np.zeros(len(passing), dtype=np.bool_)
    )
    below: npt.NDArray[np.int8] = np.full(len(passing), -1, dtype=np.int8)
    nothing: Scores = np.zeros(len(passing), dtype=np.float32)
    for place, (name, least) in enumerate(query.min_arm_scores.items()):
        low = search.found.get(name, nothing) < np.float32(least)
        below[low & passing & of_arms] = place
        passing = passing & ~low
    found: Mask = passing & of_arms if some_off else passing
    return Admitted(
        passing=passing,
        found=found,
        below=below if query.min_arm_scores else None,
        searched=searched,
        count=int(np.count_nonzero(found)),
    )


def is_too_low(score: float, least: float) -> bool:
    """Tell whether a score of an arm is below what is asked for, in the precision of scores."""
    return bool(np.float32(score) < np.float32(least))
