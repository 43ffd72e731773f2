"""Taking notes on a recall while it runs, for whoever wants to explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

import numpy as np

from duramen.recall.fitting import Dropped
from duramen.recall.found import Found
from duramen.recall.fusion import WEIGHTS, ranks
from duramen.recall.priors import priors
from duramen.recall.ranking import PRIORS
from duramen.recall.search import FilterName, Mask, Scores, Search, filters
from duramen.recall.shortlist import Shortlist
from duramen.times import microseconds
from duramen.types import ArmName, ArmRank, Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a memory stood after fusion.

    Attributes:
        arms: Where each arm that had something to go by placed it; None where that did not find it.
        shares: What each arm and each prior added to the fused score.
        fused: Its place and score after fusion; None if a filter holds it back or nothing was found for it.
        path: How the graph led to it.
        refused: The filters that hold it back.
        superseded: Since when it is no longer so.
    """

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
        weighs: Whether fusion is a weighted sum, of which shares can be told.
        standings: Where the memories on the shortlist stood, and those that are named, by id.
        changes: Which memories on the shortlist hold instead of which, by id: the newer by the older.
        closer: What the closer look added to the memories that it was taken at, by id.
        looked: The places by the scores after that, by id. `scored` are the scores and places in the end.
        opinions: The reranker's scores, by id.
        dropped: Why memories are not hits though they were ranked, by id.
    """

    named: Sequence[Memory] = ()
    weighs: bool = True
    standings: dict[str, Standing] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    closer: dict[str, dict[str, float]] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    scored: dict[str, tuple[int, float]] = field(default_factory=dict)
    opinions: Mapping[str, float] = field(default_factory=dict)
    dropped: Mapping[str, Dropped] = field(default_factory=dict)

    def listed(self, search: Search, fused: Scores, listed: Shortlist) -> None:
        """Note where each memory stands that may be accounted for."""
        ids, arms, paths, ends = listed.ids, listed.arms, listed.paths, listed.ends
        self.changes = {ids[older]: ids[newer] for older, newer in listed.changes}
        for place, id in enumerate(ids):
            score = float(listed.fused[place])
            self.standings[id] = Standing(
                arms={name: arms[id].get(name) for name in search.found},
                shares=self._weighed({name: float(part[place]) for name, part in listed.parts.items()}),
                fused=ArmRank(place + 1, score) if score > 0.0 else None,
                path=paths.get(id, ()),
                superseded=ends.get(id),
            )
        others = [memory for memory in self.named if memory.id not in self.standings]
        if others:
            self._note(others, search, fused, len(listed))

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
            ids = order.listed.ids_of(order.places)
            self.closer.update({id: order.gained(place) for id, place in zip(ids, order.places, strict=True)})
        after = {**dict(scored), **{id: score for id, score in before if id not in dict(scored)}}
        self.scored = {id: (place, score) for place, (id, score) in enumerate(after.items(), 1)}

    def _note(self, memories: Iterable[Memory], search: Search, fused: Scores, listed: int) -> None:
        """Note where memories stand that are not among the `listed` ones."""
        beforehand = priors(search)
        parts = dict(chain(search.found.items(), beforehand.items()))
        masks = filters(search.index, search.query)
        passing: Mask = np.logical_and.reduce([np.ones(len(fused), dtype=np.bool_), *masks.values()])
        whole = fused + sum(np.float32(PRIORS[name]) * scores for name, scores in beforehand.items())
        for memory in memories:
            row = _row_of(search, memory)
            if row is None:
                continue
            refused = [name for name, mask in masks.items() if not mask[row]]
            rank = max(listed, int(np.count_nonzero(whole[passing] > whole[row]))) + 1
            self.standings[memory.id] = Standing(
                arms={name: _rank(scores, row) for name, scores in search.found.items()},
                shares=self._weighed({name: float(part[row]) for name, part in parts.items()}),
                fused=None if refused else ArmRank(rank, float(whole[row])),
                path=search.paths.get(row, ()),
                refused=refused,
                superseded=_superseded(search, row),
            )

    def _weighed(self, parts: Mapping[str, float]) -> dict[str, float]:
        weights: Mapping[str, float] = dict(chain(WEIGHTS.items(), PRIORS.items())) if self.weighs else {}
        return {name: weights[name] * part for name, part in parts.items() if part and name in weights}


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
