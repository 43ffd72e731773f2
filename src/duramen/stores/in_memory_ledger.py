"""The ledger of the in-memory store: jobs, and what strategies did."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from duramen.ledger import Assignment, Job, JobBacklog, JobState, Outcome, Revised, Revision
from duramen.stores.common import (
    DONE,
    FAILED,
    JOB_STATES,
    PENDING,
    check_embedder,
    check_limit,
    page_of,
    place_in,
)
from duramen.stores.in_memory_bank import Bank, Entry, KeptJob, Queue
from duramen.stores.in_memory_book import InMemoryBook
from duramen.stores.in_memory_shelf import InMemoryShelf
from duramen.stores.revising import rethink, revise, undo
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import Event, Indexed, Memory, Page


class HasBanks(Protocol):
    """What the ledger needs of its store."""

    _banks: dict[str, Bank]
    _job_numbers: Iterator[int]
    _record_numbers: Iterator[int]
    _shelf: InMemoryShelf

    def _use(self) -> AbstractContextManager[None]: ...

    def _remove_event(self, entry: Entry) -> Event: ...


class InMemoryLedger:
    """The methods of `Ledger`; see `InMemoryStore`."""

    async def lease_jobs(self: HasBanks, *, seconds: float, limit: int, bank: str | None = None) -> Assignment | None:
        with self._use():
            now = _now()
            free = [
                (job.due, job.order, kept, job)
                for kept in _chosen(self._banks, bank)
                for job in kept.jobs.values()
                if job.state == PENDING and job.due <= now and _is_free(kept, job, now)
            ]
            if limit < 1 or not free:
                return None
            _, _, kept, first = min(free, key=lambda one: one[:2])
            return _take(kept, first, until=now + _span(seconds), limit=limit)

    async def renew_assignment(self: HasBanks, assignment: Assignment, seconds: float) -> bool:
        with self._use():
            now = _now()
            kept = _holding(self._banks, assignment, now)
            if kept is not None:
                kept.queues[assignment.strategy].until = now + _span(seconds)
            return kept is not None

    async def release(self: HasBanks, assignment: Assignment, *, due: datetime) -> None:
        with self._use():
            for job in _ending(self._banks, assignment):
                job.due, job.attempts = microseconds(due), job.attempts - 1

    async def fail_jobs(self: HasBanks, assignment: Assignment, reason: str, *, retry_at: datetime | None) -> None:
        with self._use():
            now = _now()
            for job in _ending(self._banks, assignment):
                job.reason = reason
                job.due = now if retry_at is None else microseconds(retry_at)
                if retry_at is None:
                    job.state, job.finished = FAILED, now

    async def revise(self: HasBanks, assignment: Assignment, revisions: Sequence[Revision], outcome: Outcome) -> bool:
        with self._use():
            kept = _holding(self._banks, assignment, _now())
            if kept is None:
                return False
            sources = {source for revision in revisions for source in revision.made.memory.sources}
            jobs = _jobs_of(kept, assignment)
            if kept.queues[assignment.strategy].lost & sources or len(jobs) < len(assignment.events):
                kept.end(assignment.strategy)
                return False
            moment = utc_now()
            revise(InMemoryBook(kept, self._record_numbers), assignment.strategy, revisions, outcome, moment)
            left = moment if outcome.due is None else outcome.due
            for job in jobs:
                job.token = None
                if job.event.id in outcome.done:
                    job.state, job.finished = DONE, microseconds(moment)
                    job.version, job.reason = outcome.version, outcome.note
                else:
                    job.due, job.attempts, job.reason = microseconds(left), 0, ""
            kept.end(assignment.strategy, assignment.token)
            return True

    async def undo(self: HasBanks, bank: str, number: int, restored: Indexed | None, *, embedder: str) -> bool:
        with self._use():
            kept = self._banks.get(bank)
            return kept is not None and undo(
                InMemoryBook(kept, self._record_numbers), number, restored, embedder=embedder
            )

    async def jobs(
        self: HasBanks,
        bank: str,
        *,
        strategy: str | None = None,
        state: JobState | None = None,
        event: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Job]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "jobs", (0,))
            found = [
                job
                for kept in _chosen(self._banks, bank)
                for job in sorted(kept.jobs.values(), key=lambda job: job.order)
                if job.order > int(after)
                and strategy in (None, job.strategy)
                and event in (None, job.event.id)
                and (state is None or JOB_STATES[state] == job.state)
            ]
            page = page_of(found, limit, "jobs", lambda job: (job.order,))
            return Page(tuple(job.told for job in page.items), page.next)

    async def revisions(
        self: HasBanks, bank: str, *, memory: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Revised]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "revisions", (0,))
            found = [
                record.told
                for kept in _chosen(self._banks, bank)
                for number, record in kept.records.items()
                if number > int(after) and (memory is None or memory in (record.told.memory, record.told.other))
            ]
            return page_of(found, limit, "revisions", lambda revised: (revised.number,))

    async def job_backlog(self: HasBanks, bank: str | None = None) -> JobBacklog:
        with self._use():
            now = _now()
            jobs = [(kept, job) for kept in _chosen(self._banks, bank) for job in kept.jobs.values()]
            pending = [(kept, job) for kept, job in jobs if job.state == PENDING]
            waiting = [job for kept, job in pending if job.due > now and not kept.is_leased(job, now)]
            failed = sum(job.state == FAILED for _, job in jobs)
            return JobBacklog(pending=len(pending), waiting=len(waiting), failed=failed)

    async def next_job_due(self: HasBanks) -> datetime | None:
        with self._use():
            now = _now()
            due = [
                _due(kept, job, now)
                for kept in self._banks.values()
                for job in kept.jobs.values()
                if job.state == PENDING and not kept.is_leased(job, now) and _is_worked_through(kept, job)
            ]
            return from_microseconds(min(due)) if due else None

    async def retry_jobs(self: HasBanks, bank: str | None = None, *, strategy: str | None = None) -> int:
        with self._use():
            now = _now()
            again = [
                job
                for kept in _chosen(self._banks, bank)
                for job in kept.jobs.values()
                if strategy in (None, job.strategy) and (job.state == FAILED or _waits_after_failure(kept, job, now))
            ]
            for job in again:
                job.begin_anew(now)
            return len(again)

    async def hurry(self: HasBanks, bank: str | None = None) -> int:
        with self._use():
            now = _now()
            late = [
                job
                for kept in _chosen(self._banks, bank)
                for job in kept.jobs.values()
                if job.state == PENDING and job.due > now and not kept.is_leased(job, now)
            ]
            for job in late:
                job.due = now
            return len(late)

    async def backfill(self: HasBanks, bank: str, strategy: str, *, version: str) -> int:
        with self._use():
            kept = self._banks.get(bank)
            if kept is None:
                return 0
            now, count = _now(), 0
            for entry in sorted(kept.entries.values(), key=lambda entry: entry.order):
                job = kept.jobs.get((strategy, entry.event.id))
                if job is None:
                    make_job(kept, entry.event, strategy, next(self._job_numbers), now)
                elif job.state == FAILED or (job.state == DONE and job.version != version):
                    job.begin_anew(now)
                else:
                    continue
                count += 1
            return count

    async def rethink(self: HasBanks, bank: str, strategy: str, events: Sequence[str]) -> int:
        with self._use():
            kept = self._banks.get(bank)
            return 0 if kept is None else rethink(InMemoryBook(kept, self._record_numbers), strategy, events)

    async def unembedded(self: HasBanks, bank: str | None = None, *, limit: int = 100) -> Sequence[Memory]:
        with self._use():
            found = [kept.memory(number) for kept in _chosen(self._banks, bank) for number in sorted(kept.bare)]
            return [memory for memory in found if memory is not None][: max(0, limit)]

    async def embed_again(self: HasBanks, bank: str, memories: Sequence[Indexed], *, embedder: str) -> int:
        with self._use():
            kept = self._banks.get(bank)
            if kept is None or not memories:
                return 0
            check_embedder(bank, kept.version, embedder, memories)
            book = InMemoryBook(kept, self._record_numbers)
            return sum(book.embed(indexed, embedder=embedder) for indexed in memories)

    async def expire(self: HasBanks, now: datetime) -> int:
        with self._use():
            self._shelf.expire(now)
            count = 0
            for kept in self._banks.values():
                gone = [one for one in kept.entries.values() if one.event.expires and one.event.expires <= now]
                if not gone:
                    continue
                pending = {job.event.id for job in kept.jobs.values() if job.state == PENDING}
                gone = [entry for entry in gone if entry.event.id not in pending]
                for entry in gone:
                    kept.remove(kept.made_of.get(self._remove_event(entry).id, ()))
                InMemoryBook(kept, self._record_numbers).drop_jobs([entry.event.id for entry in gone])
                count += len(gone)
            return count


def make_job(kept: Bank, event: Event, strategy: str, order: int, now: int) -> None:
    """Make a job for an event."""
    kept.jobs[strategy, event.id] = KeptJob(order, strategy, replace(event, content=""), created=now, due=now)


def _chosen(banks: Mapping[str, Bank], bank: str | None) -> list[Bank]:
    return [kept for name, kept in banks.items() if bank in (None, name)]


def _is_free(kept: Bank, job: KeptJob, now: int) -> bool:
    queue = kept.queues.get(job.strategy)
    return (queue is None or queue.until <= now) and _is_worked_through(kept, job)


def _is_worked_through(kept: Bank, job: KeptJob) -> bool:
    """Tell whether the journal is done with the event of a job."""
    return kept.entries[job.event.id].state != PENDING


def _take(kept: Bank, first: KeptJob, *, until: int, limit: int) -> Assignment:
    """Lease what stands beside the `first` job, and that."""
    beside = sorted(
        (
            job
            for job in kept.jobs.values()
            if job.state == PENDING
            and job.strategy == first.strategy
            and _group(job) == _group(first)
            and _is_worked_through(kept, job)
        ),
        key=lambda job: _place(kept, job),
    )
    taken = beside[:limit]
    if first not in taken:
        taken[-1] = first
    token = secrets.token_hex(8)
    kept.queues[first.strategy] = Queue(token, until)
    for job in taken:
        job.token = token
        job.attempts += 1
    return Assignment(
        bank=kept.name,
        strategy=first.strategy,
        events=tuple(kept.entries[job.event.id].event for job in taken),
        attempt=max(job.attempts for job in taken),
        token=token,
    )


def _group(job: KeptJob) -> tuple[str | None, ...]:
    return job.event.actor, job.event.session, job.event.document


def _place(kept: Bank, job: KeptJob) -> tuple[datetime, int]:
    return job.event.mentioned, kept.entries[job.event.id].order


def _holding(banks: Mapping[str, Bank], assignment: Assignment, now: int) -> Bank | None:
    """Return the bank of an assignment that still holds."""
    kept = banks.get(assignment.bank)
    queue = kept.queues.get(assignment.strategy) if kept else None
    return kept if queue is not None and queue.token == assignment.token and queue.until > now else None


def _jobs_of(kept: Bank, assignment: Assignment) -> list[KeptJob]:
    jobs = [kept.jobs.get((assignment.strategy, event.id)) for event in assignment.events]
    return [job for job in jobs if job is not None and job.state == PENDING and job.token == assignment.token]


def _ending(banks: Mapping[str, Bank], assignment: Assignment) -> list[KeptJob]:
    """End an assignment; return its jobs, none if it does not hold."""
    kept = _holding(banks, assignment, _now())
    if kept is None:
        return []
    jobs = _jobs_of(kept, assignment)
    for job in jobs:
        job.token = None
    kept.end(assignment.strategy, assignment.token)
    return jobs


def _waits_after_failure(kept: Bank, job: KeptJob, now: int) -> bool:
    return job.state == PENDING and job.attempts > 0 and job.due > now and not kept.is_leased(job, now)


def _due(kept: Bank, job: KeptJob, now: int) -> int:
    """Return when a job may be leased: not before the lease of its queue ends."""
    queue = kept.queues.get(job.strategy)
    return job.due if queue is None or queue.until <= now else max(job.due, queue.until)


def _now() -> int:
    return microseconds(utc_now())


def _span(seconds: float) -> int:
    return round(seconds * 1e6)
