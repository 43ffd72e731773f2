"""The jobs of strategies: who may work them through, and what became of them. What came of it is in `revisions.py`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from duramen.ledger import Assignment, Job, JobBacklog, JobState, Outcome, Revision
from duramen.stores.common import FAILED, JOB_STATES, PENDING, check_limit, page_of, place_in
from duramen.stores.revising import revise
from duramen.stores.sql.book import book_of
from duramen.stores.sql.common import after, now, one, version_of
from duramen.stores.sql.records import event_of
from duramen.stores.sql.statements import Found, HasDatabase, Statements
from duramen.stores.sql.told import job_of
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import Page

MOST_LOOKED_AT = 1000
"""Jobs that are looked at for some whose events the journal is done with: during an import, few of them are."""

PUT_OFF = 600.0
"""Seconds after which a queue is looked at again in which all that is due waits for the journal.

When the journal is done with one of its events, it is ready at once; this is for events with which a process of an older
version was done.
"""


class SQLLedger:
    """The methods of `Ledger` that are about jobs; see `SQLStore`."""

    async def lease_jobs(
        self: HasDatabase, *, seconds: float, limit: int, bank: str | None = None
    ) -> Assignment | None:
        asked = {"bank": bank, "now": now()}
        query = "anything_ready" if bank is None else "anything_ready_in_bank"
        if limit < 1 or not await self.database.peek(lambda sql: one(sql, query, asked), bank=bank):
            return None
        return await self.database.write(lambda sql: lease(sql, bank, seconds, limit), bank=bank)

    async def renew_assignment(self: HasDatabase, assignment: Assignment, seconds: float) -> bool:
        def renew(sql: Statements) -> bool:
            asked = {"bank": assignment.bank, "strategy": assignment.strategy, "token": assignment.token}
            until = {"now": now(), "until": after(seconds)}
            return sql.run("renew_queue", asked | until).rowcount == 1

        return await self.database.write(renew, bank=assignment.bank)

    async def release(self: HasDatabase, assignment: Assignment, *, due: datetime) -> None:
        changes = {"due": microseconds(due)}
        await self.database.write(lambda sql: _end(sql, assignment, "release_job", changes), bank=assignment.bank)

    async def fail_jobs(self: HasDatabase, assignment: Assignment, reason: str, *, retry_at: datetime | None) -> None:
        moment = now()
        changes = {
            "state": FAILED if retry_at is None else PENDING,
            "due": moment if retry_at is None else microseconds(retry_at),
            "finished": moment if retry_at is None else None,
            "reason": reason.encode(errors="replace").decode(),
        }
        await self.database.write(lambda sql: _end(sql, assignment, "fail_job", changes), bank=assignment.bank)

    async def revise(
        self: HasDatabase, assignment: Assignment, revisions: Sequence[Revision], outcome: Outcome
    ) -> bool:
        return await self.database.write(lambda sql: _revise(sql, assignment, revisions, outcome), bank=assignment.bank)

    async def jobs(
        self: HasDatabase,
        bank: str,
        *,
        strategy: str | None = None,
        state: JobState | None = None,
        event: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Job]:
        check_limit(limit)
        (behind,) = place_in(cursor, "jobs", (0,))
        asked = {"strategy": strategy, "state": None if state is None else JOB_STATES[state], "event": event}
        query = "list_jobs" if event is None else "list_jobs_of_event"

        def read(sql: Statements) -> list[tuple[Any, ...]]:
            version = version_of(sql, bank)
            if version is None:
                return []
            place = {"bank": version.number, "after": behind, "limit": limit + 1}
            return sql.run(query, asked | place).fetchall()

        page = page_of(await self.database.read(read, bank=bank), limit, "jobs", lambda columns: (columns[0],))
        return Page(tuple(job_of(bank, columns) for columns in page.items), page.next)

    async def job_backlog(self: HasDatabase, bank: str | None = None) -> JobBacklog:
        suffix = "" if bank is None else "_in_bank"
        asked = {"bank": bank, "now": now()}
        if not await self.database.peek(lambda sql: one(sql, f"any_jobs_left{suffix}", asked), bank=bank):
            return JobBacklog()
        found = await self.database.read(lambda sql: sql.run(f"count_jobs{suffix}", asked).fetchall(), bank=bank)
        ((failed, pending, waiting),) = found
        return JobBacklog(pending=pending, waiting=waiting, failed=failed)

    async def next_job_due(self: HasDatabase) -> datetime | None:
        asked = {"now": now()}
        found = await self.database.peek(lambda sql: sql.run("next_queue", asked).fetchall())
        return from_microseconds(found[0][0]) if found else None

    async def retry_jobs(self: HasDatabase, bank: str | None = None, *, strategy: str | None = None) -> int:
        return await self.database.write(
            lambda sql: make_due(sql, bank, ("retry_failed_jobs", "retry_waiting_jobs"), strategy), bank=bank
        )

    async def hurry(self: HasDatabase, bank: str | None = None) -> int:
        asked = {"bank": bank, "now": now()}
        query = "any_waiting_job" if bank is None else "any_waiting_job_in_bank"
        if not await self.database.peek(lambda sql: one(sql, query, asked), bank=bank):
            return 0
        return await self.database.write(lambda sql: make_due(sql, bank, ("hurry_jobs",)), bank=bank)

    async def backfill(self: HasDatabase, bank: str, strategy: str, *, version: str) -> int:
        def backfill(sql: Statements) -> int:
            known = version_of(sql, bank)
            if known is None:
                return 0
            asked = {"bank": known.number, "strategy": strategy, "version": version, "now": now()}
            made = sum(sql.run(query, asked).rowcount for query in ("backfill_again", "backfill_new"))
            if made:
                ready(sql, known.number, [strategy], now())
            return made

        return await self.database.write(backfill, bank=bank)


def make_jobs(sql: Statements, events: Sequence[Mapping[str, Any]], strategies: Sequence[str]) -> None:
    """Make jobs for events, given by their columns."""
    moment = now()
    jobs = [{**event, "now": moment, "strategy": strategy} for event in events for strategy in strategies]
    sql.many("insert_job", jobs)


def ready(sql: Statements, bank: int, strategies: Sequence[str], due: int) -> None:
    """Say by when the queues of `strategies` are to be looked at."""
    for strategy in strategies:
        sql.run("ready_queue", {"bank": bank, "due": due, "strategy": strategy})


def ready_behind(sql: Statements, bank: int, events: Sequence[str]) -> None:
    """Say that the journal is done with `events`, so that their jobs may be worked through when they are due."""
    sql.run("ready_queues_of_events", {"bank": bank, "events": list(events)})


def lease(sql: Statements, bank: str | None, seconds: float, limit: int) -> Assignment | None:
    """Lease jobs of one bank, or of any; see `Ledger.lease_jobs`."""
    moment = now()
    queues = sql.run("ready_queues" if bank is None else "ready_queues_in_bank", {"bank": bank, "now": moment})
    return lease_from(sql, queues, moment, seconds, limit)


def lease_from(sql: Statements, queues: Found, moment: int, seconds: float, limit: int) -> Assignment | None:
    """Lease jobs from the first of `queues` that has some; those that have none are freed, or put off."""
    idle = []
    assignment = None
    for number, strategy, name in queues:
        queue = {"bank": number, "strategy": strategy, "now": moment, "most": MOST_LOOKED_AT}
        found = sql.run("first_due_job", queue).fetchone()
        if found is not None:
            queues.close()
            assignment = _take(sql, name, queue, found, seconds, limit)
            break
        idle.append(queue)
    for queue in idle:
        if one(sql, "anything_due_in_queue", queue):
            sql.run("put_off_queue", {**queue, "until": after(PUT_OFF)})
        else:
            _free(sql, queue, None)
    return assignment


def _take(
    sql: Statements,
    bank: str,
    queue: dict[str, Any],
    first: tuple[Any, ...],
    seconds: float,
    limit: int,
) -> Assignment:
    """Lease what stands beside the `first` job, and that."""
    job, *beside = first
    asked = {**queue, **dict(zip(("actor", "session", "document"), beside, strict=True))}
    asked |= {"limit": limit, "most": limit + MOST_LOOKED_AT}
    numbers = [number for (number,) in sql.run("jobs_beside", asked).fetchall()]
    if job not in numbers:
        numbers = [*numbers[: limit - 1], job]
    token = secrets.token_hex(8)
    lease = {**queue, "numbers": numbers, "token": token, "until": after(seconds)}
    leased = sql.run("lease_jobs", lease).fetchall()
    sql.run("lease_queue", lease)
    named = {**queue, "events": [event for event, _ in leased]}
    events = sql.run("events_in_order", named).fetchall()
    return Assignment(
        bank=bank,
        strategy=queue["strategy"],
        events=tuple(event_of(bank, columns) for columns in events),
        attempt=max(attempts for _, attempts in leased),
        token=token,
    )


def _held(sql: Statements, assignment: Assignment) -> tuple[dict[str, Any], set[str]] | None:
    """Return what names the queue of an assignment that still holds, and the events lost meanwhile."""
    version = version_of(sql, assignment.bank)
    if version is None:
        return None
    queue = {"bank": version.number, "strategy": assignment.strategy, "token": assignment.token, "now": now()}
    found = sql.run("held_queue", queue).fetchone()
    return None if found is None else (queue, set(json.loads(found[0])))


def _end(sql: Statements, assignment: Assignment, query: str, changes: Mapping[str, Any]) -> None:
    """Change the jobs of an assignment, if it still holds, and end it."""
    held = _held(sql, assignment)
    if held is not None:
        queue, _ = held
        sql.many(query, [{**queue, **changes, "event": event.id} for event in assignment.events])
        _free(sql, queue, assignment.token)


def _revise(sql: Statements, assignment: Assignment, revisions: Sequence[Revision], outcome: Outcome) -> bool:
    held = _held(sql, assignment)
    if held is None:
        return False
    queue, lost = held
    sources = {source for revision in revisions for source in revision.made.memory.sources}
    jobs = [{**queue, "event": event.id} for event in assignment.events]
    if lost & sources or not all(one(sql, "has_job_of_lease", job) for job in jobs):
        _free(sql, queue, None)
        return False
    with book_of(sql, assignment.bank) as book:
        if book is not None:
            revise(book, assignment.strategy, revisions, outcome, utc_now())
    done = set(outcome.done)
    finished = {"version": outcome.version, "note": outcome.note.encode(errors="replace").decode(), "now": now()}
    left = {"due": now() if outcome.due is None else microseconds(outcome.due)}
    sql.many("finish_job", [{**job, **finished} for job in jobs if job["event"] in done])
    sql.many("leave_job", [{**job, **left} for job in jobs if job["event"] not in done])
    _free(sql, queue, assignment.token)
    return True


def _free(sql: Statements, queue: Mapping[str, Any], token: str | None) -> None:
    """End the lease of a queue, unless jobs of the lease `token` are left in it."""
    sql.run("free_queue", {**queue, "token": token})
    sql.run("drop_empty_queue", queue)


def make_due(sql: Statements, bank: str | None, queries: Sequence[str], strategy: str | None = None) -> int:
    """Run `queries`, which make jobs due, in one bank or in all; return how many they were."""
    version = None if bank is None else version_of(sql, bank)
    if bank is not None and version is None:
        return 0
    asked = {"bank": version and version.number, "strategy": strategy, "now": now()}
    count = sum(max(0, sql.run(query, asked).rowcount) for query in queries)
    sql.run("ready_queues_anew", asked)
    return count
