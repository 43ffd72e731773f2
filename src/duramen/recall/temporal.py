"""The temporal arm: memories from the time that the query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from duramen.language.terms import term_codes
from duramen.language.time_intent import EventAnchor, Relation
from duramen.recall.fusion import WEIGHTS
from duramen.recall.search import Rows, Scores, Search
from duramen.times import microseconds
from duramen.types import ArmName, Interval

SAID = 0.85
"""What a memory scores that was said in the range, against 1 for one that tells of something in it."""

COARSE = 0.25
"""The power of the share of its own time that a memory has in the range: of "in 2023", May 2023 is a twelfth, and scores
0.54; of a day in May all is in it, which scores 1."""

NEARLY = 0.5
"""What a memory scores that just misses the range: people misremember by a day or two."""

RELEVANT = 0.5
"""Share of the best relevance from which a memory counts among those that may be the latest or the first."""

NOW = 0.5
"""What the newest relevant memory scores for a question about the present, against 1 where the latest is asked for."""

KNOWN = 0.35
"""Share of the most that the words of an event could score, from which a memory is taken to tell of it."""

_DAY = timedelta(days=1) // timedelta(microseconds=1)
_MISSED = 2 * _DAY
"""By how much a miss halves what a memory that nearly fits scores."""
_FARTHEST = 4 * _MISSED
_SOON = 30 * _DAY
"""How long after an event, or before it, what happened scores half."""

_Times = npt.NDArray[np.int64]


class _Event(NamedTuple):
    """Something that the bank tells of: when it was, and the memories that tell of it."""

    relation: Relation
    start: int
    end: int
    rows: Rows


class TemporalArm:
    """Scores memories by how their time fits what the query asks of time.

    It knows four ways to ask: dates and ranges ("last spring"); before, after, since or during something that the bank
    tells of ("after the wedding"), whose time is looked up; the latest or the first; and how things are now. The last
    three only order what the other arms found, so they have to run before: a new memory of something else is no answer.
    """

    name: ArmName = "temporal"

    def __call__(self, search: Search) -> Scores | None:
        """Return how well every memory fits, in [0, 1], shape (memories,); None if there is nothing to go by."""
        asked = search.time
        scores = _in_ranges(search, search.dates) if search.dates else None
        events = [found for event in asked.events if (found := _find(search, event)) is not None]
        relevance = _relevance(search, events) if events or asked.order or asked.current else None
        if relevance is not None:
            for event in events:
                fits = _beside(search, event, relevance)
                scores = fits if scores is None else np.maximum(scores, fits)
            ranked = _ranked(search, relevance)
            if ranked is not None:
                scores = ranked if scores is None else scores * (np.float32(0.5) + np.float32(0.5) * ranked)
        return scores if scores is not None and scores.any() else None


def _in_ranges(search: Search, ranges: Sequence[Interval]) -> Scores:
    index = search.index
    scores = np.zeros(len(index), dtype=np.float32)
    for one in ranges:
        start, end = microseconds(one.start), microseconds(one.end)
        scores[(index.mentioned >= start) & (index.mentioned < end)] = SAID
        close = index.dated & (index.start < end + _FARTHEST) & (index.end > start - _FARTHEST)
        rows = np.flatnonzero(close)
        scores[rows] = np.maximum(scores[rows], _told(index.start[rows], index.end[rows], start, end))
    return scores


def _told(first: _Times, last: _Times, start: int, end: int) -> Scores:
    """Score memories that tell of `first` to `last` by how much of that lies in the range, or how near it comes."""
    long = np.maximum(last - first, 1)
    shared = np.minimum(first + long, end) - np.maximum(first, start)
    inside = (np.maximum(shared, 0) / long) ** COARSE
    near = NEARLY * np.exp2(np.minimum(shared, 0) / _MISSED)
    scores: Scores = np.where(shared > 0, inside, near).astype(np.float32)
    return scores


def _relevance(search: Search, events: Sequence[_Event]) -> Scores | None:
    """What the arms found before, from 0 to 1 for the best that does not tell of the events themselves."""
    found = [np.float32(WEIGHTS.get(name, 0.0)) * scores for name, scores in search.found.items()]
    if not found:
        return None
    together: Scores = np.maximum(np.sum(found, axis=0, dtype=np.float32), np.float32(0.0))
    others = together.copy()
    for event in events:
        others[event.rows] = 0.0
    best = float(others.max(initial=0.0))
    return np.minimum(together / np.float32(best), np.float32(1.0)) if best > 0.0 else None


def _times(search: Search) -> _Times:
    """When it was: what a memory tells of if that is past, else when it was said."""
    index = search.index
    past = index.dated & (index.start <= microseconds(search.query.at))
    return np.where(past, index.start, index.mentioned)


def _ranked(search: Search, relevance: Scores) -> Scores | None:
    """Score the relevant memories by their place in time, from 0 to 1 for the one asked for, times relevance."""
    asked = search.time
    if asked.order is None and not asked.current:
        return None
    times = _times(search) if asked.order else search.index.mentioned
    rows = np.flatnonzero(relevance >= RELEVANT)
    _, places = np.unique(times[rows], return_inverse=True)
    shares = (places + 1) / (places.max(initial=0) + 1)
    if asked.order == "earliest":
        shares = 1.0 + 1.0 / (places.max(initial=0) + 1) - shares
    scores = np.zeros_like(relevance)
    scores[rows] = (shares if asked.order else NOW * shares) * relevance[rows]
    return scores


def _find(search: Search, anchor: EventAnchor) -> _Event | None:
    """Look an event up: it was when the memory was that says most of its words; None if none says enough of them."""
    codes = np.unique(term_codes(anchor.text))
    terms, index = search.index.terms, search.index
    scores = terms.scores(codes)
    best = int(scores.argmax())
    enough = KNOWN * terms.ceiling(codes)
    if scores[best] < enough or scores[best] == 0.0:
        return None
    start, end = (index.start, index.end) if index.dated[best] else (index.mentioned, index.mentioned)
    return _Event(anchor.relation, int(start[best]), int(end[best]), np.flatnonzero(scores >= enough))


def _beside(search: Search, event: _Event, relevance: Scores) -> Scores:
    """Score what lies on the asked side of an event by its relevance; the nearest relevant memory counts whole."""
    times = _times(search)
    if event.relation == "during":
        outside = np.maximum(np.maximum(event.start - times, times - event.end), 0)
        return (relevance * np.exp2(-outside / _MISSED)).astype(np.float32)
    distance = event.start - times if event.relation == "before" else times - event.end
    fits = 1.0 if event.relation == "since" else 1.0 / (1.0 + np.maximum(distance, 0) / _SOON)
    scores: Scores = np.where(distance >= 0, fits, 0.0).astype(np.float32)
    scores[event.rows] = 0.0
    nearest = float(scores[relevance >= RELEVANT].max(initial=0.0))
    return (
        relevance * np.minimum(scores / np.float32(nearest), np.float32(1.0)) if nearest > 0.0 else scores * relevance
    )
