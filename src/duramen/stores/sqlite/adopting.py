"""How the store over SQLite tells and takes what is moved from store to store, or put by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from duramen.ledger import Adopted, Filing, Job, Record
from duramen.shelf import Change, Entry
from duramen.stores import filing
from duramen.stores.adopting import adopt, makes_bank
from duramen.stores.common import JOB_STATES, PENDING, check_limit, page_of, place_in
from duramen.stores.placing import check_changes, erases
from duramen.stores.sqlite.book import book_of
from duramen.stores.sqlite.common import one, version_of
from duramen.stores.sqlite.erasing import mark
from duramen.stores.sqlite.journal import HasShelf, make_bank
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import event_of, in_bank, memory_of, span
from duramen.stores.sqlite.told import record_of
from duramen.times import microseconds
from duramen.types import Event, Indexed, Memory, Page

MANY = 20_000
"""Events of a bank so large that those of others between them are less than finding its own by an index, page by page."""


class CanAdopt(HasShelf, Protocol):
    """What this needs of its store."""

    def shelve_as_it_was(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        """Let entries stand with their own times, in the transaction under way."""


class SQLiteAdopting:
    """The methods of `Journal` and `Ledger` that are about moving, and putting by hand; see `SQLiteStore`."""

    async def appended(self: HasShelf, bank: str, *, cursor: str | None, limit: int) -> Page[Event]:
        check_limit(limit)
        (after,) = place_in(cursor, "appended", (0,))

        def read(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            version = version_of(connection, bank)
            few = version is None or not one(connection, "has_many_events", {"bank": version.number, "many": MANY})
            return _listed(connection, "list_few_appended" if few else "list_many_appended", bank, after, limit)

        found = await self.database.read(read)
        page = page_of(found, limit, "appended", lambda columns: (columns[0],))
        return Page(tuple(event_of(bank, columns[1:]) for columns in page.items), page.next)

    async def made(self: HasShelf, bank: str, *, cursor: str | None, limit: int) -> Page[Memory]:
        check_limit(limit)
        (after,) = place_in(cursor, "made", (0,))

        def read(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            version = version_of(connection, bank)
            asked = {} if version is None else {**span(version.number, int(after)), "limit": limit + 1}
            return connection.execute(SQL["list_all_made"], asked).fetchall() if asked else []

        page = page_of(await self.database.read(read), limit, "made", lambda columns: (in_bank(columns[0]),))
        return Page(tuple(memory_of(bank, columns) for columns in page.items), page.next)

    async def records(self: HasShelf, bank: str, *, cursor: str | None = None, limit: int = 100) -> Page[Record]:
        check_limit(limit)
        (after,) = place_in(cursor, "revisions", (0,))
        found = await self.database.read(lambda connection: _listed(connection, "list_revisions", bank, after, limit))
        page = page_of(found, limit, "revisions", lambda columns: (columns[0],))
        return Page(tuple(record_of(bank, columns) for columns in page.items), page.next)

    async def sources(self: HasShelf, bank: str, memories: Sequence[str]) -> Mapping[str, Sequence[str]]:
        def read(connection: sqlite3.Connection) -> dict[str, Sequence[str]]:
            with book_of(connection, bank) as book:
                found = {} if book is None else {memory: tuple(book.sources(memory)) for memory in memories}
                return {memory: events for memory, events in found.items() if events}

        return await self.database.read(read)

    async def adopt(
        self: CanAdopt, bank: str, adopted: Adopted, *, embedder: str, shelved: Sequence[Change] = ()
    ) -> int:
        check_changes(shelved)

        def take(connection: sqlite3.Connection) -> int:
            self.shelve(connection, shelved)
            self.shelve_as_it_was(connection, adopted.entries)
            if not makes_bank(adopted):
                return 0
            version = version_of(connection, bank)
            number = make_bank(connection, bank) if version is None else version.number
            with book_of(connection, bank) as book:
                count = 0 if book is None else adopt(book, adopted, embedder=embedder)
            _take_jobs(connection, number, adopted.jobs)
            return count

        return await self.database.write(take, erases=erases(shelved))

    async def file(
        self: CanAdopt,
        bank: str,
        filed: Sequence[Indexed],
        removed: Sequence[str] = (),
        *,
        embedder: str,
        shelved: Sequence[Change] = (),
        there: Sequence[Memory] = (),
    ) -> Filing:
        filing.check_filed(filed)
        check_changes(shelved)

        def put(connection: sqlite3.Connection) -> Filing:
            self.shelve(connection, shelved)
            if filing.makes_bank(filed) and version_of(connection, bank) is None:
                make_bank(connection, bank)
            with book_of(connection, bank) as book:
                filing.check_there(book, there)
                done = Filing() if book is None else filing.file(book, filed, removed, embedder=embedder)
            if done.removed:
                mark(connection)
            return done

        return await self.database.write(put, erases=bool(removed) or erases(shelved))


def _listed(connection: sqlite3.Connection, query: str, bank: str, after: Any, limit: int) -> list[tuple[Any, ...]]:
    version = version_of(connection, bank)
    if version is None:
        return []
    return connection.execute(SQL[query], {"bank": version.number, "after": after, "limit": limit + 1}).fetchall()


def _take_jobs(connection: sqlite3.Connection, bank: int, jobs: Sequence[Job]) -> None:
    for job in jobs:
        columns = {
            "bank": bank,
            "strategy": job.strategy,
            "event": job.event,
            "state": JOB_STATES[job.state],
            "due": microseconds(job.due),
            "attempts": job.attempts,
            "reason": job.reason,
            "version": job.version,
            "created": microseconds(job.created),
            "finished": None if job.finished is None else microseconds(job.finished),
        }
        if connection.execute(SQL["adopt_job"], columns).rowcount and JOB_STATES[job.state] == PENDING:
            connection.execute(SQL["ready_queue"], columns)
