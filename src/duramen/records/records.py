"""The records of memory resources: put there by hand or made by strategies, and looked up by namespace."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import heapq
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from duramen.desk import Desk
from duramen.errors import BadInputError, ChangedError
from duramen.portal import on_own_loop
from duramen.protocols import Storage
from duramen.recall.asking import page_size, query_of
from duramen.records.finding import Finder
from duramen.records.homes import Home, banks, known, mark, place_for
from duramen.records.keeping import changed, drafted, filed_of, id_of, is_shown
from duramen.records.likely import likeliest
from duramen.records.listing import Last, Listing, page_of
from duramen.records.record import Change, Done, Draft, Filed, Where
from duramen.records.table import Row, Tables
from duramen.records.writing import CHANGED, GONE, Writer
from duramen.times import utc_now
from duramen.types import Hit, Memory, Page, Query

ASKED_AT_ONCE = 8
"""Banks that are searched side by side."""

MOST_ASKED = 64
"""Of so many banks all are searched, however large a page is."""

_TRIES = 8
"""How often a change is tried on records that others change meanwhile."""

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

        What a strategy made keeps its sources, and goes with them. It cannot be filed with another actor, whose bank does not
        have them. What others changed or deleted meanwhile, in other processes too, is neither overwritten nor brought back.

        Raises:
            StoreError: None of them could be changed.
        """
        done: dict[int, Done] = {}
        left = dict(enumerate(changes))
        async with self._alone(resource, [change.id for change in changes]):
            for _ in range(_TRIES):
                done |= zip(left, await self._update(resource, templates, [*left.values()]), strict=True)
                left = {place: change for place, change in left.items() if done[place].error == CHANGED}
                if not left:
                    break
        return [done[place] for place in range(len(changes))]

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
        gone: set[str] = set()
        left = set(ids)
        async with self._alone(resource, ids):
            while left:
                found, trails = await finder.find_all(left, now, namespace=namespace)
                deleted, left = await self._writer.delete(found, trails, finder)
                gone |= deleted
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
        deleted when it is met. If the records of very many actors are meant, only the banks that hold what is nearest to the
        query, or has most of its words, are searched: `MOST_ASKED` of each, or twice the limit.

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
        plain = query_of(query, limit=size, max_tokens=_TOKENS)
        asked: dict[str, tuple[Home, Query]] = {}
        async for home in banks(store.shelf, resource, templates, where):
            each = await self._asked(resource, home, plain, where)
            if each is not None:
                asked[home.bank] = home, each
        turns = asyncio.Semaphore(ASKED_AT_ONCE)

        async def best_of(home: Home, each: Query) -> Sequence[Hit]:
            async with turns:
                return await self._best(resource, home, each, where)

        likely = await self._likeliest(asked, max(MOST_ASKED, 2 * size))
        found = await asyncio.gather(*(best_of(*asked[bank]) for bank in likely))
        best = heapq.nsmallest(
            size, (hit for hits in found for hit in hits), key=lambda hit: (-hit.score, hit.memory.id)
        )
        return [(filed_of(hit.memory), hit.score) for hit in best]

    async def _update(self, resource: str, templates: Sequence[str], changes: Sequence[Change]) -> builtins.list[Done]:
        store, now = await self._store(), utc_now()
        finder = Finder(store, resource)
        found, trails = await finder.find_all([change.id for change in changes], now)
        done: list[Done] = []
        before: dict[str, Memory] = {}
        put: dict[str, Memory] = {}
        for change in changes:
            memory = put.get(change.id) or found.get(change.id)
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
        failed = await self._writer.change(put, before, trails, finder)
        return _told(done, failed)

    async def _asked(self, resource: str, home: Home, query: Query, where: Where) -> Query | None:
        """Return what to ask one bank, None if it has nothing; which memories are meant is looked up if paths do not tell."""
        version = await self._desk.parts.store.version(home.bank)
        if version is None or version.made == version.revised:
            return None
        asked = replace(query, namespaces=frozenset(home.paths))
        if where.exact or where.strategy is not None or where.conditions:
            asked = replace(asked, ids=await self._meant(resource, home, where))
        return asked if asked.ids is None or asked.ids else None

    async def _likeliest(self, asked: Mapping[str, tuple[Home, Query]], most: int) -> Sequence[str]:
        """Return the banks that are worth asking; one is asked without a look."""
        if len(asked) < 2:
            return list(asked)
        made = self._desk.parts.recall.made
        return await likeliest(
            {bank: (bank, each) for bank, (_, each) in asked.items()}, made.indexes, made.embedder, most
        )

    async def _best(self, resource: str, home: Home, asked: Query, where: Where) -> Sequence[Hit]:
        """Return the best of one bank."""
        now, recall = utc_now(), self._desk.parts.recall
        hits = (await recall(home.bank, asked)).hits
        if asked.ids is None and not all(is_shown(hit.memory, now) for hit in hits):
            ids = await self._meant(resource, home, where)
            hits = (await recall(home.bank, replace(asked, ids=ids))).hits if ids else ()
        return [hit for hit in hits if is_shown(hit.memory, now)]

    async def _meant(self, resource: str, home: Home, where: Where) -> frozenset[str]:
        """Return the ids of the memories of one bank that are asked for; what has expired is deleted."""
        now, rows = utc_now(), await self._tables.rows(home.bank)
        await self._expire(resource, home.bank, rows)
        return frozenset(row.id for row in rows if row.shown(now) and row.fits(where, home.paths))

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
            left = [row for row in await self._tables.rows(bank) if row.id in over and row.expired(now)]
            if left:
                there = await self._desk.parts.store.get(bank, [row.number for row in left])
                with contextlib.suppress(ChangedError):  # whose time begins anew meanwhile is not over
                    await self._writer.remove(
                        bank, [row.id for row in left], [gone(over[row.id]) for row in left], there
                    )

    async def _known(self, resource: str, memories: Iterable[Memory]) -> None:
        shelf = self._desk.parts.store.shelf
        for actor in {memory.actor for memory in memories if memory.actor is not None}:
            await known(shelf, resource, actor)

    async def _store(self) -> Storage:
        await self._desk.life.worker()
        return self._desk.parts.store


def _told(done: Sequence[Done], failed: Mapping[str, str]) -> builtins.list[Done]:
    return [replace(one, error=failed[one.id]) if one.id is not None and one.id in failed else one for one in done]
