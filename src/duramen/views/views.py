"""The views of an engine: pages and figures of a bank, read from its indexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import aclosing
from datetime import datetime
from fnmatch import fnmatchcase

from duramen.desk import Desk
from duramen.identity import Bank, bank_name
from duramen.index.bank import BankIndex
from duramen.portal import on_own_loop
from duramen.recall.asking import Asked, kinds_of, page_size, query_of
from duramen.recall.validity import with_validity
from duramen.times import utc_now
from duramen.types import Kind, Memory, Page, Selection, TagsMatch
from duramen.views.entities import Beside, Entity, described, entity_id, names_in, spoken, together
from duramen.views.figures import (
    Statistics,
    Step,
    TimeField,
    kinds_in,
    links_in,
    span_of,
    steps_of,
    superseded_in,
    time_of,
)
from duramen.views.graph import Graph, edges_among
from duramen.views.listing import AT_ONCE, Wanted, chosen, fitting

CATCH_UP_EVENTS = 256
"""So many pending events are waited for at most, as in a recall."""


class Views:
    """What can be seen of a bank without asking a question. An unknown bank is an empty one.

    Pages are given by `limit` (1 to 1000) and `offset`, with the number of all that fit. They are of the moment: what is
    retained between two calls moves what follows.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._store = desk.parts.store

    @on_own_loop
    async def listed(  # noqa: PLR0913  each is one filter
        self,
        bank: Bank,
        *,
        kinds: Collection[Kind] | None = None,
        q: str | None = None,
        tags: Collection[str] | None = None,
        tags_match: TagsMatch = "any",
        document: str | None = None,
        entity: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[list[Memory], int]:
        """Return memories, the newest in the store first, each with its validity as of now, and how many fit.

        Args:
            bank: Which bank.
            kinds: Only of these kinds.
            q: Only those with this in their text, in any case. Reads them all.
            tags: Only those that these select, as `tags_match` says.
            tags_match: See `tags`.
            document: Only those of this document.
            entity: Only those that speak of this one, by its id.
            since: Only what occurred or was mentioned since; `before` likewise.
            before: See `since`.
            limit: Length of the page.
            offset: How many are passed over.
        """
        name = bank_name(bank)
        asked: Asked = {
            "kinds": kinds_of(kinds),
            "tags": tags,
            "tags_match": tags_match,
            "since": since,
            "until": before,
        }
        indexes = await self._indexes(name)
        known = None if entity is None else self._name_of(indexes, entity)
        if entity is not None and known is None:
            return [], 0
        ids = None if document is None else await self._of_document(name, document)
        wanted = Wanted(query=query_of("all", **asked), entity=known, ids=ids)
        numbers = chosen(indexes, wanted)
        page_size(limit)
        if q is None:
            found, total = list(await self._store.get(name, numbers[offset : offset + limit])), len(numbers)
        else:
            async with aclosing(fitting(self._store, name, numbers, q)) as memories:
                fits = [memory async for memory in memories]
            found, total = fits[offset : offset + limit], len(fits)
        return await self._valid(name, found), total

    @on_own_loop
    async def get(self, bank: Bank, memory: str) -> Memory | None:
        """Return one memory by its id, with its validity as of now; None if there is none."""
        name = bank_name(bank)
        await self._indexes(name)
        page = await self._store.memories(name, Selection(memory=memory), cursor=None, limit=1)
        found = await self._valid(name, list(page.items))
        return found[0] if found else None

    @on_own_loop
    async def tags(
        self, bank: Bank, *, q: str | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[list[tuple[str, int]], int]:
        """Return the tags of a bank with how many memories have each, the most frequent first, and how many there are.

        Args:
            bank: Which bank.
            q: Only those like this, in any case, `*` standing for any letters; without one, those with it in them.
            limit: Length of the page.
            offset: How many are passed over.
        """
        counts: Counter[str] = Counter()
        for index in await self._indexes(bank_name(bank)):
            counts.update(index.tags.all())
        pattern = None if q is None else q.casefold() if "*" in q else f"*{q.casefold()}*"
        found = [
            (tag, count)
            for tag, count in counts.items()
            if count and (pattern is None or fnmatchcase(tag.casefold(), pattern))
        ]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return found[offset : offset + page_size(limit)], len(found)

    @on_own_loop
    async def entities(
        self, bank: Bank, *, q: str | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[list[Entity], int]:
        """Return the entities of a bank, the most often spoken of first, with `q` in their name, and how many there are."""
        name = bank_name(bank)
        indexes = await self._indexes(name)
        names = names_in(indexes, q)
        return await self._described(name, indexes, names[offset : offset + page_size(limit)]), len(names)

    @on_own_loop
    async def entity(self, bank: Bank, entity: str) -> Entity | None:
        """Return one entity by its id; None if there is none."""
        name = bank_name(bank)
        indexes = await self._indexes(name)
        known = self._name_of(indexes, entity)
        if known is None:
            return None
        mentions = sum(index.entities.count(known) for index in indexes)
        return next(iter(await self._described(name, indexes, [(known, mentions)])), None)

    @on_own_loop
    async def entity_graph(
        self, bank: Bank, *, limit: int = 1000, min_count: int = 1
    ) -> tuple[list[Entity], list[Beside]]:
        """Return the `limit` entities spoken of most, and which of them are in `min_count` memories together or more."""
        name = bank_name(bank)
        indexes = await self._indexes(name)
        names = names_in(indexes)[: page_size(limit)]
        beside = [one for one in together(indexes, [known for known, _ in names]) if one.count >= min_count]
        return await self._described(name, indexes, names), beside

    @on_own_loop
    async def graph(  # noqa: PLR0913  each is one filter
        self,
        bank: Bank,
        *,
        kinds: Collection[Kind] | None = None,
        q: str | None = None,
        tags: Collection[str] | None = None,
        tags_match: TagsMatch = "all_strict",
        document: str | None = None,
        limit: int = 1000,
    ) -> Graph:
        """Return the newest memories that fit, and what ties them; the filters are those of `listed`."""
        memories, total = await self.listed(
            bank, kinds=kinds, q=q, tags=tags, tags_match=tags_match, document=document, limit=limit
        )
        indexes = await self._indexes(bank_name(bank))
        return Graph(nodes=tuple(memories), edges=tuple(edges_among(indexes, memories)), total=total)

    @on_own_loop
    async def statistics(self, bank: Bank) -> Statistics:
        """Return a bank in figures."""
        name = bank_name(bank)
        indexes = await self._indexes(name)
        backlog, jobs = await self._store.backlog(name), await self._store.job_backlog(name)
        newest = chosen(indexes, Wanted(query=query_of("all")))[:1]
        last = await self._store.get(name, newest)
        return Statistics(
            memories=kinds_in(indexes),
            links=links_in(indexes),
            superseded=superseded_in(indexes),
            pending=backlog.pending,
            failed=backlog.failed,
            jobs=jobs.pending,
            jobs_failed=jobs.failed,
            last_write=last[0].stored if last else None,
        )

    @on_own_loop
    async def timeseries(self, bank: Bank, *, period: str = "7d", field: TimeField = "stored") -> list[Step]:
        """Count the memories of the last `period` (1h, 12h, 1d, 7d, 30d, 90d) by steps of time and by kind.

        Args:
            bank: Which bank.
            period: How far back.
            field: By when they were `stored`, `mentioned`, or `occurred`.
        """
        name = bank_name(bank)
        now = utc_now()
        earliest = now - span_of(period)[0]
        numbers = chosen(await self._indexes(name), Wanted(query=query_of("all")))
        memories: list[Memory] = []
        for at in range(0, len(numbers), AT_ONCE):
            page = await self._store.get(name, numbers[at : at + AT_ONCE])
            memories += page
            # Numbers rise as memories are kept, so that what follows was stored earlier still.
            if field == "stored" and page and (time_of(page[-1], field) or now) < earliest:
                break
        return steps_of(memories, period, field, now)

    async def _indexes(self, bank: str) -> list[BankIndex]:
        """Return the indexes of `bank`, with what was retained just before in them."""
        worker = await self._desk.life.worker()
        await worker.catch_up(bank, self._desk.parts.catch_up_seconds, most=CATCH_UP_EVENTS)
        parts = self._desk.parts
        found = [await cache.get(bank) for cache in (parts.indexes, parts.made_indexes)]
        return [index for index in found if index is not None]

    async def _valid(self, bank: str, memories: list[Memory]) -> list[Memory]:
        parts = self._desk.parts
        return list((await with_validity(Page(tuple(memories)), bank, parts.indexes, parts.made_indexes)).items)

    async def _of_document(self, bank: str, document: str) -> frozenset[str]:
        ids: set[str] = set()
        cursor: str | None = None
        while True:
            page = await self._store.memories(bank, Selection(document=document), cursor=cursor, limit=1000)
            ids |= {memory.id for memory in page.items}
            cursor = page.next
            if cursor is None:
                return frozenset(ids)

    async def _described(self, bank: str, indexes: list[BankIndex], names: list[tuple[str, int]]) -> list[Entity]:
        when = [spoken(indexes, name) for name, _ in names]
        latest = await self._latest(bank, [one[2] for one in when if one is not None])
        return [
            described(name, mentions, one, latest.get(one[2]))
            for (name, mentions), one in zip(names, when, strict=True)
            if one is not None
        ]

    async def _latest(self, bank: str, numbers: list[int]) -> dict[int, Memory]:
        """Return memories by row number, without those that are gone by now."""
        distinct = [*dict.fromkeys(numbers)]
        found = await self._store.get(bank, distinct)
        if len(found) == len(distinct):
            return dict(zip(distinct, found, strict=True))
        each = [(number, await self._store.get(bank, [number])) for number in distinct]
        return {number: one[0] for number, one in each if one}

    @staticmethod
    def _name_of(indexes: list[BankIndex], entity: str) -> str | None:
        """Return the folded name behind the id of an entity."""
        names: Iterator[str] = (name for index in indexes for name, count in index.entities.all().items() if count)
        return next((name for name in names if entity_id(name) == entity), None)
