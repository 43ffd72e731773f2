from __future__ import annotations

import asyncio
from typing import Any

import pytest
from strands import Agent
from strands.agent.conversation_manager import SlidingWindowConversationManager
from strands.memory import AddMessagesContext, InvocationTrigger, MemoryManager

from duramen import (
    BadInputError,
    BankResolutionError,
    Identity,
    MemoryEngine,
    StoreUnavailableError,
    SyncMemoryEngine,
)
from duramen_strands import DuramenMemoryStore, MemoryHooks, Retention
from tests.conftest import engine
from tests.duramen_strands.parts import FACTS, QUESTION, TRACKED, TakenBack, Use, agent_of, as_user, kept, look_up
from tests.outages import BreakableStore

pytestmark = pytest.mark.usefixtures("seeded")

FACT = FACTS["user:ada"]
NUMBERED = "sequence_numbers" in AddMessagesContext.__annotations__


def with_store(memory: MemoryEngine, *lines: Any, **options: Any) -> tuple[Agent, Any, DuramenMemoryStore]:
    store = DuramenMemoryStore(memory, options.pop("bank", "user:ada"), **options.pop("store", {}))
    manager = MemoryManager(stores=[store], **options.pop("manager", {}))
    agent, model = agent_of(*lines, memory_manager=manager, **options)
    return agent, model, store


async def test_the_manager_injects_what_the_bank_knows(memory: MemoryEngine) -> None:
    agent, model, _ = with_store(memory, "In Lisbon.")

    await agent.invoke_async(QUESTION)

    assert FACT in model.texts()
    assert FACTS["user:bob"] not in model.texts()
    assert FACT not in repr(agent.messages)
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


@pytest.mark.parametrize("way", ["sync", "async", "stream", "abandoned"])
def test_nothing_is_lost_when_the_callers_loop_ends(way: str) -> None:
    opened = engine(":memory:")
    agent, _, _ = with_store(opened, "One.", "Two.")

    async def stream(question: str) -> None:
        events: Any = agent.stream_async(question)
        async for event in events:
            if way == "abandoned" and "result" in event:
                break
        await events.aclose()

    for question in ("First?", "Second?"):
        if way == "sync":
            agent(question)
        elif way == "async":
            asyncio.run(agent.invoke_async(question))
        else:
            asyncio.run(stream(question))

    with SyncMemoryEngine(opened) as memory:
        events = memory.events("user:ada").items
    assert [event.content for event in events] == ["First?", "One.", "Second?", "Two."]


async def test_a_flush_by_the_manager_retains_nothing_again(memory: MemoryEngine) -> None:
    agent, _, _ = with_store(memory, Use("look_up", {"city": "Porto"}, text="Wait."), "Wet.", tools=[look_up])

    await agent.invoke_async(QUESTION)
    assert agent.memory_manager is not None
    await agent.memory_manager.flush()

    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Wet."]


async def test_what_a_window_drops_is_retained_all_the_same(memory: MemoryEngine) -> None:
    window = SlidingWindowConversationManager(window_size=2)
    agent, _, _ = with_store(memory, *(f"Answer {turn}." for turn in range(4)), conversation_manager=window)

    for turn in range(4):
        await agent.invoke_async(f"Question {turn}?")

    assert len(await kept(memory)) == 8


async def test_what_a_guardrail_takes_back_is_not_remembered(memory: MemoryEngine) -> None:
    agent, _, _ = with_store(memory, TakenBack())

    await agent.invoke_async("My secret word is swordfish.")

    assert await kept(memory) == ["user: [taken back]", "assistant: I cannot talk about that."]


async def test_one_manager_for_two_agents_loses_nothing(memory: MemoryEngine) -> None:
    store = DuramenMemoryStore(memory, "user:ada")
    manager = MemoryManager(stores=[store])
    first, second = (agent_of(answer, memory_manager=manager)[0] for answer in ("One.", "Two."))

    await first.invoke_async("First?")
    await second.invoke_async("Second?")

    assert await kept(memory) == ["user: First?", "assistant: One.", "user: Second?", "assistant: Two."]


async def test_one_store_for_the_managers_of_two_agents_loses_and_doubles_nothing(memory: MemoryEngine) -> None:
    store = DuramenMemoryStore(memory, Identity(user="ada"))
    agents = [agent_of("Yes.", memory_manager=MemoryManager(stores=[store]))[0] for _ in range(2)]

    await asyncio.gather(*(agent.invoke_async("Yes?") for agent in agents))
    for agent in agents:
        await agent.memory_manager.flush()  # type: ignore[union-attr]  # it has one

    assert sorted(await kept(memory)) == ["assistant: Yes.", "assistant: Yes.", "user: Yes?", "user: Yes?"]


async def test_beside_the_hooks_it_doubles_nothing_that_has_an_id(memory: MemoryEngine) -> None:
    agent, _, _ = with_store(memory, "In Lisbon.", hooks=[MemoryHooks(memory)])

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    said = [f"user: {QUESTION}", "assistant: In Lisbon."]
    assert sorted(await kept(memory)) == sorted(said if TRACKED else said * 2)  # without ids, the two cannot know


async def test_what_is_in_the_conversation_is_not_found_in_it(memory: MemoryEngine) -> None:
    agent, model, store = with_store(memory, "Noted.", "In the attic.")

    await agent.invoke_async("I keep my violin in the attic.")
    await agent.invoke_async("Where do I keep my violin?")
    later = await store.search("Where do I keep my violin?")

    assert model.texts().count("violin in the attic") == 1
    assert any("violin in the attic" in entry.content for entry in later)


