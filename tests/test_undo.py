"""What strategies did to a bank, and taking it back: real engines and the real consolidation."""

from __future__ import annotations

import pytest

from duramen import BadQueryError, MemoryEngine
from duramen.ledger import Revised
from duramen.strategies import Candidate, Made, Work
from tests.conftest import engine
from tests.simple_strategies import later, made, notes, texts

ADA = "user:ada"

PORTO, LISBON, OSLO = "Ada lives in Porto.", "Ada lives in Lisbon.", "Ada lives in Oslo."


async def told(memory: MemoryEngine, *said: str) -> None:
    """Retain one thing after the other, and let the strategies finish each time."""
    start = len((await memory.events(ADA)).items)
    for place, text in enumerate(said, start):
        await memory.retain(ADA, text, key=f"k{place}", occurred=later(place), actor="ada", wait=True)


async def done(memory: MemoryEngine) -> list[Revised]:
    return list((await memory.revisions(ADA)).items)


async def current(memory: MemoryEngine) -> list[str]:
    return [one.text for one in await made(memory) if one.superseded is None]


async def test_revisions_tell_what_became_of_each_candidate(address: str) -> None:
    async with engine(address, strategies=[notes(version="3")]) as memory:
        await told(memory, PORTO, PORTO, LISBON)

        first, again, moved = await done(memory)

    assert [one.decision for one in (first, again, moved)] == ["add", "skip", "supersede"]
    assert [one.text for one in (first, again, moved)] == [PORTO, PORTO, LISBON]
    assert (again.memory, again.other, moved.other) == (first.memory, first.memory, first.memory)
    assert {(one.bank, one.strategy, one.version, one.undone) for one in (first, again, moved)} == {
        (ADA, "notes", "3", False)
    }
    assert first.number < again.number < moved.number
    assert moved.reason


async def test_revisions_are_paged_and_listed_by_memory(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO, "Grace keeps goats.", PORTO)
        first, other, again = await done(memory)

        page = await memory.revisions(ADA, limit=2)
        rest = await memory.revisions(ADA, limit=2, cursor=page.next)
        of_one = await memory.revisions(ADA, memory=first.memory)

    assert [one.number for one in (*page.items, *rest.items)] == [first.number, other.number, again.number]
    assert [one.number for one in of_one.items] == [first.number, again.number]


async def test_what_was_added_can_be_taken_away(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO, "Grace keeps goats.")
        first, _ = await done(memory)

        undone = await memory.undo(ADA, first.number)

        assert undone.undone
        assert await texts(memory) == ["Grace keeps goats."]
        assert [one.undone for one in await done(memory)] == [True, False]


async def test_what_was_superseded_holds_again(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO, LISBON)
        before = await current(memory)
        *_, moved = await done(memory)

        await memory.undo(ADA, moved.number)
        recall = await memory.recall(ADA, "Where does Ada live?", namespaces="/")

        assert before == [LISBON]
        assert sorted(await current(memory)) == [LISBON, PORTO]
        assert {hit.memory.text for hit in recall.hits} == {PORTO, LISBON}


async def test_a_repetition_that_is_undone_is_no_source_any_more(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO, PORTO)
        first, again = await done(memory)
        (before,) = await made(memory)

        await memory.undo(ADA, again.number)

        (after,) = await made(memory)
        assert (len(before.sources), len(after.sources)) == (2, 1)
        assert after.id == first.memory


async def test_what_was_updated_is_there_again_and_can_be_found(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, "Ada has a dog.", "Ada has a dog called Rex.")
        _, better = await done(memory)
        before = await texts(memory)

        undone = await memory.undo(ADA, better.number)
        recall = await memory.recall(ADA, "Does Ada have a dog?", namespaces="/")

        assert (better.decision, before) == ("update", ["Ada has a dog called Rex."])
        assert undone.before is not None
        assert await texts(memory) == ["Ada has a dog."]
        assert [hit.memory.text for hit in recall.hits] == ["Ada has a dog."]


