"""What strategies did to a bank, and how it is taken back; their jobs are in `ledger.py`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from duramen.ledger import Revised
from duramen.stores.common import check_embedder, check_limit, page_of, place_in
from duramen.stores.revising import rethink, undo
from duramen.stores.sqlite.book import book_of
from duramen.stores.sqlite.common import HasDatabase, one, version_of
from duramen.stores.sqlite.erasing import mark
from duramen.stores.sqlite.journal import delete_memories_of
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import memory_of, span
from duramen.stores.sqlite.told import record_of
from duramen.times import microseconds
from duramen.types import Indexed, Memory, Page

NO_LIMIT = -1
_ALL = {"first": 0, "last": 2**63 - 1}


class SQLiteRevisions:
    """The methods of `Ledger` that are about what strategies made; see `SQLiteStore`."""

    async def undo(self: HasDatabase, bank: str, number: int, restored: Indexed | None, *, embedder: str) -> bool:
        def take_back(connection: sqlite3.Connection) -> bool:
            with book_of(connection, bank) as book:
                return book is not None and undo(book, number, restored, embedder=embedder)

        return await self.database.write(take_back)

    async def rethink(self: HasDatabase, bank: str, strategy: str, events: Sequence[str]) -> int:
        def again(connection: sqlite3.Connection) -> int:
            with book_of(connection, bank) as book:
                return 0 if book is None else rethink(book, strategy, events)

        return await self.database.write(again)

    async def revisions(
        self: HasDatabase, bank: str, *, memory: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Revised]:
        check_limit(limit)
        (after,) = place_in(cursor, "revisions", (0,))
        query = SQL["list_revisions" if memory is None else "list_revisions_of_memory"]

        def read(connection: sqlite3.Connection) -> list[Revised]:
            version = version_of(connection, bank)
            if version is None:
                return []
            asked = {"bank": version.number, "memory": memory, "after": after, "limit": limit + 1}
            return [record_of(bank, columns).told for columns in connection.execute(query, asked).fetchall()]

        return page_of(await self.database.read(read), limit, "revisions", lambda revised: (revised.number,))

    async def unembedded(self: HasDatabase, bank: str | None = None, *, limit: int = 100) -> Sequence[Memory]:
        def read(connection: sqlite3.Connection) -> list[Memory]:
            version = None if bank is None else version_of(connection, bank)
            if bank is not None and version is None:
                return []
            asked = {**(_ALL if version is None else span(version.number)), "limit": max(0, limit)}
            if not one(connection, "any_unembedded", asked):
                return []
            found = connection.execute(SQL["list_unembedded"], asked).fetchall()
            return [memory_of(name, columns) for name, *columns in found]

        return self.database.inline(read)

    async def embed_again(self: HasDatabase, bank: str, memories: Sequence[Indexed], *, embedder: str) -> int:
        def embed(connection: sqlite3.Connection) -> int:
            with book_of(connection, bank) as book:
                if book is None or not memories:
                    return 0
                check_embedder(bank, book.version, embedder, memories)
                return sum(book.embed(indexed, embedder=embedder) for indexed in memories)

        return await self.database.write(embed)

    async def expire(self: HasDatabase, now: datetime) -> int:
        asked = {"now": microseconds(now)}
        if not self.database.inline(lambda connection: one(connection, "anything_expired", asked)):
            return 0

        def expire(connection: sqlite3.Connection) -> int:
            gone: dict[str, list[str]] = {}
            count = 0
            for event, bank in connection.execute(SQL["delete_expired"], asked).fetchall():
                gone.setdefault(bank, []).append(event)
                count += 1
            for bank, events in gone.items():
                with book_of(connection, bank) as book:
                    if book is not None:
                        book.drop_jobs(events)
                        delete_memories_of(connection, book.version.number, events)
            connection.execute(SQL["sweep_entries"], {**asked, "limit": NO_LIMIT})
            mark(connection)
            return count

        return await self.database.write(expire, erases=True)
