from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.errors import StoreUnavailableError
from duramen.shelf import Change, Entry, Expect, Place, Put, Shelf
from duramen.stores.in_memory import InMemoryStore
from duramen.tasks import CancelledTaskError, PermanentError, Report, Task, Tasks
from duramen.times import utc_now
from tests.conftest import engine
from tests.tasks.workers import BANK, COUNTERS, Holding, Noting, desk_of, until, working


@pytest.fixture
def tasks(memory: MemoryEngine) -> Tasks:
    return Tasks(desk_of(memory))


async def test_a_task_is_done_and_keeps_its_result(tasks: Tasks) -> None:
    handler = Noting()
    tasks.register("note", handler)

    async with working(tasks):
        done = await tasks.wait(BANK, (await tasks.submit(BANK, "note", {"n": 1})).id)

    assert (done.state, done.result, done.attempts, done.payload) == ("completed", {"attempt": 1}, 1, {"n": 1})
    assert done.finished is not None
    assert done.finished >= done.created
    assert handler.seen == [{"n": 1}]


async def test_nothing_is_left_in_the_queue_of_what_was_done(tasks: Tasks, memory: MemoryEngine) -> None:
    tasks.register("note", Noting(ValueError("once")), backoff_seconds=(0,))

    async with working(tasks):
        await tasks.wait(BANK, (await tasks.submit(BANK, "note", {})).id)

    assert await memory.shelf.scan(("duramen.due",)) == []
    assert {path[-1] for path in await memory.shelf.paths(("duramen.banks",))} == {"tasks", "task_payloads"}


