"""One recall's view of one bank index, shared by the arms."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.index.claims import NEVER
from duramen.language.time_intent import TimeIntent
from duramen.times import microseconds
from duramen.types import KINDS, AllOf, ArmName, Interval, NoneOf, Query, Tagged, TagGroup, TagsMatch

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

FilterName = Literal[
    "kinds", "actor", "session", "tags", "tag_groups", "dates", "namespaces", "ids", "as_of", "superseded"
]
"""What a caller can filter by; `dates` are `since` and `until`, and `superseded` is the other half of `as_of`."""


@dataclass(slots=True, eq=False, kw_only=True)
class Search:
    """What the arms are given: the index, the query, and what was read out of its text.

    Attributes:
        vector: The query's unit vector, shape (dimensions,).
        unrelated: The cosine that two texts have on average in its space that have nothing to do with each other.
        words: All words of the query in order, casefolded, those that were misspelt put right.
        codes: The distinct codes of the query's terms, one a word.
        variants: The codes of further forms that the bank has of the same words, in its other languages.
        pairs: The codes of terms that stand side by side in the query, of which the bank has both.
        corrected: Words that the bank does not know, each with the word of a name that it was read as.
        dates: The ranges of time that the query names.
        time: What else it asks of time: the latest, the present, before or after something.
        names: The names known to the bank that the query names.
        expansion: Codes of further terms, of what the bank itself says of those names, with what each counts against 1.
        found: The scores of the arms that have run already, for arms that build on them.
        paths: How the graph arm came to its best memories, by row: names, ids of memories, and "next" or "day" between
            two that no name ties.
    """

    index: BankIndex
    query: Query
    vector: Scores
    unrelated: float = 0.0
    codes: npt.NDArray[np.uint32]
    words: tuple[str, ...] = ()
    variants: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, dtype=np.uint32))
    pairs: tuple[tuple[int, int], ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    dates: tuple[Interval, ...] = ()
    time: TimeIntent = field(default_factory=TimeIntent)
    names: tuple[str, ...] = ()
    expansion: Mapping[int, float] = field(default_factory=dict)
    found: dict[ArmName, Scores] = field(default_factory=dict)
    paths: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def meaning(self, cosines: Scores) -> Scores:
        """Turn cosines, in place if it can be, into what is shared in meaning: 0 for unrelated texts, 1 for the same."""
        if self.unrelated:
            cosines = (cosines - np.float32(self.unrelated)) / np.float32(1.0 - self.unrelated)
        return np.maximum(cosines, np.float32(0.0), out=cosines)


def allowed(index: BankIndex, query: Query) -> Mask | None:
    """Return which memories the filters of `query` let through, shape (memories,); None if there are no filters.

    What was superseded by `as_of` is let through: it is ranked, so that its place passes to what holds instead.
    """
    masks = [mask for name, mask in filters(index, query).items() if name != "superseded"]
    return functools.reduce(np.logical_and, masks) if masks else None


def filters(index: BankIndex, query: Query) -> dict[FilterName, Mask]:
    """Return which memories each filter that `query` asks for lets through by itself, by name."""
    masks = ((name, mask(index, query)) for name, mask in _FILTERS.items())
    return {name: mask for name, mask in masks if mask is not None}


def _of_kinds(index: BankIndex, query: Query) -> Mask | None:
    if query.kinds is None:
        return None
    mask: Mask = np.zeros(len(index), dtype=np.bool_)
    for code, kind in enumerate(KINDS):
        if kind in query.kinds:
            mask |= index.kinds == code
    return mask


def _of_actor(index: BankIndex, query: Query) -> Mask | None:
    return None if query.actor is None else index.actors == index.code_of_actor(query.actor)


def _of_session(index: BankIndex, query: Query) -> Mask | None:
    return None if query.session is None else index.sessions == index.code_of_session(query.session)


def _tagged(index: BankIndex, query: Query) -> Mask | None:
    return None if query.tags is None else _carrying(index, query.tags, query.tags_match)


def _grouped(index: BankIndex, query: Query) -> Mask | None:
    return _selected(index, AllOf(query.tag_groups)) if query.tag_groups else None


def _selected(index: BankIndex, group: TagGroup) -> Mask:
    """Return which memories a group selects; without tags, as without it in `tags`, all, unless it is `exact`."""
    if isinstance(group, Tagged):
        counts = group.tags or group.match == "exact"
        return _carrying(index, group.tags, group.match) if counts else np.ones(len(index), dtype=np.bool_)
    if isinstance(group, NoneOf):
        return ~_selected(index, group.group)
    parts = (_selected(index, part) for part in group.groups)
    if isinstance(group, AllOf):
        return functools.reduce(np.logical_and, parts, np.ones(len(index), dtype=np.bool_))
    return functools.reduce(np.logical_or, parts, np.zeros(len(index), dtype=np.bool_))


def _carrying(index: BankIndex, tags: Set[str], match: TagsMatch) -> Mask:
    carried = np.zeros(len(index), dtype=np.int32)
    for tag in tags:
        carried[index.tags.rows_of(tag)] += 1
    counts = index.tag_counts
    if match == "exact":
        same: Mask = (carried == len(tags)) & (counts == len(tags))
        return same
    enough: Mask = carried >= 1 if match in ("any", "any_strict") else carried == len(tags)
    if match in ("any", "all"):
        enough |= counts == 0
    return enough


def _within(index: BankIndex, query: Query) -> Mask | None:
    if query.since is None and query.until is None:
        return None
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    since = microseconds(query.since) if query.since is not None else least
    until = microseconds(query.until) if query.until is not None else most
    said = (index.mentioned >= since) & (index.mentioned < until)
    true = index.dated & (index.start < until) & (np.maximum(index.end, index.start + 1) > since)
    return said | true


def _filed(index: BankIndex, query: Query) -> Mask | None:
    """Of what strategies made, only what still holds counts, unless another time is asked about."""
    if query.namespaces is None:
        return None
    filed = index.filed_within(query.namespaces)
    return filed if query.as_of is not None else filed & (index.superseded == NEVER)


def _named(index: BankIndex, query: Query) -> Mask | None:
    return None if query.ids is None else index.named(query.ids)


def _said_by(index: BankIndex, query: Query) -> Mask | None:
    return None if query.as_of is None else index.mentioned <= microseconds(query.as_of)


def _current_at(index: BankIndex, query: Query) -> Mask | None:
    return None if query.as_of is None else index.superseded > microseconds(query.as_of)


_FILTERS: Mapping[FilterName, Callable[[BankIndex, Query], Mask | None]] = {
    "kinds": _of_kinds,
    "actor": _of_actor,
    "session": _of_session,
    "tags": _tagged,
    "tag_groups": _grouped,
    "dates": _within,
    "namespaces": _filed,
    "ids": _named,
    "as_of": _said_by,
    "superseded": _current_at,
}
