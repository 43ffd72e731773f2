from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.desk import BANKS
from duramen.documents import Source
from duramen.errors import ChangedError, ConflictError, NotFoundError
from duramen.shelf import Put
from duramen.tasks import PermanentError, Report, Task, TaskState
from duramen.tasks.content import About, Content
from duramen.tasks.copies import copies_of, unforgotten
from tests.tasks.workers import BANK, Noting, until

SECRET = "Ada keeps her key below the third stone"
OTHER = "Bob plays the cello"
THEN = datetime(2024, 5, 1, tzinfo=timezone.utc)
LAST = datetime.max.replace(tzinfo=timezone.utc)

ABOUT = About(document="home", session="s1", actor="ada", first=THEN, last=THEN)
UPLOAD = (BANKS, BANK, "sent", "a")

Forget = Callable[[MemoryEngine], Awaitable[object]]


def by(**selection: Any) -> Forget:
    return lambda memory: memory.forget(BANK, **selection)


WHAT_FITS = {
    "document": by(document="home"),
    "deleted document": lambda memory: memory.documents.delete(BANK, "home"),
    "session": by(session="s1"),
    "deleted session": lambda memory: memory.sessions.delete_session(BANK, "ada", "s1"),
    "deleted actor": lambda memory: memory.sessions.delete_actor(BANK, "ada"),
    "actor": by(actor="ada"),
    "before": by(before=THEN + timedelta(seconds=1)),
    "all": by(before=LAST),
    "everything": by(everything=True),
}
WHAT_CANNOT_BE_TOLD = {"memory": by(memory="m"), "key": by(key="k")}
WHAT_FITS_OTHERS = {
    "document": by(document="work"),
    "session": by(session="s2", actor="ada"),
    "actor": by(actor="bob"),
    "before": by(before=THEN),
}


