"""A task in the hands of a worker: its lease, and what its handler says of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from duramen.errors import BadInputError, ChangedError, StoreError
from duramen.shelf import Change, Shelf, Touch
from duramen.stages import stage
from duramen.tasks.errors import CancelledTaskError, PermanentError
from duramen.tasks.handling import Handling
from duramen.tasks.records import Record, after, ending
from duramen.tasks.task import Task
from duramen.times import utc_now

log = logging.getLogger("duramen.tasks")

QUIET_SECONDS = 0.5
"""Progress within one stage is written no more often."""

LONGEST_REASON = 1_000

AGAIN_SECONDS = 1.0
"""How long to wait before what was done is noted again after an outage."""


class Held:
    """A claimed task, and the `Report` of its handler.

    Args:
        shelf: Where it stands.
        record: Its record as it was claimed, with its token.
        payload: What its handler is given.
        handling: How it is done.
    """

    def __init__(self, shelf: Shelf, record: Record, payload: Mapping[str, Any], handling: Handling) -> None:
        self.record = record
        self.handling = handling
        self.lost = False
        self._shelf = shelf
        self._payload = payload
        self._writing = asyncio.Lock()
        self._told = 0.0

    @property
    def task(self) -> Task:
        """The task with its payload."""
        return replace(self.record.task, payload=self._payload)

    async def progress(self, stage: str, processed: int = 0, total: int | None = None) -> None:
        """See `Report.progress`. Within a stage, what follows within half a second is not written."""
        async with self._writing:
            if self.lost:
                raise self._gone()
            now = asyncio.get_running_loop().time()
            if stage == self.record.task.stage and now < self._told + QUIET_SECONDS:
                return
            known = self.record.task.total if total is None else total
            further = self.record.with_task(stage=stage, processed=processed, total=known, updated=utc_now())
            try:
                await self._shelf.write([*self._mine(), further.put()])
            except ChangedError as error:
                self.lost = True
                raise self._gone() from error
            except StoreError as error:
                log.info("the progress of task %s could not be kept: %s", self.record.task.id, error)
                return
            self._told = now
            self.record = replace(further, raw=further.written())

    def holding(self) -> Sequence[Change]:
        """See `Report.holding`."""
        return self._mine()

    def finishing(self, result: Mapping[str, Any]) -> Sequence[Change]:
        """See `Report.finishing`. It goes by the progress made so far: call it last.

        Raises:
            BadInputError: The result cannot be written as JSON.
        """
        now = utc_now()
        done = self.record.with_task(state="completed", result=dict(result), reason="", updated=now, finished=now)
        return [*self._mine(), *ending(done, self._payload, self.handling.drops), self.record.remove_lane()]

    async def work(self) -> None:
        """Let the handler do it, and complete the task unless the handler's own last transaction did.

        Raises:
            PermanentError: The result cannot be written as JSON.
        """
        try:
            with stage("tasks", self.record.task.type):
                result = await self.handling.handler(self.task, self)
        except SystemExit as error:  # else it would end the engine's loop
            raise RuntimeError(f"The handler tried to end the process: {error}") from error
        while not await self._completed(result):  # noqa: ASYNC110  nobody tells when a store can be reached again
            await asyncio.sleep(AGAIN_SECONDS)

    async def keep(self, work: asyncio.Task[None]) -> None:
        """Renew the lease until cancelled; stop `work` when it is lost."""
        clock, lease = asyncio.get_running_loop().time, self.handling.lease_seconds
        until = clock() + lease
        while not self.lost:
            await asyncio.sleep(lease / 3)
            begun = clock()
            try:
                self.lost = not await self._renewed()
                until = begun + lease
            except StoreError as error:
                log.info("the lease of task %s could not be renewed: %s", self.record.task.id, error)
                self.lost = clock() >= until
        work.cancel()

    async def fail(self, reason: str, *, permanent: bool) -> bool:
        """Let the task wait for its next attempt, or fail; return whether it will be tried again.

        Raises:
            ChangedError: It is no longer held, or was ended already.
        """
        now = utc_now()
        told = reason[:LONGEST_REASON]
        pause = None if permanent else self.handling.pause(self.record.task.attempts)
        free = self.record.remove_lane()
        if pause is None:
            failed = self.record.with_task(state="failed", reason=told, updated=now, finished=now)
            await self._shelf.write([*self._mine(), *ending(failed, self._payload), free])
            return False
        later = self.record.with_task(state="pending", reason=told, updated=now, due=after(now, pause), token="")
        await self._shelf.write([*self._mine(), later.put(), self.record.remove_due(), later.put_due(), free])
        return True

    async def give_back(self) -> None:
        """Let others do it at once, as if it had not been begun.

        Raises:
            ChangedError: It is no longer held, or was ended already.
        """
        attempts = self.record.task.attempts - 1
        again = self.record.with_task(state="pending", attempts=attempts, updated=utc_now(), token="")
        await self._shelf.write([*self._mine(), again.put(), self.record.remove_lane()])

    async def _completed(self, result: Mapping[str, Any]) -> bool:
        """Complete the task; False if the store could not be reached."""
        try:
            await self._shelf.write(self.finishing(result))
        except BadInputError as error:
            raise PermanentError(str(error)) from error
        except ChangedError:  # the handler's own transaction did it, or the task is no longer held
            return True
        except StoreError as error:
            log.warning("task %s is done, which cannot be written yet: %s", self.record.task.id, error)
            return False
        return True

    async def _renewed(self) -> bool:
        path, key = self.record.lane_place
        try:
            await self._shelf.write([self.record.expected_lane(), Touch(path=path, key=key)])
        except ChangedError:
            return False
        return True

    def _mine(self) -> list[Change]:
        return [self.record.expected(), self.record.expected_lane()]

    def _gone(self) -> CancelledTaskError:
        task = self.record.task
        return CancelledTaskError(
            f"Task {task.id} of type {task.type!r} is no longer this worker's: its lease ran out, or its bank was "
            f"deleted. What was not committed of it does not count."
        )
