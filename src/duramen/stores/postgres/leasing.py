"""Leases, and what else is done over all banks: where is it to be done, and then a transaction for each bank there.

A bank that somebody else changes just now is passed over, so that workers do not queue up behind each other; only when
nothing else is to be had, one of those is waited for, and not for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from duramen.ledger import Assignment
from duramen.protocols import Lease
from duramen.stores.postgres.beginning import LockedError
from duramen.stores.postgres.database import PostgresDatabase
from duramen.stores.sql.common import now
from duramen.stores.sql.journal import SQLJournal, lease
from duramen.stores.sql.ledger import SQLLedger, lease_from
from duramen.stores.sql.statements import Statements

T = TypeVar("T")

ROUNDS = 8
"""How often is looked for something due at most, when others took each time what was found."""

PATIENCE = 0.5
"""Seconds that a bank which somebody changes is waited for when nothing else is to be had. Who has it may be frozen."""

MOST_QUEUES = 100
"""Queues that are looked at in one round."""


class HasPostgres(Protocol):
    """What this needs of its store."""

    @property
    def database(self) -> PostgresDatabase:
        """The open database; raises `ClosedError` when there is none."""


class PostgresLeasing:
    """The methods of `Journal` and `Ledger` that may be about all banks."""

    async def lease(self: HasPostgres, *, limit: int, seconds: float, bank: str | None = None) -> Sequence[Lease]:
        if bank is not None:
            return await SQLJournal.lease(self, limit=limit, seconds=seconds, bank=bank)
        passed: list[str] = []
        for _ in range(ROUNDS if limit > 0 else 0):
            found = await _due(self.database, limit, passed)
            leased, skipped = await _lease_each(self.database, found, seconds)
            if leased:
                return leased
            if not found:
                break
            passed += skipped
        return await _lease_patiently(self.database, passed[0], limit, seconds) if passed else []

    async def lease_jobs(
        self: HasPostgres, *, seconds: float, limit: int, bank: str | None = None
    ) -> Assignment | None:
        if limit < 1:
            return None
        for _ in range(ROUNDS):
            queues = await _ready(self.database, bank)
            if not queues:
                return None
            assignment = await _lease_first(self.database, queues, seconds, limit)
            if assignment is not None:
                return assignment
        return None

    async def retry(self: HasPostgres, bank: str | None = None) -> int:
        banks = [bank] if bank is not None else await banks_of(self.database, "failed_banks")
        return sum([await SQLJournal.retry(self, each) for each in banks])

    async def retry_jobs(self: HasPostgres, bank: str | None = None, *, strategy: str | None = None) -> int:
        banks = [bank] if bank is not None else await banks_of(self.database, "banks_to_retry")
        return sum([await SQLLedger.retry_jobs(self, each, strategy=strategy) for each in banks])

    async def hurry(self: HasPostgres, bank: str | None = None) -> int:
        banks = [bank] if bank is not None else await banks_of(self.database, "banks_to_hurry")
        return sum([await SQLLedger.hurry(self, each) for each in banks])


async def banks_of(database: PostgresDatabase, query: str, **asked: Any) -> list[str]:
    """Return the banks that a query over all banks gives, each once, in its order."""
    found = await database.read(lambda sql: sql.run(query, {"now": now(), **asked}).fetchall())
    return list(dict.fromkeys(bank for (bank,) in found))


async def each_in_turn(
    database: PostgresDatabase, banks: Iterable[str], work: Callable[[str], Callable[[Statements], T]]
) -> list[tuple[str, T]]:
    """Do what `work` gives for a bank in a transaction for each of `banks`; those that others change come last.

    One that is changed for long even then is left out, until the next time.
    """
    done: list[tuple[str, T]] = []
    later = []
    for bank in banks:
        try:
            done.append((bank, await database.write_if_free(work(bank), bank=bank)))
        except LockedError:  # noqa: PERF203  beside a round trip it costs nothing
            later.append(bank)
    for bank in later:
        with suppress(LockedError):
            done.append((bank, await database.write_if_free(work(bank), bank=bank, patience=PATIENCE)))
    return done


async def _due(database: PostgresDatabase, limit: int, passed: Sequence[str]) -> list[str]:
    """Return the banks of the first events that are due, in the order of these, but for those that were passed over."""
    asked = {"now": now(), "limit": limit, "passed": list(passed)}
    found = await database.peek(lambda sql: sql.run("due_banks", asked).fetchall())
    return [name for (name,) in found]


async def _lease_each(
    database: PostgresDatabase, banks: Sequence[str], seconds: float
) -> tuple[list[Lease], list[str]]:
    """Lease an event of a bank as often as it is named, in this order; return the banks that were passed over, too."""
    leased: dict[str, deque[Lease]] = {}
    skipped = []
    for bank in dict.fromkeys(banks):
        try:
            found = await database.write_if_free(_leasing(bank, banks.count(bank), seconds), bank=bank)
        except LockedError:  # noqa: PERF203  beside a round trip it costs nothing
            skipped.append(bank)
        else:
            leased[bank] = deque(found)
    return [leased[bank].popleft() for bank in banks if leased.get(bank)], skipped


async def _lease_patiently(database: PostgresDatabase, bank: str, limit: int, seconds: float) -> list[Lease]:
    with suppress(LockedError):
        return await database.write_if_free(_leasing(bank, limit, seconds), bank=bank, patience=PATIENCE)
    return []


def _leasing(bank: str, limit: int, seconds: float) -> Callable[[Statements], list[Lease]]:
    return lambda sql: lease(sql, {"bank": bank, "limit": limit, "now": now()}, seconds)


async def _ready(database: PostgresDatabase, bank: str | None) -> list[tuple[str, str]]:
    """Return banks and strategies of queues that are ready."""
    asked = {"now": now(), "limit": MOST_QUEUES}
    query = "ready_queues" if bank is None else "ready_queues_in_bank"
    found = await database.peek(lambda sql: sql.run(query, asked).fetchall(), bank=bank)
    return [(name, strategy) for name, strategy, *_ in found]


async def _lease_first(
    database: PostgresDatabase, queues: Sequence[tuple[str, str]], seconds: float, limit: int
) -> Assignment | None:
    skipped = []
    for bank, strategy in queues:
        try:
            assignment = await database.write_if_free(_taking(strategy, seconds, limit), bank=bank)
        except LockedError:  # noqa: PERF203  beside a round trip it costs nothing
            skipped.append((bank, strategy))
        else:
            if assignment is not None:
                return assignment
    for bank, strategy in skipped[:1]:
        with suppress(LockedError):
            return await database.write_if_free(_taking(strategy, seconds, limit), bank=bank, patience=PATIENCE)
    return None


def _taking(strategy: str, seconds: float, limit: int) -> Callable[[Statements], Assignment | None]:
    def take(sql: Statements) -> Assignment | None:
        moment = now()
        queues = sql.run("hold_queue", {"strategy": strategy, "now": moment})
        return lease_from(sql, queues, moment, seconds, limit)

    return take
