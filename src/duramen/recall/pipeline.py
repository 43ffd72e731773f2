"""A recall, from a query to a block for the prompt: index > read > arms > fuse > closer look > fetch > rerank > fit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

import numpy as np

from duramen.block import render
from duramen.errors import EmbedderMismatchError
from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.index.token_codes import decode
from duramen.protocols import Asked, AskedEmbedder, Reranker, Store
from duramen.recall.fitting import Dropped, fit
from duramen.recall.found import Found, found_of
from duramen.recall.fusion import weighted
from duramen.recall.kept_codes import KeptCodes
from duramen.recall.late import COMPARED, AskedTokens
from duramen.recall.planning import Plan, plan
from duramen.recall.ranking import CLOSER, Ranked, ranked, shortlist
from duramen.recall.reading import read
from duramen.recall.reranking import READ, reranked
from duramen.recall.search import Scores, Search, allowed
from duramen.recall.shortlist import Shortlist
from duramen.recall.tracing import traced
from duramen.recall.validity import marked
from duramen.strategies.lasting import is_over
from duramen.times import utc_now
from duramen.types import ArmName, BankVersion, Budget, Memory, Query, Recall


class Arm(Protocol):
    """One way to find. It scores every memory of the index at once, and knows nothing of filters or limits."""

    name: ArmName

    def __call__(self, search: Search) -> Scores | None:
        """Return scores of 0 and more, shape (memories,), or None if the query gives this arm nothing to go by."""


class Witness(Protocol):
    """Looks on while a recall goes its way, and changes nothing."""

    def listed(self, search: Search, fused: Scores, listed: Shortlist) -> None:
        """Take note of the arms' scores, and of the shortlist made of them."""

    def fitted(
        self,
        found: Found,
        scored: Sequence[tuple[str, float]],
        opinions: Mapping[str, float],
        dropped: Mapping[str, Dropped],
    ) -> None:
        """Take note of the last order, of `scored` and `opinions` after a reranker, and why what was dropped, by id."""


