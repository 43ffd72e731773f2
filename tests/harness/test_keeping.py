"""How the memory of a harness is set up, kept, changed and taken apart."""

from __future__ import annotations

import json

import pytest

from duramen.errors import StrategyError
from duramen.harness import (
    ExistingMemory,
    Harness,
    ManagedMemory,
    NoMemory,
    NoTruncation,
    Resource,
    Retrieval,
    SlidingWindow,
    Summarization,
    delete_resource,
    list_resources,
    load_resource,
    save_resource,
)
from duramen.harness.configuration import Configuration
from duramen.harness.keeping import HARNESSES
from duramen.sessions.truncation import Truncation
from duramen.shelf import Put
from duramen.strategies import SummaryStrategy
from duramen.strategies.resources import RESOURCES
from duramen.strategy import Strategy
from tests.harness.calls import NOTES, harness_of, history, opened, say, shared
from tests.harness.conftest import Echo
from tests.simple_strategies import notes, texts

MANAGED = "resource:harness h:actor:ada"

PLAIN = ManagedMemory(strategies=["summary"])


DAMAGED = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"{}",
    b'{"memory": "managed"}',
    json.dumps({"memory": "none", "retrieval": {}, "truncation": {"strategy": "guessing"}}).encode(),
    json.dumps({"memory": "none", "retrieval": {"/": {"top_k": 0}}, "truncation": {"strategy": "none"}}).encode(),
    json.dumps({"memory": "none", "retrieval": {"/": {"depth": 1}}, "truncation": {"strategy": "none"}}).encode(),
    json.dumps({"memory": "none", "retrieval": {}, "truncation": {"strategy": "none"}, "future": 1}).encode(),
    json.dumps({"memory": "none", "retrieval": [], "truncation": {"strategy": "none"}}).encode(),
    json.dumps({"memory": "none", "retrieval": {}, "truncation": {"strategy": []}}).encode(),
    json.dumps({"memory": "none", "retrieval": {}, "truncation": 7}).encode(),
]


@pytest.mark.parametrize("written", DAMAGED)
async def test_a_record_that_cannot_be_read_is_noted_and_the_agent_goes_on_without(
    address: str, written: bytes
) -> None:
    async with opened(address) as memory:
        await memory.shelf.write([Put(path=HARNESSES, key="h", value=written)])
        harness = Harness(memory, "h", Echo())

        answer = await harness.invoke("Hi.", session="s1", actor="ada")
        with pytest.raises(StrategyError, match="upgrade, or delete it and set it up anew"):
            await harness.retrieval()
        await harness.delete()
        again = await harness.invoke("Hi again.", session="s1", actor="ada")

    assert (answer.text, answer.saved) == ("Noted.", False)
    assert answer.notes[0].startswith("without configuration: A harness cannot be read")
    assert (again.saved, again.notes) == (True, ())


