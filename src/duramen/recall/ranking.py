"""From the arms' scores to one order: priors, a shortlist, a closer look, changes over time, and no copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from duramen.index.token_codes import Decoded
from duramen.recall.admitting import admitted
from duramen.recall.fusion import WEIGHTS, best, calibrated, closely_calibrated
from duramen.recall.late import AskedTokens, centres, late_scores
from duramen.recall.planning import asks_for_several
from duramen.recall.priors import priors
from duramen.recall.search import Mask, Rows, Scores, Search
from duramen.recall.shortlist import Shortlist, places_of
from duramen.recall.validity import changes_from
from duramen.times import microseconds
from duramen.types import Query

PRIORS: Mapping[str, float] = {"speaker": 0.1, "agent": -0.05}
"""What each prior adds to the fused score of the arms."""

CLOSER: Mapping[str, float] = {
    "own": 1.5,
    "near": 2.9,
    "session": 2.2,
    "semantic": 1.0,
    "graph": 1.5,
    "temporal": 1.5,
    "speaker": 0.75,
    "agent": -0.35,
}
"""What is added after the closer look: late interaction by circle, and what else has to keep its share beside it."""

FADED = 0.5
"""What is left of the score of a memory that a later one contradicts: it comes behind, and is still found."""

CONFIDENT = 0.3
"""The score from which the best memory is taken to answer, and the bank to know something."""

TOLD_BY_OTHERS, VOICES = 0.02, 3
"""How much better the words of a question may fit what others said than what the one said whom it is about, each by the
mean of so many best fits, before it is taken to be about the others."""

ANSWERS, SAME_THING = 0.8, 0.4
"""What share of the best fit of own words a memory needs to be what the question is about, and what share of its meaning
the one that contradicts it needs to be about the same."""

COPY, COPIED = 0.97, 0.7
"""How alike two memories are of which the second says nothing new, and what is left of its score."""

CLOSER_BROUGHT: Mapping[str, float] = {**CLOSER, "semantic": 2.5}
"""The same beside an embedder that a user brings: it says more, and other things than the token vectors."""

SAME_SESSION, AGAIN = 0.3, 3
"""What each better memory of the same session takes from one, and at most how many of them do, where a question asks for
several things."""

SPREAD = 40
"""Memories that are put in their places one by one for that; those behind give way to all of these."""

SPARE = 10
"""Memories ranked beyond the limit, to take the place of those that do not fit."""

MOST_WITHOUT = 100
"""Memories ranked beyond that in place of unwanted ones, at most; a prompt holds few that answer better than the rest."""


RESCORED = 400
"""Memories of a large bank whose approximate scores are put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The memories of a shortlist in their last order, best first.

    Attributes:
        places: Where each stood on the shortlist; `scores` are the calibrated scores, falling.
        listed: The shortlist.
        closer: What the closer look gave each memory of the shortlist, by name; empty if there was none.
        weights: What each of that counts.
    """

    places: Sequence[int]
    scores: Sequence[float]
    listed: Shortlist
    closer: Mapping[str, Scores]
    weights: Mapping[str, float]

    def best(self, count: int) -> list[tuple[str, float]]:
        """Return the ids of the best memories with their scores."""
        return [*zip(self.listed.ids_of(self.places[:count]), self.scores[:count], strict=True)]

    def numbers(self, count: int) -> list[int]:
        """Return the row numbers of the best memories."""
        numbers = self.listed.numbers
        return [numbers[place] for place in self.places[:count]]

    @property
    def confident(self) -> bool:
        """Whether the best memory scores like an answer, and the question seems to be about the right one."""
        return bool(self.scores) and self.scores[0] >= CONFIDENT and not self._is_told_by_others()

    def gained(self, place: int) -> dict[str, float]:
        """Return what the closer look added to the memory at a place of the shortlist, by name."""
        if place >= len(next(iter(self.closer.values()), ())):
            return {}
        return {name: self.weights[name] * float(part[place]) for name, part in self.closer.items() if part[place]}

    def _is_told_by_others(self) -> bool:
        """Whether the query names a speaker, and others said what it asks about."""
        if "speaker" not in self.closer or "own" not in self.closer:
            return False
        spoken, own = self.closer["speaker"] > 0, self.closer["own"]
        theirs, others = np.sort(own[spoken])[-VOICES:], np.sort(own[~spoken])[-VOICES:]
        return min(len(theirs), len(others)) == VOICES and bool(others.mean() - theirs.mean() > TOLD_BY_OTHERS)


def shortlist(
    search: Search, fused: Scores, mask: Mask | None, depth: int, *, semantic: float = WEIGHTS["semantic"]
) -> Shortlist:
    """Return the best memories that pass the filters: `depth` for the closer look, or some more than asked for.

    With `as_of`, those that were superseded by then are among them, so that what holds instead is ranked for them; they
    are left out when all are put in order.

    Args:
        search: The query.
        fused: The fused scores of all memories.
        mask: Which of them pass the filters; None if there are none.
        depth: How many are wanted for the closer look.
        semantic: What the semantic arm counts in `fused`.
    """
    index, query = search.index, search.query
    beforehand = priors(search)
    for name, scores in beforehand.items():
        fused = fused + np.float32(PRIORS[name]) * scores
    may = admitted(search, mask)
    if may.found is not None:
        fused = np.where(may.found, fused, np.float32(-1.0))
    wanted = max(wanted_by(query), depth)
    rows, fused, meaning = _exactly(search, fused, min(may.count, wanted), semantic)
    changes = changes_from(search, rows, may.passing)
    missing = np.array(sorted({newer for _, newer in changes} - set(rows.tolist())), dtype=np.intp)
    if missing.size:
        rows = np.concatenate([rows, missing])
        fused = np.concatenate([fused, np.zeros(missing.size, dtype=np.float32)])
        meaning = np.concatenate([meaning, _meaning(search, missing)])
    places = {row: place for place, row in enumerate(rows.tolist())}
    hidden = np.zeros(len(rows), dtype=np.bool_)
    if query.as_of is not None:
        hidden = index.superseded[rows] <= microseconds(query.as_of)
    before, after = places_of(search, rows)
    return Shortlist(
        search=search,
        rows=rows,
        fused=fused,
        meaning=meaning,
        parts={name: scores[rows] for name, scores in chain(search.found.items(), beforehand.items())},
        before=before,
        after=after,
        sessions=index.sessions[rows],
        hidden=hidden,
        changes=[(places[older], places[newer]) for older, newer in changes],
        searched=may.searched - int(np.count_nonzero(hidden)),
        admitted=may,
    )


def wanted_by(query: Query) -> int:
    """Return how many memories to rank for a query: some more than it asks for, of which not all will fit."""
    return query.limit + SPARE + min(len(query.without), MOST_WITHOUT)


def _exactly(search: Search, fused: Scores, count: int, semantic: float) -> tuple[Rows, Scores, Scores]:
    """Return the rows of the `count` best memories, their fused scores, and their cosines to the query.

    In a large bank the semantic arm's scores are close, not exact: those of some more memories are put right first.
    """
    vectors = search.index.vectors
    found = search.found.get("semantic")
    is_close = found is not None and not vectors.is_exact
    rows = best(fused, max(count, RESCORED) if is_close else count)
    there = fused[rows]
    meaning = _meaning(search, rows) if found is None or is_close else found[rows]
    if found is not None and is_close:
        there += np.float32(semantic) * (meaning - found[rows])
        order = np.argsort(-there, kind="stable")[:count]
        rows, there, meaning = rows[order], there[order], meaning[order]
    return rows, there, meaning


def _meaning(search: Search, rows: Rows) -> Scores:
    return search.meaning(search.index.vectors.exact(search.vector, rows))


def ranked(
    listed: Shortlist, asked: AskedTokens | None, decoded: Decoded, weights: Mapping[str, float] = CLOSER
) -> Ranked:
    """Order a shortlist: by the fused scores, or after a closer look at its first memories, whose tokens are `decoded`."""
    closer: dict[str, Scores] = {}
    scores = calibrated(listed.fused)
    if asked is not None and len(asked.weights) and decoded.counts.any():
        first = listed.first(len(decoded.counts))
        parts = chain(late_scores(asked, decoded, first).items(), first.parts.items())
        closer = {name: part for name, part in parts if name in weights}
        looked_at = first.fused.copy()
        for name, part in closer.items():
            looked_at += np.float32(weights[name]) * part
        if asks_for_several(first.search.query.text):
            _spread(looked_at, first.sessions)
        looked_at = closely_calibrated(looked_at)
        scores = np.concatenate([looked_at, np.minimum(scores[len(first) :], looked_at.min(initial=1.0))])
        _fade_copies(scores, centres(decoded))
    _current_first(scores, listed, closer.get("own"))
    order = np.argsort(-scores, kind="stable")
    order = order[~listed.hidden[order]]
    return Ranked(places=order.tolist(), scores=scores[order].tolist(), listed=listed, closer=closer, weights=weights)


def _fade_copies(scores: Scores, centre: Scores) -> None:
    """Take from each memory that is nearly the same as a better one a part of its score, in place."""
    order = np.argsort(-scores[: len(centre)], kind="stable")
    ordered = centre[order]
    copies = np.tril(ordered @ ordered.T > COPY, -1).any(axis=1)
    scores[order[copies]] *= np.float32(COPIED)


def _spread(scores: Scores, sessions: npt.NDArray[np.int32]) -> None:
    """Make memories of one session give way to those of others, in place.

    Source:
        Carbonell & Goldstein, The use of MMR, SIGIR 1998, https://doi.org/10.1145/290941.291025, with the session for
        what two have in common.
    """
    taken = np.zeros(len(scores), dtype=np.bool_)
    given_way = np.zeros(len(scores), dtype=np.int32)
    for _ in range(min(len(scores), SPREAD)):
        left = np.where(taken, -np.inf, scores - np.float32(SAME_SESSION) * given_way)
        place = int(left.argmax())
        scores[place], taken[place] = left[place], True
        same = (sessions == sessions[place]) & (sessions >= 0) & ~taken
        given_way[same] = np.minimum(given_way[same] + 1, AGAIN)
    scores[~taken] -= np.float32(SAME_SESSION) * given_way[~taken]


def _current_first(scores: Scores, listed: Shortlist, own: Scores | None) -> None:
    """Put no memory above the one that contradicts it where the question is about that: it takes over the score, in place.

    What says how it is now may share fewer words with the question than what was said before. After a closer look the
    older one has to answer by its own words, and the newer one has to be about the same: of "I live in Ghent and build
    violins", a move leaves the violins as they are.
    """
    for older, newer in listed.changes:
        if own is not None:
            answers = older < len(own) and own[older] >= ANSWERS * own.max()
            if not answers or listed.meaning[newer] < SAME_THING * listed.meaning[older]:
                continue
        scores[newer] = max(scores[newer], scores[older])
        scores[older] *= FADED


def alone(weights: Mapping[str, float]) -> Mapping[str, float]:
    """Return `weights` for memories that stand by themselves: what is said around them says nothing of them."""
    circles = ("own", "near", "session")
    others = {name: weight for name, weight in weights.items() if name not in circles}
    return {"own": sum(weights[name] for name in circles), **others}
