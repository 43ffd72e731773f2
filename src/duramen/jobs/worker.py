"""The worker of strategies: takes assignments, lets the strategies work, and keeps what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from duramen.errors import ClosedError, EmbedderError, EmbedderMismatchError, StoreError
from duramen.jobs.runner import Runner, alike
from duramen.ledger import Assignment
from duramen.protocols import Storage
from duramen.retain.worker import Pace, is_the_end, woken
from duramen.stages import stage
from duramen.status import Tally
from duramen.strategy import Strategy
from duramen.times import utc_now
from duramen.types import Event

log = logging.getLogger("duramen.jobs")

MOST_EVENTS = 64
"""Events of an assignment."""

MOST_CHARACTERS = 10_000
"""Of the events that are compared at a time with what is known, and with each other; the others have another turn."""

AT_A_TIME = 4
"""Assignments worked on at once, so that one that waits for a model holds no other bank up."""

ROUNDS = 3
"""How often jobs are hurried that are found waiting again."""

AT_ONCE = 100
"""Memories that are embedded again at a time."""

STRANGE_SECONDS = 60.0
"""How long a job rests whose strategy this process does not know; another process may."""


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
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._finishing: Counter[str | None] = Counter()
        self._steps: set[asyncio.Task[bool]] = set()
        self._expired = 0.0
        self.after: Callable[[str], Awaitable[None]] | None = None  # told the bank in which something was revised

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Never raises otherwise: an outage of the store is logged and waited out."""
        loops = [asyncio.create_task(self._run(tends=not place)) for place in range(AT_A_TIME)]
        try:
            await asyncio.gather(*loops)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.wait(loops)
            await self._give_up()

    async def _run(self, *, tends: bool) -> None:
        """Work on one assignment after the other; one loop also `tends` what is to be done now and then."""
        while True:
            self._wake.clear()
            pause = self._pace.poll_seconds
            try:
                if tends:
                    await self._expire()
                    await self._embed_left()
                busy = True
                while busy:
                    busy = await self.step(None)
                pause = min(pause, _seconds_to(await self._storage.next_job_due()))
            except Exception as error:  # a worker that dies would leave events unread for ever
                if is_the_end(error):
                    return
                level = logging.ERROR if tends else logging.DEBUG
                log.log(level, "the strategies' worker failed; trying again in %.1f s", pause, exc_info=error)
            if await woken(self._wake, pause):
                await asyncio.sleep(self._pace.linger_seconds)

    async def catch_up(self, bank: str | None, seconds: float | None, *, finish: bool = False) -> Left:
        """Work until nothing is due, in one bank or in all, or `seconds` are over; return what is left.

        What is being worked on then goes on. With `finish`, also what waits for more to come is worked through, as if
        nothing more did.
        """
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        if not finish:
            return await self._until_done(bank, deadline)
        self._finishing[bank] += 1  # the loop in the background works in the same way meanwhile
        try:
            left = Left(pending=0, waiting=1, failed=0)
            for _ in range(ROUNDS):
                if left.waiting:  # made so by a worker of another process, or left by their strategy
                    await self._storage.hurry(bank)
                    left = await self._until_done(bank, deadline)
            return left
        finally:
            self._finishing[bank] -= 1

    async def step(self, bank: str | None) -> bool:
        """Work one assignment through; False if there was none."""
        async with self._turn:
            return await self._step(bank)

    async def _until_done(self, bank: str | None, deadline: float | None) -> Left:
        while True:
            left = await self._left(bank)
            if left.pending == 0 or (deadline is not None and asyncio.get_running_loop().time() >= deadline):
                return left
            if not await self._step_until(deadline, bank):
                await asyncio.sleep(0.02)  # another worker has it

    async def _step_until(self, deadline: float | None, bank: str | None) -> bool:
        """Do what `step` does, but wait for it until `deadline` only; False if there was nothing to do."""
        clock = asyncio.get_running_loop().time
        turn = asyncio.ensure_future(self._turn.acquire())
        try:
            await asyncio.wait({turn}, timeout=None if deadline is None else max(0.0, deadline - clock()))
        except asyncio.CancelledError:
            turn.add_done_callback(lambda late: None if late.cancelled() else self._turn.release())
            turn.cancel()
            raise
        if not turn.done():
            turn.cancel()
            return True
        step = asyncio.create_task(self._step(bank))
        self._steps.add(step)
        step.add_done_callback(self._stepped)
        done, _ = await asyncio.wait({step}, timeout=None if deadline is None else max(0.0, deadline - clock()))
        return step.result() if done else True

    def _stepped(self, step: asyncio.Task[bool]) -> None:
        self._turn.release()
        self._steps.discard(step)
        if not step.cancelled() and step.exception() is not None:  # whoever still waits for it has it as well
            log.debug("the strategies' worker could not go on: %s", step.exception())

    async def _give_up(self) -> None:
        """End what is being worked on for somebody who waits no more; its leases run out."""
        for step in self._steps:
            step.cancel()
        if self._steps:
            await asyncio.wait(self._steps, timeout=1.0)

    async def _step(self, bank: str | None) -> bool:
        assignment = await self._storage.lease_jobs(seconds=self._pace.lease_seconds, limit=MOST_EVENTS, bank=bank)
        if assignment is None:
            return False
        strategy = await self._book.find(assignment.bank, assignment.strategy)
        if strategy is None:
            log.info("no strategy %r for bank %s is known here", assignment.strategy, assignment.bank)
            await self._storage.release(assignment, due=utc_now() + timedelta(seconds=STRANGE_SECONDS))
            return True
        finish = bool(self._finishing[None] or self._finishing[assignment.bank])
        full = len(assignment.events) >= MOST_EVENTS  # more than these never come together
        due = None if finish or full else await self._runner.waits(strategy, assignment.events)
        if due is not None:
            await self._storage.release(assignment, due=due)
            return True
        one_is_enough = strategy.merges and strategy.trigger.messages == 1
        for turn in turns(assignment.events) if one_is_enough else [assignment.events]:
            for events in alike(turn, strategy):
                await self._work(strategy, replace(assignment, events=events), finish=finish)
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

    async def _embed_left(self) -> None:
        """Embed what is left to be; a bank in which that fails does not hold up the strategies of all others."""
        try:
            await self.embed_again(None)
        except (EmbedderError, EmbedderMismatchError) as error:
            log.info("what strategies made could not be embedded again: %s", error)

    async def _work(self, strategy: Strategy, assignment: Assignment, *, finish: bool) -> None:
        try:
            async with self._held(assignment):
                ran = await self._runner.run(strategy, assignment, finish=finish)
                with stage("strategies", "revise"):
                    kept = await self._storage.revise(assignment, ran.revisions, ran.outcome)
        except (Exception, SystemExit) as error:  # whatever a strategy raises, the event is kept, and its failure noted
            if isinstance(error, Exception) and is_the_end(error):
                raise
            await self._failed(strategy, assignment, error, finish=finish)
            return
        if kept and ran.fallbacks:
            self._tally.count("fallbacks", ran.fallbacks)
        if kept and ran.revisions and self.after is not None:
            with contextlib.suppress(StoreError, ClosedError):  # what follows is not worth the loss of this loop
                await self.after(assignment.bank)

    async def _failed(self, strategy: Strategy, assignment: Assignment, error: BaseException, *, finish: bool) -> None:
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
            self._expired = now + self._pace.poll_seconds
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


def _seconds_to(due: datetime | None) -> float:
    """Return how long it is until something is due; a year if nothing will be."""
    return 3.2e7 if due is None else max(0.05, (due - utc_now()).total_seconds())


def turns(events: Sequence[Event]) -> list[Sequence[Event]]:
    """Return `events` in parts, in order, each of no more than `MOST_CHARACTERS` unless it is one event."""
    parts: list[list[Event]] = []
    length = 0
    for event in events:
        length += len(event.content)
        if not parts or length > MOST_CHARACTERS:
            parts.append([])
            length = len(event.content)
        parts[-1].append(event)
    return list(parts)
