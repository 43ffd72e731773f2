"""The records of memory resources: put there by hand or made by strategies, and looked up by namespace."""

from __future__ import annotations

import asyncio
import builtins
import heapq
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from duramen.desk import Desk
from duramen.errors import BadInputError
from duramen.portal import on_own_loop
from duramen.protocols import Storage
from duramen.recall.asking import page_size, query_of
from duramen.records.finding import Finder
from duramen.records.homes import Home, banks, known, mark, place_for
from duramen.records.keeping import changed, drafted, filed_of, id_of, is_shown
from duramen.records.listing import Last, Listing, page_of
from duramen.records.record import Change, Done, Draft, Filed, Where
from duramen.records.table import Row, Tables
from duramen.records.writing import GONE, Writer
from duramen.times import utc_now
from duramen.types import Hit, Memory, Page

ASKED_AT_ONCE = 8
"""Banks that are searched side by side."""

_TOKENS = 1_000_000_000
_MICROSECOND = timedelta(microseconds=1)


class Records:
    """The records of memory resources.

    A record is one memory of what strategies made, or of what was put beside it by hand. Its namespace says in which bank
    it lives: see `duramen.records.homes`. `templates` are always the namespace templates that the strategies of the
    resource file at, or ever did.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._writer = Writer(desk)
        self._tables = Tables(desk.parts.store)
        self._changing: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @on_own_loop
    async def create(self, resource: str, templates: Sequence[str], drafts: Sequence[Draft]) -> builtins.list[Done]:
        """Keep new records, each in the bank that its namespace names; return what became of each, in order.

        Those that cannot be kept have an error; the others are on disk when this returns, and the next retrieval finds
        them. The records of one bank are kept in one transaction. Later ones count as newer.

        Raises:
            StoreError: None of them could be kept.
        """
        store, now = await self._store(), utc_now()
        done: list[Done] = []
        put: dict[str, Memory] = {}
        for number, draft in enumerate(drafts):
            try:
                place = await place_for(store.shelf, resource, templates, draft.namespace)
                memory = drafted(draft, place, now + number * _MICROSECOND)
            except (BadInputError, ValueError) as error:
                done.append(Done(None, str(error)))
                continue
            id = id_of(memory.id, mark(memory.bank))
            put[id] = memory
            done.append(Done(id))
        await self._known(resource, put.values())
        return _told(done, await self._writer.put(put))

    @on_own_loop
    async def update(self, resource: str, templates: Sequence[str], changes: Sequence[Change]) -> builtins.list[Done]:
        """Change records; return what became of each change, in order. The ids stay, also of those that are filed anew.

        What a strategy made keeps its sources, unless it is filed with another actor.

        Raises:
            StoreError: None of them could be changed.
        """
        async with self._alone(resource, [change.id for change in changes]):
            return await self._update(resource, templates, changes)

    @on_own_loop
    async def delete(self, resource: str, ids: Sequence[str], *, namespace: str | None = None) -> builtins.list[Done]:
        """Delete records for good; return what became of each, in order. The events that they came from stay.

        Args:
            resource: The memory.
            ids: Of the records.
            namespace: Where they are filed, if only those that are there are meant.

        Raises:
            NamespaceError: The namespace is no path.
            StoreError: They could not be deleted.
        """
        finder, now = Finder(await self._store(), resource), utc_now()
        async with self._alone(resource, ids):
            found = {id: await finder.find(id, now, namespace=namespace) for id in dict.fromkeys(ids)}
            there = {id: memory for id, memory in found.items() if memory is not None}
            gone = await self._writer.delete(there, finder)
        return [Done(id, None if id in gone else GONE) for id in ids]

    @on_own_loop
    async def get(self, resource: str, id: str, *, namespace: str | None = None) -> Filed | None:
        """Return a record; None if there is none, it expired, something newer holds, or it is not at `namespace`.

        Raises:
            NamespaceError: The namespace is no path.
        """
        found = await Finder(await self._store(), resource).find(id, utc_now(), namespace=namespace)
        return None if found is None else filed_of(found)

    @on_own_loop
    async def list(
        self,
        resource: str,
        templates: Sequence[str],
        where: Where,
        *,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Page[Filed]:
        """Page through records: those of nobody first, then actor by actor, of each the newest created first.

        A cursor stands whatever is created, changed or deleted meanwhile, and for pages of any size. What has expired is
        not shown, and is deleted on the way.

        Args:
            resource: The memory.
            templates: See above.
            where: Which records.
            cursor: `next` of the page before.
            limit: Length of a page, 1 to 1000. A page with a `next` is never empty.

        Raises:
            BadQueryError: The cursor is of another listing, or `where` makes no sense.
            NamespaceError: It names no path.
        """
        store, listing = await self._store(), Listing(resource, where)
        size = page_size(limit)
        while True:
            async with aclosing(self._rows(resource, templates, where, listing.last(cursor))) as rows:
                page = await page_of(store, rows, listing, size)
            if page.items or page.next is None:
                return page
            cursor = page.next  # all of it was deleted just now

    @on_own_loop
    async def retrieve(
        self, resource: str, templates: Sequence[str], query: str, where: Where, *, limit: int = 10
    ) -> builtins.list[tuple[Filed, float]]:
        """Return the records that answer `query` best, with their scores in [0, 1]; see `duramen.types.Hit`.

        Filters are applied before the search. What has nothing to do with the query is no result. What has expired is
        deleted when it is met.

        Args:
            resource: The memory.
            templates: See above.
            query: A question or any text.
            where: Which records.
            limit: At most this many, 1 to 1000.

        Raises:
            BadQueryError: The query is blank, or `where` makes no sense.
            NamespaceError: It names no path.
            EmbedderMismatchError: A bank belongs to another embedder.
        """
        store, size = await self._store(), page_size(limit)
        query_of(query)  # before any bank is looked for
        turns = asyncio.Semaphore(ASKED_AT_ONCE)

        async def asked(home: Home) -> Sequence[Hit]:
            async with turns:
                return await self._best(resource, home, query, where, size)

        homes = [home async for home in banks(store.shelf, resource, templates, where)]
        found = await asyncio.gather(*map(asked, homes))
        best = heapq.nsmallest(
            size, (hit for hits in found for hit in hits), key=lambda hit: (-hit.score, hit.memory.id)
        )
        return [(filed_of(hit.memory), hit.score) for hit in best]

    async def _update(self, resource: str, templates: Sequence[str], changes: Sequence[Change]) -> builtins.list[Done]:
        store, now = await self._store(), utc_now()
        finder = Finder(store, resource)
        done: list[Done] = []
        before: dict[str, Memory] = {}
        put: dict[str, Memory] = {}
        for change in changes:
            memory = put.get(change.id) or await finder.find(change.id, now)
            if memory is None:
                done.append(Done(change.id, GONE))
                continue
            try:
                place = None
                if change.namespace is not None:
                    place = await place_for(store.shelf, resource, templates, change.namespace)
                made = changed(memory, change, place, now)
            except (BadInputError, ValueError) as error:
                done.append(Done(change.id, str(error)))
                continue
            before.setdefault(change.id, memory)
            put[change.id] = made
            done.append(Done(change.id))
        await self._known(resource, put.values())
        trails = await finder.trails(put)
        for id, made in put.items():
            if made.bank != before[id].bank:
                trail = trails.get(id, (before[id].bank,))
                trails[id] = (*(bank for bank in trail if bank != made.bank), made.bank)
        failed = await self._writer.put(put, {id: finder.moved(id, trail) for id, trail in trails.items()})
        await self._writer.leave({id: made for id, made in put.items() if id not in failed}, trails)
        return _told(done, failed)

    async def _best(self, resource: str, home: Home, query: str, where: Where, limit: int) -> Sequence[Hit]:
        """Return the best of one bank; which of its memories are meant is only looked up if its paths do not tell."""
        now = utc_now()
        version = await self._desk.parts.store.version(home.bank)
        if version is None or version.made == version.revised:
            return ()
        told = where.exact or where.strategy is not None or bool(where.conditions)
        if not told:
            hits = await self._recalled(home, query, limit, None)
            if all(is_shown(hit.memory, now) for hit in hits):
                return hits
        rows = await self._tables.rows(home.bank)
        await self._expire(resource, home.bank, rows)
        ids = frozenset(row.id for row in rows if row.shown(now) and row.fits(where, home.paths))
        hits = await self._recalled(home, query, limit, ids) if ids else ()
        return [hit for hit in hits if is_shown(hit.memory, now)]

    async def _recalled(self, home: Home, query: str, limit: int, ids: frozenset[str] | None) -> Sequence[Hit]:
        asked = query_of(query, namespaces=home.paths, ids=ids, limit=limit, max_tokens=_TOKENS)
        return (await self._desk.parts.recall(home.bank, asked)).hits

    async def _rows(
        self, resource: str, templates: Sequence[str], where: Where, last: Last
    ) -> AsyncGenerator[tuple[Home, Row], None]:
        """Go through what is asked for and comes behind `last`; what has expired is deleted."""
        store, now = self._desk.parts.store, utc_now()
        async with aclosing(banks(store.shelf, resource, templates, where, since=last.actor)) as homes:
            async for home in homes:
                rows = await self._tables.rows(home.bank)
                await self._expire(resource, home.bank, rows)
                for row in rows:
                    if row.shown(now) and row.fits(where, home.paths) and last.before(home, row):
                        yield home, row

    @asynccontextmanager
    async def _alone(self, resource: str, ids: Iterable[str]) -> AsyncGenerator[None, None]:
        """Let those of this process that change the same records wait for each other."""
        async with AsyncExitStack() as stack:
            for id in sorted(set(ids)):
                lock = self._changing.get((resource, id))
                if lock is None:
                    self._changing[resource, id] = lock = asyncio.Lock()
                await stack.enter_async_context(lock)
            yield

    async def _expire(self, resource: str, bank: str, rows: Iterable[Row]) -> None:
        """Delete those of the rows of a bank whose time is over, and has not begun anew meanwhile."""
        over = {row.id: id_of(row.id, row.own.mark or mark(bank)) for row in rows if row.expired(utc_now())}
        if not over:
            return
        async with self._alone(resource, over.values()):
            now, gone = utc_now(), Finder(self._desk.parts.store, resource).gone
            left = [row.id for row in await self._tables.rows(bank) if row.id in over and row.expired(now)]
            if left:
                await self._writer.remove(bank, left, [gone(over[id]) for id in left])

    async def _known(self, resource: str, memories: Iterable[Memory]) -> None:
        shelf = self._desk.parts.store.shelf
        for actor in {memory.actor for memory in memories if memory.actor is not None}:
            await known(shelf, resource, actor)

    async def _store(self) -> Storage:
        await self._desk.life.worker()
        return self._desk.parts.store


def _told(done: Sequence[Done], failed: Mapping[str, str]) -> builtins.list[Done]:
    return [replace(one, error=failed[one.id]) if one.id is not None and one.id in failed else one for one in done]
