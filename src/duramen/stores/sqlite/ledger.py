"""The jobs of strategies: who may work them through, and what became of them. What came of it is in `revisions.py`."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from duramen.ledger import Assignment, Job, JobBacklog, JobState, Outcome, Revision
from duramen.stores.common import FAILED, JOB_STATES, PENDING, check_limit, page_of, place_in
from duramen.stores.revising import revise
from duramen.stores.sqlite.book import book_of
from duramen.stores.sqlite.common import HasDatabase, after, now, one, version_of
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import as_json, event_of
from duramen.stores.sqlite.told import job_of
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import Page

MOST_LOOKED_AT = 1000
"""Jobs that are looked at for some whose events the journal is done with: during an import, few of them are."""


class SQLiteLedger:
    """The methods of `Ledger` that are about jobs; see `SQLiteStore`."""

    async def lease_jobs(
        self: HasDatabase, *, seconds: float, limit: int, bank: str | None = None
    ) -> Assignment | None:
        asked = {"bank": bank, "now": now()}
        query = "anything_ready" if bank is None else "anything_ready_in_bank"
        if limit < 1 or not self.database.inline(lambda connection: one(connection, query, asked)):
            return None
        return await self.database.write(lambda connection: _lease(connection, bank, seconds, limit))

    async def renew_assignment(self: HasDatabase, assignment: Assignment, seconds: float) -> bool:
        def renew(connection: sqlite3.Connection) -> bool:
            asked = {"bank": assignment.bank, "strategy": assignment.strategy, "token": assignment.token}
            until = {"now": now(), "until": after(seconds)}
            return connection.execute(SQL["renew_queue"], asked | until).rowcount == 1

        return await self.database.write(renew)

    async def release(self: HasDatabase, assignment: Assignment, *, due: datetime) -> None:
        changes = {"due": microseconds(due)}
        await self.database.write(lambda connection: _end(connection, assignment, "release_job", changes))

    async def fail_jobs(self: HasDatabase, assignment: Assignment, reason: str, *, retry_at: datetime | None) -> None:
        moment = now()
        changes = {
            "state": FAILED if retry_at is None else PENDING,
            "due": moment if retry_at is None else microseconds(retry_at),
            "finished": moment if retry_at is None else None,
            "reason": reason.encode(errors="replace").decode(),
        }
        await self.database.write(lambda connection: _end(connection, assignment, "fail_job", changes))

    async def revise(
        self: HasDatabase, assignment: Assignment, revisions: Sequence[Revision], outcome: Outcome
    ) -> bool:
        return await self.database.write(lambda connection: _revise(connection, assignment, revisions, outcome))

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
        query = SQL["list_jobs" if event is None else "list_jobs_of_event"]

        def read(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            version = version_of(connection, bank)
            if version is None:
                return []
            place = {"bank": version.number, "after": behind, "limit": limit + 1}
            return connection.execute(query, asked | place).fetchall()

        page = page_of(await self.database.read(read), limit, "jobs", lambda columns: (columns[0],))
        return Page(tuple(job_of(bank, columns) for columns in page.items), page.next)

    async def job_backlog(self: HasDatabase, bank: str | None = None) -> JobBacklog:
        suffix = "" if bank is None else "_in_bank"
        if not self.database.inline(lambda connection: one(connection, f"any_jobs_left{suffix}", {"bank": bank})):
            return JobBacklog()
        return await self.database.read(lambda connection: _backlog(connection, bank))

    async def retry_jobs(self: HasDatabase, bank: str | None = None, *, strategy: str | None = None) -> int:
        return await self.database.write(
            lambda connection: _make_due(connection, bank, ("retry_failed_jobs", "retry_waiting_jobs"), strategy)
        )

    async def hurry(self: HasDatabase, bank: str | None = None) -> int:
        asked = {"bank": bank, "now": now()}
        if not self.database.inline(lambda connection: one(connection, "any_waiting_job", asked)):
            return 0
        return await self.database.write(lambda connection: _make_due(connection, bank, ("hurry_jobs",)))

    async def backfill(self: HasDatabase, bank: str, strategy: str, *, version: str) -> int:
        def backfill(connection: sqlite3.Connection) -> int:
            known = version_of(connection, bank)
            if known is None:
                return 0
            asked = {"bank": known.number, "strategy": strategy, "version": version, "now": now()}
            made = sum(connection.execute(SQL[query], asked).rowcount for query in ("backfill_again", "backfill_new"))
            if made:
                ready(connection, known.number, [strategy])
            return made

        return await self.database.write(backfill)


def make_jobs(connection: sqlite3.Connection, event: Mapping[str, Any], strategies: Sequence[str]) -> None:
    """Make jobs for an event, given by its columns."""
    for strategy in strategies:
        connection.execute(SQL["insert_job"], {**event, "now": now(), "strategy": strategy})


def ready(connection: sqlite3.Connection, bank: int, strategies: Sequence[str]) -> None:
    """Say that jobs of `strategies` are due."""
    for strategy in strategies:
        connection.execute(SQL["ready_queue"], {"bank": bank, "due": now(), "strategy": strategy})


def _lease(connection: sqlite3.Connection, bank: str | None, seconds: float, limit: int) -> Assignment | None:
    asked = {"bank": bank, "now": now()}
    queues = connection.execute(SQL["ready_queues" if bank is None else "ready_queues_in_bank"], asked)
    empty = []
    assignment = None
    for number, strategy, name in queues:
        queue = {"bank": number, "strategy": strategy, "now": asked["now"], "most": MOST_LOOKED_AT}
        found = connection.execute(SQL["first_due_job"], queue).fetchone()
        if found is not None:
            queues.close()
            assignment = _take(connection, name, queue, found, seconds, limit)
            break
        if not one(connection, "anything_due_in_queue", queue):
            empty.append(queue)
    for queue in empty:
        _free(connection, queue, None)
    return assignment


def _take(
    connection: sqlite3.Connection,
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
    numbers = [number for (number,) in connection.execute(SQL["jobs_beside"], asked).fetchall()]
    if job not in numbers:
        numbers = [*numbers[: limit - 1], job]
    token = secrets.token_hex(8)
    lease = {**queue, "numbers": as_json(numbers), "token": token, "until": after(seconds)}
    leased = connection.execute(SQL["lease_jobs"], lease).fetchall()
    connection.execute(SQL["lease_queue"], lease)
    named = {**queue, "events": as_json(event for event, _ in leased)}
    events = connection.execute(SQL["events_in_order"], named).fetchall()
    return Assignment(
        bank=bank,
        strategy=queue["strategy"],
        events=tuple(event_of(bank, columns) for columns in events),
        attempt=max(attempts for _, attempts in leased),
        token=token,
    )


def _held(connection: sqlite3.Connection, assignment: Assignment) -> tuple[dict[str, Any], set[str]] | None:
    """Return what names the queue of an assignment that still holds, and the events lost meanwhile."""
    version = version_of(connection, assignment.bank)
    if version is None:
        return None
    queue = {"bank": version.number, "strategy": assignment.strategy, "token": assignment.token, "now": now()}
    found = connection.execute(SQL["held_queue"], queue).fetchone()
    return None if found is None else (queue, set(json.loads(found[0])))


def _end(connection: sqlite3.Connection, assignment: Assignment, query: str, changes: Mapping[str, Any]) -> None:
    """Change the jobs of an assignment, if it still holds, and end it."""
    held = _held(connection, assignment)
    if held is not None:
        queue, _ = held
        connection.executemany(SQL[query], [{**queue, **changes, "event": event.id} for event in assignment.events])
        _free(connection, queue, assignment.token)


def _revise(
    connection: sqlite3.Connection, assignment: Assignment, revisions: Sequence[Revision], outcome: Outcome
) -> bool:
    held = _held(connection, assignment)
    if held is None:
        return False
    queue, lost = held
    sources = {source for revision in revisions for source in revision.made.memory.sources}
    jobs = [{**queue, "event": event.id} for event in assignment.events]
    if lost & sources or not all(one(connection, "has_job_of_lease", job) for job in jobs):
        _free(connection, queue, None)
        return False
    with book_of(connection, assignment.bank) as book:
        if book is not None:
            revise(book, assignment.strategy, revisions, outcome, utc_now())
    done = set(outcome.done)
    finished = {"version": outcome.version, "note": outcome.note.encode(errors="replace").decode(), "now": now()}
    left = {"due": now() if outcome.due is None else microseconds(outcome.due)}
    connection.executemany(SQL["finish_job"], [{**job, **finished} for job in jobs if job["event"] in done])
    connection.executemany(SQL["leave_job"], [{**job, **left} for job in jobs if job["event"] not in done])
    _free(connection, queue, assignment.token)
    return True


def _free(connection: sqlite3.Connection, queue: Mapping[str, Any], token: str | None) -> None:
    """End the lease of a queue, unless jobs of the lease `token` are left in it."""
    connection.execute(SQL["free_queue"], {**queue, "token": token})
    connection.execute(SQL["drop_empty_queue"], queue)


def _backlog(connection: sqlite3.Connection, bank: str | None) -> JobBacklog:
    asked = {"bank": bank, "now": now()}
    query = SQL["count_jobs" if bank is None else "count_jobs_in_bank"]
    failed, pending, waiting = connection.execute(query, asked).fetchone()
    due = next(_due(connection, bank, asked), None)
    if due is None:
        due = one(connection, "next_queue", asked)
    return JobBacklog(pending, waiting, failed, None if due is None else from_microseconds(due))


def _due(connection: sqlite3.Connection, bank: str | None, asked: Mapping[str, Any]) -> Iterator[int]:
    """Give the moments of queues that somebody may lease now."""
    for number, strategy, _ in connection.execute(
        SQL["ready_queues" if bank is None else "ready_queues_in_bank"], asked
    ).fetchall():
        queue = {"bank": number, "strategy": strategy, "now": asked["now"], "most": MOST_LOOKED_AT}
        if connection.execute(SQL["first_due_job"], queue).fetchone() is not None:
            yield asked["now"]


def _make_due(
    connection: sqlite3.Connection, bank: str | None, queries: Sequence[str], strategy: str | None = None
) -> int:
    version = None if bank is None else version_of(connection, bank)
    if bank is not None and version is None:
        return 0
    asked = {"bank": version and version.number, "strategy": strategy, "now": now()}
    count = sum(max(0, connection.execute(SQL[query], asked).rowcount) for query in queries)
    connection.execute(SQL["ready_queues_anew"], asked)
    return count
