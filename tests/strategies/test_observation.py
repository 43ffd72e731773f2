"""Observations: each thing once, with all that says so, and never across scopes of tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen import Item, MemoryEngine
from duramen.desk import place_of
from duramen.errors import StrategyError
from duramen.jobs.checking import checked
from duramen.language_models.scripted import ScriptedModel
from duramen.profiles import Profiles
from duramen.strategies import Candidate, CustomStrategy, FunctionStrategy, ObservationStrategy, Strategy, Work
from duramen.strategies.definitions import build, define
from duramen.strategies.observation_scopes import SCOPES
from duramen.types import Memory
from tests.conftest import engine
from tests.simple_strategies import BRISK

ADA = "user:ada"
SAID = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)


def item(content: str, *tags: str, day: int = 0, **options: Any) -> Item:
    return Item(content=content, occurred=SAID + timedelta(days=day), tags=tags, actor="Ada", **options)


async def observed(memory: MemoryEngine, bank: str = ADA) -> list[Memory]:
    await memory.wait_idle(bank)
    return list((await memory.memories(bank, kinds=["observation"])).items)


def told(memories: Sequence[Memory]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.text, one.tags) for one in memories]


async def test_what_is_said_is_observed(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        await memory.retain(ADA, [item("I live in Lisbon.")])
        (found,) = await observed(memory)

    assert (found.text, found.kind, found.strategy, found.tags) == (
        "Ada lives in Lisbon.",
        "observation",
        "observation",
        (),
    )
    assert found.namespace == "/strategies/observation/actors/Ada/untagged/"


async def test_saying_it_again_adds_evidence(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        for day in range(3):
            await memory.retain(ADA, [item("I live in Lisbon.", day=day)], wait=True)
        (found,) = await observed(memory)
        decisions = [one.decision for one in (await memory.revisions(ADA, memory=found.id)).items]

    assert len(set(found.sources)) == 3
    assert decisions == ["add", "skip", "skip"]


async def test_what_changed_supersedes_what_was(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        await memory.retain(ADA, [item("I live in Lisbon.")])
        await memory.retain(ADA, [item("I moved to Porto.", day=90)])
        found = {one.text: one.superseded for one in await observed(memory)}

    assert found == {"Ada lives in Lisbon.": SAID + timedelta(days=90), "Ada moved to Porto.": None}


async def test_what_is_said_under_other_tags_is_other_evidence(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        for day, tags in enumerate((["home"], ["work"], [], ["work", "home"], ["home"])):
            await memory.retain(ADA, [item("I live in Lisbon.", *tags, day=day)], wait=True)
        found = await observed(memory)

    assert sorted(one.tags for one in found) == [(), ("home",), ("home", "work"), ("work",)]
    assert {one.tags: len(one.sources) for one in found}[("home",)] == 2
    assert len({one.namespace for one in found}) == 4


@pytest.mark.parametrize(
    ("scopes", "tags"),
    [
        ("per_tag", [("home",), ("work",)]),
        ('"all_combinations"', [("home",), ("home", "work"), ("work",)]),
        ("shared", [()]),
        ('[["team"], []]', [(), ("team",)]),
    ],
)
async def test_an_event_is_observed_in_all_its_scopes(address: str, scopes: str, tags: list[tuple[str, ...]]) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        await memory.retain(ADA, [item("I live in Lisbon.", "work", "home", metadata={SCOPES: scopes})])
        found = await observed(memory)

    assert sorted(told(found)) == [("Ada lives in Lisbon.", tag) for tag in tags]


async def test_scopes_that_make_no_sense_fail_that_event_alone(address: str) -> None:
    async with engine(address, strategies=["observation"], pace=BRISK) as memory:
        bad = item("I own a boat.", metadata={SCOPES: "everywhere"}, session="s")
        await memory.retain(ADA, [bad, item("I live in Lisbon.", day=1, session="s")])
        await memory.wait_idle(ADA, finish=True)
        found = [one.text for one in (await memory.memories(ADA, kinds=["observation"])).items]
        jobs = [job for job in (await memory.jobs(ADA)).items if job.state != "done"]

    assert found == ["Ada lives in Lisbon."]
    assert [("everywhere" in job.reason, job.state in ("pending", "failed")) for job in jobs] == [(True, True)]


async def test_a_name_does_not_come_over_from_other_tags() -> None:
    asked: list[str] = []

    def answer(prompt: Any, shape: Any) -> dict[str, Any]:
        asked.append(prompt.data)
        return {"facts": []}

    async with engine(":memory:", strategies=["observation"], model=ScriptedModel(answer)) as memory:
        await memory.retain(ADA, [item("My doctor is Dr Brandt.", "health", session="s")], wait=True)
        await memory.retain(ADA, [item("He is late.", "work", day=1, session="s")], wait=True)
        await memory.retain(ADA, [item("He called.", "health", day=2, session="s")], wait=True)

    assert ["Brandt" in data for data in asked] == [True, False, True]


async def test_a_model_is_not_shown_two_scopes_at_once() -> None:
    asked: list[str] = []

    def answer(prompt: Any, shape: Any) -> dict[str, Any]:
        asked.append(prompt.data)
        if shape.__name__ == "FactsShape":
            return {"facts": [{"text": "Ada lives in Lisbon now.", "sources": ["e1"]}]}
        return {"decisions": []}

    model = ScriptedModel(answer)
    async with engine(":memory:", strategies=["observation"], model=model) as memory:
        for day, mark in enumerate(("first", "second")):
            both = [item(f"I live in Lisbon, {mark}.", tag, day=day, session="s") for tag in ("health", "work")]
            await memory.retain(ADA, both, wait=True)

    assert all(data.count(mark) <= 1 for data in asked for mark in ("first", "second"))
    assert all(data.count("\nm") <= 1 for data in asked)


async def test_a_model_is_told_what_the_bank_wants_to_know(address: str) -> None:
    model = ScriptedModel([{"facts": [{"text": "Ada owns a boat.", "sources": ["e1"]}]}])

    async with engine(address, strategies=["observation"], model=model) as memory:
        await Profiles(memory._desk).save(ADA, config={"observations_mission": "Only what people own."})
        await memory.retain(ADA, [item("I own a boat in Lisbon.")])
        found = await observed(memory)

    assert [one.text for one in found] == ["Ada owns a boat."]
    assert model.prompts[0].instructions.endswith("Only what people own.")


async def test_a_bank_may_do_without(address: str) -> None:
    async with engine(address, strategies=["semantic", "observation"]) as memory:
        await Profiles(memory._desk).save(ADA, config={"enable_observations": False})
        await memory.retain(ADA, [item("I live in Lisbon.")])
        await memory.retain("user:bob", [item("I live in Porto.")])

        assert await observed(memory) == []
        assert [one.name for one in await memory.strategies(ADA)] == ["semantic"]
        assert [one.text for one in await observed(memory, "user:bob")] == ["Ada lives in Porto."]


async def test_what_was_to_be_observed_before_it_was_switched_off_still_is(address: str) -> None:
    waits = CustomStrategy(base="observation", name="observation")
    async with engine(address, strategies=[waits]) as memory:
        profiles = Profiles(memory._desk)
        await profiles.save(ADA, config={"enable_auto_consolidation": False})
        await memory.retain(ADA, [item("I live in Lisbon.")])
        await memory.wait_idle(ADA)
        before = await observed(memory)
        await profiles.save(ADA, config={"enable_observations": False})
        await memory.wait_idle(ADA, finish=True)

        assert (before, [one.text for one in await observed(memory)]) == ([], ["Ada lives in Lisbon."])


async def test_a_bank_has_usual_scopes_of_its_own(address: str) -> None:
    async with engine(address, strategies=["observation"]) as memory:
        await Profiles(memory._desk).save(ADA, config={"default_observation_scopes": "per_tag"})
        await memory.retain(ADA, [item("I live in Lisbon.", "a", "b")])
        await memory.retain(ADA, [item("I own a boat.", "a", "b", day=1, metadata={SCOPES: "combined"})])
        found = await observed(memory)

    assert sorted(told(found)) == [
        ("Ada lives in Lisbon.", ("a",)),
        ("Ada lives in Lisbon.", ("b",)),
        ("Ada owns a boat.", ("a", "b")),
    ]


async def test_a_profile_is_read_from_where_it_stands(address: str) -> None:
    async with engine(address) as memory:
        await Profiles(memory._desk).save(ADA, config={"enable_observations": False})

        assert len(await memory.shelf.scan(place_of(ADA, "profile"))) == 1


def test_it_is_written_down_and_built_again() -> None:
    strategy = ObservationStrategy(name="seen", mission="What people own.", scopes="shared", prompt="Write.")

    assert build(define(strategy)) == strategy
    assert define(strategy)["type"] == "observation"


def test_its_version_changes_with_what_it_is_told() -> None:
    versions = {ObservationStrategy(mission=told).version for told in (None, "One.", "Two.")}
    strategy: Strategy = ObservationStrategy()

    assert len(versions) == 3
    assert strategy.version == "1"


def test_a_blank_mission_is_refused() -> None:
    with pytest.raises(StrategyError, match="blank"):
        ObservationStrategy(mission=" ")


async def test_the_code_of_an_application_may_tag_what_it_makes(address: str) -> None:
    def made(work: Work) -> list[Candidate]:
        (event,) = work.events
        return [
            Candidate(text=f"Tagged {tags}.", kind="fact", sources=(event.id,), mentioned=event.mentioned, tags=tags)
            for tags in (("b", "a"), (), None)
        ]

    async with engine(address, strategies=[FunctionStrategy(name="own", function=made, merges=False)]) as memory:
        await memory.retain(ADA, [item("I live in Lisbon.", "home")], wait=True)
        found = [one.tags for one in (await memory.memories(ADA, strategy="own")).items]

    assert found == [("a", "b"), (), ("home",)]


def test_tags_that_are_no_texts_are_refused() -> None:
    tags: Any = ("a", 3)
    candidate = Candidate(text="One.", kind="fact", sources=("e",), mentioned=SAID, tags=tags)

    with pytest.raises(StrategyError, match="tags"):
        checked(candidate, "own", {"e"})
