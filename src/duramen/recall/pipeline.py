"""A recall, from a query to a block for the prompt: index > read > arms > fuse > fetch > budget."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from duramen.block import frame_tokens, line_tokens, render
from duramen.errors import EmbedderMismatchError
from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.language.dates import find_dates
from duramen.language.terms import term_codes
from duramen.protocols import Embedder, Store
from duramen.recall.fusion import best, calibrated, ranks, weighted
from duramen.recall.search import Rows, Scores, Search, allowed
from duramen.types import ArmName, ArmRank, Hit, Interval, Memory, Query, Recall, Trace

SPARE = 10
"""Memories fetched beyond the limit, to take the place of those that do not fit."""

MOST_WITHOUT = 100
"""Memories fetched beyond that in place of unwanted ones, at most; a prompt holds few that answer better than the rest."""

_QUESTION_MARKS = ("?", "\uff1f", "\u061f", "\u037e")
_WORD = re.compile(r"\w+")


class Arm(Protocol):
    """One way to find. It scores every memory of the index at once, and knows nothing of filters or limits."""

    name: ArmName

    def __call__(self, search: Search) -> Scores | None:
        """Return scores of 0 and more, shape (memories,), or None if the query gives this arm nothing to go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallPipeline:
    """Finds, and cuts to the budget. Its fields are its steps; the arms run in the order given.

    Attributes:
        fuse: Makes one score per memory of those of the arms, and `calibrate` puts that into [0, 1].
    """

    store: Store
    indexes: IndexCache
    embedder: Embedder
    arms: Sequence[Arm]
    fuse: Callable[[Mapping[ArmName, Scores]], Scores] = weighted
    calibrate: Callable[[Scores], Scores] = calibrated

    async def __call__(self, bank: str, query: Query) -> Recall:
        """Answer `query` from `bank`; an unknown bank gives no hits and a note that says so."""
        watch = _Watch()
        if await self.store.version(bank) is None:
            return Recall(bank=bank, query=query, notes=(_nothing_in(bank, known=False),))
        vector = (await self.embedder.embed([query.text]))[0]
        watch.lap("embed")
        index = await self.indexes.get(bank)
        watch.lap("index")
        if index is None or len(index) == 0:
            return Recall(bank=bank, query=query, notes=(_nothing_in(bank, known=index is not None),))
        if index.version.embedder != self.embedder.name:
            raise EmbedderMismatchError(bank, kept=str(index.version.embedder), given=self.embedder.name)
        found = self._search(read(query, index, vector), watch)
        # from here on only numbers count: while memories are fetched, the index may follow the bank
        memories = {one.id: one for one in await self.store.get(bank, found.numbers[: query.limit])}
        watch.lap("fetch")
        hits, tokens, dropped = _fit(found, memories, query)
        if len(hits) < query.limit < len(found.numbers):
            memories |= {one.id: one for one in await self.store.get(bank, found.numbers[query.limit :])}
            hits, tokens, dropped = _fit(found, memories, query)
        text = render(hits)
        watch.lap("budget")
        return Recall(
            bank=bank,
            query=query,
            hits=tuple(hits),
            text=text,
            tokens=tokens,
            trace=Trace(
                arms={hit.memory.id: found.arms[hit.memory.id] for hit in hits},
                dates=found.dates,
                entities=found.names,
                searched=found.searched,
                milliseconds=watch.laps,
                dropped=dropped,
            ),
        )

    def _search(self, search: Search, watch: _Watch) -> _Found:
        watch.lap("read")
        for arm in self.arms:
            scores = arm(search)
            if scores is not None:
                search.found[arm.name] = scores
            watch.lap(arm.name)
        rows, scores, searched = self._best(search)
        ids = [search.index.ids[row] for row in rows]
        found = _Found(
            numbers=search.index.numbers[rows].tolist(),
            scores=dict(zip(ids, scores.tolist(), strict=True)),
            arms=_found_by(search, ids, rows),
            dates=search.dates,
            names=search.names,
            searched=searched,
        )
        watch.lap("fuse")
        return found

    def _best(self, search: Search) -> tuple[Rows, Scores, int]:
        """Return the rows of the best memories that pass the filters, their scores, and how many passed."""
        fused = self.fuse(search.found)
        mask = allowed(search.index, search.query)
        searched = len(search.index)
        if mask is not None:
            fused = np.where(mask, fused, np.float32(-1.0))
            searched = int(np.count_nonzero(mask))
        # a few more than asked for: some may be too long for the budget, or gone since the index was read
        spare = SPARE + min(len(search.query.without), MOST_WITHOUT)
        rows = best(fused, min(searched, search.query.limit + spare))
        return rows, self.calibrate(fused[rows]), searched


