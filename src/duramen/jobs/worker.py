"""The worker of strategies: takes assignments, lets the strategies work, and keeps what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from duramen.errors import StoreError
from duramen.jobs.runner import Runner
from duramen.ledger import Assignment, JobBacklog
from duramen.protocols import Storage
from duramen.retain.worker import Pace, is_the_end
from duramen.status import Tally
from duramen.strategy import Strategy
from duramen.times import utc_now

log = logging.getLogger("duramen.jobs")

MOST_EVENTS = 64
"""Events of an assignment."""

AT_ONCE = 100
"""Memories that are embedded again at a time."""

STRANGE_SECONDS = 60.0
"""How long a job rests whose strategy this process does not know; another process may."""

EXPIRY_SECONDS = 60.0
"""How often to look for events that have expired."""


class Book(Protocol):
    """Knows strategies by name."""

    async def find(self, bank: str, name: str) -> Strategy | None:
        """Return the strategy of that name that `bank` has, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is still to do: `pending` jobs that are due, `waiting` for more to come or for another try, `failed`."""

    pending: int
    waiting: int
    failed: int


class JobWorker:
    """Works jobs through. Any number of them, in any number of processes, may share a store.

    Args:
        storage: Where the jobs are.
        runner: Does the work.
        book: Knows the strategies.
        pace: How to go about it.
        tally: Counts when a model was done without.
    """

    def __init__(self, storage: Storage, runner: Runner, book: Book, pace: Pace, tally: Tally) -> None:
        self._storage = storage
        self._runner = runner
        self._book = book
        self._pace = pace
        self._tally = tally
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._expired = 0.0

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Never raises otherwise: an outage of the store is logged and waited out."""
        while True:
            self._wake.clear()
            pause = self._pace.poll_seconds
            try:
                await self._expire()
                await self.embed_again(None)
                busy = True
                while busy:
                    busy = await self.step(None)
                pause = min(pause, _seconds_to(await self._storage.job_backlog()))
            except Exception as error:  # a worker that dies would leave events unread for ever
                if is_the_end(error):
                    return
                log.exception("the strategies' worker could not reach the store; trying again in %.1f s", pause)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
                await asyncio.sleep(self._pace.linger_seconds)

    async def catch_up(self, bank: str | None, seconds: float | None, *, finish: bool = False) -> Left:
        """Work until nothing is due, in one bank or in all, or `seconds` are over; return what is left.

        With `finish`, also what waits for more to come is worked through, as if nothing more did.
        """
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        if finish:
            await self._storage.hurry(bank)
        while True:
            left = await self._left(bank)
            if left.pending == 0 or (deadline is not None and asyncio.get_running_loop().time() >= deadline):
                return left
            if not await self.step(bank, finish=finish):
                await asyncio.sleep(0.02)  # another worker has it

    async def step(self, bank: str | None, *, finish: bool = False) -> bool:
        """Work one assignment through; False if there was none."""
        async with self._turn:
            assignment = await self._storage.lease_jobs(seconds=self._pace.lease_seconds, limit=MOST_EVENTS, bank=bank)
            if assignment is None:
                return False
            strategy = await self._book.find(assignment.bank, assignment.strategy)
            if strategy is None:
                log.info("no strategy %r for bank %s is known here", assignment.strategy, assignment.bank)
                await self._storage.release(assignment, due=utc_now() + timedelta(seconds=STRANGE_SECONDS))
                return True
            due = None if finish else await self._runner.waits(strategy, assignment.events)
            if due is not None:
                await self._storage.release(assignment, due=due)
            else:
                await self._work(strategy, assignment, finish=finish)
            return True

    async def embed_again(self, bank: str | None) -> int:
        """Give what strategies made its vectors back that `Journal.requeue` took; return of how many memories."""
        done = 0
        while memories := await self._storage.unembedded(bank, limit=AT_ONCE):
            for name in dict.fromkeys(memory.bank for memory in memories):
                indexed = await self._runner.retain.indexed([memory for memory in memories if memory.bank == name])
                embedder = self._runner.retain.embedder.name
                done += await self._storage.embed_again(name, indexed, embedder=embedder)
        return done

    async def _work(self, strategy: Strategy, assignment: Assignment, *, finish: bool) -> None:
        try:
            async with self._held(assignment):
                ran = await self._runner.run(strategy, assignment, finish=finish)
                kept = await self._storage.revise(assignment, ran.revisions, ran.outcome)
        except Exception as error:  # whatever a strategy raises, the event is kept and its failure recorded
            if is_the_end(error):
                raise
            await self._failed(strategy, assignment, error, finish=finish)
            return
        if kept and ran.fallbacks:
            self._tally.count("fallbacks", ran.fallbacks)

    async def _failed(self, strategy: Strategy, assignment: Assignment, error: Exception, *, finish: bool) -> None:
        """Give an assignment back; one of several events one by one, so that a bad one does not hold up the rest."""
        if len(assignment.events) > 1 and assignment.attempt > 1:
            for event in assignment.events:
                await self._work(strategy, replace(assignment, events=(event,)), finish=finish)
            return
        again = assignment.attempt < self._pace.attempts
        retry_at = utc_now() + timedelta(seconds=self._pace.backoff_seconds * 2 ** (assignment.attempt - 1))
        told = "will be tried again" if again else "given up; `retry_jobs()` begins anew"
        log.warning("strategy %s failed in bank %s (%s): %s", assignment.strategy, assignment.bank, told, error)
        reason = f"{type(error).__name__}: {error}"
        await self._storage.fail_jobs(assignment, reason, retry_at=retry_at if again else None)

    async def _left(self, bank: str | None) -> Left:
        backlog = await self._storage.job_backlog(bank)
        return Left(pending=backlog.pending - backlog.waiting, waiting=backlog.waiting, failed=backlog.failed)

    async def _expire(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._expired:
            self._expired = now + EXPIRY_SECONDS
            if gone := await self._storage.expire(utc_now()):
                log.info("%d events have expired", gone)

    @contextlib.asynccontextmanager
    async def _held(self, assignment: Assignment) -> AsyncIterator[None]:
        """Renew an assignment for as long as the work takes."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._pace.lease_seconds / 3)
                with contextlib.suppress(StoreError):  # `revise` will tell whether it still holds
                    await self._storage.renew_assignment(assignment, self._pace.lease_seconds)

        keeper = asyncio.create_task(renew())
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})


def _seconds_to(backlog: JobBacklog) -> float:
    """Return how long it is until something is due; a year if nothing will be."""
    if backlog.due is None:
        return 3.2e7
    return max(0.05, (backlog.due - utc_now()).total_seconds())
