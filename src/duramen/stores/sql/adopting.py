"""How a store over SQL tells and takes what is moved from store to store, or put by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from duramen.ledger import Adopted, Filing, Job, Record
from duramen.shelf import Change, Entry, Touch
from duramen.stores import filing
from duramen.stores.adopting import adopt, makes_bank
from duramen.stores.common import JOB_STATES, PENDING, check_limit, page_of, place_in
from duramen.stores.placing import check_changes, erases
from duramen.stores.sql.book import book_of
from duramen.stores.sql.common import one, version_of
from duramen.stores.sql.journal import make_bank
from duramen.stores.sql.records import event_of, in_bank, memory_of, span
from duramen.stores.sql.statements import HasShelf, Statements
from duramen.stores.sql.told import job_parameters, record_of
from duramen.types import Event, Indexed, Memory, Page

MANY = 20_000
"""Events of a bank so large that those of others between them are less than finding its own by an index, page by page."""


class CanAdopt(HasShelf, Protocol):
    """What this needs of its store."""

    def shelve_as_it_was(self, sql: Statements, entries: Sequence[Entry]) -> None:
        """Let entries stand with their own times, in the transaction under way."""


class SQLAdopting:
    """The methods of `Journal` and `Ledger` that are about moving, and putting by hand; see `SQLStore`."""

    async def appended(self: HasShelf, bank: str, *, cursor: str | None, limit: int) -> Page[Event]:
        check_limit(limit)
        (after,) = place_in(cursor, "appended", (0,))

        def read(sql: Statements) -> list[tuple[Any, ...]]:
            version = version_of(sql, bank)
            few = version is None or not one(sql, "has_many_events", {"bank": version.number, "many": MANY})
            return _listed(sql, "list_few_appended" if few else "list_many_appended", bank, after, limit)

        found = await self.database.read(read, bank=bank)
        page = page_of(found, limit, "appended", lambda columns: (columns[0],))
        return Page(tuple(event_of(bank, columns[1:]) for columns in page.items), page.next)

    async def made(self: HasShelf, bank: str, *, cursor: str | None, limit: int) -> Page[Memory]:
        check_limit(limit)
        (after,) = place_in(cursor, "made", (0,))

        def read(sql: Statements) -> list[tuple[Any, ...]]:
            version = version_of(sql, bank)
            asked = {} if version is None else {**span(version.number, int(after)), "limit": limit + 1}
            return sql.run("list_all_made", asked).fetchall() if asked else []

        page = page_of(await self.database.read(read, bank=bank), limit, "made", lambda columns: (in_bank(columns[0]),))
        return Page(tuple(memory_of(bank, columns) for columns in page.items), page.next)

    async def records(self: HasShelf, bank: str, *, cursor: str | None = None, limit: int = 100) -> Page[Record]:
        check_limit(limit)
        (after,) = place_in(cursor, "revisions", (0,))
        found = await self.database.read(lambda sql: _listed(sql, "list_revisions", bank, after, limit), bank=bank)
        page = page_of(found, limit, "revisions", lambda columns: (columns[0],))
        return Page(tuple(record_of(bank, columns) for columns in page.items), page.next)

    async def sources(self: HasShelf, bank: str, memories: Sequence[str]) -> Mapping[str, Sequence[str]]:
        def read(sql: Statements) -> dict[str, Sequence[str]]:
            with book_of(sql, bank) as book:
                found = {} if book is None else {memory: tuple(book.sources(memory)) for memory in memories}
                return {memory: events for memory, events in found.items() if events}

        return await self.database.read(read, bank=bank)

    async def adopt(
        self: CanAdopt, bank: str, adopted: Adopted, *, embedder: str, shelved: Sequence[Change] = ()
    ) -> int:
        check_changes(shelved)

        def take(sql: Statements) -> int:
            self.shelve(sql, shelved)
            self.shelve_as_it_was(sql, adopted.entries)
            if not makes_bank(adopted):
                return 0
            version = version_of(sql, bank)
            number = make_bank(sql, bank) if version is None else version.number
            with book_of(sql, bank) as book:
                count = 0 if book is None else adopt(book, adopted, embedder=embedder)
            _take_jobs(sql, number, adopted.jobs)
            return count

        homes = self.homes([*shelved, *(Touch(path=entry.path, key=entry.key) for entry in adopted.entries)])
        compared = self.compared(shelved)
        return await self.database.write(take, bank=bank, homes=homes, compared=compared, erases=erases(shelved))

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

        def put(sql: Statements) -> Filing:
            self.shelve(sql, shelved)
            if filing.makes_bank(filed) and version_of(sql, bank) is None:
                make_bank(sql, bank)
            with book_of(sql, bank) as book:
                filing.check_there(book, there)
                done = Filing() if book is None else filing.file(book, filed, removed, embedder=embedder)
            if done.removed:
                sql.mark_erasure()
            return done

        erasing = bool(removed) or erases(shelved)
        homes, compared = self.homes(shelved), self.compared(shelved)
        return await self.database.write(put, bank=bank, homes=homes, compared=compared, erases=erasing)


def _listed(sql: Statements, query: str, bank: str, after: Any, limit: int) -> list[tuple[Any, ...]]:
    version = version_of(sql, bank)
    if version is None:
        return []
    return sql.run(query, {"bank": version.number, "after": after, "limit": limit + 1}).fetchall()


def _take_jobs(sql: Statements, bank: int, jobs: Sequence[Job]) -> None:
    for job in jobs:
        columns = {**job_parameters(job), "bank": bank}
        if sql.run("adopt_job", columns).rowcount and JOB_STATES[job.state] == PENDING:
            sql.run("ready_queue", columns)