async def test_what_was_submitted_before_is_found_by_who_comes_later(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        task = await Tasks(desk_of(memory)).submit(BANK, "note", {"n": 1})
    handler = Noting()

    async with engine(tmp_path) as memory:
        later = Tasks(desk_of(memory))
        later.register("note", handler)
        async with working(later):
            assert (await later.wait(BANK, task.id)).state == "completed"

    assert handler.seen == [{"n": 1}]


async def test_a_failure_is_tried_again_and_the_last_one_is_kept(tasks: Tasks) -> None:
    handler = Noting(ValueError("first"), ValueError("second"), ValueError("third"))
    tasks.register("note", handler, attempts=3, backoff_seconds=(0, 0.01))

    async with working(tasks):
        failed = await tasks.wait(BANK, (await tasks.submit(BANK, "note", {})).id)

    assert (failed.state, failed.attempts, failed.reason) == ("failed", 3, "ValueError: third")
    assert len(handler.seen) == 3


async def test_between_attempts_a_task_is_pending_and_says_why(tasks: Tasks) -> None:
    handler = Noting(ValueError("once"))
    tasks.register("note", handler, backoff_seconds=(3600,))

    async with working(tasks):
        task = await tasks.submit(BANK, "note", {})
        while not (known := await tasks.get(BANK, task.id)) or not known.reason:
            await tasks.wait(BANK, task.id, seconds=0.01)

    assert (known.state, known.reason, known.attempts) == ("pending", "ValueError: once", 1)
    assert known.due > utc_now() + timedelta(seconds=3000)
    assert len(handler.seen) == 1


@pytest.mark.parametrize("failure", [PermanentError("never"), RecursionError("deep")])
async def test_only_a_permanent_error_gives_up_at_once(tasks: Tasks, failure: Exception) -> None:
    handler = Noting(failure)
    tasks.register("note", handler, backoff_seconds=(0,))

    async with working(tasks):
        ended = await tasks.wait(BANK, (await tasks.submit(BANK, "note", {})).id)

    permanent = isinstance(failure, PermanentError)
    assert (ended.state, ended.attempts) == (("failed", 1) if permanent else ("completed", 2))


async def test_a_handler_that_exits_or_cancels_itself_has_failed(tasks: Tasks) -> None:
    async def exits(task: Task, report: Report) -> Mapping[str, Any]:
        raise SystemExit(3)

    async def cancels(task: Task, report: Report) -> Mapping[str, Any]:
        raise asyncio.CancelledError

    tasks.register("exits", exits, attempts=1)
    tasks.register("cancels", cancels, attempts=1)

    async with working(tasks):
        exited = await tasks.wait(BANK, (await tasks.submit(BANK, "exits", {})).id)
        cancelled = await tasks.wait(BANK, (await tasks.submit(BANK, "cancels", {})).id)

    assert (exited.state, cancelled.state) == ("failed", "failed")
    assert "end the process" in exited.reason


async def test_a_result_that_is_no_json_fails_the_task_at_once(tasks: Tasks) -> None:
    async def odd(task: Task, report: Report) -> Mapping[str, Any]:
        return {"what": object()}

    tasks.register("odd", odd)

    async with working(tasks):
        failed = await tasks.wait(BANK, (await tasks.submit(BANK, "odd", {})).id)

    assert (failed.state, failed.attempts) == ("failed", 1)
    assert "JSON" in failed.reason


async def test_a_task_is_not_begun_before_it_is_due(tasks: Tasks) -> None:
    handler = Noting()
    tasks.register("note", handler)

    async with working(tasks):
        soon = await tasks.submit(BANK, "note", {"n": "soon"}, due=utc_now() + timedelta(seconds=0.2))
        await tasks.submit(BANK, "note", {"n": "late"}, due=utc_now() + timedelta(hours=1))
        await tasks.submit(BANK, "note", {"n": "now"}, due=utc_now() - timedelta(days=30_000))
        done = await tasks.wait(BANK, soon.id)

    assert [payload["n"] for payload in handler.seen] == ["now", "soon"]
    assert done.finished is not None
    assert done.finished >= soon.due


async def test_tasks_of_one_bank_and_type_are_done_one_after_the_other_in_order(tasks: Tasks) -> None:
    handler = Holding()
    tasks.register("hold", handler)
    async with working(tasks):
        made = [await tasks.submit(BANK, "hold", {"name": str(n)}) for n in range(4)]
        await handler.until_begun(["0"])
        handler.release(tasks)
        for task in made:
            await tasks.wait(BANK, task.id)

    assert handler.begun == handler.ended == ["0", "1", "2", "3"]
    assert handler.most == 1


async def test_other_banks_do_not_wait_behind_a_long_queue(tasks: Tasks) -> None:
    held, noted = Holding(), Noting()
    tasks.register("hold", held)
    tasks.register("note", noted)
    for n in range(230):
        await tasks.submit(BANK, "hold", {"name": str(n)})
    behind = await tasks.submit("user:bob", "note", {})

    async with working(tasks):
        assert (await tasks.wait("user:bob", behind.id)).state == "completed"
        assert held.begun == ["0"]
        held.release(tasks)
        await tasks.drain(10)


async def test_four_tasks_are_done_at_once_and_eight_that_wait_for_others(tasks: Tasks) -> None:
    working_ones, waiting_ones = Holding(), Holding()
    tasks.register("work", working_ones)
    tasks.register("wait", waiting_ones, waits=True)
    made = [
        (await tasks.submit(f"bank {n}", type, {"name": f"bank {n}"})) for n in range(10) for type in ("work", "wait")
    ]

    async with working(tasks):
        await until(lambda: (len(working_ones.begun), len(waiting_ones.begun)) == (4, 8))
        working_ones.release(tasks)
        waiting_ones.release(tasks)
        ended = [await tasks.wait(task.bank, task.id) for task in made]

    assert {task.state for task in ended} == {"completed"}
    assert (working_ones.most, waiting_ones.most) == (4, 8)


async def test_what_nobody_knows_holds_nothing_up(tasks: Tasks) -> None:
    tasks.register("note", Noting())
    unknown = await tasks.submit(BANK, "of a newer version", {})

    async with working(tasks):
        done = await tasks.wait(BANK, (await tasks.submit(BANK, "note", {})).id)

    assert done.state == "completed"
    assert await tasks.get(BANK, unknown.id) == unknown


async def test_a_damaged_record_holds_nothing_up(
    tasks: Tasks, memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    tasks.register("note", Noting())
    damaged = await tasks.submit(BANK, "note", {})
    await memory.shelf.write([Put(path=("duramen.banks", BANK, "tasks"), key=damaged.id, value=b"{")])

    async with working(tasks):
        done = await tasks.wait("user:bob", (await tasks.submit("user:bob", "note", {})).id)

    assert done.state == "completed"
    assert damaged.id in caplog.text


async def test_progress_is_seen_from_outside(tasks: Tasks) -> None:
    go_on = asyncio.Event()

    async def tells(task: Task, report: Report) -> Mapping[str, Any]:
        await report.progress("reading", 1, 2)
        await report.progress("writing", 2)
        await go_on.wait()
        return {}

    tasks.register("tell", tells)

    async def let_go() -> None:
        go_on.set()

    async with working(tasks):
        task = await tasks.submit(BANK, "tell", {"n": 1})
        while (known := await tasks.wait(BANK, task.id, seconds=0.01)).stage != "writing":
            pass
        tasks.portal.call(let_go())
        done = await tasks.wait(BANK, task.id)

    assert (known.state, known.processed, known.total, known.payload) == ("processing", 2, 2, {"n": 1})
    assert (done.state, done.stage, done.processed) == ("completed", "writing", 2)


class Counting:
    """A handler that increments a counter in the transaction that completes its task, and then may fail."""

    def __init__(self, memory: MemoryEngine, failure: Exception | None = None) -> None:
        self._shelf = memory.shelf
        self._failure = failure

    async def __call__(self, task: Task, report: Report) -> Mapping[str, Any]:
        await report.progress("counting")
        (entry,) = await self._shelf.get([(COUNTERS, task.id)])
        before = None if entry is None else entry.value
        after = str(int(before or b"0") + 1).encode()
        await self._shelf.write(
            [
                Expect(path=COUNTERS, key=task.id, value=before),
                Put(path=COUNTERS, key=task.id, value=after),
                *report.finishing({"counted": int(after)}),
            ]
        )
        if self._failure is not None:
            raise self._failure
        return {"never": "kept"}


@pytest.mark.parametrize("failure", [None, ValueError("afterwards")])
async def test_a_handlers_own_transaction_completes_its_task(
    tasks: Tasks, memory: MemoryEngine, failure: Exception | None
) -> None:
    tasks.register("count", Counting(memory, failure), backoff_seconds=(0,))

    async with working(tasks):
        done = await tasks.wait(BANK, (await tasks.submit(BANK, "count", {})).id)
        await tasks.wait(BANK, (await tasks.submit(BANK, "count", {"next": 1})).id)

    assert (done.state, done.result, done.attempts) == ("completed", {"counted": 1}, 1)
    assert [entry.value for entry in await memory.shelf.scan(COUNTERS)] == [b"1", b"1"]


async def test_a_task_whose_bank_is_deleted_is_stopped_and_leaves_nothing(tasks: Tasks, memory: MemoryEngine) -> None:
    handler = Holding()
    tasks.register("hold", handler, lease_seconds=1.0)
    async with working(tasks):
        await tasks.submit(BANK, "hold", {"name": "begun"})
        await tasks.submit(BANK, "hold", {"name": "waiting"})
        await handler.until_begun(["begun"])

        await memory.forget(BANK, everything=True)

        await until(lambda: handler.stopped == ["begun"])
        await until_none_is_due(memory)
    assert handler.begun == ["begun"]
    assert await memory.shelf.scan(("duramen.banks",), below=True) == []
    assert (await tasks.list(BANK))[1] == 0


async def until_none_is_due(memory: MemoryEngine) -> None:
    while await memory.shelf.scan(("duramen.due",)):  # noqa: ASYNC110  the worker of another loop tells nobody
        await asyncio.sleep(0.01)


class Clock:
    """Tells a time that can be moved ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


async def test_a_task_is_begun_again_when_its_lease_runs_out_and_the_first_worker_cannot_end_it() -> None:
    clock, held, told = Clock(), asyncio.Event(), list[str]()

    async def stalls(task: Task, report: Report) -> Mapping[str, Any]:
        begun.set()
        await held.wait()
        told.append(await _refusal(report))
        return {"by": "the first"}

    async def quick(task: Task, report: Report) -> Mapping[str, Any]:
        return {"by": "the second"}

    async with engine(InMemoryStore(clock=clock)) as memory:
        first, second = Tasks(desk_of(memory)), Tasks(desk_of(memory))
        first.register("work", stalls)
        second.register("work", quick)
        begun = asyncio.Event()
        async with working(first):
            task = await first.submit(BANK, "work", {})
            await until(begun.is_set)
            async with working(second):
                assert (await second.wait(BANK, task.id, seconds=0.2)).state == "processing"
                clock.ahead = timedelta(seconds=61)
                done = await second.wait(BANK, task.id)
            memory.portal.call(_set(held))
            await until(lambda: bool(told))
            after = await first.get(BANK, task.id)

    assert (done.state, done.result, done.attempts) == ("completed", {"by": "the second"}, 2)
    assert after == done
    assert told == ["no longer this worker's"]


async def _refusal(report: Report) -> str:
    try:
        await report.progress("further")
    except CancelledTaskError as error:
        return "no longer this worker's" if "no longer this worker's" in str(error) else str(error)
    return "accepted"


async def _set(event: asyncio.Event) -> None:
    event.set()


async def test_a_lease_is_renewed_for_as_long_as_the_work_takes(memory: MemoryEngine) -> None:
    first, second = Tasks(desk_of(memory)), Tasks(desk_of(memory))
    handler, other = Holding(), Noting()
    first.register("hold", handler, lease_seconds=1.5)
    second.register("hold", other)

    async with working(first):
        task = await first.submit(BANK, "hold", {"name": "long"})
        await handler.until_begun(["long"])
        async with working(second):
            waited = await second.wait(BANK, task.id, seconds=2.5)
            handler.release(first)
            done = await second.wait(BANK, task.id)

    assert waited.state == "processing"
    assert (done.state, done.attempts) == ("completed", 1)
    assert other.seen == []


async def test_a_task_at_which_one_process_after_the_other_died_is_given_up() -> None:
    clock = Clock()
    async with engine(InMemoryStore(clock=clock)) as memory:
        task = await Tasks(desk_of(memory)).submit(BANK, "hold", {"name": "deadly"})
        workers = [Tasks(desk_of(memory)) for _ in range(3)]
        handlers = [Holding() for _ in workers]
        running = []
        for worker, handler in zip(workers, handlers, strict=True):
            worker.register("hold", handler, attempts=2)
            running.append(memory.portal.submit(worker.run()))
            if handler is not handlers[-1]:
                await handler.until_begun(["deadly"])
                clock.ahead += timedelta(seconds=61)  # as if the process were gone, and did not renew its lease
        ended = await workers[-1].wait(BANK, task.id)
        for worker in workers:
            await worker.drain(0)

    assert (ended.state, ended.attempts) == ("failed", 2)
    assert "begun 2 times" in ended.reason
    assert handlers[-1].begun == []
    assert all(one.done() for one in running)


async def test_draining_finishes_what_is_begun_and_begins_nothing_more(tasks: Tasks) -> None:
    handler = Holding()
    tasks.register("hold", handler)
    running = tasks.portal.submit(tasks.run())
    begun = await tasks.submit(BANK, "hold", {"name": "begun"})
    waiting = await tasks.submit(BANK, "hold", {"name": "waiting"})
    await handler.until_begun(["begun"])

    draining = tasks.portal.submit(tasks.drain(20))  # begun before the handler is released, both on the engine's loop
    handler.release(tasks)
    await asyncio.wrap_future(draining)
    await asyncio.wrap_future(running)

    first, second = await tasks.get(BANK, begun.id), await tasks.get(BANK, waiting.id)
    assert first is not None
    assert second is not None
    assert (first.state, second.state) == ("completed", "pending")


@pytest.mark.parametrize("way", ["drained", "cancelled"])
async def test_what_cannot_be_finished_in_time_is_left_to_others_at_once(memory: MemoryEngine, way: str) -> None:
    tasks, others = Tasks(desk_of(memory)), Tasks(desk_of(memory))
    handler, noted = Holding(), Noting()
    tasks.register("hold", handler)
    others.register("hold", noted)
    running = tasks.portal.submit(tasks.run())
    task = await tasks.submit(BANK, "hold", {"name": "long"})
    await handler.until_begun(["long"])

    if way == "drained":
        await tasks.drain(0.05)
        await asyncio.wrap_future(running)
    else:
        running.cancel()
        await until(lambda: handler.stopped == ["long"])
    async with working(others):
        done = await others.wait(BANK, task.id)

    assert handler.stopped == ["long"]
    assert (done.state, done.attempts) == ("completed", 1)


class Outage(InMemoryStore):
    """Has a shelf that can be taken away and given back."""

    def __init__(self) -> None:
        super().__init__()
        self.breakable = BreakableShelf(super().shelf)

    @property
    def shelf(self) -> Shelf:
        return self.breakable


class BreakableShelf:
    """Another shelf, while it is not `down`."""

    def __init__(self, sound: Shelf) -> None:
        self.down = False
        self._sound = sound

    async def write(self, changes: Sequence[Change]) -> None:
        self._check()
        await self._sound.write(changes)

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        self._check()
        return await self._sound.get(places)

    async def scan(
        self,
        path: tuple[str, ...],
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        self._check()
        return await self._sound.scan(path, below=below, after=after, reverse=reverse, limit=limit)

    async def paths(self, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        self._check()
        return await self._sound.paths(path)

    async def segments(self, path: tuple[str, ...], *, prefix: str = "") -> list[str]:
        self._check()
        return await self._sound.segments(path, prefix=prefix)

    async def across(self, path: tuple[str, ...], segments: Collection[str], rest: tuple[str, ...] = ()) -> list[Entry]:
        self._check()
        return await self._sound.across(path, segments, rest)

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailableError("The store is down, for the sake of a test.")


async def test_an_outage_is_waited_out(caplog: pytest.LogCaptureFixture) -> None:
    store, handler = Outage(), Holding()
    async with engine(store) as memory:
        tasks = Tasks(desk_of(memory))
        tasks.register("hold", handler)
        async with working(tasks):
            begun = await tasks.submit(BANK, "hold", {"name": "begun"})
            waiting = await tasks.submit(BANK, "hold", {"name": "waiting"})
            await handler.until_begun(["begun"])
            store.breakable.down = True
            handler.release(tasks)
            await until(lambda: "cannot be written yet" in caplog.text)
            tasks.portal.call(_wake(tasks))
            await until(lambda: "could not be looked for" in caplog.text)
            store.breakable.down = False
            ended = [await tasks.wait(BANK, task.id) for task in (begun, waiting)]

    assert [(task.state, task.attempts) for task in ended] == [("completed", 1)] * 2


async def _wake(tasks: Tasks) -> None:
    tasks.wake()
