"""Records that several processes change at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from duramen import HashingEmbedder, MemoryEngine
from duramen.records import Change, Done, Where
from tests.conftest import engine
from tests.records.test_records import ALL, MARCH, TEMPLATES, R, created, draft, texts


class Interrupted(HashingEmbedder):
    """Lets something be done the next time that it embeds, which is between what is read and what is written."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().embed(texts)


@pytest.fixture
def embedder() -> Interrupted:
    return Interrupted()


@pytest.fixture
async def here(tmp_path: Path, embedder: Interrupted) -> AsyncIterator[MemoryEngine]:
    async with engine(tmp_path / "memory", embedder=embedder) as memory:
        yield memory


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[MemoryEngine]:
    async with engine(tmp_path / "memory") as memory:
        yield memory


async def changed(memory: MemoryEngine, id: str, **to: str) -> list[Done]:
    return await memory.records.update(R, TEMPLATES, [Change(id=id, at=MARCH, **to)])  # type: ignore[arg-type]  # all text


@pytest.mark.parametrize("namespace", [None, "/facts/ada/old/", "/facts/bob/", "/policies/"])
async def test_a_change_brings_nothing_back_that_was_deleted_meanwhile(
    here: MemoryEngine, there: MemoryEngine, embedder: Interrupted, namespace: str | None
) -> None:
    (id,) = await created(here, draft("Ada plays chess."))

    embedder.meanwhile = lambda: there.records.delete(R, [id])
    to = {} if namespace is None else {"namespace": namespace}
    (done,) = await changed(here, id, text="Ada plays go.", **to)

    assert done.error is not None
    for memory in (here, there):
        assert await memory.records.get(R, id) is None
        assert await texts(memory) == []


async def test_a_change_overwrites_nothing_that_was_changed_meanwhile(
    here: MemoryEngine, there: MemoryEngine, embedder: Interrupted
) -> None:
    (id, other) = await created(here, draft("Ada plays chess."), draft("Ada sings."))

    embedder.meanwhile = lambda: changed(there, id, namespace="/summaries/ada/s1/")
    changes = [Change(id=other, at=MARCH, text="Ada hums."), Change(id=id, at=MARCH, text="Ada plays go.")]
    done = await here.records.update(R, TEMPLATES, changes)

    assert done == [Done(other), Done(id)]
    record = await there.records.get(R, id)
    assert record is not None
    assert (record.text, record.namespace) == ("Ada plays go.", "/summaries/ada/s1/")
    assert sorted(await texts(here)) == ["Ada hums.", "Ada plays go."]


async def test_two_who_file_one_record_with_other_actors_leave_it_in_one_place(
    here: MemoryEngine, there: MemoryEngine, embedder: Interrupted
) -> None:
    (id,) = await created(here, draft("Ada plays chess."))

    embedder.meanwhile = lambda: changed(there, id, namespace="/facts/bob/")
    assert await changed(here, id, namespace="/facts/cy/") == [Done(id)]

    record = await there.records.get(R, id)
    assert record is not None
    assert record.namespace == "/facts/cy/"
    assert await texts(there) == ["Ada plays chess."]
    assert await texts(here, Where(path="/facts/bob/")) == await texts(here, Where(path="/facts/ada/")) == []


async def test_what_an_actor_is_forgotten_with_does_not_come_back(
    here: MemoryEngine, there: MemoryEngine, embedder: Interrupted
) -> None:
    (id,) = await created(here, draft("Ada plays chess."))
    record = await here.records.get(R, id)
    assert record is not None

    embedder.meanwhile = lambda: there.forget("resource:notes-0123456789:actor:ada", actor="ada")
    (done,) = await changed(here, id, text="Ada plays go.")

    assert done.error is not None
    assert await texts(there) == []


async def test_what_was_deleted_is_gone_whoever_files_it_elsewhere_at_once(
    here: MemoryEngine, there: MemoryEngine
) -> None:
    ids = await created(here, *(draft(f"Ada has {n} coins.") for n in range(12)))

    async def move(id: str) -> None:
        for actor in ("bob", "cy", "ada"):
            await changed(here, id, namespace=f"/facts/{actor}/")

    async def delete(place: int, id: str) -> list[Done]:
        await asyncio.sleep(place / 500)
        return await there.records.delete(R, [id])

    both = [pair for place, id in enumerate(ids) for pair in (move(id), delete(place, id))]
    deleted = [done for done in await asyncio.gather(*both) if done is not None]

    assert deleted == [[Done(id)] for id in ids]
    assert await texts(here, ALL) == await texts(there, ALL) == []
