"""What strategies made, beside what was retained word for word: in one block, and never in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.block import frame_tokens, line_tokens, render
from duramen.naming import event_id
from duramen.recall.pipeline import RecallPipeline
from duramen.types import Hit, Kind, Query, Recall

SHARE = 0.25
"""Of the tokens of a block that they may take, and more if the others leave it free."""

LEAST = 0.3
"""Score below which they are not worth it."""

MOST_MESSAGES = 8
"""Messages of an item whose key is in `Query.without` that are looked for among sources."""

_STATED: frozenset[Kind] = frozenset({"fact", "experience"})


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
        if not await self._shows_made(bank, query):
            return await self.of(query)(bank, query)
        made = await self.made(bank, asked_beside(query))
        return with_beside(await self.said(bank, room_for(query, made)), made, query)

    async def many(self, bank: str, queries: Sequence[Query]) -> list[Recall]:
        """Answer all `queries`, which differ in their texts alone, in order."""
        if not queries or not await self._shows_made(bank, queries[0]):
            return await self.of(queries[0]).many(bank, queries) if queries else []
        made = await self.made.many(bank, [*map(asked_beside, queries)])
        said = await self.said.many(bank, [*map(room_for, queries, made)])
        return [*map(with_beside, said, made, queries)]

    def of(self, query: Query) -> RecallPipeline:
        """Return the one that finds the hits of `query`."""
        return self.said if query.namespaces is None else self.made

    async def _shows_made(self, bank: str, query: Query) -> bool:
        """Tell whether what strategies made is to be shown beside the rest, and there is any."""
        if query.made == 0 or query.namespaces is not None:
            return False
        version = await self.said.store.version(bank)
        return version is not None and version.made > version.revised


def asked_beside(query: Query) -> Query:
    """Return what to ask of what strategies made, so as to show `query.made` beside what answers `query`."""
    return replace(query, namespaces=frozenset({"/"}), limit=2 * query.made, min_score=max(LEAST, query.min_score))


def room_for(query: Query, made: Recall) -> Query:
    """Return `query` with room left in its tokens for what was found in `made`."""
    wanted = sum(line_tokens(hit.memory) for hit in made.hits)
    return replace(query, max_tokens=max(1, query.max_tokens - min(wanted, int(SHARE * query.max_tokens))))


def with_beside(said: Recall, made: Recall, query: Query) -> Recall:
    """Return `said` with at most `query.made` hits of `made` beside it, within the tokens of `query`.

    Left out is a fact that says only what hits of `said` say themselves, and what rests only on items in
    `query.without`: the prompt holds those already.
    """
    shown = {hit.memory.event for hit in said.hits}
    held = {event_id(key, position) for key in query.without for position in range(MOST_MESSAGES)}
    left = query.max_tokens - (said.tokens or frame_tokens())
    chosen: list[Hit] = []
    for hit in made.hits:
        sources = set(hit.memory.sources)
        known = sources <= held or (hit.memory.kind in _STATED and sources <= shown)
        cost = line_tokens(hit.memory)
        if not known and cost <= left and len(chosen) < query.made:
            chosen.append(hit)
            left -= cost
    if not chosen:
        return replace(said, query=query)
    hits = (*said.hits, *chosen)
    return replace(said, query=query, made=tuple(chosen), text=render(hits), tokens=query.max_tokens - left)
