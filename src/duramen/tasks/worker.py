"""The worker of tasks: claims what is due, lets handlers do it, and notes how it ended."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from duramen.desk import Desk
from duramen.errors import ChangedError, ClosedError, StoreError
from duramen.retain.worker import is_the_end, woken
from duramen.shelf import Entry, Expect, Remove, Shelf
from duramen.tasks.errors import CancelledTaskError, PermanentError
from duramen.tasks.handling import Handling
from duramen.tasks.holding import Held
from duramen.tasks.records import DUE, ENDED, Record, ending, lane_place, payload_in, payload_place, read, records_of
from duramen.times import utc_now

log = logging.getLogger("duramen.tasks")

AT_A_TIME = 4
"""Tasks done at once in a process."""

WAITING_AT_A_TIME = 8
"""Tasks besides that mostly wait for others; see `Handling.waits`."""

BUSY_SECONDS = 0.5
"""How often to look for what other processes submitted, while there is something to do; `IDLE_SECONDS` while not."""

IDLE_SECONDS = 2.0

PAGE = 100
"""Due entries read at a time."""

DEEPER = 8
"""What is due behind a page of tasks whose turn has not come is looked for in 1/8 of the time."""

STOPPING_SECONDS = 5.0
"""How long a handler that was told to stop is waited for."""


class TaskWorker:
    """Does tasks. Any number of them, in any number of processes, may share a store.

    Args:
        desk: Where to work.
        handlings: How each type is done; may grow while this runs.
    """

    def __init__(self, desk: Desk, handlings: Mapping[str, Handling]) -> None:
        self._desk = desk
        self._handlings = handlings
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._running: dict[asyncio.Task[None], tuple[Record, Handling]] = {}
        self._shelf: Shelf | None = None
        self._draining = False
        self._deeper_at = 0.0

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    async def ended(self, seconds: float) -> None:
        """Wait until a task has ended in this process, for at most `seconds`."""
        await woken(self._ended, seconds)

    async def run(self) -> None:
        """Work until cancelled or drained. Never raises otherwise: an outage of the store is logged and waited out."""
        try:
            while not self._draining:
                self._wake.clear()
                pause = IDLE_SECONDS
                try:
                    pause = await self._step()
                except ClosedError:
                    return
                except Exception as error:  # a worker that dies would leave tasks undone for ever
                    if is_the_end(error):
                        return
                    log.exception("tasks could not be looked for; trying again in %.1f s", pause)
                await woken(self._wake, pause)
        except asyncio.CancelledError:
            await self.drain(0.0)
            raise

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, finish what is under way, and after `seconds` leave the rest to other processes."""
        self._draining = True
        self._wake.set()
        if self._running:
            await asyncio.wait(list(self._running), timeout=seconds)
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(list(self._running))

    async def _step(self) -> float:
        """Begin what is due, as far as there is room; return how long to wait for more."""
        if self._shelf is None:
            self._shelf = await self._desk.shelf()
        started = asyncio.get_running_loop().time()
        blocked = {(record.task.bank, record.lane) for record, _ in self._running.values()}
        something, after, pages = bool(self._running), None, 0
        while self._has_room():
            page = await self._shelf.scan(DUE, after=after, limit=PAGE)
            pages += 1
            for entry in page:
                away = int(entry.key.partition(".")[0]) / 1e6 - utc_now().timestamp()
                if away > 0:
                    return min(max(away, 0.001), BUSY_SECONDS if something else IDLE_SECONDS)
                something = True
                await self._consider(self._shelf, entry, blocked)
            if len(page) < PAGE or started < self._deeper_at:
                break
            after = page[-1].place
        if pages > 1:
            now = asyncio.get_running_loop().time()
            self._deeper_at = now + DEEPER * (now - started)
        return BUSY_SECONDS if something else IDLE_SECONDS

    def _has_room(self, handling: Handling | None = None) -> bool:
        """Tell whether a task of that handling, or any, may be begun now."""
        if self._draining:
            return False
        taken = Counter(handling.waits for _, handling in self._running.values())
        room = {False: taken[False] < AT_A_TIME, True: taken[True] < WAITING_AT_A_TIME}
        return any(room.values()) if handling is None else room[handling.waits]

    async def _consider(self, shelf: Shelf, entry: Entry, blocked: set[tuple[str, str]]) -> None:
        """Begin the task of a due entry, unless its lane is `blocked`; then or if it turns out to be, it is so further."""
        due = json.loads(entry.value)
        handling = self._handlings.get(due["type"])
        lane = (due["bank"], due["lane"])
        if handling is None or lane in blocked or not self._has_room(handling):
            return
        try:
            place = records_of(due["bank"]), due["id"]
            kept, taken = await shelf.get([place, lane_place(*lane)])
            record = None if kept is None else read(kept)
            if record is None or record.due_key != entry.key or record.task.state in ENDED:
                expected = Expect(path=place[0], key=place[1], value=None if kept is None else kept.value)
                await shelf.write([expected, Remove(path=DUE, key=entry.key)])
                return
            if taken is None:
                await self._claim(shelf, record, handling)
        except ChangedError:
            log.debug("task %s is not to be begun here now", due["id"])
        except (ValueError, LookupError, TypeError):  # written by another version, or damaged: the others go on
            log.exception("task %s of bank %s cannot be read", due["id"], due["bank"])
        blocked.add(lane)

    async def _claim(self, shelf: Shelf, record: Record, handling: Handling) -> None:
        """Begin a task.

        Raises:
            ChangedError: Its lane is taken, or somebody else was quicker.
        """
        claimed = record.with_task(
            state="processing", attempts=record.task.attempts + 1, updated=utc_now(), token=uuid.uuid4().hex
        )
        if record.task.state == "processing" and record.task.attempts >= handling.attempts:
            await self._abandon(shelf, record)
            return
        await shelf.write([record.expected(), *claimed.put_lane(handling.lease_seconds), claimed.put()])
        held = replace(claimed, raw=claimed.written())
        task = asyncio.create_task(self._do(shelf, held, handling))
        self._running[task] = held, handling
        task.add_done_callback(self._over)

    async def _abandon(self, shelf: Shelf, record: Record) -> None:
        """Give a task up at which one process after the other died."""
        now = utc_now()
        reason = f"It was begun {record.task.attempts} times, and each time its process ended before it did."
        failed = record.with_task(state="failed", reason=reason, updated=now, finished=now)
        (payload,) = await shelf.get([payload_place(record.task.bank, record.task.id)])
        path, key = record.lane_place
        free = Expect(path=path, key=key, value=None)
        await shelf.write([record.expected(), free, *ending(failed, payload_in(payload))])
        log.warning("task %s of type %s is given up: %s", record.task.id, record.task.type, reason)

    def _over(self, done: asyncio.Task[None]) -> None:
        del self._running[done]
        if not done.cancelled() and done.exception() is not None:
            log.error("a task was left to its lease", exc_info=done.exception())
        self._wake.set()
        self._ended.set()
        self._ended = asyncio.Event()

    async def _do(self, shelf: Shelf, record: Record, handling: Handling) -> None:
        """Do a claimed task, and note how it ended. Where the store cannot be reached, its lease runs out."""
        try:
            (payload,) = await shelf.get([payload_place(record.task.bank, record.task.id)])
            held = Held(shelf, record, payload_in(payload), handling)
            work = asyncio.create_task(held.work())
            if await self._waited(held, work):
                await _note(held, work)
            elif work.done() and (work.cancelled() or work.exception() is not None):
                await held.give_back()
        except ChangedError:
            log.debug("task %s was ended already, or is no longer held", record.task.id)
        except (StoreError, ClosedError) as error:
            log.warning("how task %s went could not be noted; it is begun again: %s", record.task.id, error)

    async def _waited(self, held: Held, work: asyncio.Task[None]) -> bool:
        """Wait for `work`, renewing its lease; False if it was stopped because this worker is."""
        keeper = asyncio.create_task(held.keep(work))
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work}, timeout=STOPPING_SECONDS)
            return False
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})
        return True


async def _note(held: Held, work: asyncio.Task[None]) -> None:
    """Note how `work` ended, if it failed; see `Held.fail` for what is raised."""
    task = held.record.task
    error = None if work.cancelled() else work.exception()
    if held.lost or isinstance(error, CancelledTaskError):
        log.info("task %s of type %s is no longer this worker's", task.id, task.type)
        return
    if (error is None and not work.cancelled()) or (isinstance(error, Exception) and is_the_end(error)):
        return
    reason = "Its handler was cancelled from within." if error is None else f"{type(error).__name__}: {error}"
    again = await held.fail(reason, permanent=isinstance(error, PermanentError))
    told = "will be tried again" if again else "failed"
    log.warning("task %s of type %s %s: %s", task.id, task.type, told, reason)
