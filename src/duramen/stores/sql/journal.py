"""The journal's side of the store: what is retained, and who works it through."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from duramen.protocols import Appended, Backlog, Lease
from duramen.shelf import Change
from duramen.status import Failure
from duramen.stores.common import FAILED, PENDING, mark_of
from duramen.stores.placing import check_changes, erases
from duramen.stores.sql.book import unmake_on
from duramen.stores.sql.common import after, now, one, optional_moment, version_of
from duramen.stores.sql.ledger import PUT_OFF, make_jobs, ready, ready_behind
from duramen.stores.sql.records import event_of, event_parameters, span
from duramen.stores.sql.statements import HasDatabase, HasShelf, Statements
from duramen.times import microseconds
from duramen.types import Event

ANYWHERE = "\x1e"
"""The home of marks of what was forgotten that came from another store, which did not know of which bank."""


class SQLJournal:
    """The methods of `Journal`; see `SQLStore`."""

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

        def append(sql: Statements) -> Appended:
            self.shelve(sql, shelved)
            if not parameters:
                return Appended()
            fresh = _not_forgotten(sql, bank, parameters) if replayed else parameters
            appended = _append(sql, bank, fresh, beyond, list(dict.fromkeys(strategies)))
            return replace(appended, forgotten=len(parameters) - len(fresh))

        homes, compared = self.homes(shelved), self.compared(shelved)
        return await database.write(append, bank=bank, homes=homes, compared=compared, erases=erases(shelved))

    async def lease(self: HasDatabase, *, limit: int, seconds: float, bank: str | None = None) -> Sequence[Lease]:
        asked = {"bank": bank, "limit": max(0, limit), "now": now()}
        query = "anything_due" if bank is None else "anything_due_in_bank"
        if not await self.database.peek(lambda sql: one(sql, query, asked), bank=bank):
            return []
        return await self.database.write(lambda sql: lease(sql, asked, seconds), bank=bank)

    async def renew(self: HasDatabase, leases: Sequence[Lease], seconds: float) -> None:
        until = {"until": after(seconds)}
        for bank, group in groupby(sorted(leases, key=_bank), key=_bank):
            held = [held_by(lease) | until for lease in group]
            await self.database.write(partial(_renew, held=held), bank=bank)

    async def fail(self: HasDatabase, lease: Lease, reason: str, *, retry_at: datetime | None) -> None:
        storable = reason.encode(errors="replace").decode()
        state, due = (FAILED, 0) if retry_at is None else (PENDING, microseconds(retry_at))

        def fail(sql: Statements) -> None:
            failed = sql.run("fail_event", held_by(lease) | {"state": state, "due": due, "reason": storable}).rowcount
            version = version_of(sql, lease.event.bank) if failed and state == FAILED else None
            if version is not None:
                ready_behind(sql, version.number, [lease.event.id])

        await self.database.write(fail, bank=lease.event.bank)

    async def backlog(self: HasDatabase, bank: str | None = None) -> Backlog:
        suffix = "" if bank is None else "_in_bank"
        asked = {"bank": bank, "now": now()}
        # Asked at every recall, when there is mostly nothing to count.
        if not await self.database.peek(lambda sql: one(sql, f"anything_left{suffix}", asked), bank=bank):
            return Backlog()
        found = await self.database.read(lambda sql: sql.run(f"count_backlog{suffix}", asked).fetchall(), bank=bank)
        ((failed, pending, oldest, due),) = found
        return Backlog(pending=pending, failed=failed, oldest=optional_moment(oldest), due=optional_moment(due))

    async def failures(self: HasDatabase, bank: str | None = None, *, limit: int = 100) -> Sequence[Failure]:
        asked = {"bank": bank, "limit": max(0, limit)}
        query = "failures" if bank is None else "failures_in_bank"
        found = await self.database.read(lambda sql: sql.run(query, asked).fetchall(), bank=bank)
        return [
            Failure(bank=name, event=event, key=key, reason=reason, attempts=attempts)
            for name, event, key, reason, attempts in found
        ]

    async def retry(self: HasDatabase, bank: str | None = None) -> int:
        return await self.database.write(lambda sql: sql.run("retry_events", {"bank": bank}).rowcount, bank=bank)

    async def requeue(self: HasDatabase, bank: str) -> int:
        return await self.database.write(lambda sql: _requeue(sql, bank), bank=bank)


def _bank(lease: Lease) -> str:
    return lease.event.bank


def _renew(sql: Statements, held: Sequence[dict[str, Any]]) -> None:
    sql.many("renew_lease", held)


def held_by(lease: Lease) -> dict[str, Any]:
    """Return the parameters of `held`."""
    return {"bank": lease.event.bank, "id": lease.event.id, "token": lease.token, "now": now()}


def _append(
    sql: Statements,
    bank: str,
    events: Sequence[dict[str, Any]],
    beyond: Sequence[str],
    strategies: Sequence[str],
) -> Appended:
    version = version_of(sql, bank)
    if version is None and not events:
        return Appended()
    number = make_bank(sql, bank) if version is None else version.number
    replaced = repeated = 0
    asked = {"bank": number, "events": [*(event["id"] for event in events), *beyond]}
    with sql.together():
        digests, marks = sql.run("event_digests", asked), sql.run("any_marks", {})
    known, (marked,) = dict(digests.fetchall()), marks.fetchone()
    ends = [id for id in beyond if id in known]
    fresh: list[dict[str, Any]] = []
    for event in events:
        id = event["id"]
        if id in known and known[id] == event["digest"]:
            repeated += 1
            continue
        if id in known:
            _insert(sql, bank, fresh, strategies, marked=marked)
            fresh = []
            # A new row stands at the end of the queue, and no lease of the old one holds for it.
            sql.run("delete_event", {"bank": number, "id": id})
            unmake_on(sql, bank, [id])
            replaced += 1
        known[id] = event["digest"]
        fresh.append({**event, "bank": number})
    with sql.together():
        _insert(sql, bank, fresh, strategies, marked=marked)
        if repeated < len(events):
            ready(sql, number, strategies, after(PUT_OFF))
    _cut_off(sql, bank, number, ends)
    return Appended(replaced, repeated)


def _insert(
    sql: Statements, bank: str, events: Sequence[dict[str, Any]], strategies: Sequence[str], *, marked: bool
) -> None:
    """Insert events; if any are `marked` as forgotten, these no longer are."""
    if marked:
        sql.many("unmark_forgotten", [{"digest": mark_of(bank, event["id"])} for event in events])
    sql.many("insert_event", events)
    make_jobs(sql, events, strategies)


def make_bank(sql: Statements, bank: str) -> int:
    """Create a bank that is not there; return its number."""
    return int(one(sql, "make_bank", {"bank": bank, "created": now(), "number": 1 + secrets.randbelow(2**31 - 1)}))


def _not_forgotten(sql: Statements, bank: str, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of `events` that no forgetting deleted and that no text was cut out of."""
    version = version_of(sql, bank)
    anywhere = bool(one(sql, "any_marks_anywhere", {"home": ANYWHERE}))
    fresh = []
    for event in events:
        asked = {"bank": version and version.number, "id": event["id"], "digest": mark_of(bank, event["id"])}
        if not (one(sql, "is_forgotten", asked) or (anywhere and _is_marked_anywhere(sql, asked))):
            fresh.append(event)
    return fresh