async def test_a_record_that_cannot_be_read_is_warned_of_once(address: str, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(address) as memory:
        await memory.shelf.write([Put(path=HARNESSES, key="h", value=b"{}")])
        harness = Harness(memory, "h", Echo())

        for _ in range(3):
            await harness.invoke("Hi.", session="s1", actor="ada")

    warned = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert sum("did not give its configuration" in one for one in warned) == 1


async def test_a_resource_that_cannot_be_read_is_noted_and_the_agent_goes_on_without(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")
        await memory.shelf.write([Put(path=RESOURCES, key="harness h", value=b"{}")])

        same = await harness.invoke("Hi again.", session="s1", actor="ada")
        anew = await Harness(memory, "h", Echo(), configuration=PLAIN).invoke("Hi.", session="s1", actor="ada")

    assert [(one.text, one.saved) for one in (same, anew)] == [("Noted.", False)] * 2
    assert all("cannot be read" in one.notes[0] for one in (same, anew))


async def test_a_configuration_that_cannot_be_used_changes_nothing(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory)
        before = await harness.retrieval()

        with pytest.raises(StrategyError, match="no memory resource 'nowhere'"):
            await harness.update(configuration=ExistingMemory(resource="nowhere"))

        assert await harness.retrieval() == before
        assert (await say(harness, "Hi.")).saved


async def test_what_a_new_harness_is_not_given_is_as_it_is_kept(address: str) -> None:
    async with opened(address) as memory:
        await say(await harness_of(memory, truncation=SlidingWindow(messages=9)), "Hi.")

        again = Harness(memory, "h", Echo())

        assert (await say(again, "Hi again.")).loaded == 2


GIVEN: list[tuple[Configuration | None, Truncation | None]] = [
    (NoMemory(), None),
    (ExistingMemory(resource="notes"), None),
    (ManagedMemory(), None),
    (ManagedMemory(strategies=["summary"], event_days=31), None),
    (ManagedMemory(strategies=["summary"], messages=3), None),
    (ManagedMemory(strategies=["summary"], top_k=3), None),
    (ManagedMemory(strategies=["summary"], relevance_score=0.5), None),
    (PLAIN, SlidingWindow(messages=7)),
    (None, NoTruncation()),
]


@pytest.mark.parametrize(("configuration", "truncation"), GIVEN)
async def test_another_configuration_than_the_one_kept_is_refused_until_it_is_updated(
    address: str, configuration: Configuration | None, truncation: Truncation | None
) -> None:
    async with opened(address) as memory:
        await shared(memory)
        await Harness(memory, "h", Echo(), configuration=PLAIN).retrieval()
        agent = Echo()
        other = Harness(memory, "h", agent, configuration=configuration, truncation=truncation)

        with pytest.raises(StrategyError, match=r"set up in another way.*`update\(…\)`"):
            await other.invoke("Hi.", session="s1", actor="ada")
        refused = list(agent.shown)
        await other.update(configuration=configuration, truncation=truncation)
        await other.invoke("Hi.", session="s1", actor="ada")
        same = Harness(memory, "h", agent, configuration=configuration, truncation=truncation)
        await same.invoke("Hi.", session="s1", actor="ada")

    assert (refused, len(agent.shown)) == ([], 2)


@pytest.mark.parametrize(
    "other",
    [
        ExistingMemory(resource="notes", actor="bob"),
        ExistingMemory(resource="notes", messages=3),
        ExistingMemory(resource="notes", retrieval={}),
        ExistingMemory(resource="other"),
    ],
)
async def test_every_setting_of_an_existing_memory_is_compared(address: str, other: ExistingMemory) -> None:
    async with opened(address) as memory:
        await shared(memory, name="other")
        await (await harness_of(memory)).retrieval()

        with pytest.raises(StrategyError, match="set up in another way"):
            await Harness(memory, "h", Echo(), configuration=other).retrieval()


async def test_the_very_same_configuration_is_taken_in_every_process(address: str) -> None:
    retrieval = {"/notes/{actorId}/": {"top_k": 3}}
    strategies: list[str | Strategy] = [SummaryStrategy(name="minutes"), notes(namespace="/notes/{actorId}/")]
    given: list[Configuration] = [
        ManagedMemory(strategies=strategies, event_days=9, top_k=3),
        ExistingMemory(resource="notes", actor="ada", messages=4, retrieval=retrieval),
        NoMemory(),
    ]
    async with opened(address) as memory:
        await shared(memory)
        for place, configuration in enumerate(given):
            brought = [
                await Harness(
                    memory, f"h{place}", Echo(), configuration=configuration, truncation=Summarization(ratio=0.4)
                ).retrieval()
                for _ in range(2)
            ]

            assert brought[0] == brought[1]


async def test_the_tuning_of_a_managed_memory_is_used_and_stays_through_updates(address: str) -> None:
    configuration = ManagedMemory(strategies=["summary"], messages=2, top_k=3, relevance_score=0.5)
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=configuration)

        answer = await say(harness, "One.", "Two.", "Three.")
        before = await harness.retrieval()
        after = await harness.update(truncation=NoTruncation())

    assert answer.loaded == 2
    assert list(before.values()) == [Retrieval(top_k=3, relevance_score=0.5, strategy="summary")]
    assert after == before


async def test_an_update_of_the_truncation_alone_keeps_the_memory(address: str) -> None:
    async with opened(address) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent)
        await say(harness, "One.", "Two.")

        retrieval = await harness.update(truncation=SlidingWindow(messages=1))
        answer = await say(harness, "Three.")

    assert list(retrieval) == ["/notes/{actorId}/"]
    assert (answer.loaded, len(agent.shown[-1])) == (0, 1)


async def test_a_given_retrieval_stays_through_updates(address: str) -> None:
    given = {"/notes/{actorId}/": Retrieval(top_k=2)}
    async with opened(address) as memory:
        await shared(memory)
        harness = await harness_of(memory, configuration=ExistingMemory(resource="notes", retrieval=given))
        await harness.retrieval()
        await save_resource(memory.shelf, Resource(name="notes", strategies=[NOTES, {"type": "summary", "name": "s"}]))

        kept = await harness.update(truncation=NoTruncation())
        derived_again = await harness.update(configuration=ExistingMemory(resource="notes"))

    assert kept == given
    assert len(derived_again) == 2


async def test_changing_the_strategies_of_a_managed_memory_keeps_what_it_knows(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "I have sold the boat to Grace.")
        before = await texts(memory, MANAGED)

        await harness.update(configuration=ManagedMemory(strategies=["episodic"], event_days=90))
        resource = await harness.resource()

        assert before == await texts(memory, MANAGED) != []
        assert len(await history(memory, bank=MANAGED)) == 2
    assert resource is not None
    assert ([one["type"] for one in resource.strategies], resource.event_days) == (["episodic"], 90)


