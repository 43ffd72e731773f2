"""When a strategy begins, what it is given, and what is kept of what it makes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.language_models.scripted import ScriptedModel
from duramen.strategies import Candidate, CustomStrategy, Made, Trigger, Work
from duramen.types import Event, Message
from tests.conftest import engine
from tests.simple_strategies import BRISK, Seen, later, made, notes, texts

ADA = "user:ada"
MANY = 10_000


def chat(*said: str) -> list[Message]:
    return [{"role": "user", "content": text} for text in said]


async def told(memory: MemoryEngine, *said: str, **options: Any) -> None:
    """Retain one thing after the other in one session."""
    start = len((await memory.events(ADA)).items)
    for place, text in enumerate(said, start):
        given = {"session": "s", "actor": "ada", "occurred": later(place), **options}
        await memory.retain(ADA, text, key=f"k{place}", wait=True, **given)


async def test_it_begins_with_so_many_messages(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=Trigger(messages=3))]) as memory:
        await told(memory, "One.", "Two.")
        before = seen.texts
        await told(memory, "Three.", "Four.")

    assert before == []
    assert seen.texts == [["One.", "Two.", "Three."]]


async def test_messages_are_counted_by_session(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=Trigger(messages=2))]) as memory:
        for text, session in (("One.", "a"), ("Other.", "b"), ("Two.", "a")):
            await told(memory, text, session=session)

    assert seen.texts == [["One.", "Two."]]


async def test_it_begins_with_so_many_tokens(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=Trigger(messages=MANY, tokens=12))]) as memory:
        await told(memory, "A few words.")
        before = seen.texts
        await told(memory, "And now there are enough of them to begin with.")

    assert before == []
    assert seen.texts == [["A few words.", "And now there are enough of them to begin with."]]


async def test_it_begins_when_nothing_came_for_a_while(address: str) -> None:
    seen = Seen()
    strategy = notes(seen, trigger=Trigger(messages=MANY, idle_seconds=0.3))
    async with engine(address, strategies=[strategy], pace=BRISK) as memory:
        await told(memory, "One.")
        for _ in range(1000):
            if seen.works:
                break
            await asyncio.sleep(0.01)

    (work,) = seen.works
    assert work.now - work.events[0].mentioned >= timedelta(seconds=0.3)


async def test_it_begins_with_as_many_as_are_ever_given_together(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=Trigger(messages=MANY))]) as memory:
        await memory.retain(ADA, chat(*(f"Message {number}." for number in range(70))), session="s", wait=True)
        left = await memory.wait_idle(ADA)

    assert [len(one) for one in seen.texts] == [64]
    assert (left.pending, left.waiting) == (0, 6)


async def test_what_is_left_comes_again_with_what_follows(address: str) -> None:
    seen = Seen("One.")
    async with engine(address, strategies=[notes(seen)]) as memory:
        await told(memory, "One.", "Two.", "Three.")
        jobs = {job.key: job.state for job in (await memory.jobs(ADA)).items}

    assert seen.texts == [["One."], ["One.", "Two."], ["One.", "Three."]]
    assert jobs == {"k0": "pending", "k1": "done", "k2": "done"}


async def test_what_is_left_comes_again_when_nothing_follows(address: str) -> None:
    class Once(Seen):
        def __call__(self, work: Work) -> Made:
            done = super().__call__(work)
            return done if len(self.works) == 1 else Made()

    seen = Once("One.")
    strategy = notes(seen, trigger=Trigger(idle_seconds=0.2))
    async with engine(address, strategies=[strategy], pace=BRISK) as memory:
        await told(memory, "One.")
        for _ in range(1000):
            if len(seen.works) > 1:
                break
            await asyncio.sleep(0.01)
        left = await memory.wait_idle(ADA)

    assert seen.texts == [["One."], ["One."]]
    assert (left.pending, left.waiting) == (0, 0)


async def test_by_event_each_comes_alone_with_those_before_it(address: str) -> None:
    seen = Seen()
    strategy = notes(seen, unit="event", trigger=Trigger(history=2))
    async with engine(address, strategies=[strategy]) as memory:
        await memory.retain(ADA, chat("One.", "Two.", "Three.", "Four."), session="s", wait=True)

    assert seen.texts == [["One."], ["Two."], ["Three."], ["Four."]]
    assert [[event.content for event in work.history] for work in seen.works] == [
        [],
        ["One."],
        ["One.", "Two."],
        ["Two.", "Three."],
    ]


async def test_what_came_before_in_the_session_is_shown_beside(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=Trigger(history=2))]) as memory:
        await told(memory, "Elsewhere.", session="other")
        await told(memory, "One.", "Two.", "Three.", "Four.")

    assert [event.content for event in seen.works[-1].history] == ["Two.", "Three."]
    assert [event.content for event in seen.works[1].history] == []


@pytest.mark.parametrize(("trigger", "session"), [(Trigger(history=0), "s"), (Trigger(history=4), None)])
async def test_without_a_session_or_a_wish_for_it_nothing_is_shown_beside(
    address: str, trigger: Trigger, session: str | None
) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=trigger)]) as memory:
        await told(memory, "One.", "Two.", session=session)

    assert [work.history for work in seen.works] == [(), ()]


async def test_what_comes_late_stands_where_it_was_said(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, trigger=Trigger(messages=3))]) as memory:
        for text, minute in (("Second.", 2), ("Third.", 3), ("First.", 1)):
            await memory.retain(ADA, text, session="s", occurred=later(minute), wait=True)
        await memory.retain(ADA, "Later still.", session="s", occurred=later(2.5), wait=True)
        await memory.wait_idle(ADA, finish=True)

    assert seen.texts == [["First.", "Second.", "Third."], ["Later still."]]
    assert [event.content for event in seen.works[1].history] == ["First.", "Second."]


async def test_a_strategy_is_told_whose_and_where_it_is(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen, namespace="/{topic}/{actorId}/{sessionId}/")]) as memory:
        await told(memory, "One.", metadata={"topic": "bees", "other": "x"}, document="d1")

    (work,) = seen.works
    assert (work.bank, work.strategy, work.actor, work.session, work.document) == (ADA, "notes", "ada", "s", "d1")
    assert work.namespace == "/bees/ada/s/"
    assert work.variables == {"memoryStrategyId": "notes", "actorId": "ada", "sessionId": "s", "topic": "bees"}
    assert work.model is None


async def test_the_time_of_the_work_is_that_of_the_conversation(address: str) -> None:
    seen = Seen()
    strategies = [notes(seen, trigger=Trigger(messages=MANY, idle_seconds=600))]
    async with engine(address, strategies=strategies) as memory:
        await told(memory, "One.", "Two.")
        await memory.wait_idle(ADA, finish=True)

    (work,) = seen.works
    assert work.now - later(1) > timedelta(seconds=600)
    assert work.now - later(1) < timedelta(seconds=900)


async def test_the_model_of_the_engine_is_lent_and_one_of_its_own_comes_first(address: str) -> None:
    seen = Seen()
    own = ScriptedModel([{"topics": []}], name="own")
    minutes = CustomStrategy(base="summary", name="minutes", model=own, trigger=Trigger(messages=1))
    async with engine(address, strategies=[notes(seen), minutes], model=ScriptedModel(name="engine's")) as memory:
        await told(memory, "I have sold the boat to Grace.")

    assert seen.works[0].model is not None
    assert seen.works[0].model.name == "engine's"
    assert len(own.prompts) == 1


def _of(event: Event, **parts: Any) -> Candidate:
    return Candidate(**{"text": event.content, "kind": "fact", "sources": (event.id,), "mentioned": later(0), **parts})


async def test_a_candidate_without_source_or_text_is_dropped_and_noted(address: str) -> None:
    def function(work: Work) -> Made:
        first = work.events[0]
        return Made(candidates=[_of(first), _of(first, text="No source.", sources=()), _of(first, text=" \n")])

    async with engine(address, strategies=[notes(function)]) as memory:
        await told(memory, "Ada keeps bees.")

        (job,) = (await memory.jobs(ADA)).items
        assert await texts(memory) == ["Ada keeps bees."]
    assert job.reason == "2 candidates without source or text"


async def test_what_was_unusual_is_noted_once_in_the_jobs_and_counted(address: str) -> None:
    def function(work: Work) -> Made:
        return Made(notes=["the moon was full", "the moon was full", "x" * 3000], fallbacks=2)

    async with engine(address, strategies=[notes(function)]) as memory:
        await told(memory, "Ada keeps bees.")

        (job,) = (await memory.jobs(ADA)).items
        status = await memory.status()

    assert (job.state, job.reason.count("the moon was full"), len(job.reason)) == ("done", 1, 2000)
    assert status.turns.fallbacks == 2


async def test_a_candidate_may_be_filed_elsewhere_and_has_the_tags_of_its_sources(address: str) -> None:
    def function(work: Work) -> list[Candidate]:
        first, second = work.events
        both = (first.id, second.id)
        return [_of(first), _of(second, text="Both of them.", sources=both, namespace="/elsewhere/", details={"n": 2})]

    strategy = notes(function, trigger=Trigger(messages=2), merges=False)
    async with engine(address, strategies=[strategy]) as memory:
        await told(memory, "Ada keeps bees.", tags=["b", "a"])
        await told(memory, "Grace has a van.", tags=["c"])

        one, both = await made(memory)

    assert (one.namespace, one.tags) == ("/strategies/notes/actors/ada/", ("a", "b"))
    assert (both.namespace, both.tags, both.details) == ("/elsewhere/", ("a", "b", "c"), {"n": 2})
    assert (one.bank, one.actor, one.session, one.kind) == (ADA, "ada", "s", "fact")
    assert one.event == one.sources[0]
    assert one.tokens > 0


async def test_names_are_found_in_what_strategies_make(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, "Yesterday Grace Hopper met Tomas.")

        (one,) = await made(memory)

    assert {"Grace Hopper", "Tomas"} <= set(one.entities)
