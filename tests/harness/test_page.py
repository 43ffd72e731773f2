"""What the public page on the memory of the AgentCore harness promises, one test each, on a directory and no cloud."""

from __future__ import annotations

from typing import Any

import pytest

from duramen import BankResolutionError
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
    load_resource,
    save_resource,
)
from tests.harness.conftest import Echo, Open

FACTS = {"type": "semantic", "name": "FactExtractor", "namespace": "/facts/{actorId}/"}


async def told(harness: Harness, *said: str, session: str = "s1", actor: str | None = "user-123") -> None:
    """Say something in a session, and let the strategies finish."""
    for one in said:
        await harness.invoke(one, session=session, actor=actor)
    await harness.memory.wait_idle(finish=True)


async def test_a_conversation_goes_on_after_the_process_that_held_it_is_gone(opened: Open) -> None:
    async with opened() as memory:
        await told(Harness(memory, "MyHarness", Echo("Nice to meet you, Ada.")), "I am Ada.")

    agent = Echo()
    async with opened() as memory:
        answer = await Harness(memory, "MyHarness", agent).invoke("What is my name?", session="s1", actor="user-123")

    assert [message["content"] for message in agent.shown[-1][:2]] == ["I am Ada.", "Nice to meet you, Ada."]
    assert answer.loaded == 2


async def test_managed_memory_has_semantic_and_summary_strategies_and_thirty_days(opened: Open) -> None:
    async with opened() as memory:
        harness = Harness(memory, "MyHarness", Echo())
        await harness.invoke("Hello.", session="s1", actor="user-123")

        resource = await harness.resource()
        (event,) = (await memory.sessions.events("resource:harness MyHarness:actor:user-123", "user-123", "s1")).items

    assert resource is not None
    assert [one["type"] for one in resource.strategies] == ["semantic", "summary"]
    assert resource.event_days == 30
    assert event.expires is not None
    assert round((event.expires - event.at).total_seconds() / 86_400) == 30


async def test_what_was_said_in_one_session_is_known_in_the_next_one(opened: Open) -> None:
    async with opened() as memory:
        await told(Harness(memory, "MyHarness", Echo()), "I moved to Lisbon last year.", "My sister is called Grace.")

    agent = Echo()
    async with opened() as memory:
        answer = await Harness(memory, "MyHarness", agent).invoke("Where do I live?", session="s2", actor="user-123")

    assert "Lisbon" in agent.prompt
    assert agent.shown[-1][-1]["content"].startswith("Where do I live?\n\n<recalled-memory")
    assert answer.loaded == 0
    assert {hit.memory.strategy for hit in answer.recalled} >= {"semantic"}


async def test_strategies_and_expiry_can_be_chosen_when_it_is_created(opened: Open) -> None:
    configuration = ManagedMemory(strategies=["SEMANTIC", "SUMMARIZATION", "USER_PREFERENCE"], event_days=60)
    async with opened() as memory:
        harness = Harness(memory, "MyHarness", Echo(), configuration=configuration)
        await told(harness, "I prefer window seats when I fly.")
        resource = await harness.resource()

        agent = Echo()
        await Harness(memory, "MyHarness", agent).invoke("Which seat should I book?", session="s2", actor="user-123")

    assert resource is not None
    assert resource.event_days == 60
    assert "window seats" in agent.prompt
    assert "preference: " in agent.prompt


async def test_an_update_of_the_strategies_derives_the_retrieval_anew(opened: Open) -> None:
    async with opened() as memory:
        harness = Harness(memory, "MyHarness", Echo())
        before = await harness.retrieval()

        after = await harness.update(
            configuration=ManagedMemory(strategies=["SEMANTIC", "SUMMARIZATION", "USER_PREFERENCE", "EPISODIC"])
        )

    assert {one.strategy for one in before.values()} == {"semantic", "summary"}
    assert {one.strategy for one in after.values()} == {"semantic", "summary", "preference", "episodic"}
    assert all((one.top_k, one.relevance_score) == (10, 0.2) for one in after.values())


async def test_an_existing_memory_is_attached_and_shared_by_several_harnesses(opened: Open) -> None:
    async with opened() as memory:
        await save_resource(memory.shelf, Resource(name="MyMemory", strategies=[FACTS], description="For my harness"))
        one = Harness(memory, "first", Echo(), configuration=ExistingMemory(resource="MyMemory"))
        await told(one, "I work at Contoso as a pilot.")

        agent = Echo()
        other = Harness(memory, "second", agent, configuration=ExistingMemory(resource="MyMemory"))
        await other.invoke("Where do I work?", session="elsewhere", actor="user-123")

    assert "Contoso" in agent.prompt


