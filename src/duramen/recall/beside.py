"""What strategies made, beside what was retained word for word: in one block, and never in its place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.block import frame_tokens, line_tokens, render
from duramen.naming import event_id
from duramen.recall.asker import asker, asks_for_all, told_of
from duramen.recall.pipeline import RecallPipeline
from duramen.types import BankVersion, Hit, Kind, Query, Recall

SHARE = 0.25
"""Of the tokens of a block that they may take, and more if the others leave it free."""

LEAST = 0.3
"""Score below which they are not worth it."""

MOST_MESSAGES = 8
"""Messages of an item whose key is in `Query.without` that are looked for among sources."""

_STATED: frozenset[Kind] = frozenset({"fact", "experience", "observation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallBoth:
    """Recalls what was retained word for word, with what strategies made beside it.

    Attributes:
        said: Finds the one, and `made` the other.
    """

    said: RecallPipeline
    made: RecallPipeline

    async def __call__(self, bank: str, query: Query) -> Recall:
        """Answer `query` from `bank`; see `RecallPipeline`."""
        if query.namespaces is not None:
            return replace(await self.made(bank, self.told(bank, query)), query=query)
        version = await self.said.store.version(bank)
        if not _shows_made(version, query):
            return await self.said(bank, query, version=version)
        made = await self.made(bank, self.told(bank, asked_beside(query)), version=version)
        return await self._both(bank, query, await self.said(bank, query, version=version), made)

    async def many(self, bank: str, queries: Sequence[Query]) -> list[Recall]:
        """Answer all `queries`, which differ in their texts alone, in order."""
        if not queries:
            return []
        if queries[0].namespaces is not None:
            found = await self.made.many(bank, [self.told(bank, query) for query in queries])
            return [replace(one, query=query) for one, query in zip(found, queries, strict=True)]
        version = await self.said.store.version(bank)
        if not _shows_made(version, queries[0]):
            return await self.said.many(bank, queries, version=version)
        made = await self.made.many(bank, [self.told(bank, asked_beside(query)) for query in queries], version=version)
        said = await self.said.many(bank, queries, version=version)
        return [await self._both(bank, *each) for each in zip(queries, said, made, strict=True)]

    def of(self, query: Query) -> RecallPipeline:
        """Return the one that finds the hits of `query`."""
        return self.said if query.namespaces is None else self.made

    def told(self, bank: str, query: Query) -> Query:
        """Return `query` as what strategies made is asked: of whoever asks, by their name.

        Where anything about them is asked for, `min_score` says nothing.
        """
        least = 0.0 if asks_for_all(query.text) else query.min_score
        return replace(query, text=told_of(query.text, asker(bank)), min_score=least)

    async def _both(self, bank: str, query: Query, said: Recall, made: Recall) -> Recall:
        """Return `said` with what is worth it of `made`; if that does not fit, `said` is asked for anew with less room."""
        wanted = sum(line_tokens(hit.memory) for hit in beside(said, made, query))
        if wanted > room_in(said, query):
            less = query.max_tokens - min(wanted, int(SHARE * query.max_tokens))
            said = await self.said(bank, replace(query, max_tokens=max(1, less)))
        return with_beside(said, made, query)


def _shows_made(version: BankVersion | None, query: Query) -> bool:
    """Tell whether what strategies made is to be shown beside the rest, and there is any."""
    return query.made > 0 and version is not None and version.made > version.revised


def asked_beside(query: Query) -> Query:
    """Return what to ask of what strategies made, so as to show `query.made` beside what answers `query`."""
    least = 0.0 if asks_for_all(query.text) else max(LEAST, query.min_score)
    return replace(query, namespaces=frozenset({"/"}), limit=2 * query.made, min_score=least)


def beside(said: Recall, made: Recall, query: Query, *, room: float = math.inf) -> list[Hit]:
    """Return at most `query.made` hits of `made` to be shown beside `said`, of at most `room` tokens together.

    Left out is a fact that says only what hits of `said` say themselves, and what rests only on items in
    `query.without`: the prompt holds those already.
    """
    shown = {hit.memory.event for hit in said.hits}
    held = {event_id(key, position) for key in query.without for position in range(MOST_MESSAGES)}
    chosen: list[Hit] = []
    for hit in made.hits:
        sources = set(hit.memory.sources or (hit.memory.event,))
        known = sources <= held or (hit.memory.kind in _STATED and sources <= shown)
        cost = line_tokens(hit.memory)
        if not known and cost <= room and len(chosen) < query.made:
            chosen.append(hit)
            room -= cost
    return chosen


def room_in(said: Recall, query: Query) -> int:
    """Return how many of the tokens of `query` are left beside `said`."""
    return query.max_tokens - (said.tokens or frame_tokens())


def with_beside(said: Recall, made: Recall, query: Query) -> Recall:
    """Return `said` with what is shown of `made` beside it, within the tokens of `query`; see `beside`."""
    room = room_in(said, query)
    chosen = beside(said, made, query, room=room)
    if not chosen:
        return replace(said, query=query)
    if not said.hits:  # what is noted is that there is nothing
        said = replace(said, notes=made.notes, confident=made.confident)
    hits = (*said.hits, *chosen)
    tokens = query.max_tokens - room + sum(line_tokens(hit.memory) for hit in chosen)
    return replace(said, query=query, made=tuple(chosen), text=render(hits), tokens=tokens)
