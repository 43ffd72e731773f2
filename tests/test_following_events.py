"""What becomes of what strategies made when its events are forgotten, replaced, made anew or expire."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from duramen import HashingEmbedder, Item, MemoryEngine
from duramen.strategies import Candidate, Work
from duramen.times import utc_now
from duramen.types import Message
from tests.conftest import engine
from tests.simple_strategies import BRISK, Seen, later, made, noted, notes, texts

ADA = "user:ada"


def together(work: Work) -> Candidate:
    """Make one fact of all events."""
    return Candidate(
        text=" ".join(event.content for event in work.events),
        kind="fact",
        sources=tuple(event.id for event in work.events),
        mentioned=work.events[-1].mentioned,
    )


def chat(*said: str) -> list[Message]:
    return [{"role": "user", "content": text} for text in said]


async def test_what_is_forgotten_takes_what_strategies_made_of_it(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", key="bees", wait=True)
        await memory.retain(ADA, "Grace has a van.", key="van", wait=True)

        forgotten = await memory.forget(ADA, key="bees")
        recall = await memory.recall(ADA, "Who keeps bees?", namespaces="/")

        assert forgotten.memories == 2
        assert await texts(memory) == ["Grace has a van."]
        assert [one.text for one in (await memory.revisions(ADA)).items] == ["Grace has a van."]
        assert [one.key for one in (await memory.jobs(ADA)).items] == ["van"]
        assert "bees" not in recall.text


async def test_what_is_left_of_its_sources_is_thought_over_anew(address: str) -> None:
    async with engine(address, strategies=[notes(together)]) as memory:
        await memory.retain(ADA, chat("One.", "Two.", "Three."), key="k", session="s", wait=True)
        before = await texts(memory)
        (two,) = [event for event in (await memory.events(ADA)).items if event.content == "Two."]
        (word,) = [one for one in (await memory.memories(ADA, strategy="")).items if one.event == two.id]

        await memory.forget(ADA, memory=word.id)
        at_once = await texts(memory)
        await memory.wait_idle(ADA)

        assert (before, at_once) == (["One. Two. Three."], [])
        assert await texts(memory) == ["One. Three."]


async def test_what_a_forgotten_event_superseded_holds_again(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada lives in Porto.", key="a", occurred=later(0), actor="ada", wait=True)
        await memory.retain(ADA, "Ada lives in Lisbon.", key="b", occurred=later(1), actor="ada", wait=True)
        (before,) = [one for one in await made(memory) if one.superseded is not None]

        await memory.forget(ADA, key="b")

        (after,) = await made(memory)
        assert before.text == after.text == "Ada lives in Porto."
        assert after.superseded is None


async def test_a_memory_of_a_strategy_can_be_forgotten_alone(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)
        (one,) = await made(memory)

        await memory.forget(ADA, memory=one.id)
        await memory.wait_idle(ADA)

        assert await texts(memory) == []
        assert [event.content for event in (await memory.events(ADA)).items] == ["Ada keeps bees."]
        assert (await memory.recall(ADA, "Who keeps bees?")).hits != ()


async def test_a_replaced_item_is_thought_over_anew(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", key="k", wait=True)

        await memory.retain(ADA, "Ada keeps goats.", key="k", wait=True)

        assert await texts(memory) == ["Ada keeps goats."]


async def test_a_repeated_item_is_not_thought_over_again(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen)]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", key="k", wait=True)

        await memory.retain(ADA, "Ada keeps bees.", key="k", wait=True)

    assert seen.texts == [["Ada keeps bees."]]


async def test_a_shortened_item_loses_what_was_made_of_its_end(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, chat("Ada keeps bees.", "Grace has a van."), key="k", wait=True)
        before = await texts(memory)

        await memory.retain(ADA, chat("Ada keeps bees."), key="k", wait=True)

        assert before == ["Ada keeps bees.", "Grace has a van."]
        assert await texts(memory) == ["Ada keeps bees."]


async def test_a_forgotten_bank_keeps_nothing_of_what_strategies_did(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

        await memory.forget(ADA, everything=True)

        assert (await memory.jobs(ADA)).items == ()
        assert (await memory.revisions(ADA)).items == ()
        assert await texts(memory) == []
        assert (await memory.status()).jobs == 0


async def test_embedding_anew_keeps_what_strategies_made(tmp_path: Path) -> None:
    async with engine(tmp_path / "memory", strategies=[notes()]) as memory:
        await memory.retain(ADA, chat("Ada keeps bees.", "Grace has a van."), key="k", wait=True)
        before = await made(memory)

    async with engine(tmp_path / "memory", embedder=HashingEmbedder(64), strategies=[notes()]) as memory:
        await memory.reembed(ADA)
        recall = await memory.recall(ADA, "Who keeps bees?", namespaces="/", limit=1)
        beside = await memory.recall(ADA, "Grace has a van.", limit=1)

        assert [one.text for one in await made(memory)] == [one.text for one in before]
        assert [one.sources for one in await made(memory)] == [one.sources for one in before]
        assert [hit.memory.text for hit in recall.hits] == ["Ada keeps bees."]
        assert [hit.memory.text for hit in beside.hits] == ["Grace has a van."]
        assert {job.state for job in (await memory.jobs(ADA)).items} == {"done"}


async def _gone(memory: MemoryEngine) -> None:
    for _ in range(1000):
        if not (await memory.events(ADA)).items:
            return
        await asyncio.sleep(0.01)


async def test_an_event_that_has_expired_is_gone_and_what_strategies_made_of_it_stays(tmp_path: Path) -> None:
    async with engine(tmp_path / "memory", strategies=[notes()], pace=BRISK) as memory:
        expiring = Item(content="Ada keeps bees.", key="k", expires=utc_now() + timedelta(seconds=0.5))
        await memory.retain(ADA, [expiring], wait=True)
        before = await memory.recall(ADA, "Who keeps bees?")
    await asyncio.sleep(0.5)

    async with engine(tmp_path / "memory", strategies=[notes()], pace=BRISK) as memory:
        await memory.open()
        await _gone(memory)
        said = await memory.recall(ADA, "Who keeps bees?", made=0)
        both = await memory.recall(ADA, "Who keeps bees?")

        assert (await memory.events(ADA)).items == ()
        assert await texts(memory) == ["Ada keeps bees."]
        assert len(before.hits) == 1
        assert said.hits == ()
        assert [hit.memory.text for hit in both.made] == ["Ada keeps bees."]
        assert "Ada keeps bees." in both.text


async def test_an_event_that_expired_before_it_was_retained_is_worked_through_first(address: str) -> None:
    async with engine(address, strategies=[notes()], pace=BRISK) as memory:
        await memory.retain(ADA, [Item(content="Ada keeps bees.", expires=utc_now() - timedelta(days=1))], wait=True)

        assert await texts(memory) == ["Ada keeps bees."]


async def test_two_engines_on_one_directory_work_everything_through_exactly_once(tmp_path: Path) -> None:
    counts: dict[str, int] = {}

    def count(work: Work) -> list[Candidate]:
        for event in work.events:
            counts[event.id] = counts.get(event.id, 0) + 1
        return noted(work)

    async with (
        engine(tmp_path / "memory", strategies=[notes(count, merges=False)], pace=BRISK) as one,
        engine(tmp_path / "memory", strategies=[notes(count, merges=False)], pace=BRISK) as other,
    ):
        said = [f"Number {number} of session {session}." for session in range(4) for number in range(10)]
        await asyncio.gather(
            *(
                (one if place % 2 else other).retain(ADA, text, session=str(place // 10), key=f"k{place}")
                for place, text in enumerate(said)
            )
        )
        await asyncio.gather(one.wait_idle(ADA), other.wait_idle(ADA))

        assert sorted(await texts(one)) == sorted(said)
        assert [revised.decision for revised in (await other.revisions(ADA)).items] == ["add"] * len(said)
        assert {job.state for job in (await other.jobs(ADA)).items} == {"done"}
    assert set(counts.values()) == {1}