Fuse = Callable[[Mapping[ArmName, Scores], int], Scores]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallPipeline:
    """Finds, and cuts to the budget. Its fields are its steps; the arms run in the order given.

    Attributes:
        codes: Gives the codes of token vectors.
        fuse: Makes one score per memory of those of the arms.
        plan: Takes a query apart into the questions that it asks.
        compared: At how many of the best memories a closer look is taken, by budget.
        weights: What each part of that closer look counts.
        reranker: Gives a second opinion on the best, if there is one.
    """

    store: Store
    indexes: IndexCache
    codes: KeptCodes
    embedder: AskedEmbedder
    arms: Sequence[Arm]
    fuse: Fuse = weighted
    plan: Callable[[str], Plan] = plan
    compared: Mapping[Budget, int] = field(default_factory=lambda: COMPARED)
    weights: Mapping[str, float] = field(default_factory=lambda: CLOSER)
    reranker: Reranker | None = None

    async def __call__(
        self, bank: str, query: Query, witness: Witness | None = None, *, version: BankVersion | None = None
    ) -> Recall:
        """Answer `query` from `bank`; an unknown bank gives no hits and a note that says so.

        Args:
            bank: Where to look.
            query: What is asked.
            witness: Looks on.
            version: The bank's, if it was read just now: nothing acknowledged later need be found.
        """
        watch = Watch(witness=witness)
        index = await self.indexes.get(bank, version)
        watch.lap("index")
        if index is None or len(index) == 0:
            return _nothing(bank, query, index)
        parts = self.plan(query.text).parts
        asked = [await self.embedder.ask(parts[0])] if len(parts) == 1 else await self.embedder.ask_many(parts)
        watch.lap("embed")
        return await self._recall(bank, query, index, dict(zip(parts, asked, strict=True)), watch)

    async def many(self, bank: str, queries: Sequence[Query], *, version: BankVersion | None = None) -> list[Recall]:
        """Answer all `queries`, in order; their texts are embedded in one run of the model."""
        watch = Watch()
        index = await self.indexes.get(bank, version)
        watch.lap("index")
        if index is None or len(index) == 0:
            return [_nothing(bank, query, index) for query in queries]
        parts = [self.plan(query.text).parts for query in queries]
        flat = [*dict.fromkeys(chain.from_iterable(parts))]
        asked = dict(zip(flat, await self.embedder.ask_many(flat), strict=True))
        watch.lap("embed")
        each = {stage: spent / max(1, len(queries)) for stage, spent in watch.laps.items()}
        return [
            await self._recall(bank, query, index, {part: asked[part] for part in its}, Watch(each))
            for query, its in zip(queries, parts, strict=True)
        ]

    async def _recall(
        self, bank: str, query: Query, index: BankIndex, parts: Mapping[str, Asked], watch: Watch
    ) -> Recall:
        if index.version.embedder != self.embedder.name:
            raise EmbedderMismatchError(bank, kept=str(index.version.embedder), given=self.embedder.name)
        orders = [
            await self._search(bank, replace(query, text=part), index, asked, watch) for part, asked in parts.items()
        ]
        return await self._answer(bank, query, found_of(orders, query, self._read_by(query)), watch)

    async def _search(self, bank: str, query: Query, index: BankIndex, asked: Asked, watch: Watch) -> Ranked:
        search = read(query, index, asked)
        watch.lap("read")
        for arm in self.arms:
            if not query.arms.get(arm.name, True):
                continue
            scores = arm(search)
            if scores is not None:
                search.found[arm.name] = scores
            watch.lap(arm.name)
        depth = self.compared[query.budget] if asked.tokens is not None else 0
        fused = self.fuse(search.found, len(index))
        listed = shortlist(
            search, fused, allowed(index, query), max(depth, self._read_by(query)), semantic=self._counts("semantic")
        )
        tokens = AskedTokens(asked.tokens, asked.words, search) if depth and asked.tokens is not None else None
        watch.lap("fuse")
        if watch.witness is not None:
            watch.witness.listed(search, fused, listed)
            watch.lap("explain")
        codes = await self.codes.get(bank, index, listed.numbers[:depth]) if tokens else ()
        order = ranked(listed, tokens, decode(codes, self.embedder.token_model), self.weights)
        watch.lap("late")
        return order

    def _read_by(self, query: Query) -> int:
        """Return how many memories the reranker reads."""
        return READ[query.budget] if self.reranker is not None and query.rerank else 0

    def _counts(self, arm: ArmName) -> float:
        """Return what a score of 1 of an arm counts by itself."""
        return float(self.fuse({arm: np.ones(1, dtype=np.float32)}, 1)[0])

    async def _answer(self, bank: str, query: Query, found: Found, watch: Watch) -> Recall:
        notes: tuple[str, ...] = ()
        scored = found.best
        memories = await self._fetch(bank, found, max(query.limit, self._read_by(query)))
        watch.lap("fetch")
        opinions: Mapping[str, float] = {}
        if self.reranker is not None and query.rerank:
            scored, opinions, note = await reranked(self.reranker, query, scored, memories)
            notes = (note,) if note else ()
            watch.lap("rerank")
        hits, tokens, dropped = fit(scored, memories, query)
        if len(hits) < query.limit < len(scored) and len(memories) < len(scored):
            memories = await self._fetch(bank, found, len(scored))
            hits, tokens, dropped = fit(scored, memories, query)
        text = render(hits)
        watch.lap("budget")
        if watch.witness is not None:
            watch.witness.fitted(found, scored, opinions, dropped)
        trace = traced(found, hits, opinions, milliseconds=watch.laps, dropped=dropped)
        return Recall(
            bank=bank,
            query=query,
            hits=tuple(hits),
            text=text,
            tokens=tokens,
            notes=notes,
            confident=found.confident,
            trace=trace,
        )

    async def _fetch(self, bank: str, found: Found, count: int) -> dict[str, Memory]:
        numbers = [found.numbers[id] for id, _ in found.best[:count]]
        now, fetched = utc_now(), marked(await self.store.get(bank, numbers), found.ends)
        return {one.id: one for one in fetched if not is_over(one, now)}


def _nothing(bank: str, query: Query, index: BankIndex | None) -> Recall:
    note = f"There is no bank {bank!r}. `retain` creates a bank at its first use; `banks()` lists those there are."
    if index is not None:
        note = f"Bank {bank!r} is empty."
    return Recall(bank=bank, query=query, notes=(note,), confident=False)


def with_pending(recall: Recall, pending: int, waited: float = 0.0) -> Recall:
    """Return `recall` with the number of events that it could not search yet, and a note that says so.

    Its trace gets `waited`: how many milliseconds it was waited for them.
    """
    recall = replace(recall, trace=replace(recall.trace, milliseconds={"wait": waited, **recall.trace.milliseconds}))
    if not pending:
        return recall
    note = f"{pending} retained events are not searchable yet; `await memory.flush()` waits for them."
    return replace(recall, pending=pending, notes=(*recall.notes, note))


class Watch:
    """Measures stages, in milliseconds, beside a witness if there is one."""

    def __init__(self, spent: Mapping[str, float] | None = None, witness: Witness | None = None) -> None:
        self.witness = witness
        self.laps: dict[str, float] = dict(spent or {})
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Count the time since the last lap for `stage`."""
        now = time.perf_counter()
        self.laps[stage] = self.laps.get(stage, 0.0) + 1000 * (now - self._last)
        self._last = now
