"""What becomes of the candidates of one assignment, beside what is known and beside each other."""

from __future__ import annotations

from typing import Any

from duramen import MemoryEngine
from duramen.jobs.revising import joined, memory_of, named
from duramen.ledger import Assignment, Revised
from duramen.strategies import Candidate, Made, Work
from duramen.trace import Interval
from duramen.types import Event
from tests.conftest import engine
from tests.simple_strategies import NOON, later, made, notes, texts

ADA = "user:ada"


async def chat(memory: MemoryEngine, *said: str, key: str = "k") -> None:
    """Retain messages at once, so that a strategy is given them together."""
    messages = [{"role": "user", "content": text, "timestamp": later(place)} for place, text in enumerate(said)]
    await memory.retain(ADA, messages, key=key, session="s", actor="ada", wait=True)


async def done(memory: MemoryEngine) -> list[Revised]:
    return list((await memory.revisions(ADA)).items)


def of(work: Work, text: str, place: int = 0, **parts: Any) -> Candidate:
    event = work.events[place]
    given = {"text": text, "kind": "fact", "sources": (event.id,), "mentioned": event.mentioned, **parts}
    return Candidate(**given)


async def test_the_same_said_twice_at_once_is_one_memory_with_both_sources(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await chat(memory, "Ada keeps bees.", "Ada keeps bees.", "Ada keeps bees.")

        (one,) = await made(memory)
        assert [revised.decision for revised in await done(memory)] == ["add", "skip", "skip"]
    assert len(one.sources) == 3


async def test_what_says_more_takes_the_place_of_what_was_said_at_once(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await chat(memory, "Ada has a dog.", "Ada has a dog called Rex.")

        (one,) = await made(memory)
        first, second = await done(memory)

    assert one.text == "Ada has a dog called Rex."
    assert len(one.sources) == 2
    assert (first.decision, second.decision, second.other) == ("add", "update", first.memory)


async def test_a_chain_of_better_words_ends_in_one_memory(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await chat(
            memory, "Ada has a dog.", "Ada has a dog called Rex.", "Ada has a brown dog called Rex.", "Ada has a dog."
        )

        (one,) = await made(memory)

    assert one.text == "Ada has a brown dog called Rex."
    assert len(one.sources) == 4


async def test_what_changed_within_one_conversation_is_superseded_in_it(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await chat(memory, "Ada lives in Porto.", "Ada lives in Lisbon.")

        by_text = {one.text: one.superseded for one in await made(memory)}

    assert by_text == {"Ada lives in Porto.": later(1), "Ada lives in Lisbon.": None}


async def test_what_was_said_earlier_and_comes_later_supersedes_nothing(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada lives in Lisbon.", key="new", occurred=later(10), actor="ada", wait=True)
        await memory.retain(ADA, "Ada lives in Porto.", key="old", occurred=later(1), actor="ada", wait=True)

        by_text = {one.text: one.superseded for one in await made(memory)}

    assert by_text == {"Ada lives in Lisbon.": None, "Ada lives in Porto.": later(10)}


async def test_a_strategy_that_does_not_merge_adds_everything_once(address: str) -> None:
    async with engine(address, strategies=[notes(merges=False)]) as memory:
        await chat(memory, "Ada has a dog.", "Ada has a dog called Rex.", "Ada lives in Porto.", "Ada lives in Lisbon.")
        await chat(memory, "Ada has a dog.", key="again")

        assert len(await texts(memory)) == 4
        assert [one.decision for one in await done(memory)] == ["add"] * 4 + ["skip"]


async def test_what_is_settled_is_not_compared(address: str) -> None:
    def function(work: Work) -> Made:
        return Made(
            candidates=[of(work, event.content, place, settled=True) for place, event in enumerate(work.events)]
        )

    async with engine(address, strategies=[notes(function)]) as memory:
        await chat(memory, "Ada has a dog.", "Ada has a dog called Rex.")

        assert await texts(memory) == ["Ada has a dog.", "Ada has a dog called Rex."]


async def test_what_is_filed_elsewhere_is_another_matter(address: str) -> None:
    async with engine(address, strategies=[notes(namespace="/facts/{actorId}/")]) as memory:
        for actor in ("ada", "bob"):
            await memory.retain(ADA, "Ada has a dog called Rex.", actor=actor, wait=True)
        await memory.retain(ADA, "Ada has a dog.", actor="bob", wait=True)

        filed = [(one.namespace, one.text) for one in await made(memory)]

    assert filed == [
        ("/facts/ada/", "Ada has a dog called Rex."),
        ("/facts/bob/", "Ada has a dog called Rex."),
    ]


async def test_a_new_state_of_what_is_gone_is_added(address: str) -> None:
    def function(work: Work) -> Candidate:
        return of(work, work.events[0].content, replaces="0" * 32)

    async with engine(address, strategies=[notes(function)]) as memory:
        await chat(memory, "Ada keeps bees.")

        (revised,) = await done(memory)
        assert (revised.decision, revised.other) == ("add", None)
        assert await texts(memory) == ["Ada keeps bees."]


async def test_a_state_that_did_not_change_stays(address: str) -> None:
    async def same(work: Work) -> Candidate:
        known = await work.known.filed(work.namespace)
        return of(work, "They talk of bees.", replaces=known[0].id if known else None)

    async with engine(address, strategies=[notes(same)]) as memory:
        await chat(memory, "Bees.", key="a")
        await chat(memory, "More bees.", key="b")

        (one,) = await made(memory)

    assert one.text == "They talk of bees."
    assert len(one.sources) == 2


async def test_twenty_repetitions_make_no_more_memories_than_one(address: str) -> None:
    said = ("Ada lives in Lisbon.", "Ada has a dog called Rex.", "Grace keeps goats.")
    async with engine(address, strategies=[notes()]) as memory:
        await chat(memory, *said, key="0")
        once = await texts(memory)
        for number in range(1, 20):
            await chat(memory, *said, key=str(number))

        found = await made(memory)

    assert sorted(one.text for one in found) == sorted(once) == sorted(said)
    assert {len(one.sources) for one in found} == {20}


def event(id: str, **parts: Any) -> Event:
    given = {"bank": "b", "key": id, "content": id, "mentioned": NOON, "stored": NOON, "actor": "ada", "session": "s"}
    return Event(id=id, **{**given, **parts})


def candidate(**parts: Any) -> Candidate:
    return Candidate(**{"text": "Bees.", "kind": "fact", "sources": ("e1", "e2", "e1"), "mentioned": NOON, **parts})


ASSIGNED = Assignment(
    bank="b",
    strategy="notes",
    events=(event("e1", tags=("x", "a")), event("e2", tags=("b",)), event("e3", tags=("c",))),
    attempt=1,
    token="t",
)


def test_a_memory_has_the_sources_of_its_candidate_once_and_their_tags() -> None:
    memory = memory_of(candidate(), notes(), ASSIGNED, "/n/")

    assert (memory.sources, memory.event, memory.tags) == (("e1", "e2"), "e1", ("a", "b", "x"))
    assert (memory.strategy, memory.namespace, memory.actor, memory.session) == ("notes", "/n/", "ada", "s")
    assert memory.key == f"notes:{memory.id}"


def test_what_cannot_be_kept_in_a_text_becomes_a_space() -> None:
    assert memory_of(candidate(text="Bees\0and goats."), notes(), ASSIGNED, "/n/").text == "Bees and goats."


def test_what_says_the_same_at_one_place_has_one_id() -> None:
    plain = notes(merges=False)
    one = memory_of(candidate(), plain, ASSIGNED, "/n/")
    other_source = memory_of(candidate(sources=("e3",), mentioned=later(5)), plain, ASSIGNED, "/n/")
    others = [
        memory_of(candidate(text="Goats."), plain, ASSIGNED, "/n/"),
        memory_of(candidate(kind="preference"), plain, ASSIGNED, "/n/"),
        memory_of(candidate(occurred=Interval(NOON, later(1))), plain, ASSIGNED, "/n/"),
        memory_of(candidate(), plain, ASSIGNED, "/m/"),
        memory_of(candidate(), notes(name="others", merges=False), ASSIGNED, "/n/"),
    ]

    assert one.id == other_source.id == named(one).id
    assert len({one.id, *(other.id for other in others)}) == 6


def test_what_is_compared_may_become_true_again_under_another_id() -> None:
    one = memory_of(candidate(), notes(), ASSIGNED, "/n/")
    again = memory_of(candidate(sources=("e3",)), notes(), ASSIGNED, "/n/")
    settled = [memory_of(candidate(sources=(id,), settled=True), notes(), ASSIGNED, "/n/") for id in ("e1", "e3")]

    assert one.id != again.id
    assert settled[0].id == settled[1].id


async def test_what_became_true_again_holds_again(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        for place, city in enumerate(("Porto", "Lisbon", "Porto")):
            said = f"Ada lives in {city}."
            await memory.retain(ADA, said, key=str(place), occurred=later(place), actor="ada", wait=True)

        current = [one.text for one in await made(memory) if one.superseded is None]

    assert current == ["Ada lives in Porto."]


def test_sources_are_joined_in_order_each_once() -> None:
    assert joined(("a", "b"), ("b", "c"), ()) == ("a", "b", "c")
