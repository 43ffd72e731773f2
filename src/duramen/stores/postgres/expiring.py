"""Deleting what has expired, a bank at a time and not too much in one transaction, so that others wait little."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from duramen.stores.postgres.leasing import HasPostgres, banks_of, each_in_turn
from duramen.stores.sql.book import book_of
from duramen.stores.sql.common import one
from duramen.stores.sql.journal import delete_memories_of
from duramen.stores.sql.statements import Statements
from duramen.times import microseconds

MOST_AT_ONCE = 1000


class PostgresExpiring:
    """The method of `Ledger` that deletes what has expired, in all banks."""

    async def expire(self: HasPostgres, now: datetime) -> int:
        database, asked = self.database, {"now": microseconds(now), "limit": MOST_AT_ONCE}
        if not await database.peek(lambda sql: one(sql, "anything_expired", asked)):
            return 0
        count = 0
        banks = await banks_of(database, "banks_with_expired", **asked)
        while banks:
            gone = await each_in_turn(database, banks, lambda bank: _events(bank, asked))
            count += sum(deleted for _, deleted in gone)
            banks = [bank for bank, deleted in gone if deleted == MOST_AT_ONCE]
        homes = await banks_of(database, "homes_with_expired", **asked)
        while homes:
            swept = await each_in_turn(database, homes, lambda home: _entries(home, asked))
            homes = [home for home, deleted in swept if deleted == MOST_AT_ONCE]
        return count


def _events(bank: str, asked: dict[str, Any]) -> Callable[[Statements], int]:
    """Return what deletes the first expired events of a bank, with what was retained of them word for word."""

    def expire(sql: Statements) -> int:
        events = [event for (event,) in sql.run("delete_expired_in_bank", asked).fetchall()]
        with book_of(sql, bank) as book:
            if book is not None and events:
                book.drop_jobs(events)
                delete_memories_of(sql, book.version.number, events)
        return len(events)

    return expire


def _entries(home: str, asked: dict[str, Any]) -> Callable[[Statements], int]:
    return lambda sql: sql.run("sweep_entries", {"home": home, **asked}).rowcount
