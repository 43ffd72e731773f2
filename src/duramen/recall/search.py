"""One recall's view of one bank index, shared by the arms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.times import microseconds
from duramen.types import KINDS, ArmName, Interval, Query

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False, kw_only=True)
class Search:
    """What the arms are given: the index, the query, and what was read out of its text.

    Attributes:
        vector: The query's unit vector, shape (dimensions,).
        codes: The distinct codes of the query's terms.
        dates: The ranges of time that the query names.
        names: The names known to the bank that the query names.
        found: The scores of the arms that have run already, for arms that build on them.
    """

    index: BankIndex
    query: Query
    vector: Scores
    codes: npt.NDArray[np.uint32]
    dates: tuple[Interval, ...] = ()
    names: tuple[str, ...] = ()
    found: dict[ArmName, Scores] = field(default_factory=dict)


def allowed(index: BankIndex, query: Query) -> Mask | None:
    """Return which memories the filters of `query` let through, shape (memories,); None if there are no filters."""
    masks: list[Mask] = []
    if query.kinds is not None:
        masks.append(np.isin(index.kinds, [place for place, kind in enumerate(KINDS) if kind in query.kinds]))
    if query.actor is not None:
        masks.append(index.actors == index.code_of_actor(query.actor))
    if query.session is not None:
        masks.append(index.sessions == index.code_of_session(query.session))
    if query.tags is not None:
        masks.append(_tagged(index, query))
    if query.since is not None or query.until is not None:
        masks.append(_within(index, query))
    if query.as_of is not None:
        moment = microseconds(query.as_of)
        masks.append((index.mentioned <= moment) & (index.superseded > moment))
    if not masks:
        return None
    together: Mask = np.logical_and.reduce(masks)
    return together


def _tagged(index: BankIndex, query: Query) -> Mask:
    tags = query.tags or frozenset()
    carried = np.zeros(len(index), dtype=np.int32)
    for tag in tags:
        carried[index.tags.rows_of(tag)] += 1
    counts = index.tag_counts
    if query.tags_match == "exact":
        same: Mask = (carried == len(tags)) & (counts == len(tags))
        return same
    enough: Mask = carried >= 1 if query.tags_match in ("any", "any_strict") else carried == len(tags)
    if query.tags_match in ("any", "all"):
        enough |= counts == 0
    return enough


def _within(index: BankIndex, query: Query) -> Mask:
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    since = microseconds(query.since) if query.since is not None else least
    until = microseconds(query.until) if query.until is not None else most
    said = (index.mentioned >= since) & (index.mentioned < until)
    true = index.dated & (index.start < until) & (np.maximum(index.end, index.start + 1) > since)
    return said | true