def each(ways: Mapping[str, Forget]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("forget", ways.values(), ids=ways.keys())


async def submitted(memory: MemoryEngine, *texts: tuple[str, About]) -> Task:
    payload = {"items": [text for text, _ in texts], "n": 1}
    content = Content(name="items", of=[about for _, about in texts])
    return await memory.tasks.submit(BANK, "keep", payload, content=content, total=len(texts))


async def ended(memory: MemoryEngine, state: TaskState, *texts: tuple[str, About]) -> Task:
    """Submit a task, and let it end so."""
    if state == "cancelled":
        return await memory.tasks.cancel(BANK, (await submitted(memory, *texts)).id)
    memory.tasks.register("keep", Noting(PermanentError(f"it says {SECRET!r}")))
    return await memory.tasks.wait(BANK, (await submitted(memory, *texts)).id)


async def left_of(memory: MemoryEngine, text: str) -> list[Any]:
    entries = await memory.shelf.scan((BANKS,), below=True)
    return [entry.place for entry in entries if text.encode() in entry.value]


@each(WHAT_FITS)
async def test_what_is_forgotten_is_not_kept_by_a_task_any_more(memory: MemoryEngine, forget: Forget) -> None:
    task = await submitted(memory, (SECRET, ABOUT))
    handler = Noting()

    await forget(memory)
    memory.tasks.register("keep", handler)
    after = await submitted(memory, (OTHER, ABOUT))
    await memory.tasks.wait(BANK, after.id)

    assert [seen["items"] for seen in handler.seen] == [[OTHER]]
    assert await left_of(memory, SECRET) == []
    found = await memory.tasks.get(BANK, task.id)
    assert found is None or (found.state, found.reason, found.payload) == ("cancelled", "forgotten", {"n": 1})


@each(WHAT_FITS_OTHERS | WHAT_CANNOT_BE_TOLD)
async def test_a_task_that_is_still_to_keep_something_else_stays(memory: MemoryEngine, forget: Forget) -> None:
    task = await submitted(memory, (SECRET, ABOUT))

    await forget(memory)

    assert await memory.tasks.get(BANK, task.id) == task


async def test_only_the_texts_go_that_are_forgotten(memory: MemoryEngine) -> None:
    other = About(document="work", first=THEN, last=THEN)
    task = await submitted(memory, (OTHER, other), (SECRET, ABOUT), (OTHER, other))
    handler = Noting()

    await memory.forget(BANK, document="home")
    memory.tasks.register("keep", handler)
    done = await memory.tasks.wait(BANK, task.id)

    assert handler.seen == [{"items": [OTHER, OTHER], "n": 1}]
    assert (done.state, done.total) == ("completed", 2)
    assert await left_of(memory, SECRET) == []


@pytest.mark.parametrize("state", ["failed", "cancelled"])
@each(WHAT_FITS | WHAT_CANNOT_BE_TOLD)
async def test_a_task_that_ended_holds_nothing_that_is_forgotten(
    memory: MemoryEngine, forget: Forget, state: TaskState
) -> None:
    task = await ended(memory, state, (SECRET, ABOUT))

    await forget(memory)

    assert await left_of(memory, SECRET) == []
    found = await memory.tasks.get(BANK, task.id)
    if found is not None:
        assert (found.state, found.reason, found.finished) == (state, "forgotten", task.finished)
        with pytest.raises(ConflictError, match="Send that again"):
            await memory.tasks.retry(BANK, task.id)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
@each(WHAT_FITS_OTHERS)
async def test_a_task_that_ended_can_be_done_anew_when_something_else_was_forgotten(
    memory: MemoryEngine, forget: Forget, state: TaskState
) -> None:
    task = await ended(memory, state, (SECRET, ABOUT))

    await forget(memory)
    again = await memory.tasks.retry(BANK, task.id)

    assert again.payload == {"items": [SECRET], "n": 1}


async def test_a_task_that_failed_is_done_anew_with_what_is_left(memory: MemoryEngine) -> None:
    other = About(document="work", first=THEN, last=THEN)
    task = await ended(memory, "failed", (SECRET, ABOUT), (OTHER, other))

    await memory.forget(BANK, document="home")

    assert await left_of(memory, SECRET) == []
    await memory.tasks.retry(BANK, task.id)
    done = await memory.tasks.wait(BANK, task.id)
    assert (done.state, done.payload) == ("completed", {"n": 1})


async def test_what_is_done_anew_can_still_be_forgotten(memory: MemoryEngine) -> None:
    task = await ended(memory, "cancelled", (SECRET, ABOUT))
    await memory.tasks.retry(BANK, task.id)

    await memory.forget(BANK, document="home")

    found = await memory.tasks.get(BANK, task.id)
    assert found is not None
    assert (found.state, found.payload) == ("cancelled", {"n": 1})


class Keeping:
    """A handler that keeps what it is given in its last transaction, and waits before it to be told to."""

    def __init__(self, memory: MemoryEngine) -> None:
        self._memory = memory
        self.go_on = asyncio.Event()
        self.begun: list[list[str]] = []

    async def __call__(self, task: Task, report: Report) -> Mapping[str, Any]:
        texts = task.payload["items"]
        self.begun.append(texts)
        if len(self.begun) == 1:
            await self.go_on.wait()
        puts = [Put(path=("kept",), key=text, value=b"") for text in texts]
        await self._memory.shelf.write([*puts, *report.finishing({})])
        return {}

    def release(self) -> None:
        async def release() -> None:
            self.go_on.set()

        self._memory.portal.call(release())


@pytest.mark.parametrize("left", [[], [OTHER]])
async def test_what_is_forgotten_while_it_is_to_be_kept_is_not_kept(memory: MemoryEngine, left: list[str]) -> None:
    other = About(document="work", first=THEN, last=THEN)
    handler = Keeping(memory)
    memory.tasks.register("keep", handler)
    task = await submitted(memory, (SECRET, ABOUT), *((text, other) for text in left))
    await until(lambda: bool(handler.begun))

    await memory.forget(BANK, document="home")
    handler.release()
    done = await memory.tasks.wait(BANK, task.id)
    follower = await memory.tasks.wait(BANK, (await submitted(memory, ("x", other))).id)

    assert (done.state, follower.state) == ("completed" if left else "cancelled", "completed")
    assert [entry.key for entry in await memory.shelf.scan(("kept",))] == [*left, "x"]


@pytest.mark.parametrize("way", ["completed", "failed", "cancelled", "forgotten"])
async def test_what_was_sent_goes_however_its_task_ends(memory: MemoryEngine, way: str) -> None:
    await memory.shelf.write([Put(path=UPLOAD, key="0", value=SECRET.encode())])
    task = await memory.tasks.submit(BANK, "take in", {"key": "a"}, content=Content(uploads=[UPLOAD]))

    if way == "cancelled":
        await memory.tasks.cancel(BANK, task.id)
    elif way == "forgotten":
        await memory.forget(BANK, before=LAST)
    else:
        memory.tasks.register("take in", Noting(*([PermanentError("no")] if way == "failed" else [])))
    done = await memory.tasks.wait(BANK, task.id)

    assert done.state == ("cancelled" if way == "forgotten" else way)
    assert await left_of(memory, SECRET) == []
    with pytest.raises(ConflictError):
        await memory.tasks.retry(BANK, task.id)


async def test_what_was_sent_stays_while_something_is_forgotten_that_it_need_not_hold(memory: MemoryEngine) -> None:
    await memory.shelf.write([Put(path=UPLOAD, key="0", value=OTHER.encode())])
    await memory.tasks.submit(BANK, "take in", {"key": "a"}, content=Content(uploads=[UPLOAD]))

    await memory.forget(BANK, document="home")

    assert await left_of(memory, OTHER) == [(UPLOAD, "0")]


@each(WHAT_FITS | WHAT_CANNOT_BE_TOLD | WHAT_FITS_OTHERS)
async def test_copies_of_a_bank_go_with_whatever_is_forgotten(memory: MemoryEngine, forget: Forget) -> None:
    await memory.documents.retain(BANK, [Source(content=SECRET, document="home", actor="ada", session="s1")])
    holds = await unforgotten(memory.shelf, BANK)
    copy = Put(path=(*copies_of(BANK), "a"), key="0", value=b"a copy")
    await memory.shelf.write([holds, copy])

    await forget(memory)

    assert await left_of(memory, "a copy") == []
    with pytest.raises(ChangedError):
        await memory.shelf.write([holds, copy])


async def test_copies_of_other_banks_stay(memory: MemoryEngine) -> None:
    holds = await unforgotten(memory.shelf, "user:bob")

    await memory.forget(BANK, everything=True)
    await memory.forget(BANK, document="home")

    await memory.shelf.write([holds])
    assert await unforgotten(memory.shelf, "user:bob") == holds


async def test_no_copy_is_begun_of_a_bank_that_is_gone(memory: MemoryEngine) -> None:
    holds = await unforgotten(memory.shelf, BANK)
    await memory.forget(BANK, everything=True)

    with pytest.raises(ChangedError):
        await unforgotten(memory.shelf, BANK, [holds])

    assert await memory.shelf.scan((BANKS, BANK), below=True) == []


async def test_a_document_that_is_still_to_be_kept_can_be_deleted_once(memory: MemoryEngine) -> None:
    await submitted(memory, (SECRET, ABOUT))

    assert await memory.documents.delete(BANK, "home") == 0

    with pytest.raises(NotFoundError):
        await memory.documents.delete(BANK, "home")


async def test_a_session_that_is_deleted_takes_its_documents_along(memory: MemoryEngine) -> None:
    source = Source(content=SECRET, document="home", actor="ada", session="s1")
    await memory.documents.retain(BANK, [source], wait=True)

    await memory.sessions.delete_session(BANK, "ada", "s1")

    assert await memory.documents.get(BANK, "home") is None
    assert await left_of(memory, "third stone") == []


async def test_what_is_kept_piece_by_piece_ends_when_it_is_forgotten(memory: MemoryEngine) -> None:
    kept: list[str] = []
    refused: list[Exception] = []

    async def keep(task: Task, report: Report) -> Mapping[str, Any]:
        for n in range(1_000):
            try:
                await memory.shelf.write(report.holding())
            except ChangedError as error:
                refused.append(error)
                raise
            kept.append(str(n))
            await until(lambda: bool(forgotten) or len(kept) < 3)
        return {}

    forgotten: list[bool] = []
    memory.tasks.register("keep", keep)
    task = await memory.tasks.submit(BANK, "keep", {}, content=Content())
    await until(lambda: len(kept) == 3)

    await memory.forget(BANK, before=LAST)
    forgotten.append(True)
    await until(lambda: bool(refused))

    found = await memory.tasks.get(BANK, task.id)
    assert found is not None
    assert (kept, found.state) == (["0", "1", "2"], "cancelled")
