"""Reflecting through the engine: with a scripted model, without one, and when it does not help."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from duramen import MemoryEngine, SyncMemoryEngine
from duramen.errors import ModelUnavailableError, QuotaError
from duramen.language_models.limits import Limits
from duramen.language_models.scripted import ScriptedModel
from duramen.types import Message, Reflection
from tests.conftest import engine
from tests.simple_strategies import later, made, notes

ADA = "user:ada"
NOTHING = "Nothing is known about this."


class Home(BaseModel):
    """Where somebody lives."""

    city: str | None


def answer(*statements: tuple[str, list[str]]) -> dict[str, Any]:
    return {"action": "answer", "statements": [{"text": text, "sources": list(labels)} for text, labels in statements]}


async def told(memory: MemoryEngine, *said: str) -> None:
    for place, text in enumerate(said):
        await memory.retain(ADA, text, key=f"k{place}", occurred=later(place), actor="ada", session="s")
    await memory.flush(ADA)


async def test_without_a_model_the_answer_is_in_the_words_of_the_memories(address: str) -> None:
    async with engine(address) as memory:
        await told(memory, "I live in Lisbon.", "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Who keeps goats?")

    first = reflection.statements[0]
    assert first.text == "2026-03-01, ada: Grace keeps goats."
    assert reflection.sources[first.sources[0] - 1].memory.text == "Grace keeps goats."
    assert reflection.text.splitlines()[0] == "2026-03-01, ada: Grace keeps goats. [1]"
    assert (reflection.model, reflection.notes, reflection.steps, reflection.data) == (None, (), (), None)


async def test_of_a_long_memory_the_sentence_that_answers_is_quoted(address: str) -> None:
    long = " ".join([*(f"The tram number {n} stops at the old harbour gate." for n in range(30)), "Grace keeps goats."])
    async with engine(address) as memory:
        await told(memory, long)

        reflection = await memory.reflect(ADA, "Does Grace keep goats?", min_score=0.0)

    assert any("Grace keeps goats." in one.text for one in reflection.statements)
    assert all(len(one.text) < len(long) / 2 for one in reflection.statements)


async def test_what_is_no_longer_so_is_quoted_with_its_end(address: str) -> None:
    async with engine(address) as memory:
        await told(memory, "I live in Porto.", "I live in Lisbon.")

        reflection = await memory.reflect(ADA, "Where does Ada live?")

    assert any(one.text.endswith("I live in Porto. (until 2026-03-01)") for one in reflection.statements)
    assert any(one.text.endswith("I live in Lisbon.") for one in reflection.statements)


async def test_what_strategies_made_is_cited_too(address: str) -> None:
    async with engine(
        address, strategies=[notes(lambda work: ["Ada is fond of goats."], kind="observation")]
    ) as memory:
        await told(memory, "I live in Lisbon.")
        await memory.wait_idle(ADA)

        reflection = await memory.reflect(ADA, "Who is fond of goats?")

    assert "Ada is fond of goats." in {hit.memory.text for hit in reflection.sources}


@pytest.mark.parametrize("with_model", [False, True])
async def test_about_what_is_not_known_nothing_is_said(address: str, with_model: bool) -> None:
    model = ScriptedModel([answer()]) if with_model else None
    async with engine(address, model=model) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Which language does the captain speak?")

    assert (reflection.text, reflection.sources, reflection.statements) == (NOTHING, (), ())


async def test_an_unknown_bank_knows_nothing(memory: MemoryEngine) -> None:
    reflection = await memory.reflect("user:nobody", "Where do I live?")

    assert (reflection.text, reflection.sources) == (NOTHING, ())


async def test_a_model_answers_with_what_it_was_shown(address: str) -> None:
    model = ScriptedModel([answer(("Ada lives in Lisbon.", ["m1"]))])
    async with engine(address, model=model) as memory:
        await told(memory, "I live in Lisbon.")

        reflection = await memory.reflect(ADA, "Where does Ada live?")

    assert reflection.text == "Ada lives in Lisbon. [1]"
    assert [hit.memory.text for hit in reflection.sources] == ["I live in Lisbon."]
    assert (reflection.model, reflection.notes, reflection.question) == ("scripted", (), "Where does Ada live?")


@pytest.mark.parametrize("error", [QuotaError("used up"), ModelUnavailableError("not reached")])
async def test_a_model_that_fails_leaves_the_words_of_the_memories_and_a_note(address: str, error: Exception) -> None:
    async with engine(address, model=ScriptedModel([error])) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Who keeps goats?")

    assert "Grace keeps goats." in reflection.text
    assert reflection.model is None
    assert reflection.notes == (f"in the words of the memories, since scripted did not help: {error}",)


async def test_prose_twice_leaves_the_words_of_the_memories_and_a_note(address: str) -> None:
    model = ScriptedModel(["Grace, of course!", "As I said: Grace."])
    async with engine(address, model=model) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Who keeps goats?")

    assert "Grace keeps goats. [1]" in reflection.text
    assert len(model.requests) == 2
    assert "scripted did not help" in reflection.notes[0]


async def test_prose_once_is_asked_for_again(address: str) -> None:
    model = ScriptedModel(["Grace, of course!", answer(("Grace does.", ["m1"]))])
    async with engine(address, model=model) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Who keeps goats?")

    assert (reflection.text, reflection.notes) == ("Grace does. [1]", ())


async def test_what_a_bank_may_use_of_a_model_limits_reflecting_too(address: str) -> None:
    model = ScriptedModel([answer(("Grace does.", ["m1"]))] * 2)
    async with engine(address, model=model, limits=Limits(tokens_per_day=1)) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Who keeps goats?")

    assert model.prompts == []
    assert "Grace keeps goats." in reflection.text
    assert "tokens_per_day" in reflection.notes[0]


async def test_the_answer_in_a_shape_is_data(address: str) -> None:
    model = ScriptedModel([answer(("Ada lives in Lisbon.", ["m1"])), Home(city="Lisbon")])
    async with engine(address, model=model) as memory:
        await told(memory, "I live in Lisbon.")

        reflection = await memory.reflect(ADA, "Where does Ada live?", shape=Home)

    assert reflection.data == {"city": "Lisbon"}
    assert reflection.text == "Ada lives in Lisbon. [1]"
    assert "<question " in model.prompts[1].data
    assert "Ada lives in Lisbon. [1]" in model.prompts[1].data
    assert "Lisbon" not in model.prompts[1].instructions


async def test_about_nothing_there_is_no_shape_to_fill(address: str) -> None:
    model = ScriptedModel([answer()])
    async with engine(address, model=model) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Where does Ada live?", shape=Home)

    assert (reflection.data, reflection.text) == (None, NOTHING)
    assert len(model.prompts) == 1


async def test_a_shape_that_cannot_be_filled_leaves_the_answer(address: str) -> None:
    model = ScriptedModel([answer(("Ada lives in Lisbon.", ["m1"])), "Lisbon!", "Lisbon!!"])
    async with engine(address, model=model) as memory:
        await told(memory, "I live in Lisbon.")

        reflection = await memory.reflect(ADA, "Where does Ada live?", shape=Home)

    assert (reflection.data, reflection.text) == (None, "Ada lives in Lisbon. [1]")
    assert "shape" in reflection.notes[0]


async def test_a_shape_without_a_model_is_noted(address: str) -> None:
    async with engine(address) as memory:
        await told(memory, "Grace keeps goats.")

        reflection = await memory.reflect(ADA, "Who keeps goats?", shape=Home)

    assert reflection.data is None
    assert "Grace keeps goats." in reflection.text
    assert "`shape` needs a language model" in reflection.notes[0]


async def test_reflecting_sees_what_was_just_retained(address: str) -> None:
    async with engine(address) as memory:
        await memory.retain(ADA, "Grace keeps goats.")

        assert "Grace keeps goats." in (await memory.reflect(ADA, "Who keeps goats?")).text


async def test_the_options_of_a_recall_hold_for_reflecting(address: str) -> None:
    async with engine(address, strategies=[notes(namespace="/facts/{actorId}/")]) as memory:
        await memory.retain(ADA, "Grace keeps goats.", actor="ada", wait=True)
        await memory.retain(ADA, "Grace keeps bees.", actor="bob", wait=True)

        filed = await memory.reflect(ADA, "What does Grace keep?", namespaces="/facts/ada")
        bob = await memory.reflect(ADA, "What does Grace keep?", actor="bob", made=0)

        assert len(await made(memory)) == 2
    assert [hit.memory.text for hit in filed.sources] == ["Grace keeps goats."]
    assert {hit.memory.actor for hit in bob.sources} == {"bob"}


def test_there_is_a_face_without_await() -> None:
    model = ScriptedModel([answer(("Grace does.", ["m1"]))])
    with SyncMemoryEngine(engine(":memory:", model=model)) as memory:
        memory.retain(ADA, "Grace keeps goats.")

        reflection = memory.reflect(ADA, "Who keeps goats?")

    assert isinstance(reflection, Reflection)
    assert reflection.text == "Grace does. [1]"


async def test_questions_to_several_banks_are_thought_over_at_once(address: str) -> None:
    prompts: list[object] = []
    both_asked = asyncio.Event()

    async def scripted(prompt: object, shape: object) -> dict[str, Any]:
        prompts.append(prompt)
        if len(prompts) == 2:
            both_asked.set()
        await both_asked.wait()
        return answer(("It is so.", ["m1"]))

    said: list[Message] = [{"role": "user", "content": "Grace keeps goats."}]
    async with engine(address, model=ScriptedModel(scripted)) as memory:
        for bank in ("user:a", "user:b"):
            await memory.retain(bank, said, wait=True)

        both = await asyncio.wait_for(
            asyncio.gather(*(memory.reflect(bank, "Who keeps goats?") for bank in ("user:a", "user:b"))), 20
        )

    assert [one.text for one in both] == ["It is so. [1]"] * 2
