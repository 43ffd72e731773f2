"""The journal's side of the store: what is retained, and who works it through."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from duramen.protocols import Appended, Backlog, Lease
from duramen.shelf import Change
from duramen.status import Failure
from duramen.stores.common import FAILED, PENDING, mark_of
from duramen.stores.placing import check_changes, erases
from duramen.stores.sqlite.book import unmake_on
from duramen.stores.sqlite.common import HasDatabase, after, now, one, optional_moment, version_of
from duramen.stores.sqlite.ledger import make_jobs, ready
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import event_of, event_parameters, span
from duramen.times import microseconds
from duramen.types import Event


class HasShelf(HasDatabase, Protocol):
    """What the journal needs of its store."""

    def shelve(self, connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
        """Make changes on the shelf, in the transaction under way."""


class SQLiteJournal:
    """The methods of `Journal`; `SQLiteStore` adds those of `Store` and the database."""

    async def append(
        self: HasShelf,
        bank: str,
        events: Sequence[Event],
        *,
        beyond: Sequence[str] = (),
        replayed: bool = False,
        strategies: Sequence[str] = (),
        shelved: Sequence[Change] = (),
    ) -> Appended:
        database = self.database
        check_changes(shelved)
        if not events and not shelved:
            return Appended()
        parameters = [event_parameters(event) for event in events]

        def append(connection: sqlite3.Connection) -> Appended:
            self.shelve(connection, shelved)
            if not parameters:
                return Appended()
            fresh = _not_forgotten(connection, bank, parameters) if replayed else parameters
            appended = _append(connection, bank, fresh, beyond, list(dict.fromkeys(strategies)))
            return replace(appended, forgotten=len(parameters) - len(fresh))

        return await database.write(append, erases=erases(shelved))

    async def lease(self: HasDatabase, *, limit: int, seconds: float, bank: str | None = None) -> Sequence[Lease]:
        asked = {"bank": bank, "limit": max(0, limit), "now": now()}
        query = "anything_due" if bank is None else "anything_due_in_bank"
        if not self.database.inline(lambda connection: one(connection, query, asked)):
            return []
        return await self.database.write(lambda connection: _lease(connection, asked, seconds))

    async def renew(self: HasDatabase, leases: Sequence[Lease], seconds: float) -> None:
        def renew(connection: sqlite3.Connection) -> None:
            until = {"until": after(seconds)}
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
        if not self.database.inline(lambda connection: one(connection, f"anything_left{suffix}", asked)):
            return Backlog()
        found = await self.database.read(
            lambda connection: connection.execute(SQL[f"count_backlog{suffix}"], asked).fetchall()
        )
        ((failed, pending, oldest, due),) = found
        return Backlog(pending=pending, failed=failed, oldest=optional_moment(oldest), due=optional_moment(due))

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


def held_by(lease: Lease) -> dict[str, Any]:
    """Return the parameters of `held`."""
    return {"bank": lease.event.bank, "id": lease.event.id, "token": lease.token, "now": now()}


def _append(
    connection: sqlite3.Connection,
    bank: str,
    events: Sequence[dict[str, Any]],
    beyond: Sequence[str],
    strategies: Sequence[str],
) -> Appended:
    version = version_of(connection, bank)
    if version is None and not events:
        return Appended()
    number = make_bank(connection, bank) if version is None else version.number
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
            unmake_on(connection, bank, [event["id"]])
            replaced += 1
        connection.execute(SQL["unmark_forgotten"], {"digest": mark_of(bank, event["id"])})
        connection.execute(SQL["insert_event"], parameters)
        make_jobs(connection, parameters, strategies)
    if repeated < len(events):
        ready(connection, number, strategies)
    if version is not None:
        _cut_off(connection, bank, number, beyond)
    return Appended(replaced, repeated)


def make_bank(connection: sqlite3.Connection, bank: str) -> int:
    """Create a bank that is not there; return its number."""
    return int(connection.execute(SQL["make_bank"], {"bank": bank, "created": now()}).lastrowid or 0)


def _not_forgotten(connection: sqlite3.Connection, bank: str, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of `events` that no forgetting deleted and that no text was cut out of."""
    version = version_of(connection, bank)
    fresh = []
    for event in events:
        asked = {"bank": version and version.number, "id": event["id"], "digest": mark_of(bank, event["id"])}
        if not one(connection, "is_forgotten", asked):
            fresh.append(event)
    return fresh


def _cut_off(connection: sqlite3.Connection, bank: str, number: int, beyond: Sequence[str]) -> None:
    """Delete the ends of items that were longer before."""
    for id in beyond:
        found = connection.execute(SQL["event_place"], {"bank": number, "id": id}).fetchone()
        if found is None:
            continue
        asked = {"bank": number, "key": found[0], "position": found[1]}
        gone = [event for (event,) in connection.execute(SQL["delete_events_from"], asked).fetchall()]
        delete_memories_of(connection, number, gone)
        unmake_on(connection, bank, gone)


def delete_memories_of(connection: sqlite3.Connection, bank: int, events: Sequence[str]) -> int:
    """Delete what was retained word for word of `events`; return how many memories that were."""
    removed = connection.executemany(
        SQL["delete_memories_of_event"], [{"event": event, **span(bank)} for event in events]
    ).rowcount
    connection.execute(SQL["count_removed"], {"bank": bank, "removed": max(0, removed)})
    return max(0, removed)


def _lease(connection: sqlite3.Connection, asked: dict[str, Any], seconds: float) -> list[Lease]:
    query = SQL["due_events" if asked["bank"] is None else "due_events_in_bank"]
    found = connection.execute(query, asked).fetchall()
    token, until = secrets.token_hex(8), after(seconds)
    connection.executemany(
        SQL["lease_event"], [{"number": number, "token": token, "until": until} for number, *_ in found]
    )
    return [Lease(event_of(bank, columns), attempts + 1, token) for _, attempts, bank, *columns in found]


def _requeue(connection: sqlite3.Connection, bank: str) -> int:
    version = version_of(connection, bank)
    if version is None:
        return 0
    for query in ("delete_memories_word_for_word", "unembed", "delete_vectors_unembedded", "delete_late_unembedded"):
        connection.execute(SQL[query], span(version.number))
    connection.execute(SQL["clear_bank"], {"bank": version.number})
    return connection.execute(SQL["requeue_events"], {"bank": version.number}).rowcount