def read(query: Query, index: BankIndex, vector: Scores) -> Search:
    """Read out of the query's text what the arms go by."""
    return Search(
        index=index,
        query=query,
        vector=vector,
        codes=np.unique(term_codes(query.text)),
        dates=tuple(Interval(found.start, found.end) for found in find_dates(query.text, query.at)),
        names=tuple(index.entities.find(_WORD.findall(query.text.casefold()))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found, in words that hold while the index moves on."""

    numbers: Sequence[int]
    scores: Mapping[str, float]
    arms: Mapping[str, Mapping[ArmName, ArmRank]]
    dates: tuple[Interval, ...]
    names: tuple[str, ...]
    searched: int


def _fit(found: _Found, memories: Mapping[str, Memory], query: Query) -> tuple[list[Hit], int, dict[str, int]]:
    """Take memories, best first, while they fit; one that is too long is passed over, not an end."""
    hits: list[Hit] = []
    tokens = frame_tokens()
    dropped: dict[str, int] = {}
    asked = {_question(query.text)}
    for id, score in found.scores.items():
        memory = memories.get(id)
        if score <= 0.0 or score < query.min_score:
            reason = "min_score"
        elif len(hits) == query.limit:
            reason = "limit"
        elif memory is None:
            continue
        elif memory.key in query.without:
            reason = "without"
        elif memory.text.strip() in asked:
            reason = "repeats"
        elif tokens + (cost := line_tokens(memory)) > query.max_tokens:
            reason = "max_tokens"
        else:
            hits.append(Hit(memory, score))
            tokens += cost
            asked.add(_question(memory.text))
            continue
        dropped[reason] = dropped.get(reason, 0) + 1
    return hits, tokens if hits else 0, dropped


def _question(text: str) -> str | None:
    """Return `text` if it asks. A question does not answer itself, and says nothing more the second time."""
    text = text.strip()
    return text if text.endswith(_QUESTION_MARKS) else None


def _found_by(search: Search, ids: Sequence[str], rows: Rows) -> dict[str, dict[ArmName, ArmRank]]:
    found: dict[str, dict[ArmName, ArmRank]] = {memory: {} for memory in ids}
    for name, scores in search.found.items():
        for memory, rank, score in zip(ids, ranks(scores, rows).tolist(), scores[rows].tolist(), strict=True):
            if score > 0:
                found[memory][name] = ArmRank(rank, score)
    return found


def _nothing_in(bank: str, *, known: bool) -> str:
    if known:
        return f"Bank {bank!r} is empty."
    return f"There is no bank {bank!r}. `retain` creates a bank at its first use; `banks()` lists those there are."


def with_pending(recall: Recall, pending: int) -> Recall:
    """Return `recall` with the number of events that it could not search yet, and a note that says so."""
    if not pending:
        return recall
    note = f"{pending} retained events are not searchable yet; `await memory.flush()` waits for them."
    return replace(recall, pending=pending, notes=(*recall.notes, note))


class _Watch:
    """Measures stages, in milliseconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = 1000 * (now - self._last)
        self._last = now
