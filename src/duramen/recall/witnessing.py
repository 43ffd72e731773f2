"""Taking notes on a recall while it runs, for whoever wants to explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from duramen.recall.fitting import Dropped
from duramen.recall.found import Found
from duramen.recall.fusion import ranks
from duramen.recall.pipeline import Fuse
from duramen.recall.priors import priors
from duramen.recall.ranking import PRIORS
from duramen.recall.search import FilterName, Mask, Scores, Search, filters
from duramen.recall.shortlist import Shortlist
from duramen.times import microseconds
from duramen.types import ArmName, ArmRank, Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a memory stood after fusion, for the question in the query that it stood best for.

    Attributes:
        part: That question.
        arms: Where each arm that had something to go by placed it; None where that did not find it.
        shares: What each arm and each prior added to the fused score.
        fused: Its place and score after fusion; None if a filter holds it back or nothing was found for it.
        path: How the graph led to it.
        refused: The filters that hold it back.
        superseded: Since when it is no longer so.
    """

    part: str
    arms: Mapping[ArmName, ArmRank | None]
    shares: Mapping[str, float]
    fused: ArmRank | None
    path: tuple[str, ...] = ()
    refused: Sequence[FilterName] = ()
    superseded: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Notes:
    """Notes on one recall, taken as a `duramen.recall.pipeline.Witness`.

    Attributes:
        named: Memories to take notes on wherever they stand.
        fuse: How the scores of arms are made one; it is asked what each arm alone would bring.
        standings: Where the memories on the shortlist stood, and those that are named, by id.
        changes: Which memories on the shortlist hold instead of which, by id: the newer by the older.
        closer: What the closer look added to the memories that it was taken at, by id.
        looked: The places by the scores after that, by id. `scored` are the scores and places in the end.
        opinions: The reranker's scores, by id.
        dropped: Why memories are not hits though they were ranked, by id.
    """

    named: Sequence[Memory]
    fuse: Fuse
    standings: dict[str, Standing] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    closer: dict[str, dict[str, float]] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    scored: dict[str, tuple[int, float]] = field(default_factory=dict)
    opinions: Mapping[str, float] = field(default_factory=dict)
    dropped: Mapping[str, Dropped] = field(default_factory=dict)

    def listed(self, search: Search, fused: Scores, listed: Shortlist) -> None:
        """Note where each memory stands that may be accounted for; called for each question in the query."""
        shares = self._shares(search)
        ids, arms, paths, ends = listed.ids, listed.arms, listed.paths, listed.ends
        self.changes.update({ids[older]: ids[newer] for older, newer in listed.changes})
        for place, (id, row) in enumerate(zip(ids, listed.rows.tolist(), strict=True)):
            score = float(listed.fused[place])
            standing = Standing(
                part=search.query.text,
                arms={name: arms[id].get(name) for name in search.found},
                shares={name: float(share[row]) for name, share in shares.items() if share[row]},
                fused=ArmRank(place + 1, score) if score > 0.0 and not listed.hidden[place] else None,
                path=paths.get(id, ()),
                refused=["superseded"] if listed.hidden[place] else [],
                superseded=search.index.superseded_at(int(listed.rows[place]))
                if listed.hidden[place]
                else ends.get(id),
            )
            self._keep(id, standing)
        others = [memory for memory in self.named if memory.id not in set(ids)]
        if others:
            self._note(others, search, listed, fused, shares)

    def fitted(
        self,
        found: Found,
        scored: Sequence[tuple[str, float]],
        opinions: Mapping[str, float],
        dropped: Mapping[str, Dropped],
    ) -> None:
        """Note the last order."""
        self.opinions, self.dropped = opinions, dropped
        before = found.whole()
        self.looked = {id: place for place, (id, _) in enumerate(before, 1)}
        for order in found.orders:
            for id, place in zip(order.listed.ids_of(order.places), order.places, strict=True):
                gained = order.gained(place)
                if sum(gained.values()) > sum(self.closer.get(id, {}).values()):
                    self.closer[id] = gained
        after = {**dict(scored), **{id: score for id, score in before if id not in dict(scored)}}
        self.scored = {id: (place, score) for place, (id, score) in enumerate(after.items(), 1)}

    def _note(
        self, memories: Iterable[Memory], search: Search, listed: Shortlist, fused: Scores, shares: Mapping[str, Scores]
    ) -> None:
        """Note where memories stand that are not among the `listed` ones."""
        masks, found = filters(search.index, search.query), listed.admitted.found
        passing: Mask = np.ones(len(fused), dtype=np.bool_) if found is None else found
        passing = np.logical_and.reduce([passing, *masks.values()])
        whole = fused + sum(share for name, share in shares.items() if name in PRIORS)
        for memory in memories:
            row = _row_of(search, memory)
            if row is None:
                continue
            refused = [name for name, mask in masks.items() if not mask[row]]
            rank = max(len(listed), int(np.count_nonzero(whole[passing] > whole[row]))) + 1
            standing = Standing(
                part=search.query.text,
                arms={name: _rank(scores, row) for name, scores in search.found.items()},
                shares={name: float(share[row]) for name, share in shares.items() if share[row]},
                fused=ArmRank(rank, float(whole[row])) if passing[row] and whole[row] > 0.0 else None,
                path=search.paths.get(row, ()),
                refused=refused,
                superseded=_superseded(search, row),
            )
            self._keep(memory.id, standing)

    def _keep(self, id: str, standing: Standing) -> None:
        known = self.standings.get(id)
        better = standing.fused is not None and (
            known is None or known.fused is None or standing.fused.rank < known.fused.rank
        )
        if known is None or better:
            self.standings[id] = standing

    def _shares(self, search: Search) -> dict[str, Scores]:
        """Return what each arm, and each prior, adds to the fused scores of all memories."""
        size = len(search.index)
        arms = {str(name): self.fuse({name: scores}, size) for name, scores in search.found.items()}
        return {**arms, **{name: np.float32(PRIORS[name]) * scores for name, scores in priors(search).items()}}


def _row_of(search: Search, memory: Memory) -> int | None:
    """Return the row of a memory; it is sought among those that were said at its moment."""
    index = search.index
    rows = np.flatnonzero(index.mentioned == microseconds(memory.mentioned)).tolist()
    return next((row for row in rows if index.ids[row] == memory.id), None)


def _superseded(search: Search, row: int) -> datetime | None:
    """Return since when a row is no longer so, as far as that was known at the time asked for."""
    end, then = search.index.superseded_at(row), search.query.as_of
    return None if end is None or (then is not None and end > then) else end


def _rank(scores: Scores, row: int) -> ArmRank | None:
    score = float(scores[row])
    return ArmRank(int(ranks(scores, np.array([row]))[0]), score) if score > 0.0 else None
