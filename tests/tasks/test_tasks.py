from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.errors import BadInputError, ChangedError, ConflictError, NotFoundError
from duramen.shelf import Expect, Put
from duramen.tasks import PermanentError, Tasks
from duramen.times import utc_now
from tests.tasks.workers import BANK, COUNTERS, Noting, desk_of, working

ID = "7c3b6a52-1d1e-4f55-9d0c-2b8c56a7f001"


@pytest.fixture
def tasks(memory: MemoryEngine) -> Tasks:
    return Tasks(desk_of(memory))


async def test_a_task_comes_back_as_it_was_submitted(tasks: Tasks) -> None:
    parent = await tasks.submit(BANK, "note", {})
    due = utc_now() + timedelta(hours=1)

    task = await tasks.submit(BANK, "note", {"a": [1, None, "ü"]}, due=due, parent=parent.id, hidden=True, total=3)

    assert await tasks.get(BANK, task.id) == task
    assert (task.bank, task.type, task.payload, task.state) == (BANK, "note", {"a": [1, None, "ü"]}, "pending")
    assert (task.due, task.parent, task.hidden, task.total, task.attempts) == (due, parent.id, True, 3, 0)
    assert task.created == task.updated
    assert task.finished is None


async def test_the_same_task_submitted_twice_is_one(tasks: Tasks) -> None:
    first = await tasks.submit(BANK, "note", {"a": 1, "b": 2}, id=ID)

    again = await tasks.submit(BANK, "note", {"b": 2, "a": 1}, id=ID.upper())

    assert again == first
    assert (await tasks.list(BANK))[1] == 1


@pytest.mark.parametrize(("type", "payload"), [("note", {"a": 2}), ("other", {"a": 1})])
async def test_an_id_stands_for_one_task_only(tasks: Tasks, type: str, payload: dict[str, int]) -> None:
    first = await tasks.submit(BANK, "note", {"a": 1}, id=ID)

    with pytest.raises(ConflictError, match="submitted before"):
        await tasks.submit(BANK, type, payload, id=ID)

    assert await tasks.get(BANK, ID) == first


async def test_banks_do_not_see_each_others_tasks(tasks: Tasks) -> None:
    task = await tasks.submit(BANK, "note", {"a": 1}, id=ID)
    other = await tasks.submit("user:bob", "note", {"a": 2}, id=ID)

    assert await tasks.get("user:eve", ID) is None
    assert await tasks.get("user:bob", ID) == other
    assert (await tasks.list(BANK))[0] == [task]


async def test_a_completed_task_is_not_done_again_when_it_is_submitted_again(tasks: Tasks) -> None:
    handler = Noting()
    tasks.register("note", handler, drops=("said",))
    async with working(tasks):
        await tasks.submit(BANK, "note", {"said": "a secret", "n": 1}, id=ID)
        done = await tasks.wait(BANK, ID)

        again = await tasks.submit(BANK, "note", {"said": "a secret", "n": 1}, id=ID)

    assert again == done
    assert handler.seen == [{"said": "a secret", "n": 1}]
    assert done.payload == {"n": 1}


@pytest.mark.parametrize("id", ["", "1", "not-a-uuid", 7, b"x"])
async def test_an_id_must_be_a_uuid(tasks: Tasks, id: Any) -> None:
    with pytest.raises(BadInputError, match="UUID"):
        await tasks.submit(BANK, "note", {}, id=id)

    assert await tasks.get(BANK, id) is None


@pytest.mark.parametrize("payload", [{"a": object()}, {"a": float("nan")}, {"a": b"x"}])
async def test_a_payload_must_be_json(tasks: Tasks, payload: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match="JSON"):
        await tasks.submit(BANK, "note", payload)

    assert (await tasks.list(BANK))[1] == 0


async def test_a_type_has_one_handler(tasks: Tasks) -> None:
    tasks.register("note", Noting())

    with pytest.raises(BadInputError, match="a handler already"):
        tasks.register("note", Noting())
    with pytest.raises(BadInputError, match="attempt"):
        tasks.register("other", Noting(), attempts=0)


async def test_a_submission_rides_in_another_transaction(tasks: Tasks, memory: MemoryEngine) -> None:
    changes = tasks.submission(BANK, "note", {"a": 1}, id=ID)
    await memory.shelf.write([Put(path=COUNTERS, key="k", value=b"1"), *changes])

    wrong = Expect(path=COUNTERS, key="k", value=b"2")
    with pytest.raises(ChangedError):
        await memory.shelf.write([wrong, *tasks.submission(BANK, "note", {"a": 2})])
    with pytest.raises(ChangedError):
        await memory.shelf.write([Put(path=COUNTERS, key="k", value=b"3"), *changes])

    listed, total = await tasks.list(BANK)
    assert ([task.id for task in listed], total) == ([ID], 1)
    assert [entry.value for entry in await memory.shelf.scan(COUNTERS)] == [b"1"]


async def test_tasks_are_listed_newest_first_with_their_number(tasks: Tasks) -> None:
    made = [await tasks.submit(BANK, "note", {"n": n}) for n in range(5)]

    first, total = await tasks.list(BANK, limit=2)
    rest, _ = await tasks.list(BANK, limit=10, offset=2)

    assert total == 5
    assert first + rest == made[::-1]
    with pytest.raises(BadInputError):
        await tasks.list(BANK, limit=0)


