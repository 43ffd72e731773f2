"""Consolidation by request, and what can be done with observations."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from duramen import Item, MemoryEngine
from duramen.errors import BadInputError, NotFoundError
from duramen.observations import Observations
from duramen.profiles import Profiles
from duramen.shelf import Change, Put
from duramen.strategies import FunctionStrategy, ObservationStrategy, Trigger
from duramen.strategies.observation_scopes import SCOPES
from duramen.tasks import Tasks
from duramen.types import Memory
from tests.conftest import engine
from tests.simple_strategies import BRISK, notes

ADA = "user:ada"
SAID = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)


async def retained(memory: MemoryEngine, *said: str, tags: Sequence[str] = (), wait: bool = True) -> None:
    for day, content in enumerate(said):
        item = Item(content=content, key=content, occurred=SAID + timedelta(days=day), actor="Ada", tags=tags)
        await memory.retain(ADA, [item], wait=wait)


async def texts(memory: MemoryEngine) -> list[str]:
    await memory.wait_idle(ADA)
    return [one.text for one in await observed(memory)]


async def observed(memory: MemoryEngine) -> list[Memory]:
    return list((await memory.memories(ADA, kinds=["observation"])).items)


async def by_request(memory: MemoryEngine) -> None:
    await Profiles(memory._desk).save(ADA, config={"enable_auto_consolidation": False})


async def test_a_consolidation_does_what_waits_to_be_asked_for(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations, tasks = memory.observations, memory.tasks
        await by_request(memory)
        await retained(memory, "I live in Lisbon.", "I own a boat.")
        before = await texts(memory)

        task = await observations.consolidate(ADA)
        done = await tasks.wait(ADA, task.id, seconds=20)

        assert (before, await texts(memory)) == ([], ["Ada lives in Lisbon.", "Ada owns a boat."])
        assert (done.type, done.state, done.processed, done.total) == ("consolidation", "completed", 2, 2)
        assert done.result == {
            "processed": 2, "failed": 0, "waiting": 0, "created": 2, "updated": 0, "deleted": 0,
        }  # fmt: skip


async def test_what_comes_after_a_consolidation_waits_again(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations, tasks = memory.observations, memory.tasks
        await by_request(memory)
        await tasks.wait(ADA, (await observations.consolidate(ADA)).id, seconds=20)
        await retained(memory, "I live in Lisbon.")

        assert await texts(memory) == []


async def test_it_waits_for_no_more_messages_and_leaves_other_strategies_alone(address: str) -> None:
    lazy = Trigger(messages=9)
    strategies = [ObservationStrategy(trigger=lazy), notes(trigger=lazy)]
    async with engine(address, strategies=strategies) as memory:
        observations, tasks = memory.observations, memory.tasks
        await retained(memory, "I live in Lisbon.")

        await tasks.wait(ADA, (await observations.consolidate(ADA)).id, seconds=20)

        assert [one.strategy for one in (await memory.memories(ADA, namespace="/")).items] == ["observation"]


async def test_one_that_was_not_begun_is_not_asked_for_twice(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations = memory.observations
        await memory.tasks.drain(5.0)

        first = await observations.consolidate(ADA)
        again = await observations.consolidate(ADA, id=str(uuid4()))
        other = await observations.consolidate(ADA, scopes=[["home"]])

    assert first.id == again.id != other.id


async def test_events_may_be_counted_by_scope(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations, tasks = memory.observations, memory.tasks
        await by_request(memory)
        await retained(memory, "I live in Lisbon.", tags=["home"])
        await retained(memory, "I own a boat.", tags=["home", "sea"])
        await retained(memory, "I like tea.")

        task = await observations.consolidate(ADA, scopes=[["home", "sea"], ["work"]])
        done = await tasks.wait(ADA, task.id, seconds=20)

        assert (done.result["processed"], done.result["created"]) == (1, 3)


async def test_what_fails_is_counted_and_can_be_tried_again(address: str) -> None:
    async with engine(address, strategies=["observation"], pace=replace(BRISK, attempts=1)) as memory:
        observations, tasks = memory.observations, memory.tasks
        await by_request(memory)
        await memory.retain(ADA, [Item(content="I live in Lisbon.", metadata={SCOPES: "nowhere"})], wait=True)

        done = await tasks.wait(ADA, (await observations.consolidate(ADA)).id, seconds=20)

        assert (done.result["failed"], done.result["created"]) == (1, 0)
        assert await observations.recover(ADA) == 1


async def test_others_are_told_and_follow(address: str) -> None:
    followed: list[str] = []

    async def after(bank: str) -> None:
        followed.append(bank)

    async def firing(
        bank: str, event: str, data: Mapping[str, Any], *, operation: str | None = None, status: str = "completed"
    ) -> Sequence[Change]:
        return [Put(path=("told", bank, event), key=str(operation), value=repr(sorted(data.items())).encode())]

    async with engine(address, strategies=["observation"]) as memory:
        await by_request(memory)
        await memory.tasks.drain(5.0)
        tasks = Tasks(memory._desk)
        observations = Observations(memory._desk, tasks, firing=firing, after=[after])
        running = memory.portal.submit(tasks.run())
        await retained(memory, "I live in Lisbon.")

        task = await observations.consolidate(ADA)
        await tasks.wait(ADA, task.id, seconds=20)
        (told,) = await memory.shelf.scan(("told", ADA, "consolidation.completed"))
        await tasks.drain(5.0)
        await asyncio.wrap_future(running)

    assert followed == [ADA]
    assert (told.key, b"('observations_created', 1)" in told.value) == (task.id, True)


async def test_a_mental_model_may_follow(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        trigger = {"refresh_after_consolidation": True, "fact_types": ["observation"]}
        model, task = await memory.mental_models.create(ADA, "Home", "Where does Ada live?", trigger=trigger)
        await memory.tasks.wait(ADA, task.id, seconds=20)
        await retained(memory, "I live in Lisbon.")

        await memory.tasks.wait(ADA, (await memory.observations.consolidate(ADA)).id, seconds=20)
        (refresh, _), _ = await memory.tasks.list(ADA, type="refresh_mental_model")
        await memory.tasks.wait(ADA, refresh.id, seconds=20)

        assert (await memory.mental_models.get(ADA, model.id)).content == "2026-03-02: Ada lives in Lisbon."


async def test_scopes_are_counted_with_their_tags(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations = memory.observations
        await retained(memory, "I live in Lisbon.", "I own a boat.", tags=["home"])
        await retained(memory, "I like tea.")
        await retained(memory, "I sold my boat.", tags=["home"])

        scopes = await observations.scopes(ADA)
        none = await observations.scopes("user:bob")
        current = [one for one in await observed(memory) if one.superseded is None and one.tags]

    assert scopes == [((), 1), (("home",), len(current))]
    assert none == []


async def test_the_sources_of_an_observation_are_what_was_said(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations = memory.observations
        for day in range(2):
            said = Item(content="I live in Lisbon.", key=f"k{day}", occurred=SAID + timedelta(days=day), actor="Ada")
            await memory.retain(ADA, [said], wait=True)
        (one,) = await observed(memory)

        sources = await observations.sources(ADA, one.id)
        own = await observations.sources(ADA, sources[0].id)

    assert [(source.key, source.text) for source in sources] == [
        ("k0", "I live in Lisbon."),
        ("k1", "I live in Lisbon."),
    ]
    assert own == sources[:1]


async def test_clearing_takes_all_and_they_come_back(address: str) -> None:
    async with engine(address, strategies=["observation", "semantic"]) as memory:
        observations = memory.observations
        await retained(memory, "I live in Lisbon.", "I own a boat.")
        facts = await memory.memories(ADA, strategy="semantic")
        before = await texts(memory)

        cleared = await observations.clear(ADA)

        assert (cleared, await texts(memory)) == (2, before)
        assert (await memory.memories(ADA, strategy="semantic")).items == facts.items
        assert await observations.clear("user:bob") == 0


async def test_what_a_strategy_observed_that_is_no_more_is_cleared_for_good(address: str) -> None:
    gone = FunctionStrategy(name="gone", function=lambda work: ["Ada is here."], kind="observation")
    async with engine(address, strategies=[gone]) as memory:
        await retained(memory, "I live in Lisbon.")
        memory._parts.book._own, memory._parts.book._code = (), {}
        observations = memory.observations

        assert (await observations.clear(ADA), await texts(memory)) == (1, [])


async def test_clearing_those_of_a_memory_leaves_the_others(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations = memory.observations
        await by_request(memory)
        await retained(memory, "I live in Lisbon.", "I own a boat.")
        await memory.wait_idle(ADA, finish=True)
        (said,) = (await memory.memories(ADA, key="I own a boat.")).items

        cleared = await observations.clear_of(ADA, said.id)
        left = await texts(memory)
        await memory.wait_idle(ADA, finish=True)

        assert (cleared, left) == (1, ["Ada lives in Lisbon."])
        assert await texts(memory) == ["Ada lives in Lisbon.", "Ada owns a boat."]


async def test_what_is_not_there_is_not_found(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        observations = memory.observations

        with pytest.raises(NotFoundError):
            await observations.sources(ADA, "nothing")
        with pytest.raises(NotFoundError):
            await observations.clear_of(ADA, "nothing")
        with pytest.raises(BadInputError, match="no list of tags"):
            await observations.consolidate(ADA, scopes=["home"])
