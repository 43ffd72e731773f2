"""What strategies made, in recalls: beside what was retained word for word, or alone by namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen import Item, MemoryEngine, SyncMemoryEngine
from duramen.language.tokens import count_tokens
from duramen.recall.beside import SHARE
from duramen.strategies import Candidate, Work
from duramen.times import utc_now
from duramen.types import Event, Message, Recall
from tests.conftest import engine
from tests.simple_strategies import BRISK, later, made, notes

ADA = "user:ada"

TALK = (
    "I have taken over the orchard behind the mill.",
    "There are forty plum trees and two old pears.",
    "The well froze in January, so we carried water from the river.",
    "My brother Tomas repaired the pump with a bicycle chain.",
    "We sold the first plums at the market on Saturdays.",
    "A hailstorm broke eleven branches in June.",
    "Tomas wants to keep sheep under the trees.",
    "The neighbour lent us a ladder and a wheelbarrow.",
    "I am learning to graft from an almanac of my grandmother.",
    "Next year there will be a small press for juice.",
    "The cat sleeps in the loft above the press.",
    "I owe the miller nine jars of jam.",
)

QUESTIONS = (
    "Who repaired the pump?",
    "What does Tomas want?",
    "plum trees",
    "What happened in June?",
    "Where does the cat sleep?",
    "When did the well freeze?",
    "What do I owe the miller?",
    "Tell me about the orchard and the press.",
    "How many jars of jam and how many pears?",
    "Which language does the captain speak?",
)

OPTIONS: list[dict[str, Any]] = [{}, {"limit": 3}, {"budget": "high"}, {"session": "s1"}, {"min_score": 0.3}]
MANY: list[dict[str, Any]] = [{"limit": 2}, {"namespaces": "/"}, {"made": 0}, {"max_tokens": 150}]


def chat(*said: str) -> list[Message]:
    return [{"role": "user", "content": text} for text in said]


def _one(event: Event, text: str, **parts: Any) -> Candidate:
    return Candidate(**{"text": text, "kind": "fact", "sources": (event.id,), "mentioned": event.mentioned, **parts})


def retold(work: Work) -> list[Candidate]:
    """Make a fact of each event, and a summary and a preference of them all."""
    first = work.events[0]
    every = tuple(event.id for event in work.events)
    told = " ".join(event.content for event in work.events)
    facts = [_one(event, f"Noted: {event.content}") for event in work.events]
    summary = _one(first, f"They spoke of this: {told}", kind="summary", sources=every)
    return [*facts, summary, _one(first, "Ada likes plums and jam.", kind="preference", sources=every)]


async def filled(memory: MemoryEngine) -> None:
    """Retain the talk as two sessions."""
    for place, text in enumerate(TALK):
        await memory.retain(ADA, text, key=f"k{place}", session=f"s{place // 6}", actor="ada", occurred=later(place))
    await memory.wait_idle(ADA)


def found(recall: Recall) -> list[tuple[str, float]]:
    return [(hit.memory.id, hit.score) for hit in recall.hits]


async def test_what_was_said_is_found_as_if_there_were_no_strategies(address: str) -> None:
    async with (
        engine(address, strategies=[notes(retold, merges=False)]) as with_them,
        engine(":memory:") as without,
    ):
        await filled(with_them)
        await filled(without)

        for question in QUESTIONS:
            for options in OPTIONS:
                ours = await with_them.recall(ADA, question, at=later(60), **options)
                plain = await without.recall(ADA, question, at=later(60), **options)
                assert found(ours) == found(plain), (question, options)
                assert ours.confident == plain.confident


async def test_without_room_beside_them_hits_are_as_without_strategies() -> None:
    async with (
        engine(":memory:", strategies=[notes(retold, merges=False)]) as with_them,
        engine(":memory:") as without,
    ):
        await filled(with_them)
        await filled(without)

        for question in QUESTIONS:
            ours = await with_them.recall(ADA, question, made=0, max_tokens=120, at=later(60))
            plain = await without.recall(ADA, question, max_tokens=120, at=later(60))
            assert found(ours) == found(plain)
            assert ours.made == ()
            assert ours.text == plain.text


async def test_what_says_more_is_shown_beside(address: str) -> None:
    async with engine(address, strategies=[notes(retold, merges=False)]) as memory:
        await filled(memory)

        recall = await memory.recall(ADA, "plums and jam", limit=2)

    assert {hit.memory.kind for hit in recall.made} <= {"fact", "summary", "preference"}
    assert "preference: Ada likes plums and jam." in recall.text
    assert all(hit.memory.strategy is None for hit in recall.hits)
    assert all(hit.memory.strategy == "notes" for hit in recall.made)
    assert [hit.score for hit in recall.made] == sorted((hit.score for hit in recall.made), reverse=True)
    assert recall.tokens == count_tokens(recall.text)


async def test_a_fact_whose_turns_are_shown_is_left_out(address: str) -> None:
    async with engine(address, strategies=[notes(retold, merges=False)]) as memory:
        await filled(memory)

        recall = await memory.recall(ADA, "Who repaired the pump with a bicycle chain?", limit=20)
        few = await memory.recall(ADA, "Who repaired the pump with a bicycle chain?", limit=1, made=10)

    shown = {hit.memory.event for hit in recall.hits}
    assert not [hit for hit in recall.made if hit.memory.kind == "fact" and set(hit.memory.sources) <= shown]
    told = {source for hit in few.made if hit.memory.kind == "fact" for source in hit.memory.sources}
    assert few.hits[0].memory.event not in told


async def test_what_rests_on_items_that_the_prompt_holds_is_left_out(address: str) -> None:
    async with engine(address, strategies=[notes(merges=False, kind="observation")]) as memory:
        await memory.retain(ADA, "Ada keeps bees in the orchard.", key="held", wait=True)
        await memory.retain(ADA, "Grace keeps goats in the orchard.", key="other", wait=True)

        recall = await memory.recall(ADA, "Who keeps what in the orchard?", without=["held"])

    assert "bees" not in recall.text
    assert "Grace keeps goats" in recall.text


async def test_a_whole_chat_that_the_prompt_holds_is_left_out(address: str) -> None:
    async with engine(address, strategies=[notes(retold, merges=False)]) as memory:
        await memory.retain(ADA, chat(*TALK[:6]), key="held", session="s", wait=True)

        recall = await memory.recall(ADA, "plums and jam", without=["held"])

    assert (recall.hits, recall.made, recall.text) == ((), (), "")


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_at_most_so_many_are_shown_beside(address: str, count: int) -> None:
    async with engine(address, strategies=[notes(retold, merges=False)]) as memory:
        await filled(memory)

        recall = await memory.recall(ADA, "plums and jam at the market", limit=1, made=count)

    assert len(recall.made) <= count
    assert bool(recall.made) is (count > 0)
    assert recall.query.made == count


async def test_what_is_unrelated_is_not_shown_beside(address: str) -> None:
    async with engine(address, strategies=[notes(retold, merges=False)]) as memory:
        await filled(memory)

        recall = await memory.recall(ADA, "Which language does the captain speak?")

    assert recall.made == ()


async def test_many_are_answered_as_one_by_one(address: str) -> None:
    async with engine(address, strategies=[notes(retold, merges=False)]) as memory:
        await filled(memory)
        for options in MANY:
            together = await memory.recall_many(ADA, list(QUESTIONS), at=later(60), **options)
            apart = [await memory.recall(ADA, question, at=later(60), **options) for question in QUESTIONS]

            assert [found(one) for one in together] == [found(one) for one in apart]
            assert [one.made for one in together] == [one.made for one in apart]
            assert [one.text for one in together] == [one.text for one in apart]
            assert [one.query.text for one in together] == list(QUESTIONS)


async def test_namespaces_are_compared_by_segment(address: str) -> None:
    async with engine(address, strategies=[notes(namespace="/facts/{actorId}/", merges=False)]) as memory:
        for actor in ("a1", "a10", "a1/x", "A1"):
            await memory.retain(ADA, f"The orchard of {actor} has plums.", actor=actor, wait=True)
        asked: dict[str, set[str | None]] = {}
        for path in ("/facts/a1", "/facts/a1/", "facts/a10", "/facts", "/", "/fact", "/facts/a1/x"):
            recall = await memory.recall(ADA, "Which orchard has plums?", namespaces=path)
            asked[path] = {hit.memory.actor for hit in recall.hits}

    assert asked["/facts/a1"] == asked["/facts/a1/"] == {"a1"}
    assert asked["facts/a10"] == {"a10"}
    assert asked["/facts"] == asked["/"] == {"a1", "a10", "a1/x", "A1"}
    assert asked["/fact"] == asked["/facts/a1/x"] == set()


async def test_several_namespaces_are_asked_at_once(address: str) -> None:
    async with engine(address, strategies=[notes(namespace="/facts/{actorId}/", merges=False)]) as memory:
        for actor in ("ada", "bob", "eve"):
            await memory.retain(ADA, f"The orchard of {actor} has plums.", actor=actor, wait=True)

        recall = await memory.recall(ADA, "Which orchard has plums?", namespaces=["/facts/ada", "/facts/eve"])

    assert {hit.memory.actor for hit in recall.hits} == {"ada", "eve"}
    assert recall.made == ()


async def test_by_namespace_nothing_is_found_that_was_retained_word_for_word(address: str) -> None:
    async with engine(address) as memory:
        await filled(memory)

        recall = await memory.recall(ADA, "plum trees", namespaces="/")

    assert recall.hits == ()
    assert not recall.confident


async def test_what_was_superseded_is_recalled_by_namespace_only_as_of_then(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada lives in Porto.", key="a", occurred=later(0), wait=True)
        await memory.retain(ADA, "Ada lives in Lisbon.", key="b", occurred=later(10), wait=True)

        now = await memory.recall(ADA, "Where does Ada live?", namespaces="/")
        then = await memory.recall(ADA, "Where does Ada live?", namespaces="/", as_of=later(5))

    assert [hit.memory.text for hit in now.hits] == ["Ada lives in Lisbon."]
    assert [hit.memory.text for hit in then.hits] == ["Ada lives in Porto."]


async def test_an_explanation_by_namespace_says_why_one_is_no_hit(address: str) -> None:
    async with engine(address, strategies=[notes(namespace="/facts/{actorId}/")]) as memory:
        await memory.retain(ADA, "Ada lives in Porto.", actor="ada", occurred=later(0), wait=True)
        await memory.retain(ADA, "Ada lives in Lisbon.", actor="ada", occurred=later(1), wait=True)
        await memory.retain(ADA, "Bob lives in Lima.", actor="bob", occurred=later(2), wait=True)
        of = {one.text: one.id for one in await made(memory)}

        elsewhere = await memory.explain(
            ADA, "Where does Ada live?", namespaces="/facts/ada", memory=of["Bob lives in Lima."]
        )
        earlier = await memory.explain(
            ADA, "Where does Ada live?", namespaces="/facts/ada", memory=of["Ada lives in Porto."]
        )

    assert [one.memory.text for one in elsewhere.why if one.memory] == ["Ada lives in Lisbon."]
    (why,) = elsewhere.why_not
    assert (why.reason, list(why.refused)) == ("filtered", ["namespaces"])
    assert "/facts/bob/" in why.told
    (why,) = earlier.why_not
    assert why.reason == "filtered"
    assert why.told.startswith("superseded since ")


async def test_an_explanation_says_where_else_to_look(address: str) -> None:
    async with engine(address, strategies=[notes(kind="observation")]) as memory:
        await memory.retain(ADA, "Ada lives in Porto.", wait=True)
        (one,) = await made(memory)
        (word,) = (await memory.memories(ADA, strategy="")).items

        beside = await memory.explain(ADA, "Where does Ada live?", memory=one.id)
        apart = await memory.explain(ADA, "Where does Ada live?", namespaces="/", memory=word.id)

    assert (beside.why_not[0].reason, apart.why_not[0].reason) == ("filtered", "filtered")
    assert "in `made`" in beside.why_not[0].told
    assert "word for word" in apart.why_not[0].told


async def test_a_bank_where_only_strategies_left_something_is_not_empty(tmp_path: Path) -> None:
    past = utc_now() - timedelta(days=1)
    async with engine(tmp_path / "memory", strategies=[notes()], pace=BRISK) as memory:
        await memory.retain(ADA, [Item(content="Ada keeps bees.", expires=past)], wait=True)

    async with engine(tmp_path / "memory", strategies=[notes()], pace=BRISK) as memory:
        for _ in range(1000):
            if not (await memory.events(ADA)).items:
                break
            await asyncio.sleep(0.01)
        recall = await memory.recall(ADA, "Who keeps bees?")

    assert [hit.memory.text for hit in recall.made] == ["Ada keeps bees."]
    assert (recall.hits, recall.notes, recall.confident) == ((), (), True)


@pytest.fixture(scope="module")
def orchard() -> Iterator[SyncMemoryEngine]:
    memory = SyncMemoryEngine(engine(":memory:", strategies=[notes(retold, merges=False)]))
    with memory:
        for place, text in enumerate(TALK):
            memory.retain(ADA, text, key=f"k{place}", session=f"s{place // 6}", actor="ada", occurred=later(place))
        memory.wait_idle(ADA)
        yield memory


@settings(deadline=None, max_examples=150)
@given(
    question=st.sampled_from(QUESTIONS),
    max_tokens=st.integers(1, 600),
    limit=st.integers(1, 20),
    beside=st.integers(0, 8),
)
def test_the_block_never_takes_more_tokens_than_it_may(
    orchard: SyncMemoryEngine, question: str, max_tokens: int, limit: int, beside: int
) -> None:
    recall = orchard.recall(ADA, question, max_tokens=max_tokens, limit=limit, made=beside, at=later(60))

    assert count_tokens(recall.text) <= max_tokens
    assert recall.tokens <= max_tokens
    assert len(recall.hits) <= limit
    assert len(recall.made) <= beside
    assert recall.query.max_tokens == max_tokens


@settings(deadline=None, max_examples=100)
@given(question=st.sampled_from(QUESTIONS), max_tokens=st.integers(60, 600))
def test_hits_that_leave_a_quarter_of_the_tokens_are_the_same_with_strategies(
    orchard: SyncMemoryEngine, question: str, max_tokens: int
) -> None:
    plain = orchard.recall(ADA, question, limit=4, max_tokens=max_tokens, made=0, at=later(60))
    both = orchard.recall(ADA, question, limit=4, max_tokens=max_tokens, at=later(60))

    if len(plain.hits) == 4 and plain.tokens <= (1 - SHARE) * max_tokens:
        assert found(both) == found(plain)
