"""What strategies did to a bank, and how it is taken back; their jobs are in `ledger.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from duramen.ledger import Revised
from duramen.stores.common import check_embedder, check_limit, page_of, place_in
from duramen.stores.revising import rethink, undo
from duramen.stores.sql.book import book_of
from duramen.stores.sql.common import one, version_of
from duramen.stores.sql.journal import delete_memories_of
from duramen.stores.sql.records import memory_of, span
from duramen.stores.sql.statements import HasDatabase, Statements
from duramen.stores.sql.told import record_of
from duramen.times import microseconds
from duramen.types import Indexed, Memory, Page

NO_LIMIT = -1
_ALL = {"first": 0, "last": 2**63 - 1}


class SQLRevisions:
    """The methods of `Ledger` that are about what strategies made; see `SQLStore`."""

    async def undo(self: HasDatabase, bank: str, number: int, restored: Indexed | None, *, embedder: str) -> bool:
        def take_back(sql: Statements) -> bool:
            with book_of(sql, bank) as book:
                return book is not None and undo(book, number, restored, embedder=embedder)

        return await self.database.write(take_back, bank=bank)

    async def rethink(self: HasDatabase, bank: str, strategy: str, events: Sequence[str]) -> int:
        def again(sql: Statements) -> int:
            with book_of(sql, bank) as book:
                return 0 if book is None else rethink(book, strategy, events)

        return await self.database.write(again, bank=bank)

    async def revisions(
        self: HasDatabase, bank: str, *, memory: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Revised]:
        check_limit(limit)
        (after,) = place_in(cursor, "revisions", (0,))
        query = "list_revisions" if memory is None else "list_revisions_of_memory"

        def read(sql: Statements) -> list[Revised]:
            version = version_of(sql, bank)
            if version is None:
                return []
            asked = {"bank": version.number, "memory": memory, "after": after, "limit": limit + 1}
            return [record_of(bank, columns).told for columns in sql.run(query, asked).fetchall()]

        return page_of(await self.database.read(read, bank=bank), limit, "revisions", lambda revised: (revised.number,))

    async def unembedded(self: HasDatabase, bank: str | None = None, *, limit: int = 100) -> Sequence[Memory]:
        def read(sql: Statements) -> list[Memory]:
            version = None if bank is None else version_of(sql, bank)
            if bank is not None and version is None:
                return []
            asked = {**(_ALL if version is None else span(version.number)), "limit": max(0, limit)}
            suffix = "" if bank is None else "_in_bank"
            if not one(sql, f"any_unembedded{suffix}", asked):
                return []
            found = sql.run(f"list_unembedded{suffix}", asked).fetchall()
            return [memory_of(name, columns) for name, *columns in found]

        return await self.database.peek(read, bank=bank)

    async def embed_again(self: HasDatabase, bank: str, memories: Sequence[Indexed], *, embedder: str) -> int:
        def embed(sql: Statements) -> int:
            with book_of(sql, bank) as book:
                if book is None or not memories:
                    return 0
                check_embedder(bank, book.version, embedder, memories)
                return sum(book.embed(indexed, embedder=embedder) for indexed in memories)

        return await self.database.write(embed, bank=bank)

    async def expire(self: HasDatabase, now: datetime) -> int:
        asked = {"now": microseconds(now)}
        if not await self.database.peek(lambda sql: one(sql, "anything_expired", asked)):
            return 0

        def expire(sql: Statements) -> int:
            gone: dict[str, list[str]] = {}
            count = 0
            for event, bank in sql.run("delete_expired", asked).fetchall():
                gone.setdefault(bank, []).append(event)
                count += 1
            for bank, events in gone.items():
                with book_of(sql, bank) as book:
                    if book is not None:
                        book.drop_jobs(events)
                        delete_memories_of(sql, book.version.number, events)
            sql.run("sweep_entries", {**asked, "limit": NO_LIMIT})
            sql.mark_erasure()
            return count

        return await self.database.write(expire, erases=True)
