"""How a memory is set up, kept, changed and taken apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from duramen.errors import NamespaceError, StrategyError
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
    list_resources,
    load_resource,
    save_resource,
)
from duramen.harness.configuration import Kept, derived
from duramen.harness.keeping import HARNESSES
from duramen.sessions.truncation import Truncation
from duramen.shelf import Put
from duramen.strategies import SummaryStrategy
from duramen.strategy import Strategy
from tests.harness.calls import NOTES, harness_of, history, opened, say, shared
from tests.harness.conftest import Echo
from tests.simple_strategies import notes, texts

MANAGED = "resource:harness h:actor:ada"

PLAIN = ManagedMemory(strategies=["summary"])


@pytest.mark.parametrize(
    "truncation", [SlidingWindow(messages=7), Summarization(ratio=0.4, prompt="Brief!"), NoTruncation()]
)
@pytest.mark.parametrize("overridden", [True, False])
def test_a_configuration_is_read_as_it_was_written(truncation: Truncation, overridden: bool) -> None:
    kept = Kept(
        memory="existing",
        resource="näme",
        actor="ada",
        messages=5,
        retrieval={"/notes/{actorId}/": Retrieval(top_k=3, relevance_score=0.5, strategy="notes")},
        overridden=overridden,
        truncation=truncation,
    )

    assert Kept.read(kept.written()) == kept


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
async def test_a_record_that_cannot_be_read_is_an_error_that_says_what_to_do(address: str, written: bytes) -> None:
    async with opened(address) as memory:
        agent = Echo()
        await memory.shelf.write([Put(path=HARNESSES, key="h", value=written)])

        with pytest.raises(StrategyError):
            await Harness(memory, "h", agent).invoke("Hi.", session="s1", actor="ada")

    assert agent.shown == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Retrieval(top_k=101),
        lambda: Retrieval(top_k=True),
        lambda: Retrieval(top_k="3"),  # type: ignore[arg-type]  # what is wrong about it
        lambda: Retrieval(relevance_score=-0.1),
        lambda: Retrieval(relevance_score=float("nan")),
        lambda: ManagedMemory(event_days=366),
        lambda: ManagedMemory(event_days=True),
        lambda: ManagedMemory(strategies=[""]),
        lambda: ExistingMemory(resource="m", messages=True),
    ],
)
def test_values_out_of_bounds_are_refused(wrong: Any) -> None:
    with pytest.raises(StrategyError):
        wrong()


@pytest.mark.parametrize("template", ["", "/{actorId", "/a//b/", "/{actorId}{sessionId}/", "/*/"])
def test_a_template_that_is_none_is_refused(template: str) -> None:
    with pytest.raises(NamespaceError):
        ExistingMemory(resource="m", retrieval={template: Retrieval()})


@pytest.mark.parametrize("name", ["SUMMARIZATION", "Summary", "summary"])
def test_strategies_may_be_named_in_any_case(name: str) -> None:
    (definition,) = ManagedMemory(strategies=[name]).definitions()

    assert definition == {"type": "summary", "name": "summary"}


def test_strategies_may_be_objects() -> None:
    strategies: list[str | Strategy] = [SummaryStrategy(name="minutes"), notes(namespace="/notes/{actorId}/")]

    first, second = ManagedMemory(strategies=strategies).definitions()

    assert (first["type"], first["name"]) == ("summary", "minutes")
    assert second == NOTES


def test_two_strategies_that_share_a_template_are_both_brought() -> None:
    strategies = [SummaryStrategy(name="a"), SummaryStrategy(name="b")]

    assert list(derived(strategies)) == [
        "/strategies/a/actors/{actorId}/sessions/{sessionId}/",
        "/strategies/b/actors/{actorId}/sessions/{sessionId}/",
    ]


async def test_the_users_own_strategies_work_in_a_managed_memory(address: str) -> None:
    strategies = [notes(namespace="/notes/{actorId}/", merges=False)]
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=ManagedMemory(strategies=strategies))
        await say(harness, "Ada keeps bees in the orchard.")

        answer = await say(harness, "Where does Ada keep bees?", session="s2")

    assert [hit.memory.text for hit in answer.recalled] == ["Ada keeps bees in the orchard."]


async def test_a_configuration_that_cannot_be_used_changes_nothing(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory)
        before = await harness.retrieval()

        with pytest.raises(StrategyError, match="no memory resource 'nowhere'"):
            await harness.update(configuration=ExistingMemory(resource="nowhere"))

        assert await harness.retrieval() == before
        assert (await say(harness, "Hi.")).saved


async def test_what_a_new_harness_is_given_counts_only_if_it_is_new(address: str) -> None:
    async with opened(address) as memory:
        await say(await harness_of(memory), "Hi.")

        again = Harness(memory, "h", Echo(), configuration=NoMemory())

        assert (await say(again, "Hi again.")).loaded == 2


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


async def test_a_managed_memory_that_was_left_is_not_taken_over_unasked(address: str) -> None:
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=PLAIN)
        await say(harness, "Hi.")
        await harness.delete(delete_managed_memory=False)

        with pytest.raises(StrategyError, match=r"left behind.*ExistingMemory\(resource='harness h'\)"):
            await Harness(memory, "h", Echo()).invoke("Hi.", session="s1", actor="ada")
        attached = Harness(memory, "h", Echo(), configuration=ExistingMemory(resource="harness h"))

        assert (await say(attached, "Hi again.")).loaded == 2


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
