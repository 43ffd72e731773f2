"""A store over an SQL database: what it keeps and how it is read.

The journal's side is in `journal.py`, the ledger's in `ledger.py` and `revisions.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from duramen.bulk import Rows
from duramen.protocols import Lease
from duramen.shelf import Change, Entry, Place, Shelf
from duramen.stores.common import EARLIEST, LATEST, check_embedder, check_limit, page_of, place_in
from duramen.stores.placing import Clock, check_changes
from duramen.stores.sql.adopting import SQLAdopting
from duramen.stores.sql.common import now, version_of
from duramen.stores.sql.copying import SQLCopying
from duramen.stores.sql.forgetting import forget, select_memories
from duramen.stores.sql.journal import SQLJournal
from duramen.stores.sql.ledger import SQLLedger, ready_behind
from duramen.stores.sql.records import (
    BITS,
    event_of,
    in_bank,
    memory_of,
    row_of,
    rows_of,
    selection_parameters,
    span,
)
from duramen.stores.sql.revisions import SQLRevisions
from duramen.stores.sql.shelf import SQLShelf
from duramen.stores.sql.statements import Database, Homes, Statements
from duramen.times import from_microseconds, microseconds
from duramen.types import BankSummary, BankVersion, Event, Forgotten, Indexed, Memory, Page, Row, Selection

NO_LIMIT = -1
LARGEST_INLINE = 64
LARGEST_LATE = 128


class SQLStore(SQLJournal, SQLLedger, SQLRevisions, SQLAdopting, SQLCopying):
    """The methods of `Storage`; each dialect adds how its database is opened and closed.

    Args:
        clock: Tells the time that lifetimes on the shelf go by.
        home_of: Tells where entries of the shelf belong.
    """

    def __init__(self, clock: Clock, home_of: Homes) -> None:
        self._shelf = SQLShelf(self, clock, home_of)

    @property
    def shelf(self) -> Shelf:
        return self._shelf

    @property
    def database(self) -> Database:
        """The open database; raises `ClosedError` when there is none."""
        raise NotImplementedError

    async def put(self, leases: Sequence[Lease], memories: Sequence[Indexed], *, embedder: str) -> int:
        database = self.database
        if not leases:
            return 0
        return await database.write(lambda sql: _put(sql, leases, memories, embedder), bank=leases[0].event.bank)

    async def version(self, bank: str) -> BankVersion | None:
        return await self.database.peek(lambda sql: version_of(sql, bank), bank=bank)

    async def rows(self, bank: str, *, after: int = 0, made: bool = False) -> Sequence[Row]:
        def read(sql: Statements) -> list[Row]:
            asked = {**_range_of(sql, bank, after), "limit": NO_LIMIT}
            return [row_of(found) for found in sql.run(_of("read_rows", made), asked).fetchall()]

        return await self.database.read(read, bank=bank)

    async def bulk(self, bank: str, *, after: int = 0, limit: int, made: bool = False) -> Rows:
        def read(sql: Statements) -> Rows:
            asked = {**_range_of(sql, bank, after), "limit": limit}
            return rows_of(sql.run(_of("read_rows", made), asked).fetchall())

        return await self.database.read(read, bank=bank)

    async def numbers(self, bank: str, *, made: bool = False) -> Sequence[int]:
        def read(sql: Statements) -> list[int]:
            found = sql.run(_of("read_numbers", made), _range_of(sql, bank)).fetchall()
            return [in_bank(number) for (number,) in found]

        return await self.database.read(read, bank=bank)

    async def get(self, bank: str, numbers: Sequence[int]) -> Sequence[Memory]:
        wanted = _possible(numbers)

        def read(sql: Statements) -> list[Memory]:
            found = sql.run("get_memories", {"name": bank, "numbers": wanted}).fetchall()
            memories = {in_bank(columns[0]): memory_of(bank, columns) for columns in found}
            return [memories[number] for number in wanted if number in memories]

        look = self.database.peek if len(wanted) <= LARGEST_INLINE else self.database.read
        return await look(read, bank=bank)

    async def late(self, bank: str, numbers: Sequence[int]) -> Sequence[bytes]:
        wanted = _possible(numbers)

        def read(sql: Statements) -> list[bytes]:
            codes_of = sql.run("get_late", {"name": bank, "numbers": wanted}).fetchall()
            found = {in_bank(number): codes for number, codes in codes_of}
            return [found.get(number, b"") for number in numbers]

        look = self.database.peek if len(wanted) <= LARGEST_LATE else self.database.read
        return await look(read, bank=bank)

    async def memories(self, bank: str, selection: Selection, *, cursor: str | None, limit: int) -> Page[Memory]:
        check_limit(limit)
        (after,) = place_in(cursor, "memories", (0,))

        def read(sql: Statements) -> list[tuple[int, Memory]]:
            version = version_of(sql, bank)
            if version is None:
                return []
            return select_memories(sql, bank, version.number, selection, after=int(after), limit=limit + 1)

        page = page_of(await self.database.read(read, bank=bank), limit, "memories", lambda found: (in_bank(found[0]),))
        return Page(tuple(memory for _, memory in page.items), page.next)

    async def events(
        self, bank: str, selection: Selection, *, cursor: str | None, limit: int, newest: bool = False
    ) -> Page[Event]:
        check_limit(limit)
        after, after_id = place_in(cursor, "events", (LATEST if newest else EARLIEST, ""))
        asked = {**selection_parameters(selection), "after": after, "after_id": after_id, "limit": limit + 1}
        of_session = "" if selection.session is None else "_of_session"
        query = f"list_events{of_session}{'_back' if newest else ''}"

        def read(sql: Statements) -> list[Event]:
            version = version_of(sql, bank)
            if version is None:
                return []
            found = sql.run(query, {**asked, "bank": version.number}).fetchall()
            return [event_of(bank, columns) for columns in found]

        found = await self.database.read(read, bank=bank)
        return page_of(found, limit, "events", lambda event: (microseconds(event.mentioned), event.id))

    async def banks(self, *, cursor: str | None, limit: int) -> Page[BankSummary]:
        check_limit(limit)
        after = place_in(cursor, "banks", ("",))[0] if cursor is not None else None
        asked = {"after": after, "limit": limit + 1}
        found = await self.database.read(lambda sql: sql.run("list_banks", asked).fetchall())
        return page_of([_summary(columns) for columns in found], limit, "banks", lambda summary: (summary.name,))

    async def forget(self, bank: str, selection: Selection, *, shelved: Sequence[Change] = ()) -> Forgotten:
        database = self.database
        check_changes(shelved)

        def work(sql: Statements) -> Forgotten:
            self.shelve(sql, shelved)
            return forget(sql, bank, selection)

        return await database.write(
            work, bank=bank, homes=self.homes(shelved), compared=self.compared(shelved), erases=True
        )

    def shelve(self, sql: Statements, changes: Sequence[Change]) -> None:
        if changes:
            self._shelf.make(sql, changes)

    def homes(self, changes: Sequence[Change]) -> Sequence[str]:
        return self._shelf.homes(changes)

    def compared(self, changes: Sequence[Change]) -> Sequence[str]:
        return self._shelf.compared(changes)

    def shelve_as_it_was(self, sql: Statements, entries: Sequence[Entry]) -> None:
        self._shelf.adopt(sql, entries)

    def entries_behind(self, sql: Statements, after: Place | None, limit: int) -> list[Entry]:
        return self._shelf.behind(sql, after, limit)


def _of(query: str, made: bool) -> str:
    return f"{query}_made" if made else query


def _possible(numbers: Sequence[int]) -> list[int]:
    """Return those of `numbers` that a row can have."""
    return [number for number in map(int, numbers) if 0 < number < 1 << BITS]


def _range_of(sql: Statements, bank: str, after: int = 0) -> dict[str, int]:
    """Return `:first` and `:last` for the rows of the bank behind the place `after`; an empty range if it is unknown."""
    version = version_of(sql, bank)
    return span(version.number, after) if version else {"first": 0, "last": 0}


def _put(sql: Statements, leases: Sequence[Lease], memories: Sequence[Indexed], embedder: str) -> int:
    bank = leases[0].event.bank
    version = version_of(sql, bank)
    if version is None:
        return 0
    check_embedder(bank, version, embedder, memories)
    held = _held(sql, version.number, leases)
    # Of memories with the same id the last counts, whichever events they were made of.
    fresh = list({one.memory.id: one for one in memories if one.memory.event in held}.values())
    rows = span(version.number)
    removed = sql.run("delete_memories_of_events", {**rows, "events": list(held)}).rowcount
    removed += sql.run("delete_memories_by_id", {**rows, "ids": [one.memory.id for one in fresh]}).rowcount
    start = (version.number << BITS) + version.last + 1
    counters: dict[str, Any] = {
        "bank": version.number,
        "added": len(fresh),
        "removed": removed,
        "embedder": embedder if fresh else version.embedder,
        "dimensions": len(fresh[0].vector) if fresh else version.dimensions,
    }
    with sql.together():
        sql.keep(list(enumerate(fresh, start)))
        sql.run("finish_events", {"numbers": list(held.values())})
        ready_behind(sql, version.number, list(held))
        sql.run("update_bank", counters)
    return len(held)


def _held(sql: Statements, bank: int, leases: Sequence[Lease]) -> dict[str, int]:
    """Return the numbers of the events whose leases still hold, by id."""
    asked = {"bank": bank, "events": [lease.event.id for lease in leases], "now": now()}
    tokens = {(lease.event.id, lease.token) for lease in leases}
    found = sql.run("held_events", asked).fetchall()
    return {event: number for event, token, number in found if (event, token) in tokens}


def _summary(columns: tuple[Any, ...]) -> BankSummary:
    name, memories, events, pending, created, embedder = columns
    return BankSummary(
        name=name,
        memories=memories,
        events=events,
        pending=pending,
        created=from_microseconds(created),
        embedder=embedder,
    )
