"""What was forgotten is gone from mental models, and from what they said before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from duramen.language_models.scripted import ScriptedModel
from duramen.mental_models import MentalModel
from duramen.mental_models.keeping import REFRESH
from duramen.types import Selection
from tests.conftest import Gated
from tests.mental_models.working import ADA, SAID, Working, working

HOME = "Where does Ada live?"
SECRET = "I live in Lisbon."

WAYS: dict[str, dict[str, Any]] = {
    "key": {"key": SECRET},
    "document": {"document": "diary"},
    "session": {"session": "monday"},
    "actor": {"actor": "Ada"},
    "before": {"before": SAID + timedelta(days=1)},
}


async def both(work: Working) -> MentalModel:
    """Return a model that rests on what is to be forgotten and on something else, and said it before."""
    await work.retain(SECRET, document="diary", session="monday")
    model = await work.created(HOME)
    await work.retain("Ada does live in Porto.", day=3, actor="Bob")
    return await work.refreshed(model)


async def kept(work: Working) -> str:
    """Return all that stands on the shelf of mental models, and of their tasks."""
    entries = await work.memory.shelf.scan(("duramen.banks", ADA), below=True)
    return "".join(entry.value.decode(errors="replace") for entry in entries)


@pytest.mark.parametrize("what", WAYS.values(), ids=WAYS)
async def test_what_is_forgotten_is_gone_at_once(address: str, what: dict[str, Any]) -> None:
    async with working(address) as work:
        model = await both(work)

        await work.memory.forget(ADA, **what)
        after = await work.models.get(ADA, model.id)

        assert "Lisbon" in model.content
        assert after.content == "2026-03-05, Bob: Ada does live in Porto."
        assert [one["content"] for one in await work.models.history(ADA, model.id)] == [""]
        assert "Lisbon" not in await kept(work)


async def test_a_single_memory_is_gone_at_once(address: str) -> None:
    async with working(address) as work:
        model = await both(work)
        (said,) = (await work.memory.memories(ADA, key=SECRET)).items

        await work.memory.forget(ADA, memory=said.id)

        assert "Lisbon" not in (await work.models.get(ADA, model.id)).content
        assert "Lisbon" not in await kept(work)


async def test_what_a_strategy_made_of_it_is_gone_as_well(address: str) -> None:
    async with working(address, strategies=["observation"]) as work:
        await work.retain(SECRET, "I own a boat.")
        model = await work.created("Ada?", trigger={"fact_types": ["observation"]})

        await work.memory.forget(ADA, key=SECRET)
        after = await work.models.get(ADA, model.id)

    assert ("Lisbon" in model.content, "boat" in model.content) == (True, True)
    assert after.content == "2026-03-03: Ada owns a boat."


async def test_a_sentence_that_rests_on_several_goes_with_the_first_of_them() -> None:
    def answer(prompt: Any, shape: Any) -> dict[str, Any]:
        labels = [line.split()[0] for line in prompt.data.splitlines() if line.startswith("m")]
        texts = ["Ada lives in Lisbon and owns a boat."] if len(labels) > 1 else []
        return {"action": "answer", "statements": [{"text": text, "sources": labels} for text in texts]}

    async with working(":memory:", model=ScriptedModel(answer)) as work:
        await work.retain(SECRET, "I own a boat.")
        model = await work.created("What is known of Ada?", trigger={"keep_trace": True})

        await work.memory.forget(ADA, key=SECRET)
        after = await work.models.get(ADA, model.id)

    assert (len(model.sources), after.content, after.sources, after.trace) == (2, "", (), None)


async def test_what_lost_something_is_worked_out_anew(address: str) -> None:
    async with working(address) as work:
        model = await both(work)

        await work.memory.forget(ADA, key=SECRET)
        await work.all_done()

        after = await work.models.get(ADA, model.id)
        tasks, _ = await work.tasks.list(ADA, type=REFRESH)
        assert (after.stale, len(tasks)) == (False, 3)


async def test_what_rests_on_other_things_stays_as_it_is(address: str) -> None:
    async with working(address) as work:
        model = await both(work)
        await work.retain("The weather was fine.", day=9)

        await work.memory.forget(ADA, key="The weather was fine.")
        after = await work.models.get(ADA, model.id)
        tasks, _ = await work.tasks.list(ADA, type=REFRESH)

        assert (after.content, after.updated, len(tasks)) == (model.content, model.updated, 2)


async def test_what_was_only_said_better_is_not_forgotten(address: str) -> None:
    async with working(address, strategies=["observation"]) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(HOME, trigger={"fact_types": ["observation"]})
        await work.retain("I live in Lisbon since 2021.", "The weather was fine.", day=2)
        decisions = {one.decision for one in (await work.memory.revisions(ADA)).items}

        await work.memory.forget(ADA, key="The weather was fine.")
        after = await work.models.get(ADA, model.id)

    assert decisions == {"add", "update"}
    assert (after.content, after.stale) == (model.content, True)


async def test_what_says_something_else_now_is_not_told_any_longer(address: str) -> None:
    async with working(address) as work:
        await work.retain(SECRET, key="home")
        model = await work.created(HOME)
        await work.retain("I live in a house.", key="home")

        await work.models.forgotten(ADA)

        assert "Lisbon" in model.content
        assert "Lisbon" not in (await work.models.get(ADA, model.id)).content


async def test_it_is_not_told_either_if_whoever_forgot_was_killed_right_after(address: str) -> None:
    async with working(address) as work:
        model = await both(work)
        (said,) = (await work.memory.memories(ADA, key=SECRET)).items

        await work.memory._parts.store.forget(ADA, Selection(key=SECRET))
        (listed,), _ = await work.models.list(ADA)

        assert said.id in model.sources
        assert listed.content == "2026-03-05, Bob: Ada does live in Porto."
        assert "Lisbon" not in await kept(work)


async def test_what_is_just_being_made_anew_is_only_hidden(address: str) -> None:
    embedder = Gated()
    async with working(address, embedder=embedder) as work:
        model = await both(work)
        embedder.gate.clear()
        await work.memory._parts.store.requeue(ADA)

        hidden = await work.models.update(ADA, model.id, name="Flat")
        embedder.gate.set()
        await work.memory.flush(ADA)
        after = await work.models.get(ADA, model.id)

    assert (hidden.content, hidden.stale) == ("", True)
    assert (after.name, after.content) == ("Flat", model.content)


async def test_what_was_read_before_it_was_forgotten_is_not_written_after(address: str) -> None:
    working_now: list[Working] = []

    async def answer(prompt: Any, shape: Any) -> dict[str, Any]:
        told = [line.split()[0] for line in prompt.data.splitlines() if line.startswith("m") and "Lisbon" in line]
        if told:
            await working_now[0].memory.forget(ADA, key=SECRET)
        return {"action": "answer", "statements": [{"text": "Ada lives in Lisbon.", "sources": told}]}

    model = ScriptedModel(answer)
    async with working(address, model=model) as work:
        working_now.append(work)
        await work.retain(SECRET)

        after = await work.created(HOME)

        assert after.content == ""
        assert "Lisbon" not in await kept(work)
    assert len(model.prompts) == 2


async def test_a_bank_without_any_is_left_alone(address: str) -> None:
    async with working(address) as work:
        await work.retain(SECRET)

        assert await work.models.forgotten(ADA) == 0
        assert await kept(work) == ""