async def test_a_change_of_an_existing_memory_is_noticed_by_an_update(opened: Open) -> None:
    async with opened() as memory:
        await save_resource(memory.shelf, Resource(name="MyMemory", strategies=[FACTS]))
        harness = Harness(memory, "h", Echo(), configuration=ExistingMemory(resource="MyMemory"))
        await harness.retrieval()
        preferences = {"type": "preference", "name": "Tastes", "namespace": "/tastes/{actorId}/"}
        await save_resource(memory.shelf, Resource(name="MyMemory", strategies=[FACTS, preferences]))

        unchanged = await harness.retrieval()
        refreshed = await harness.update()

    assert list(unchanged) == ["/facts/{actorId}/"]
    assert list(refreshed) == ["/facts/{actorId}/", "/tastes/{actorId}/"]


async def test_a_given_retrieval_takes_the_place_of_the_derived_one(opened: Open) -> None:
    tastes = {"type": "preference", "name": "Tastes", "namespace": "/tastes/{actorId}/"}
    retrieval = {"/facts/{actorId}/": Retrieval(top_k=1, relevance_score=0.0, strategy="FactExtractor")}
    async with opened() as memory:
        await save_resource(memory.shelf, Resource(name="MyMemory", strategies=[FACTS, tastes]))
        configuration = ExistingMemory(resource="MyMemory", retrieval=retrieval)
        harness = Harness(memory, "h", Echo(), configuration=configuration)
        await told(harness, "I prefer tea.", "I live in Lisbon.", "I drive a red van.")

        answer = await harness.invoke("What do I drive?", session="s2", actor="user-123")

    assert [hit.memory.namespace for hit in answer.recalled] == ["/facts/user-123/"]


async def test_an_empty_retrieval_brings_nothing_and_still_saves(opened: Open) -> None:
    async with opened() as memory:
        await save_resource(memory.shelf, Resource(name="MyMemory", strategies=[FACTS]))
        agent = Echo()
        harness = Harness(memory, "h", agent, configuration=ExistingMemory(resource="MyMemory", retrieval={}))
        await told(harness, "I live in Lisbon.")

        answer = await harness.invoke("Where do I live?", session="s2", actor="user-123")

    assert answer.recalled == ()
    assert answer.saved
    assert "recalled-memory" not in agent.prompt


async def test_disabled_memory_loads_brings_and_saves_nothing(opened: Open) -> None:
    async with opened() as memory:
        agent = Echo()
        harness = Harness(memory, "MyHarness", agent, configuration=NoMemory())
        await told(harness, "I live in Lisbon.")

        answer = await harness.invoke("Where do I live?", session="s1", actor="user-123")
        banks = await memory.banks()

    assert len(agent.shown[-1]) == 1
    assert not answer.saved
    assert banks.items == ()


async def test_disabling_leaves_a_managed_memory_as_a_resource_that_can_be_attached(opened: Open) -> None:
    async with opened() as memory:
        harness = Harness(memory, "MyHarness", Echo())
        await told(harness, "I live in Lisbon.")

        await harness.update(configuration=NoMemory())
        left = await load_resource(memory.shelf, "harness MyHarness")
        agent = Echo()
        other = Harness(memory, "other", agent, configuration=ExistingMemory(resource="harness MyHarness"))
        await other.invoke("Where do I live?", session="s2", actor="user-123")

    assert left is not None
    assert left.managed_by is None
    assert "Lisbon" in agent.prompt


@pytest.mark.parametrize(("cascade", "banks_left"), [(True, 0), (False, 1)])
async def test_deleting_a_harness_takes_its_memory_along_or_leaves_it(
    opened: Open, cascade: bool, banks_left: int
) -> None:
    async with opened() as memory:
        harness = Harness(memory, "MyHarness", Echo())
        await told(harness, "I live in Lisbon.")

        await harness.delete(delete_managed_memory=cascade)
        left = await load_resource(memory.shelf, "harness MyHarness")
        banks = await memory.banks()
        history = await memory.sessions.history("resource:harness MyHarness:actor:user-123", "user-123", "s1")

    assert (left is None) is cascade
    assert left is None or left.managed_by is None
    assert len(banks.items) == banks_left
    assert bool(history) is not cascade


