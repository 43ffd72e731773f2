"""Works acknowledged events through, in the background and on demand; there is no second path."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from duramen.errors import StoreError
from duramen.protocols import Lease, Storage
from duramen.retain.pipeline import RetainPipeline
from duramen.stages import stage
from duramen.times import utc_now

log = logging.getLogger("duramen.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker goes about it.

    Attributes:
        batch: Events leased at a time.
        lease_seconds: How long the work of a process that died stays out of reach of the others.
        attempts: How often an event is tried before it is given up; `MemoryEngine.retry` begins anew.
        backoff_seconds: Wait before the second attempt; it doubles each time.
        linger_seconds: Wait after an acknowledgement, so as not to take the processor from the turn that it is part of.
            Whoever asks for what is pending does not wait.
        poll_seconds: How often to look for events that other processes acknowledged and did not finish.
        background: Work without being asked. Turned off, only what somebody waits for is worked through; the rest, and
            tasks, are left to processes that work, such as `duramen work`.
    """

    batch: int = 32
    lease_seconds: float = 10.0
    attempts: int = 5
    backoff_seconds: float = 0.5
    linger_seconds: float = 0.1
    poll_seconds: float = 2.0
    background: bool = True


class Worker:
    """Leases events from the journal, runs the pipeline, and puts the memories.

    Many workers, in any number of processes, may share a journal: a lease keeps an event to one of them, runs out
    when its process dies, and what a worker without a valid lease makes is not kept.
    """

    def __init__(self, storage: Storage, pipeline: RetainPipeline, pace: Pace) -> None:
        self._storage = storage
        self._pipeline = pipeline
        self._pace = pace
        self.after: Callable[[], None] | None = None
        """Called when memories were made of events."""
        self._wake = asyncio.Event()
        self._progress = asyncio.Condition()
        self._tasks: set[asyncio.Task[int]] = set()
        self._busy: set[str | None] = set()  # the banks being worked on; None: any, while leases are being taken

    def wake(self) -> None:
        """Say that something was acknowledged."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Never raises otherwise: an outage of the store is logged and waited out."""
        while True:
            self._wake.clear()
            try:
                done = 0 if self._busy else await self._step(None)
            except Exception as error:  # a worker that dies would leave acknowledged items unread for ever
                if is_the_end(error):
                    return
                log.exception("the worker could not reach the store; trying again in %.1f s", self._pace.poll_seconds)
                done = 0
            if not done and await woken(self._wake, self._pace.poll_seconds):
                await asyncio.sleep(self._pace.linger_seconds)

    async def catch_up(
        self, bank: str | None, seconds: float | None, *, most: int | None = None, others: bool = True
    ) -> int:
        """Work until nothing is pending, in one bank or in all, or `seconds` are over; return what is still pending.

        What other workers hold is waited for, if `others`. What waits for another attempt after a failure is waited
        for only without a limit of `seconds`. More than `most` pending events are an import, which nobody can wait for.
        """
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        while True:
            backlog = await self._storage.backlog(bank)
            left = None if deadline is None else deadline - asyncio.get_running_loop().time()
            if backlog.pending == 0 or (left is not None and left <= 0):
                return backlog.pending
            if most is not None and backlog.pending > most:
                self.wake()
                return backlog.pending
            if None in self._busy or bank in self._busy or (bank is None and self._busy):
                await self._wait_for_progress(0.05 if left is None else min(left, 0.05))
                continue
            task = asyncio.create_task(self._step(bank))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            finished, _ = await asyncio.wait({task}, timeout=left)
            if finished and task.result() == 0:
                later = backlog.due is not None and backlog.due > utc_now()
                if (not others and not self._busy) or (seconds is not None and later):
                    return backlog.pending
                await self._wait_for_progress(0.05 if left is None else min(left, 0.05))

    async def aclose(self, seconds: float) -> None:
        """Let work under way finish, for at most `seconds`, and give the rest up: its leases run out."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in list(self._tasks):
            task.cancel()

    async def _step(self, bank: str | None) -> int:
        """Work one batch through; one at a time for each bank, so that its memories come in order."""
        busy = {bank}
        self._busy |= busy
        try:
            leases = await self._storage.lease(limit=self._pace.batch, seconds=self._pace.lease_seconds, bank=bank)
            self._busy -= busy
            busy = {lease.event.bank for lease in leases}
            self._busy |= busy
            for _, group in groupby(leases, key=lambda lease: lease.event.bank):
                await self._work(list(group))
        finally:
            self._busy -= busy
            async with self._progress:
                self._progress.notify_all()
        return len(leases)

    async def _work(self, leases: Sequence[Lease]) -> None:
        """Work leases of one bank through; if that fails, one by one, so that a bad one does not hold up the rest."""
        try:
            async with self._held(leases):
                memories = await self._pipeline([lease.event for lease in leases])
                with stage("retain", "put"):
                    await self._storage.put(leases, memories, embedder=self._pipeline.embedder.name)
            if self.after is not None:
                self.after()
        except Exception as error:
            if is_the_end(error):
                raise
            if len(leases) > 1:  # whatever a part raises, the event is kept and its failure recorded
                for lease in leases:
                    await self._work([lease])
            else:
                await self._give_back(leases[0], error)

    async def _give_back(self, lease: Lease, error: Exception) -> None:
        again = lease.attempt < self._pace.attempts
        retry_at = (
            utc_now() + timedelta(seconds=self._pace.backoff_seconds * 2 ** (lease.attempt - 1)) if again else None
        )
        log.warning(
            "event %s of bank %s failed at attempt %d (%s): %s",
            lease.event.id,
            lease.event.bank,
            lease.attempt,
            "will be tried again" if again else "given up; `retry()` begins anew",
            error,
        )
        await self._storage.fail(lease, f"{type(error).__name__}: {error}", retry_at=retry_at)

    @contextlib.asynccontextmanager
    async def _held(self, leases: Sequence[Lease]) -> AsyncIterator[None]:
        """Renew `leases` for as long as the work takes."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._pace.lease_seconds / 3)
                with contextlib.suppress(StoreError):  # the put will tell whether the lease still holds
                    await self._storage.renew(leases, self._pace.lease_seconds)

        keeper = asyncio.create_task(renew())
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})

    async def _wait_for_progress(self, seconds: float) -> None:
        async def progress() -> None:
            async with self._progress:
                await self._progress.wait()

        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(progress(), seconds)


async def woken(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event`, for at most `seconds`; return whether it came.

    Before Python 3.12, `asyncio.wait_for` loses a cancellation that comes together with the event.
    """
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({waiting}, timeout=seconds)
    finally:
        waiting.cancel()
    return event.is_set()


def is_the_end(error: Exception) -> bool:
    """Tell whether the interpreter is ending under us; what is acknowledged is worked through at the next start."""
    return isinstance(error, RuntimeError) and "after" in str(error) and "shutdown" in str(error)
