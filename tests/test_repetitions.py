"""What strategies keep of a life in which people repeat themselves, change their minds and are misunderstood."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from duramen import MemoryEngine
from duramen.types import Memory
from tests.conftest import engine

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)
TALK = (
    ("user", "Hi, I'm Nora. I live in Ghent with my two cats."),
    ("assistant", "Nice to meet you, Nora!"),
    ("user", "I prefer short answers, please, and I never eat meat."),
    ("user", "My brother Piet works at the harbour."),
    ("user", "Could you find me a vegetarian recipe with leeks?"),
    ("assistant", "I found one: leek and potato pie. I sent it to your inbox."),
    ("user", "Perfect, that's exactly what I needed. Thanks, bye!"),
)


async def lived(memory: MemoryEngine, times: int) -> dict[int, Counter[str]]:
    """Have the same conversation again and again, a session a week; count what there is after each."""
    counts = {}
    for week in range(times):
        begin = BEGIN + timedelta(weeks=week)
        said = [
            {"role": role, "content": text, "timestamp": begin + timedelta(seconds=30 * place)}
            for place, (role, text) in enumerate(TALK)
        ]
        await memory.retain("b", said, actor="Nora", session=f"week {week}")
        await memory.wait_idle("b", finish=True)
        counts[week + 1] = Counter(str(one.strategy) for one in await current(memory))
    return counts


async def current(memory: MemoryEngine) -> list[Memory]:
    page = await memory.memories("b", namespace="/", limit=1000)
    return [one for one in page.items if one.superseded is None]


async def test_the_same_conversation_twenty_times_leaves_its_facts_and_preferences_once(address: str) -> None:
    async with engine(address, strategies=["semantic", "preference"]) as memory:
        counts = await lived(memory, 20)
        facts = [one for one in await current(memory) if one.strategy == "semantic"]

    assert counts[1]["semantic"] >= 4
    assert counts[20] == counts[1]
    assert max(len(fact.sources) for fact in facts) == 20


async def test_the_same_conversation_twenty_times_is_summarised_by_session_and_reflected_upon_once(
    address: str,
) -> None:
    async with engine(address, strategies=["summary", "episodic"]) as memory:
        await lived(memory, 20)
        made = await current(memory)

    reflections = [one for one in made if one.kind == "reflection"]
    episodes = [one for one in made if one.kind == "episode"]
    assert len(reflections) == 1
    assert reflections[0].details["supported"] == 20
    assert len(episodes) == 20
    assert {one.session for one in made if one.kind == "summary"} == {f"week {week}" for week in range(20)}


async def test_of_a_changed_fact_the_later_comes_first_whichever_was_told_first(address: str) -> None:
    told = [("I live in Ghent.", BEGIN), ("I moved, I live in Lisbon now.", BEGIN + timedelta(days=90))]
    for order in (told, told[::-1]):
        async with engine(address, strategies=["semantic"]) as memory:
            await memory.forget("b", everything=True)
            for text, at in order:
                await memory.retain("b", text, actor="Nora", session=f"{at:%m}", occurred=at, wait=True)

            now = await memory.recall("b", "Where does Nora live?", namespaces="/")
            then = await memory.recall("b", "Where does Nora live?", namespaces="/", as_of=BEGIN + timedelta(days=1))
            kept = [one for one in (await memory.memories("b", namespace="/")).items if "Ghent" in one.text]

        assert "Lisbon" in now.hits[0].memory.text
        assert not any("Ghent" in hit.memory.text for hit in now.hits)
        assert "Ghent" in then.hits[0].memory.text
        assert [one.superseded and one.superseded.date() for one in kept] == [(BEGIN + timedelta(days=90)).date()]


async def test_a_supersession_can_be_undone(address: str) -> None:
    async with engine(address, strategies=["semantic"]) as memory:
        await memory.retain("b", "I live in Ghent.", actor="Nora", occurred=BEGIN, wait=True)
        await memory.retain("b", "I live in Lisbon now.", actor="Nora", occurred=BEGIN + timedelta(days=9), wait=True)
        [ended] = [one for one in (await memory.revisions("b")).items if one.decision == "supersede"]

        undone = await memory.undo("b", ended.number)
        texts = {one.text for one in await current(memory)}

    assert undone.undone
    assert any("Ghent" in text for text in texts)
    assert any("Lisbon" in text for text in texts)


async def test_a_merge_can_be_undone(address: str) -> None:
    async with engine(address, strategies=["semantic"]) as memory:
        await memory.retain("b", "I work at the harbour.", actor="Nora", occurred=BEGIN, wait=True)
        later = BEGIN + timedelta(days=9)
        await memory.retain(
            "b", "I work at the harbour of Ghent as a crane driver.", actor="Nora", occurred=later, wait=True
        )
        merged = [one for one in (await memory.revisions("b")).items if one.decision == "update"]
        before = [one.text for one in await current(memory)]

        await memory.undo("b", merged[-1].number)
        after = [one.text for one in await current(memory)]
        recalled = await memory.recall("b", "Where does Nora work?", namespaces="/")

    assert len(before) == 1
    assert "crane driver" in before[0]
    assert len(after) == 1
    assert "crane driver" not in after[0]
    assert [hit.memory.text for hit in recalled.hits] == after


@pytest.mark.parametrize("times", [2, 5])
async def test_retaining_the_same_items_again_gives_strategies_nothing_to_do(address: str, times: int) -> None:
    async with engine(address, strategies=["semantic"]) as memory:
        for _ in range(times):
            await memory.retain("b", "I live in Ghent.", key="k", actor="Nora", occurred=BEGIN, wait=True)
        jobs = await memory.jobs("b")

    assert len(jobs.items) == 1


@pytest.mark.parametrize("undone", [False, True], ids=["forgotten", "undone"])
async def test_a_late_older_fact_holds_again_without_the_newer(address: str, undone: bool) -> None:
    async with engine(address, strategies=["semantic"]) as memory:
        later = BEGIN + timedelta(days=30)
        await memory.retain("b", "I live in Ghent.", actor="Nora", session="new", occurred=later, wait=True)
        await memory.retain("b", "I live in Oslo.", actor="Nora", session="late", occurred=BEGIN, wait=True)
        before = [one.text for one in await current(memory)]

        if undone:
            [newer, *_] = (await memory.revisions("b")).items
            await memory.undo("b", newer.number)
        else:
            await memory.forget("b", session="new")
        after = [one.text for one in await current(memory)]

    assert (len(before), len(after)) == (1, 1)
    assert "Ghent" in before[0]
    assert "Oslo" in after[0]