async def test_deleting_a_harness_never_takes_an_existing_memory_along(opened: Open) -> None:
    async with opened() as memory:
        await save_resource(memory.shelf, Resource(name="MyMemory", strategies=[FACTS]))
        harness = Harness(memory, "h", Echo(), configuration=ExistingMemory(resource="MyMemory"))
        await told(harness, "I live in Lisbon.")

        await harness.delete()
        banks = await memory.banks()

    assert len(banks.items) == 1


async def test_each_actor_has_a_memory_of_its_own(opened: Open) -> None:
    async with opened() as memory:
        agent = Echo()
        harness = Harness(memory, "MyHarness", agent)
        await told(harness, "My secret word is zanzibar.", actor="ada")

        answer = await harness.invoke("What is my secret word?", session="s1", actor="bob")

    assert answer.recalled == ()
    assert answer.loaded == 0
    assert "zanzibar" not in agent.prompt


async def test_without_an_actor_a_session_has_a_memory_that_nobody_else_reads(opened: Open) -> None:
    async with opened() as memory:
        agent = Echo()
        harness = Harness(memory, "MyHarness", agent)
        await told(harness, "My secret word is zanzibar.", actor=None)

        again = await harness.invoke("Go on.", session="s1")
        other = await harness.invoke("What is my secret word?", session="s2")

    assert again.loaded == 2
    assert other.loaded == 0
    assert "zanzibar" not in agent.prompt


@pytest.mark.parametrize("given", [{"session": " ", "actor": "ada"}, {"session": "s1", "actor": ""}])
async def test_a_blank_actor_or_session_is_refused(opened: Open, given: dict[str, Any]) -> None:
    async with opened() as memory:
        agent = Echo()

        with pytest.raises(BankResolutionError):
            await Harness(memory, "MyHarness", agent).invoke("Hello.", **given)

    assert agent.shown == []


async def test_a_sliding_window_keeps_the_latest_messages(opened: Open) -> None:
    async with opened() as memory:
        agent = Echo()
        harness = Harness(memory, "MyHarness", agent, truncation=SlidingWindow(messages=4))
        for number in range(6):
            await harness.invoke(f"Message {number}.", session="s1", actor="user-123")

    assert len(agent.shown[-1]) <= 4
    assert str(agent.shown[-1][-1]["content"]).startswith("Message 5.")


async def test_summarization_keeps_what_older_messages_said_in_fewer_tokens(opened: Open) -> None:
    async with opened() as memory:
        agent = Echo()
        harness = Harness(memory, "h", agent, truncation=Summarization(ratio=0.5, keep_recent=2, messages=6))
        await harness.invoke("My flight to Porto leaves on 3 March at 18:40.", session="s1", actor="user-123")
        for number in range(6):
            await harness.invoke(f"And what about thing number {number}?", session="s1", actor="user-123")

    assert len(agent.shown[-1]) <= 6
    assert "Porto" in agent.prompt


async def test_truncation_can_be_another_one_for_a_single_call(opened: Open) -> None:
    async with opened() as memory:
        agent = Echo()
        harness = Harness(memory, "MyHarness", agent, truncation=SlidingWindow(messages=2))
        for number in range(4):
            await harness.invoke(f"Message {number}.", session="s1", actor="user-123")

        await harness.invoke("Message 4.", session="s1", actor="user-123", truncation=NoTruncation())

    assert len(agent.shown[-1]) == 9


async def test_the_configuration_is_kept_for_the_next_process(opened: Open) -> None:
    async with opened() as memory:
        harness = Harness(memory, "h", Echo(), truncation=Summarization(keep_recent=3))
        await harness.update(configuration=ManagedMemory(strategies=["episodic"]))

    async with opened() as memory:
        again = await Harness(memory, "h", Echo()).retrieval()

    assert {one.strategy for one in again.values()} == {"episodic"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ManagedMemory(strategies=["SEMANTICS"]),
        lambda: ManagedMemory(event_days=2),
        lambda: Retrieval(top_k=0),
        lambda: Retrieval(relevance_score=1.5),
        lambda: ExistingMemory(resource="m", messages=0),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(StrategyError):
        wrong()


async def test_an_existing_memory_that_is_not_there_is_an_error_that_says_what_to_do(opened: Open) -> None:
    async with opened() as memory:
        harness = Harness(memory, "h", Echo(), configuration=ExistingMemory(resource="nowhere"))

        with pytest.raises(StrategyError, match="no memory resource 'nowhere'"):
            await harness.invoke("Hello.", session="s1", actor="ada")