async def test_the_tools_of_the_manager_search_and_add(memory: MemoryEngine) -> None:
    add = Use("add_memory", {"entries": ["Ada likes fado."]}, id="call-1")
    look = Use("search_memory", {"query": "What music does Ada like?"}, id="call-2")
    agent, model, _ = with_store(memory, add, look, "Fado!", manager={"add_tool_config": True, "injection": False})

    await agent.invoke_async("What music do I like?")

    assert "Ada likes fado." in repr(model.shown[2][-1])
    assert await kept(memory) == ["user: What music do I like?", "user: Ada likes fado.", "assistant: Fado!"]


async def test_an_entry_says_when_and_by_whom_and_how_well_it_fits(memory: MemoryEngine) -> None:
    await memory.retain("user:ada", [{"role": "user", "content": "I like <b>fado</b> & rain.", "id": "m1"}])
    store = DuramenMemoryStore(memory, "user:ada")

    entry = (await store.search("Who likes fado?"))[0]

    page = await memory.memories("user:ada", key="m1")
    date = page.items[0].mentioned.date().isoformat()
    assert entry.content == f"[{date}] user: I like <b>fado</b> & rain."
    assert entry.metadata is not None
    assert 0 < entry.metadata.pop("score") <= 1
    assert entry.metadata == {"id": page.items[0].id, "date": date, "kind": "fact"}


async def test_a_search_returns_as_many_as_are_wanted(memory: MemoryEngine) -> None:
    for number in range(30):
        await memory.retain("user:ada", f"Ada likes song {number}.", key=f"song {number}")
    store = DuramenMemoryStore(memory, "user:ada", max_search_results=4)

    assert len(await store.search("Which songs?")) == 4
    assert len(await store.search("Which songs?", {"max_search_results": 25})) == 25


async def test_a_search_sees_what_was_added_since(memory: MemoryEngine) -> None:
    store = DuramenMemoryStore(memory, "user:ada")

    before = await store.search("What music does Ada like?")
    await store.add("Ada likes fado.", {"source": "form", "page": 3})
    await store.add("Ada likes fado.")
    after = await store.search("What music does Ada like?")

    assert [entry for entry in before if "fado" in entry.content] == []
    assert len([entry for entry in after if "fado" in entry.content]) == 1


async def test_an_outage_costs_a_search_its_finds_and_the_conversation_nothing(
    memory: MemoryEngine, store: BreakableStore
) -> None:
    agent, _, kept_by = with_store(memory, "In Lisbon.")
    store.down = True

    await agent.invoke_async(QUESTION)
    found = await kept_by.search(QUESTION)
    with pytest.raises(StoreUnavailableError):
        await kept_by.add("Ada likes fado.")
    store.down = False
    left = await kept_by.flush()

    assert found == []
    assert left == 0
    assert kept_by.stats().recall_failures == 2
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


async def test_messages_that_are_handed_over_again_are_one(memory: MemoryEngine) -> None:
    store = DuramenMemoryStore(memory, "user:ada")
    batch: list[Any] = [
        {"role": "user", "content": [{"text": "ok"}]},
        {"role": "assistant", "content": [{"text": "Fine."}]},
        {"role": "user", "content": [{"text": "ok"}]},
    ]

    for _ in range(2):
        await store.add_messages(batch, numbered(0, 1, 4))
    other = DuramenMemoryStore(memory, "user:ada")
    await other.add_messages(batch[:1], numbered(0))
    await other.add_messages(batch[1:2])
    await other.add_messages(batch[1:2])

    assert sorted(await kept(memory)) == ["assistant: Fine."] * 2 + ["user: ok"] * 3


def numbered(*numbers: int) -> AddMessagesContext | None:
    return AddMessagesContext(sequence_numbers=list(numbers)) if NUMBERED else None


async def test_a_trigger_of_ones_own_decides_when(memory: MemoryEngine) -> None:
    agent, _, _ = with_store(memory, "In Lisbon.", store={"extraction": {"trigger": InvocationTrigger()}})

    await agent.invoke_async(QUESTION)
    assert agent.memory_manager is not None
    await agent.memory_manager.flush()
    await agent.memory_manager.flush()

    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


@pytest.mark.parametrize("options", [{"extraction": False}, {"extraction": None}, {"writable": False}])
async def test_without_extraction_nothing_is_retained(memory: MemoryEngine, options: dict[str, Any]) -> None:
    agent, model, _ = with_store(memory, "In Lisbon.", store=options)

    await agent.invoke_async(QUESTION)
    assert agent.memory_manager is not None
    await agent.memory_manager.flush()

    assert FACT in model.texts()
    assert await kept(memory) == []


async def test_only_what_is_wanted_is_retained(memory: MemoryEngine) -> None:
    agent, _, _ = with_store(memory, "In Lisbon.", store={"retention": Retention(roles=("user",))})

    await agent.invoke_async(QUESTION)

    assert await kept(memory) == [f"user: {QUESTION}"]


async def test_a_store_without_a_bank_cannot_be_made(memory: MemoryEngine) -> None:
    with pytest.raises(BankResolutionError):
        DuramenMemoryStore(memory, Identity(user=" "))
    with pytest.raises(BadInputError):
        DuramenMemoryStore(memory, "")
