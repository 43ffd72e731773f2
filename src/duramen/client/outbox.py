"""Sends what waits in the journal: bank by bank, in order, until it is there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import AsyncIterator, Sequence

from duramen.client.courier import MOST_ITEMS, Courier, parts_of
from duramen.client.journal import LEASE_SECONDS, Aside, Held, Journal
from duramen.client.wire import Outgoing
from duramen.errors import BadContentError, BadInputError, DuramenError, NotFoundError, StoreError

log = logging.getLogger("duramen.client")

LONGEST_PAUSE = 15.0
"""Seconds between two attempts at most, while the server is away."""

_POLL = 0.1  # seconds; another process may be the one that sends


class _Lane:
    """What waits for one bank, and the task that sends it."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.wake = asyncio.Event()
        self.failures = 0
        self.reason = ""
        self.more = False


class Outbox:
    """Keeps what is retained on disk until the server has it. Lives on one loop.

    What is sent and taken away is sent again if the process ends in between: with the same others and under the same id, so
    that a server of ours does it once. Elsewhere the same documents twice are one.

    Args:
        journal: Where it waits.
        courier: Takes it to the server.
        seconds: How long a retain waits for the server before it leaves the rest to the background.
    """

    def __init__(self, journal: Journal, courier: Courier, *, seconds: float) -> None:
        self.journal = journal
        self._courier = courier
        self._seconds = seconds
        self._lanes: dict[str, _Lane] = {}
        self._sending = asyncio.Semaphore(4)

    async def open(self) -> None:
        """Begin to send what was left from before."""
        await self.journal.open()
        for bank in await self.journal.banks():
            self._start(bank)

    async def aclose(self) -> None:
        """Stop sending. What waits is sent when the journal is next opened."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.journal.aclose()

    async def retain(self, bank: str, sent: Sequence[Outgoing]) -> int:
        """Keep `sent`, and send it if the server is there; return how many events still wait.

        Raises:
            BadContentError: The server would not take something of it; the rest is there, or waits.
        """
        held = await self.journal.append(bank, sent)
        items = [one for one in held if one.outgoing.item is not None]
        lane = self._start(bank)
        failures = lane.failures
        deadline = asyncio.get_running_loop().time() + self._seconds
        left = len(held)
        while left and lane.failures == failures and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait([_running(lane)], timeout=_POLL)
            left = await self.journal.waiting(held)
        refused = await self.journal.refused_of(bank, held)
        if refused:
            await self.journal.drop(refused)
            raise BadContentError(f"{refused[0].reason} {len(refused)} of {len(items)} events were not retained.")
        return await self.journal.waiting(items) if left else 0

    async def send_now(self, bank: str) -> bool:
        """Try to send what waits for `bank`, once; tell whether nothing does any more."""
        deadline = asyncio.get_running_loop().time() + self._seconds
        lane = self._start(bank)
        failures = lane.failures
        while lane.failures == failures and asyncio.get_running_loop().time() < deadline:
            if not await self.journal.first(bank, 1):
                return True
            await asyncio.wait([_running(lane)], timeout=_POLL)
        return False

    async def flush(self, bank: str | None, seconds: float | None) -> int:
        """Wait until nothing waits, for at most `seconds`; return how many events do."""
        loop = asyncio.get_running_loop()
        deadline = None if seconds is None else loop.time() + seconds
        while True:
            banks = [one for one in await self.journal.banks() if bank in (None, one)]
            if not banks:
                return 0
            if deadline is not None and loop.time() >= deadline:
                return (await self.journal.count(bank))[0]
            lanes = [self._start(one) for one in banks]
            rest = _POLL if deadline is None else max(0.0, min(_POLL, deadline - loop.time()))
            await asyncio.wait([_running(lane) for lane in lanes], timeout=rest, return_when=asyncio.ALL_COMPLETED)

    async def retry(self, bank: str | None) -> int:
        """Send what was set aside again; return how many events that are."""
        counts = await self.journal.take_up(bank)
        for one in counts:
            self._start(one)
        return sum(counts.values())

    async def refused(self, bank: str | None) -> list[Aside]:
        """Return what the server would not take."""
        return await self.journal.refused(bank)

    def _start(self, bank: str) -> _Lane:
        lane = self._lanes.setdefault(bank, _Lane())
        lane.more = True
        lane.wake.set()
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._run(bank, lane))
        return lane

    async def _run(self, bank: str, lane: _Lane) -> None:
        """Send what waits for `bank` until nothing does. Never raises: an outage of any sort is waited out."""
        pause = 0.2
        while True:
            lane.more = False
            lane.wake.clear()
            try:
                more = await self._send(bank)
            except (DuramenError, OSError) as error:
                self._fail(bank, lane, error)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(lane.wake.wait(), pause * random.uniform(0.5, 1.0))
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if lane.reason:
                log.info("the server of bank %s is back", bank)
            lane.reason = ""
            pause = 0.2
            if not more and not lane.more:
                del self._lanes[bank]
                return

    def _fail(self, bank: str, lane: _Lane, error: Exception) -> None:
        lane.failures += 1
        if not lane.reason:
            log.warning("held back until the server answers, for bank %s (%s): %s", bank, type(error).__name__, error)
        lane.reason = str(error)

    async def _send(self, bank: str) -> bool:
        """Send some of what waits for `bank`; tell whether more may wait."""
        if not await self.journal.lease(bank):
            await asyncio.sleep(_POLL)
            return bool(await self.journal.first(bank, 1))
        async with self._sending, self._leased(bank):
            held = await self.journal.first(bank, MOST_ITEMS)
            begun = await self.journal.begun(bank)
            for some in (held[:begun], held[begun:]):
                for part in parts_of([one.outgoing for one in some]):
                    now, some = some[: len(part)], some[len(part) :]
                    await self._deliver(bank, now)
        return bool(await self.journal.first(bank, 1))

    async def _deliver(self, bank: str, held: Sequence[Held]) -> None:
        """Send these in one request, or one by one if the server does not take one of them."""
        await self.journal.begin(bank, held)
        try:
            if held[0].outgoing.item is None:
                await self._courier.trim(bank, [one.outgoing for one in held])
            else:
                items = [one.outgoing.item for one in held if one.outgoing.item is not None]
                await self._courier.post(bank, items, operation=_operation(held))
        except NotFoundError:
            raise
        except BadInputError as error:
            if len(held) > 1:
                for one in held:
                    await self._deliver(bank, [one])
                return
            log.warning("an event of bank %s was set aside: %s", bank, error)
            await self.journal.set_aside(bank, held[0], str(error))
        else:
            await self.journal.remove(bank, held)

    @contextlib.asynccontextmanager
    async def _leased(self, bank: str) -> AsyncIterator[None]:
        """Stay the one who sends for `bank`, and let others be it afterwards."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE_SECONDS / 3)
                await self.journal.lease(bank)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])
            with contextlib.suppress(StoreError):
                await self.journal.release(bank)


def _operation(held: Sequence[Held]) -> str:
    """Return the id under which these are sent, which no others together have."""
    if len(held) == 1:
        return held[0].operation
    return str(uuid.uuid5(uuid.NAMESPACE_OID, " ".join(one.operation for one in held)))


def _running(lane: _Lane) -> asyncio.Task[None]:
    task = lane.task
    if task is None:
        raise AssertionError("a lane has a task from its start on")
    return task