async def test_a_managed_memory_that_was_left_is_taken_back_with_the_new_strategies(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")
        await harness.delete(delete_managed_memory=False)

        again = Harness(memory, "h", Echo(), configuration=ManagedMemory(strategies=["episodic"]))
        answer = await say(again, "Hi again.")
        resource = await again.resource()

    assert answer.loaded == 2
    assert resource is not None
    assert (resource.managed_by, [one["type"] for one in resource.strategies]) == ("h", ["episodic"])


@pytest.mark.parametrize("between", [NoMemory(), ExistingMemory(resource="harness h")])
async def test_a_managed_memory_is_taken_back_by_an_update(address: str, between: Configuration) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")

        await harness.update(configuration=between)
        await harness.update(configuration=PLAIN)
        answer = await say(harness, "Hi again.")
        await harness.delete()

        assert answer.loaded == 2
        assert await list_resources(memory.shelf) == []


@pytest.mark.parametrize("managed_by", [None, "other"])
async def test_a_memory_that_was_never_this_harnesss_is_not_taken_over(address: str, managed_by: str | None) -> None:
    async with opened(address) as memory:
        await save_resource(memory.shelf, Resource(name="harness h", strategies=[NOTES], managed_by=managed_by))

        with pytest.raises(StrategyError, match=r"there|ExistingMemory\(resource='harness h'\)"):
            await Harness(memory, "h", Echo()).invoke("Hi.", session="s1", actor="ada")
        await Harness(memory, "h", Echo()).delete()
        kept = await load_resource(memory.shelf, "harness h")

    assert kept is not None
    assert list(kept.strategies) == [NOTES]


async def test_a_memory_set_up_anew_in_place_of_one_that_was_left_is_not_taken_over(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")
        await harness.delete(delete_managed_memory=False)
        await delete_resource(memory.shelf, "harness h")
        await save_resource(memory.shelf, Resource(name="harness h", strategies=[NOTES]))

        with pytest.raises(StrategyError, match="set up apart from a harness"):
            await harness.invoke("Hi.", session="s1", actor="ada")


async def test_deleting_a_harness_twice_spares_what_the_first_time_left(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")

        await harness.delete(delete_managed_memory=False)
        await harness.delete()

        assert len(await history(memory, bank=MANAGED)) == 2


async def test_a_managed_memory_may_become_an_existing_one_of_the_same_harness(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")

        await harness.update(configuration=ExistingMemory(resource="harness h"))
        await harness.delete()
        left = await load_resource(memory.shelf, "harness h")

        assert left is not None
        assert left.managed_by is None
        assert len(await history(memory, bank=MANAGED)) == 2


async def test_a_deleted_harness_takes_all_its_sessions_and_nobody_elses(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        other = Harness(memory, "h2", Echo(), configuration=PLAIN)
        await say(harness, "Hi.", actor="ada")
        await say(harness, "Hi.", actor=None)
        await say(other, "Hi.", actor="ada")

        await harness.delete()
        banks = {one.name for one in (await memory.banks()).items}

        assert banks == {"resource:harness h2:actor:ada"}
        assert [one.name for one in await list_resources(memory.shelf)] == ["harness h2"]
        assert await history(memory, bank=MANAGED) == []
        assert len(await history(memory, bank="resource:harness h2:actor:ada")) == 2


async def test_a_deleted_harness_begins_anew(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")
        await harness.delete()

        assert (await say(harness, "Hi.")).loaded == 0


async def test_deleting_what_was_never_used_leaves_nothing(address: str) -> None:
    async with opened(address) as memory:
        await Harness(memory, "h", Echo(), configuration=PLAIN).delete()

        assert await list_resources(memory.shelf) == []
        assert await memory.shelf.scan(HARNESSES) == []


async def test_a_harness_without_memory_has_no_resource(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=NoMemory())

        assert await harness.resource() is None
        assert await harness.retrieval() == {}
        await harness.delete()


async def test_the_events_of_a_managed_memory_expire_after_its_days(address: str) -> None:
    async with opened(address) as memory:
        await say(
            Harness(memory, "h", Echo(), configuration=ManagedMemory(strategies=["summary"], event_days=3)), "Hi."
        )

        (event,) = (await memory.sessions.events(MANAGED, "ada", "s1")).items
        (one, _) = (await memory.events(MANAGED)).items

    assert event.expires is not None
    assert one.expires == event.expires
    assert round((event.expires - event.at).total_seconds() / 86_400, 2) == 3


async def test_names_with_colons_and_slashes_keep_their_memories_apart(address: str) -> None:
    async with opened(address) as memory:
        for name in ("a:b", "a%3Ab", "a/b"):
            await say(Harness(memory, name, Echo(), configuration=PLAIN), f"I am of {name}.")
        told = [
            (await say(Harness(memory, name, Echo()), "Go on.")).loaded for name in ("a:b", "a%3Ab", "a/b", "a:b:c")
        ]

    assert told == [2, 2, 2, 0]