def _is_marked_anywhere(sql: Statements, asked: Mapping[str, Any]) -> bool:
    there = sql.run("event_place", asked).fetchone() is not None
    return not there and bool(one(sql, "is_marked_anywhere", {**asked, "home": ANYWHERE}))


def _cut_off(sql: Statements, bank: str, number: int, ends: Sequence[str]) -> None:
    """Delete the ends of items that were longer before, from these events on."""
    for id in ends:
        found = sql.run("event_place", {"bank": number, "id": id}).fetchone()
        if found is None:
            continue
        asked = {"bank": number, "key": found[0], "position": found[1]}
        gone = [event for (event,) in sql.run("delete_events_from", asked).fetchall()]
        delete_memories_of(sql, number, gone)
        unmake_on(sql, bank, gone)


def delete_memories_of(sql: Statements, bank: int, events: Sequence[str]) -> int:
    """Delete what was retained word for word of `events`; return how many memories that were."""
    removed = sql.run("delete_memories_of_events", {"events": list(events), **span(bank)}).rowcount
    sql.run("count_removed", {"bank": bank, "removed": removed})
    return removed


def lease(sql: Statements, asked: Mapping[str, Any], seconds: float) -> list[Lease]:
    """Lease events that are due; `asked` has `bank`, by name or None for all, `limit` and `now`."""
    query = "due_events" if asked["bank"] is None else "due_events_in_bank"
    found = sql.run(query, asked).fetchall()
    token, until = secrets.token_hex(8), after(seconds)
    sql.run("lease_events", {"numbers": [number for number, *_ in found], "token": token, "until": until})
    return [Lease(event_of(bank, columns), attempts + 1, token) for _, attempts, bank, *columns in found]


def _requeue(sql: Statements, bank: str) -> int:
    version = version_of(sql, bank)
    if version is None:
        return 0
    sql.run("delete_memories_word_for_word", span(version.number))
    sql.unembed(span(version.number))
    sql.run("clear_bank", {"bank": version.number})
    return sql.run("requeue_events", {"bank": version.number}).rowcount