async def test_tasks_are_listed_by_what_they_are(tasks: Tasks) -> None:
    parent = await tasks.submit(BANK, "import", {})
    child = await tasks.submit(BANK, "note", {}, parent=parent.id)
    hidden = await tasks.submit(BANK, "note", {"h": 1}, hidden=True)
    cancelled = await tasks.cancel(BANK, (await tasks.submit(BANK, "note", {"c": 1})).id)

    async def ids(**chosen: Any) -> set[str]:
        listed, total = await tasks.list(BANK, **chosen)
        assert total == len(listed)
        return {task.id for task in listed}

    assert await ids() == {parent.id, child.id, cancelled.id}
    assert await ids(hidden=True) == {parent.id, child.id, cancelled.id, hidden.id}
    assert await ids(type="import") == {parent.id}
    assert await ids(parent=parent.id.upper()) == {child.id}
    assert await ids(parent="nonsense") == set()
    assert await ids(state="cancelled") == {cancelled.id}
    assert await ids(state="pending", type="note") == {child.id}


async def test_tasks_are_counted_by_state_in_one_bank_and_in_all(tasks: Tasks) -> None:
    await tasks.submit(BANK, "note", {})
    await tasks.submit(BANK, "note", {"h": 1}, hidden=True)
    await tasks.cancel("b/é", (await tasks.submit("b/é", "note", {})).id)

    none = {"pending": 0, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0}
    assert await tasks.counts(BANK) == {**none, "pending": 1}
    assert await tasks.counts(BANK, hidden=True) == {**none, "pending": 2}
    assert await tasks.counts() == {**none, "pending": 1, "cancelled": 1}
    assert await tasks.counts("nobody") == none


async def test_tasks_of_many_banks_are_counted_each_once(tasks: Tasks, memory: MemoryEngine) -> None:
    banks = [f"user:{n}" for n in range(1001)]
    await memory.shelf.write([change for bank in banks for change in tasks.submission(bank, "note", {})])

    assert (await tasks.counts())["pending"] == len(banks)


async def test_only_a_pending_task_can_be_cancelled_and_then_it_is_not_done(tasks: Tasks) -> None:
    handler = Noting()
    tasks.register("note", handler)
    task = await tasks.submit(BANK, "note", {"n": 1})

    cancelled = await tasks.cancel(BANK, task.id)

    assert (cancelled.state, cancelled.payload) == ("cancelled", {"n": 1})
    assert cancelled.finished is not None
    with pytest.raises(ConflictError, match="cancelled"):
        await tasks.cancel(BANK, task.id)
    async with working(tasks):
        await tasks.wait(BANK, (await tasks.submit(BANK, "note", {"n": 2})).id)
    assert handler.seen == [{"n": 2}]


async def test_a_failed_task_is_done_anew_with_all_its_attempts(tasks: Tasks) -> None:
    handler = Noting(PermanentError("no"), ValueError("once"))
    tasks.register("note", handler, backoff_seconds=(0,))
    async with working(tasks):
        task = await tasks.submit(BANK, "note", {"n": 1})
        failed = await tasks.wait(BANK, task.id)
        with pytest.raises(ConflictError, match="pending"):
            await tasks.cancel(BANK, task.id)

        again = await tasks.retry(BANK, task.id)
        done = await tasks.wait(BANK, task.id)

    assert (failed.state, failed.reason, failed.attempts) == ("failed", "PermanentError: no", 1)
    assert (again.state, again.attempts, again.reason, again.finished) == ("pending", 0, "", None)
    assert (done.state, done.attempts, done.result, done.reason) == ("completed", 2, {"attempt": 2}, "")
    with pytest.raises(ConflictError, match="completed"):
        await tasks.retry(BANK, task.id)


async def test_only_what_has_ended_can_be_deleted(tasks: Tasks, memory: MemoryEngine) -> None:
    task = await tasks.submit(BANK, "note", {"said": "a secret"})
    with pytest.raises(ConflictError, match="pending"):
        await tasks.delete(BANK, task.id)

    await tasks.cancel(BANK, task.id)
    await tasks.delete(BANK, task.id)

    assert await tasks.get(BANK, task.id) is None
    assert await memory.shelf.scan(("duramen.banks",), below=True) == []
    assert await memory.shelf.scan(("duramen.due",)) == []


async def test_what_is_not_there_is_not_found(tasks: Tasks) -> None:
    unknown = str(uuid.uuid4())

    for verb in (tasks.cancel, tasks.retry, tasks.delete, tasks.wait):
        with pytest.raises(NotFoundError, match=unknown):
            await verb(BANK, unknown)
    with pytest.raises(NotFoundError):
        await tasks.cancel(BANK, "no uuid")


async def test_waiting_for_a_while_returns_the_task_as_it_is(tasks: Tasks) -> None:
    task = await tasks.submit(BANK, "nobody does this", {})

    assert await tasks.wait(BANK, task.id, seconds=0.05) == task
    assert await tasks.wait(BANK, task.id, seconds=0) == task


async def test_what_has_ended_is_kept_for_thirty_days(tasks: Tasks, memory: MemoryEngine) -> None:
    task = await tasks.submit(BANK, "note", {})
    pending = await memory.shelf.scan(("duramen.banks",), below=True)
    await tasks.cancel(BANK, task.id)

    ended = await memory.shelf.scan(("duramen.banks",), below=True)

    assert [entry.lifetime for entry in pending] == [None, None]
    assert [entry.lifetime for entry in ended] == [30 * 86_400.0] * 2
