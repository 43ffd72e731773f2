"""The tasks of an engine: submitted, looked at, cancelled, and done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from duramen.desk import BANKS, Desk, what_of
from duramen.errors import BadInputError, BadQueryError, ChangedError, ConflictError, NotFoundError
from duramen.identity import Bank, bank_name
from duramen.portal import Portal, on_own_loop
from duramen.shelf import Change, Remove, Shelf
from duramen.tasks.content import Content
from duramen.tasks.handling import Handling
from duramen.tasks.records import (
    ENDED,
    TASKS,
    Record,
    ending,
    marks_of,
    payload_in,
    payload_place,
    read,
    records_of,
)
from duramen.tasks.submitting import known, made, submitting
from duramen.tasks.task import Handler, Task, TaskState
from duramen.tasks.worker import TaskWorker
from duramen.times import utc_now

_STATES: tuple[TaskState, ...] = get_args(TaskState)
_TRIES = 20
_LOOK_SECONDS = 0.2

Decision = Callable[[Record, Mapping[str, Any]], tuple[Record, Sequence[Change]]]


class Tasks:
    """Durable tasks: what is submitted is done once in effect, by whichever process has a handler and comes to it.

    Tasks of one bank and one type are done one after the other, in the order of `due`; of all others a few at once.
    What has ended is kept for 30 days.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._handlings: dict[str, Handling] = {}
        self._worker = TaskWorker(desk, self._handlings)

    @property
    def portal(self) -> Portal:
        """The portal of the engine."""
        return self._desk.portal

    def register(  # noqa: PLR0913  the fields of `Handling`, by name
        self,
        type: str,
        handler: Handler,
        *,
        attempts: int = 3,
        backoff_seconds: Sequence[float] = (1, 10, 60),
        lease_seconds: float = 60,
        waits: bool = False,
        drops: Sequence[str] = (),
    ) -> None:
        """Let `handler` do the tasks of `type` in this process; see `Handling`. Without one they wait for a process that has.

        Raises:
            BadInputError: The type has a handler already, or the numbers make no sense.
        """
        if type in self._handlings:
            raise BadInputError(f"Tasks of type {type!r} have a handler already.")
        self._handlings[type] = Handling(
            handler=handler,
            attempts=attempts,
            backoff_seconds=backoff_seconds,
            lease_seconds=lease_seconds,
            waits=waits,
            drops=drops,
        )
        self._worker.wake()

    @on_own_loop
    async def submit(  # noqa: PLR0913  each names a field of the task
        self,
        bank: Bank,
        type: str,
        payload: Mapping[str, Any],
        *,
        id: str | None = None,
        due: datetime | None = None,
        parent: str | None = None,
        hidden: bool = False,
        total: int | None = None,
        lane: str | None = None,
        content: Content | None = None,
    ) -> Task:
        """Keep a task for good and return it; it is begun at once or when it is `due`.

        Args:
            bank: Whose task it is.
            type: Which handler does it.
            payload: What the handler is given, of what JSON can hold.
            id: A UUID. The same type and payload under the same id is the same task: the one that is there is returned.
            due: When it may be begun; now if left out.
            parent: The id of the task that it is a part of.
            hidden: It is not listed unless asked for.
            total: How many steps it has, if that is known.
            lane: Tasks of a bank in one lane are done one after the other; the lane is named like the type if left out.
            content: What the payload holds that goes when it is forgotten.

        Raises:
            BadInputError: The id is no UUID, or the payload cannot be written as JSON.
            ConflictError: The id stands for another task of this bank.
            StoreUnavailableError: It could not be kept.
        """
        record = made(
            bank_name(bank),
            type,
            payload,
            id=id,
            due=due,
            parent=parent,
            hidden=hidden,
            total=total,
            lane=lane,
            content=content,
        )
        shelf = await self._desk.shelf()
        try:
            await shelf.write(submitting(record, payload))
        except ChangedError:
            found = await self._found(shelf, record.task.bank, record.task.id)
            if found is None or (found.task.type, found.given) != (type, record.given):
                raise ConflictError(
                    f"Task {record.task.id} of bank {record.task.bank!r} was submitted before with another type or "
                    f"payload. Give a new id for other work. Nothing was submitted."
                ) from None
            return await self._whole(shelf, found)
        self._worker.wake()
        return replace(record.task, payload=payload)

    def submission(  # noqa: PLR0913  see `submit`
        self,
        bank: Bank,
        type: str,
        payload: Mapping[str, Any],
        *,
        id: str | None = None,
        due: datetime | None = None,
        parent: str | None = None,
        hidden: bool = False,
        total: int | None = None,
        lane: str | None = None,
    ) -> Sequence[Change]:
        """Return what submits a task as a part of another transaction, which fails with `ChangedError` if the id is taken.

        Call `wake` after that transaction, or it is found within two seconds. Raises `BadInputError` like `submit`.
        """
        record = made(
            bank_name(bank), type, payload, id=id, due=due, parent=parent, hidden=hidden, total=total, lane=lane
        )
        return submitting(record, payload)

    @on_own_loop
    async def get(self, bank: Bank, id: str) -> Task | None:
        """Return the task of that id, or None."""
        shelf = await self._desk.shelf()
        record = await self._found(shelf, bank_name(bank), known(id))
        return None if record is None else await self._whole(shelf, record)

    @on_own_loop
    async def list(  # noqa: PLR0913  each is one way to choose
        self,
        bank: Bank,
        *,
        state: TaskState | None = None,
        type: str | None = None,
        parent: str | None = None,
        hidden: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[Task], int]:
        """Return tasks of `bank`, newest first, and how many there are with these properties.

        Args:
            bank: Whose tasks.
            state: Only those in this state.
            type: Only those of this type.
            parent: Only those that are a part of this task.
            hidden: Those too that are a part of the machinery.
            limit: At most this many, 1 or more.
            offset: Leave out this many first.
        """
        if limit < 1 or offset < 0:
            raise BadQueryError(f"`limit` is {limit} and `offset` {offset}. Give 1 or more, and 0 or more.")
        shelf = await self._desk.shelf()
        chosen = [
            record
            for record in await _all(shelf, bank_name(bank))
            if (hidden or not record.task.hidden)
            and state in (None, record.task.state)
            and type in (None, record.task.type)
            and (parent is None or known(parent) == record.task.parent)
        ]
        chosen.sort(key=lambda record: (record.task.created, record.task.id), reverse=True)
        page = chosen[offset : offset + limit]
        payloads = await shelf.get([payload_place(record.task.bank, record.task.id) for record in page])
        tasks = [replace(one.task, payload=payload_in(entry)) for one, entry in zip(page, payloads, strict=True)]
        return tasks, len(chosen)

    @on_own_loop
    async def counts(self, bank: Bank | None = None, *, hidden: bool = False) -> dict[TaskState, int]:
        """Return how many tasks are in each state, in one bank or in all; with `hidden` the machinery's too."""
        shelf = await self._desk.shelf()
        if bank is None:
            found = what_of(shelf, await shelf.segments((BANKS,)), TASKS)
            states = [task.state async for entry in found if not (task := read(entry).task).hidden or hidden]
        else:
            states = [one.task.state for one in await _all(shelf, bank_name(bank)) if hidden or not one.task.hidden]
        counted = Counter(states)
        return {state: counted[state] for state in _STATES}

    @on_own_loop
    async def cancel(self, bank: Bank, id: str) -> Task:
        """Cancel a task that was not begun.

        Raises:
            NotFoundError: There is none of that id.
            ConflictError: It was begun, or has ended.
        """

        def cancelled(record: Record, payload: Mapping[str, Any]) -> tuple[Record, Sequence[Change]]:
            _insist(record, {"pending"}, "be cancelled")
            now = utc_now()
            after = record.with_task(state="cancelled", updated=now, finished=now)
            return after, ending(after, payload)

        return await self._changed(bank, id, cancelled)

    @on_own_loop
    async def retry(self, bank: Bank, id: str) -> Task:
        """Let a task that failed or was cancelled be done anew, with all its attempts.

        Raises:
            NotFoundError: There is none of that id.
            ConflictError: It is in another state, or what it was given is gone.
        """

        def again(record: Record, payload: Mapping[str, Any]) -> tuple[Record, Sequence[Change]]:
            _insist(record, {"failed", "cancelled"}, "be done anew")
            if record.spent:
                raise _spent(record)
            now = utc_now()
            after = record.with_task(
                state="pending", attempts=0, updated=now, due=now, finished=None, stage="", processed=0, reason=""
            )
            return after, [after.put(), after.put_payload(payload), after.put_due(), *after.marked()]

        task = await self._changed(bank, id, again)
        self._worker.wake()
        return task

    @on_own_loop
    async def delete(self, bank: Bank, id: str) -> None:
        """Delete a task that has ended, and its payload.

        Raises:
            NotFoundError: There is none of that id.
            ConflictError: It has not ended. Cancel it first, or wait for it.
        """

        def deleted(record: Record, payload: Mapping[str, Any]) -> tuple[Record, Sequence[Change]]:
            _insist(record, ENDED, "be deleted")
            bank, id = record.task.bank, record.task.id
            places = [record.place, payload_place(bank, id), (marks_of(bank), id)]
            return record, [Remove(path=path, key=key) for path, key in places]

        await self._changed(bank, id, deleted)

    @on_own_loop
    async def wait(self, bank: Bank, id: str, *, seconds: float | None = None) -> Task:
        """Wait until a task has ended, for at most `seconds`; return it as it is then.

        Raises:
            NotFoundError: There is none of that id, or no longer.
        """
        clock = asyncio.get_running_loop().time
        deadline = None if seconds is None else clock() + seconds
        while True:
            task = await self.get(bank, id)
            if task is None:
                raise _missing(bank_name(bank), id)
            left = _LOOK_SECONDS if deadline is None else min(_LOOK_SECONDS, deadline - clock())
            if task.state in ENDED or left <= 0:
                return task
            await self._worker.ended(left)

    def wake(self) -> None:
        """Look for tasks now: a `submission` was committed. On the engine's own loop."""
        self._worker.wake()

    async def run(self) -> None:
        """Do tasks until cancelled or drained; never dies of an outage. On the engine's own loop, once."""
        await self._worker.run()

    @on_own_loop
    async def drain(self, seconds: float) -> None:
        """Begin no more tasks, finish those under way, and after `seconds` leave the rest to other processes."""
        await self._worker.drain(seconds)

    async def _changed(self, bank: Bank, id: str, decide: Decision) -> Task:
        """Change a task as `decide` says of its record and payload, as often as somebody else is quicker."""
        shelf = await self._desk.shelf()
        name = bank_name(bank)
        for left in reversed(range(_TRIES)):
            record = await self._found(shelf, name, known(id))
            if record is None:
                raise _missing(name, id)
            payload = (await self._whole(shelf, record)).payload
            after, changes = decide(record, payload)
            try:
                await shelf.write([record.expected(), *changes])
            except ChangedError:
                if not left:
                    raise
            else:
                return replace(after.task, payload=payload)
        raise AssertionError("the last try returns or raises")

    async def _found(self, shelf: Shelf, bank: str, id: str) -> Record | None:
        (entry,) = await shelf.get([(records_of(bank), id)])
        return None if entry is None else read(entry)

    async def _whole(self, shelf: Shelf, record: Record) -> Task:
        (entry,) = await shelf.get([payload_place(record.task.bank, record.task.id)])
        return replace(record.task, payload=payload_in(entry))


def _insist(record: Record, states: frozenset[str] | set[str], what: str) -> None:
    if record.task.state not in states:
        raise ConflictError(
            f"Task {record.task.id} is {record.task.state}; only one that is {' or '.join(sorted(states))} can {what}. "
            f"Nothing was changed."
        )


def _missing(bank: str, id: str) -> NotFoundError:
    return NotFoundError(f"There is no task {id!r} in bank {bank!r}, or it ended more than 30 days ago.")


def _spent(record: Record) -> ConflictError:
    return ConflictError(
        f"Task {record.task.id} cannot be done anew: what it was given was forgotten, or is not kept after its end. Send "
        f"that again."
    )


async def _all(shelf: Shelf, bank: str) -> list[Record]:
    return [read(entry) for entry in await shelf.scan(records_of(bank))]
