"""The store over one SQLite file: what it keeps and how it is read.

The journal's side is in `journal.py`, the ledger's in `ledger.py` and `revisions.py`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duramen.bulk import Rows
from duramen.errors import ClosedError
from duramen.protocols import Lease
from duramen.shelf import Change, Entry, Shelf
from duramen.stores.common import EARLIEST, LATEST, check_embedder, check_limit, page_of, place_in
from duramen.stores.placing import Clock, check_changes
from duramen.stores.sqlite.adopting import SQLiteAdopting
from duramen.stores.sqlite.common import version_of
from duramen.stores.sqlite.database import Database, Durability
from duramen.stores.sqlite.forgetting import forget, select_memories
from duramen.stores.sqlite.journal import SQLiteJournal, held_by
from duramen.stores.sqlite.ledger import SQLiteLedger
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import (
    BITS,
    as_json,
    event_of,
    in_bank,
    late_parameters,
    memory_of,
    memory_parameters,
    row_of,
    rows_of,
    selection_parameters,
    span,
    vector_parameters,
)
from duramen.stores.sqlite.revisions import SQLiteRevisions
from duramen.stores.sqlite.shelf import SQLiteShelf
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import BankSummary, BankVersion, Event, Forgotten, Indexed, Memory, Page, Row, Selection

FILE_NAME = "duramen.db"
NO_LIMIT = -1
LARGEST_INLINE = 64
LARGEST_LATE = 128


class SQLiteStore(SQLiteJournal, SQLiteLedger, SQLiteRevisions, SQLiteAdopting):
    """Keeps banks in one directory, which any number of processes may use at the same time.

    Args:
        directory: Made when it is missing; on a local disk, not a network share.
        durability: `commit` syncs every acknowledged write to the disk, so that it outlives a power cut; `process`
            leaves that to the system, so that it outlives the process only, and is faster.
        busy_seconds: How long to wait for other processes before `StoreUnavailableError`.
        clock: Tells the time that lifetimes on the shelf go by.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        durability: Durability = "commit",
        busy_seconds: float = 10.0,
        clock: Clock = utc_now,
    ) -> None:
        self._path = Path(directory) / FILE_NAME
        self._durability: Durability = durability
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._shelf = SQLiteShelf(self, clock)

    @property
    def shelf(self) -> Shelf:
        return self._shelf

    @property
    def directory(self) -> Path:
        """Where everything is kept."""
        return self._path.parent

    @property
    def database(self) -> Database:
        """The open database; raises `ClosedError` when there is none."""
        if self._database is None:
            raise ClosedError(f"The store at {self._path} is not open. Call `open()` first.")
        self._database.check()
        return self._database

    async def open(self) -> None:
        with self._lock:
            if self._database is None or self._database.closed:
                self._database = Database(self._path, durability=self._durability, busy_seconds=self._busy_seconds)
            database = self._database
        await database.opened()

    async def aclose(self) -> None:
        if self._database is not None:
            await self._database.aclose()

    async def put(self, leases: Sequence[Lease], memories: Sequence[Indexed], *, embedder: str) -> int:
        database = self.database
        if not leases:
            return 0
        return await database.write(lambda connection: _put(connection, leases, memories, embedder))

    async def version(self, bank: str) -> BankVersion | None:
        return self.database.inline(lambda connection: version_of(connection, bank))

    async def rows(self, bank: str, *, after: int = 0, made: bool = False) -> Sequence[Row]:
        def read(connection: sqlite3.Connection) -> list[Row]:
            asked = {**_range_of(connection, bank, after), "limit": NO_LIMIT}
            return [row_of(found) for found in connection.execute(SQL[_of("read_rows", made)], asked).fetchall()]

        return await self.database.read(read)

    async def bulk(self, bank: str, *, after: int = 0, limit: int, made: bool = False) -> Rows:
        def read(connection: sqlite3.Connection) -> Rows:
            asked = {**_range_of(connection, bank, after), "limit": limit}
            return rows_of(connection.execute(SQL[_of("read_rows", made)], asked).fetchall())

        return await self.database.read(read)

    async def numbers(self, bank: str, *, made: bool = False) -> Sequence[int]:
        def read(connection: sqlite3.Connection) -> list[int]:
            found = connection.execute(SQL[_of("read_numbers", made)], _range_of(connection, bank)).fetchall()
            return [in_bank(number) for (number,) in found]

        return await self.database.read(read)

    async def get(self, bank: str, numbers: Sequence[int]) -> Sequence[Memory]:
        wanted = _possible(numbers)

        def read(connection: sqlite3.Connection) -> list[Memory]:
            asked = {**_range_of(connection, bank), "numbers": as_json(wanted)}
            found = connection.execute(SQL["get_memories"], asked).fetchall()
            memories = {in_bank(columns[0]): memory_of(bank, columns) for columns in found}
            return [memories[number] for number in wanted if number in memories]

        return self.database.inline(read) if len(wanted) <= LARGEST_INLINE else await self.database.read(read)

    async def late(self, bank: str, numbers: Sequence[int]) -> Sequence[bytes]:
        wanted = _possible(numbers)

        def read(connection: sqlite3.Connection) -> list[bytes]:
            asked = {**_range_of(connection, bank), "numbers": as_json(wanted)}
            found = {in_bank(number): codes for number, codes in connection.execute(SQL["get_late"], asked).fetchall()}
            return [found.get(number, b"") for number in numbers]

        return self.database.inline(read) if len(wanted) <= LARGEST_LATE else await self.database.read(read)

    async def memories(self, bank: str, selection: Selection, *, cursor: str | None, limit: int) -> Page[Memory]:
        check_limit(limit)
        (after,) = place_in(cursor, "memories", (0,))

        def read(connection: sqlite3.Connection) -> list[tuple[int, Memory]]:
            version = version_of(connection, bank)
            if version is None:
                return []
            return select_memories(connection, bank, version.number, selection, after=int(after), limit=limit + 1)

        page = page_of(await self.database.read(read), limit, "memories", lambda found: (in_bank(found[0]),))
        return Page(tuple(memory for _, memory in page.items), page.next)

    async def events(
        self, bank: str, selection: Selection, *, cursor: str | None, limit: int, newest: bool = False
    ) -> Page[Event]:
        check_limit(limit)
        after, after_id = place_in(cursor, "events", (LATEST if newest else EARLIEST, ""))
        asked = {**selection_parameters(selection), "after": after, "after_id": after_id, "limit": limit + 1}
        of_session = "" if selection.session is None else "_of_session"
        query = SQL[f"list_events{of_session}{'_back' if newest else ''}"]

        def read(connection: sqlite3.Connection) -> list[Event]:
            version = version_of(connection, bank)
            if version is None:
                return []
            found = connection.execute(query, {**asked, "bank": version.number}).fetchall()
            return [event_of(bank, columns) for columns in found]

        found = await self.database.read(read)
        return page_of(found, limit, "events", lambda event: (microseconds(event.mentioned), event.id))

    async def banks(self, *, cursor: str | None, limit: int) -> Page[BankSummary]:
        check_limit(limit)
        after = place_in(cursor, "banks", ("",))[0] if cursor is not None else None
        asked = {"after": after, "limit": limit + 1}
        found = await self.database.read(lambda connection: connection.execute(SQL["list_banks"], asked).fetchall())
        return page_of([_summary(columns) for columns in found], limit, "banks", lambda summary: (summary.name,))

    async def forget(self, bank: str, selection: Selection, *, shelved: Sequence[Change] = ()) -> Forgotten:
        database = self.database
        check_changes(shelved)

        def work(connection: sqlite3.Connection) -> Forgotten:
            self.shelve(connection, shelved)
            return forget(connection, bank, selection)

        return await database.write(work, erases=True)

    def shelve(self, connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
        if changes:
            self._shelf.make(connection, changes)

    def shelve_as_it_was(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        self._shelf.adopt(connection, entries)


def _of(query: str, made: bool) -> str:
    return f"{query}_made" if made else query


def _possible(numbers: Sequence[int]) -> list[int]:
    """Return those of `numbers` that a row can have."""
    return [number for number in map(int, numbers) if 0 < number < 1 << BITS]


def _range_of(connection: sqlite3.Connection, bank: str, after: int = 0) -> dict[str, int]:
    """Return `:first` and `:last` for the rows of the bank behind the place `after`; an empty range if it is unknown."""
    version = version_of(connection, bank)
    return span(version.number, after) if version else {"first": 0, "last": 0}


def _put(connection: sqlite3.Connection, leases: Sequence[Lease], memories: Sequence[Indexed], embedder: str) -> int:
    bank = leases[0].event.bank
    version = version_of(connection, bank)
    if version is None:
        return 0
    check_embedder(bank, version, embedder, memories)
    held = {}
    for lease in leases:
        if found := connection.execute(SQL["held_event"], held_by(lease)).fetchone():
            held[lease.event.id] = found[0]
    # Of memories with the same id the last counts, whichever events they were made of.
    fresh = list({one.memory.id: one for one in memories if one.memory.event in held}.values())
    removed = _delete(connection, "delete_memories_of_event", "event", held, version.number)
    removed += _delete(connection, "delete_memories_by_id", "id", [one.memory.id for one in fresh], version.number)
    start = (version.number << BITS) + version.last + 1
    connection.executemany(
        SQL["insert_memory"], [memory_parameters(n, one.memory) for n, one in enumerate(fresh, start)]
    )
    connection.executemany(SQL["insert_vector"], [vector_parameters(n, one) for n, one in enumerate(fresh, start)])
    connection.executemany(
        SQL["insert_late"], [late_parameters(n, one) for n, one in enumerate(fresh, start) if one.late]
    )
    connection.executemany(SQL["finish_event"], [{"number": number} for number in held.values()])
    parameters: dict[str, Any] = {
        "bank": version.number,
        "added": len(fresh),
        "removed": removed,
        "embedder": embedder if fresh else version.embedder,
        "dimensions": len(fresh[0].vector) if fresh else version.dimensions,
    }
    connection.execute(SQL["update_bank"], parameters)
    return len(held)


def _delete(
    connection: sqlite3.Connection, query: str, parameter: str, values: Sequence[str] | dict[str, int], bank: int
) -> int:
    """Run a deletion for each of `values`; return how many rows went."""
    bounds = span(bank)
    return max(0, connection.executemany(SQL[query], [{parameter: value, **bounds} for value in values]).rowcount)


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
