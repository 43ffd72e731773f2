"""What becomes of records, as those who follow a resource are told: on both stores, and over two processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from duramen import MemoryEngine
from duramen.errors import BadQueryError
from duramen.records.record import Change, Draft
from duramen.records.stream import Told
from duramen.strategies.resources import Resource, bank_of_resource, save_resource
from duramen.times import utc_now
from tests.conftest import engine

NAME = "notes-0123456789"
TEMPLATES = ("/facts/{actorId}/",)
BANK = bank_of_resource(NAME, "ada")


@pytest.fixture(params=["in memory", "sqlite"])
async def memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:" if request.param == "in memory" else tmp_path / "memory") as one:
        strategies = [{"type": "semantic", "name": "facts", "namespace": TEMPLATES[0]}]
        await save_resource(one.shelf, Resource(name=NAME, strategies=strategies))
        await one.record_stream.follow(NAME, "FULL_CONTENT")
        yield one


async def created(memory: MemoryEngine, text: str) -> str:
    (done,) = await memory.records.create(NAME, TEMPLATES, [Draft(text=text, at=utc_now(), namespace="/facts/ada/")])
    assert done.id is not None
    return done.id


async def told(memory: MemoryEngine, after: int = 0) -> list[tuple[str, str]]:
    return [(one.happened, one.id) for one in await memory.record_stream.events(NAME, after=after)]


async def test_what_is_done_by_hand_is_told_in_order(memory: MemoryEngine) -> None:
    id = await created(memory, "Ada sails.")
    await memory.records.update(NAME, TEMPLATES, [Change(id=id, at=utc_now(), text="Ada sails and rows.")])
    await memory.records.delete(NAME, [id])

    assert await told(memory) == [("created", id), ("updated", id), ("deleted", id)]
    assert [one.number for one in await memory.record_stream.events(NAME)] == [1, 2, 3]


async def test_what_strategies_do_is_told(memory: MemoryEngine) -> None:
    await memory.sessions.append(BANK, "I live in Lisbon.", actor="ada", session="s1")
    await memory.wait_idle(BANK)
    first = await memory.record_stream.events(NAME)
    await memory.forget(BANK, everything=True)
    rest = await memory.record_stream.events(NAME, after=first[-1].number)

    assert [one.happened for one in first] == ["created"]
    assert (first[0].namespace, first[0].strategy) == ("/facts/ada/", "facts")
    assert [(one.happened, one.id) for one in rest] == [("deleted", first[0].id)]


async def test_the_text_is_looked_up_and_is_gone_with_the_record(memory: MemoryEngine) -> None:
    id = await created(memory, "Ada sails.")
    (event,) = await memory.record_stream.events(NAME)
    there = await memory.record_stream.record(event)
    await memory.records.delete(NAME, [id])

    assert there is not None
    assert there.text == "Ada sails."
    assert await memory.record_stream.record(event) is None


async def test_nothing_is_told_of_what_nobody_follows(memory: MemoryEngine) -> None:
    await memory.record_stream.follow(NAME, None)
    await created(memory, "Ada sails.")

    assert await told(memory) == []
    assert await memory.record_stream.look("user:ada") == 0


async def test_who_follows_anew_is_told_of_what_is_there_and_numbers_go_on(memory: MemoryEngine) -> None:
    id = await created(memory, "Ada sails.")
    await memory.record_stream.follow(NAME, None)
    await memory.record_stream.follow(NAME, "METADATA_ONLY")
    await memory.record_stream.look(BANK)

    (event,) = await memory.record_stream.events(NAME)
    assert (event.number, event.id) == (2, id)
    assert await memory.record_stream.level(NAME) == "METADATA_ONLY"


async def test_a_bank_that_is_made_anew_has_other_records(memory: MemoryEngine) -> None:
    before = [await created(memory, f"Ada sails {number}.") for number in range(3)]
    await memory.forget(BANK, everything=True)
    after = [await created(memory, f"Ada rows {number}.") for number in range(3)]

    assert await told(memory) == [
        *(("created", id) for id in before),
        *(("deleted", id) for id in before),
        *(("created", id) for id in after),
    ]


async def test_records_created_at_once_are_told_in_their_order(memory: MemoryEngine) -> None:
    drafts = [Draft(text=f"Ada sails {number}.", at=utc_now(), namespace="/facts/ada/") for number in range(5)]
    done = await memory.records.create(NAME, TEMPLATES, drafts)

    assert await told(memory) == [("created", one.id) for one in done]


async def test_what_nobody_looked_at_is_found_by_looking_around_and_only_once(memory: MemoryEngine) -> None:
    await memory.record_stream.follow(NAME, None)
    first, second = await created(memory, "Ada sails."), await created(memory, "Ada rows.")
    await memory.record_stream.follow(NAME, "FULL_CONTENT")

    found = [await memory.record_stream.look_around() for _ in range(2)]

    assert found == [2, 0]
    assert sorted(await told(memory)) == sorted([("created", first), ("created", second)])


async def test_what_expired_is_told_by_looking_around(memory: MemoryEngine) -> None:
    soon = Draft(text="Ada sails.", at=utc_now(), namespace="/facts/ada/", lifetime=timedelta(seconds=0.5))
    (done,) = await memory.records.create(NAME, TEMPLATES, [soon])
    assert done.id is not None

    while ("deleted", done.id) not in await told(memory):
        await memory.record_stream.look_around()
        await asyncio.sleep(0.05)

    assert await told(memory) == [("created", done.id), ("deleted", done.id)]


async def test_a_level_that_is_none_is_refused(memory: MemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="METADATA_ONLY"):
        await memory.record_stream.follow(NAME, "EVERYTHING")  # type: ignore[arg-type]  # what is being shown


async def test_two_engines_tell_each_change_once_under_numbers_of_their_own(tmp_path: Path) -> None:
    async with engine(tmp_path / "memory") as one, engine(tmp_path / "memory") as other:
        await save_resource(one.shelf, Resource(name=NAME))
        await one.record_stream.follow(NAME, "FULL_CONTENT")
        ids = await asyncio.gather(
            *(created(memory, f"Ada sails {number}.") for number in range(8) for memory in (one, other))
        )
        await asyncio.gather(*(memory.record_stream.look(BANK) for memory in (one, other)))
        events: list[Told] = await other.record_stream.events(NAME)

    assert sorted(event.id for event in events) == sorted(ids)
    assert [event.number for event in events] == list(range(1, 17))
