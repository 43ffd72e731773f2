"""Telling how a recall came about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

from duramen.recall.admitting import TOO_LOW
from duramen.recall.fitting import Dropped
from duramen.recall.found import Found
from duramen.types import Hit, Trace

T = TypeVar("T")


def traced(
    found: Found,
    hits: Sequence[Hit],
    opinions: Mapping[str, float],
    *,
    milliseconds: Mapping[str, float],
    dropped: Mapping[str, Dropped],
) -> Trace:
    """Return the trace of a recall, with what is known of each hit; `dropped` has a reason by memory id."""
    shown = [hit.memory.id for hit in hits]
    searches = [order.listed.search for order in found.orders]
    return Trace(
        arms=found.arms(shown),
        closer=found.closer(shown),
        reranked={id: opinions[id] for id in shown if id in opinions},
        paths=found.paths(shown),
        dates=_each(search.dates for search in searches),
        time="; ".join(_each((search.time.describe(),) for search in searches if search.time)),
        entities=_each(search.names for search in searches),
        corrected=_each(search.corrected for search in searches),
        parts=tuple(search.query.text for search in searches),
        searched=max(order.listed.searched for order in found.orders),
        milliseconds=milliseconds,
        dropped={**Counter(dropped.values()), **_too_low(found)},
    )


def _too_low(found: Found) -> dict[str, int]:
    """Count the memories that an arm scored too low for each question in the query, by the first arm that did."""
    belows = [below for order in found.orders if (below := order.listed.admitted.below) is not None]
    if not belows:
        return {}
    held = np.logical_and.reduce([below >= 0 for below in belows])
    counts = Counter(belows[0][held].tolist())
    names = found.orders[0].listed.search.query.min_arm_scores
    return {TOO_LOW[name]: counts[place] for place, name in enumerate(names) if counts[place]}


def _each(several: Iterable[Sequence[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(several)))