async def test_a_chain_is_taken_back_from_its_end(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, "Ada has a dog.", "Ada has a dog called Rex.", "Ada has a brown dog called Rex.")
        first, second, third = await done(memory)

        with pytest.raises(BadQueryError, match="undo that first"):
            await memory.undo(ADA, second.number)
        await memory.undo(ADA, third.number)
        middle = await texts(memory)
        await memory.undo(ADA, second.number)
        begin = await texts(memory)
        await memory.undo(ADA, first.number)

        assert (middle, begin) == (["Ada has a dog called Rex."], ["Ada has a dog."])
        assert await texts(memory) == []


async def test_of_two_moves_the_earlier_one_can_be_undone_alone(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO, LISBON, OSLO)
        _, lisbon, oslo = await done(memory)

        await memory.undo(ADA, lisbon.number)

        assert oslo.decision == "supersede"
        assert OSLO in await current(memory)
        assert LISBON not in await current(memory)


async def test_nothing_is_undone_twice(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO)
        (first,) = await done(memory)
        await memory.undo(ADA, first.number)

        with pytest.raises(BadQueryError, match="was undone before"):
            await memory.undo(ADA, first.number)


@pytest.mark.parametrize("bank", [ADA, "user:nobody"])
async def test_a_revision_that_is_not_there_is_an_error_that_says_where_to_look(
    memory: MemoryEngine, bank: str
) -> None:
    await memory.retain(ADA, PORTO, wait=True)

    with pytest.raises(BadQueryError, match=f"Bank '{bank}' has no revision 7"):
        await memory.undo(bank, 7)


async def test_a_revision_of_another_bank_is_not_there(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await told(memory, PORTO)
        await memory.retain("user:bob", "Bob keeps goats.", wait=True)
        (first,) = await done(memory)

        with pytest.raises(BadQueryError, match="no revision"):
            await memory.undo("user:bob", first.number)

        assert await texts(memory) == [PORTO]


async def test_what_was_undone_does_not_come_back_by_itself(tmp_path: object) -> None:
    async with engine(f"{tmp_path}/memory", strategies=[notes()]) as memory:
        await told(memory, PORTO)
        (first,) = await done(memory)
        await memory.undo(ADA, first.number)

    async with engine(f"{tmp_path}/memory", strategies=[notes()]) as memory:
        await memory.wait_idle(ADA, finish=True)

        assert await texts(memory) == []
        assert await memory.backfill(ADA, "notes") == 0


async def test_what_was_undone_is_recalled_no_more(address: str) -> None:
    async with engine(address, strategies=[notes(merges=False)]) as memory:
        await told(memory, "Grace keeps goats.")
        before = await memory.recall(ADA, "Who keeps goats?", namespaces="/")
        (first,) = await done(memory)

        await memory.undo(ADA, first.number)
        after = await memory.recall(ADA, "Who keeps goats?", namespaces="/")

    assert len(before.hits) == 1
    assert after.hits == ()


async def test_a_running_state_keeps_nothing_of_what_it_replaced(address: str) -> None:
    async def running(work: Work) -> Made:
        known = await work.known.filed(work.namespace)
        text = " ".join([*(one.text for one in known), *(event.content for event in work.events)])
        sources = tuple(event.id for event in work.events)
        replaces = known[0].id if known else None
        one = Candidate(
            text=text, kind="summary", sources=sources, mentioned=work.events[-1].mentioned, replaces=replaces
        )
        return Made(candidates=[one])

    async with engine(address, strategies=[notes(running)]) as memory:
        await told(memory, "One.", "Two.", "Three.")

        (summary,) = await made(memory)
        (last,) = await done(memory)

    assert summary.text == "One. Two. Three."
    assert len(summary.sources) == 3
    assert (last.memory, last.before) == (summary.id, None)
