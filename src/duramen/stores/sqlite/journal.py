"""The journal's side of the store: what is retained, and who works it through."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from duramen.protocols import Appended, Backlog, Lease
from duramen.status import Failure
from duramen.stores.common import FAILED, PENDING, mark_of
from duramen.stores.sqlite.database import Database
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import event_of, event_parameters, span
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import BankVersion, Event


class HasDatabase(Protocol):
    """What the journal needs of its store."""

    @property
    def database(self) -> Database:
        """The open database; raises `ClosedError` when there is none."""


class SQLiteJournal:
    """The methods of `Journal`; `SQLiteStore` adds those of `Store` and the database."""

    async def append(
        self: HasDatabase, bank: str, events: Sequence[Event], *, beyond: Sequence[str] = (), replayed: bool = False
    ) -> Appended:
        database = self.database
        if not events:
            return Appended()
        parameters = [event_parameters(event) for event in events]

        def append(connection: sqlite3.Connection) -> Appended:
            fresh = _not_forgotten(connection, bank, parameters) if replayed else parameters
            appended = _append(connection, bank, fresh, beyond)
            return replace(appended, forgotten=len(parameters) - len(fresh))

        return await database.write(append)

    async def lease(self: HasDatabase, *, limit: int, seconds: float, bank: str | None = None) -> Sequence[Lease]:
        asked = {"bank": bank, "limit": max(0, limit), "now": now()}
        query = SQL["anything_due" if bank is None else "anything_due_in_bank"]
        if not self.database.inline(lambda connection: _one(connection, query, asked)):
            return []
        return await self.database.write(lambda connection: _lease(connection, asked, seconds))

    async def renew(self: HasDatabase, leases: Sequence[Lease], seconds: float) -> None:
        def renew(connection: sqlite3.Connection) -> None:
            until = {"until": _after(seconds)}
            connection.executemany(SQL["renew_lease"], [held_by(lease) | until for lease in leases])

        await self.database.write(renew)

    async def fail(self: HasDatabase, lease: Lease, reason: str, *, retry_at: datetime | None) -> None:
        storable = reason.encode(errors="replace").decode()
        state, due = (FAILED, 0) if retry_at is None else (PENDING, microseconds(retry_at))

        def fail(connection: sqlite3.Connection) -> None:
            connection.execute(SQL["fail_event"], held_by(lease) | {"state": state, "due": due, "reason": storable})

        await self.database.write(fail)

    async def backlog(self: HasDatabase, bank: str | None = None) -> Backlog:
        suffix = "" if bank is None else "_in_bank"
        asked = {"bank": bank, "now": now()}
        # Asked at every recall, when there is mostly nothing to count.
        if not self.database.inline(lambda connection: _one(connection, SQL[f"anything_left{suffix}"], asked)):
            return Backlog()
        found = await self.database.read(
            lambda connection: connection.execute(SQL[f"count_backlog{suffix}"], asked).fetchall()
        )
        ((failed, pending, oldest, due),) = found
        return Backlog(pending=pending, failed=failed, oldest=_moment(oldest), due=_moment(due))

    async def failures(self: HasDatabase, bank: str | None = None, *, limit: int = 100) -> Sequence[Failure]:
        asked = {"bank": bank, "limit": max(0, limit)}
        found = await self.database.read(lambda connection: connection.execute(SQL["failures"], asked).fetchall())
        return [
            Failure(bank=name, event=event, key=key, reason=reason, attempts=attempts)
            for name, event, key, reason, attempts in found
        ]

    async def retry(self: HasDatabase, bank: str | None = None) -> int:
        return await self.database.write(
            lambda connection: connection.execute(SQL["retry_events"], {"bank": bank}).rowcount
        )

    async def requeue(self: HasDatabase, bank: str) -> int:
        return await self.database.write(lambda connection: _requeue(connection, bank))


def version_of(connection: sqlite3.Connection, bank: str) -> BankVersion | None:
    """Return the bank's version, or None if there is no such bank."""
    found = connection.execute(SQL["bank_version"], {"bank": bank}).fetchone()
    return BankVersion(*found) if found else None


def held_by(lease: Lease) -> dict[str, Any]:
    """Return the parameters of `held`."""
    return {"bank": lease.event.bank, "id": lease.event.id, "token": lease.token, "now": now()}


def now() -> int:
    """Return the time in microseconds."""
    return microseconds(utc_now())


def _after(seconds: float) -> int:
    return now() + round(seconds * 1e6)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_microseconds(value)


def _one(connection: sqlite3.Connection, query: str, parameters: dict[str, Any]) -> Any:
    found = connection.execute(query, parameters).fetchone()
    return found and found[0]


def _append(
    connection: sqlite3.Connection, bank: str, events: Sequence[dict[str, Any]], beyond: Sequence[str]
) -> Appended:
    version = version_of(connection, bank)
    if version is None and not events:
        return Appended()
    if version is None:
        number = connection.execute(SQL["make_bank"], {"bank": bank, "created": now()}).lastrowid
    else:
        number = version.number
    replaced = repeated = 0
    for event in events:
        parameters = {**event, "bank": number}
        known = connection.execute(SQL["event_digest"], parameters).fetchone()
        if known == (event["digest"],):
            repeated += 1
            continue
        if known is not None:
            # A new row stands at the end of the queue, and no lease of the old one holds for it.
            connection.execute(SQL["delete_event"], parameters)
            replaced += 1
        connection.execute(SQL["unmark_forgotten"], {"digest": mark_of(bank, event["id"])})
        connection.execute(SQL["insert_event"], parameters)
    if version is not None:
        _cut_off(connection, version.number, beyond)
    return Appended(replaced, repeated)


def _not_forgotten(connection: sqlite3.Connection, bank: str, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of `events` that no forgetting deleted and that no text was cut out of."""
    version = version_of(connection, bank)
    fresh = []
    for event in events:
        asked = {"bank": version and version.number, "id": event["id"], "digest": mark_of(bank, event["id"])}
        if not _one(connection, SQL["is_forgotten"], asked):
            fresh.append(event)
    return fresh


def _cut_off(connection: sqlite3.Connection, bank: int, beyond: Sequence[str]) -> None:
    """Delete the ends of items that were longer before."""
    for id in beyond:
        found = connection.execute(SQL["event_place"], {"bank": bank, "id": id}).fetchone()
        if found is None:
            continue
        asked = {"bank": bank, "key": found[0], "position": found[1]}
        gone = connection.execute(SQL["delete_events_from"], asked).fetchall()
        removed = connection.executemany(
            SQL["delete_memories_of_event"], [{"event": event, **span(bank)} for (event,) in gone]
        ).rowcount
        connection.execute(SQL["count_removed"], {"bank": bank, "removed": max(0, removed)})


def _lease(connection: sqlite3.Connection, asked: dict[str, Any], seconds: float) -> list[Lease]:
    query = SQL["due_events" if asked["bank"] is None else "due_events_in_bank"]
    found = connection.execute(query, asked).fetchall()
    token, until = secrets.token_hex(8), _after(seconds)
    connection.executemany(
        SQL["lease_event"], [{"number": number, "token": token, "until": until} for number, *_ in found]
    )
    return [Lease(event_of(bank, columns), attempts + 1, token) for _, attempts, bank, *columns in found]


def _requeue(connection: sqlite3.Connection, bank: str) -> int:
    version = version_of(connection, bank)
    if version is None:
        return 0
    connection.execute(SQL["delete_memories"], span(version.number))
    connection.execute(SQL["clear_bank"], {"bank": version.number})
    return connection.execute(SQL["requeue_events"], {"bank": version.number}).rowcount
