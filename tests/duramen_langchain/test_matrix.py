"""What can happen to an agent, with `await` and without: what is retained, what the model saw, and what is written down.

The banks know of Lisbon and Oslo, which nobody says: where these words turn up, something recalled was written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt

from duramen import MemoryEngine
from duramen_langchain import MemoryMiddleware
from tests.conftest import engine
from tests.duramen_langchain.parts import (
    ADA,
    ANSWER,
    ASKS,
    BOB,
    SEEDS,
    Async,
    Face,
    ScriptedModel,
    calling,
    leaks,
    of,
    said,
    saying,
    seed,
    weather,
)
from tests.outages import BreakableStore

pytestmark = pytest.mark.usefixtures("seeded")


@dataclass
class Caller:
    """Says whose run it is, where the config of a checkpoint does not."""

    user_id: str


@tool
def tides() -> str:
    """Tell the tides."""
    return "Low tide at noon."


@tool
def approve() -> str:
    """Ask a person."""
    return f"They said {interrupt('May I?')}."


def from_the_start(agent: Any) -> RunnableConfig:
    """Return the config that takes Ada's run up again where her question was all there was."""
    history = agent.get_state_history(of("ada"))
    config: RunnableConfig = [state.config for state in history if state.values.get("messages")][-1]
    return config


async def test_plain(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(ANSWER, "A raincoat.")
    agent = create_agent(model, middleware=[MemoryMiddleware(memory)], checkpointer=saver)

    first = await face.invoke(agent, saying(ASKS), of("ada"))
    second = await face.invoke(agent, saying("What should Ada pack?"), of("ada"))

    assert await said(memory) == [ASKS, ANSWER, "What should Ada pack?", "A raincoat."]
    assert [SEEDS[ADA] in shown for shown in model.shown] == [True, True]
    assert leaks(saver, first, second) == []
    assert await said(memory, BOB) == []


async def test_a_loop_of_tools(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(calling("weather", words="Let me see."), calling("tides"), ANSWER)
    middleware = MemoryMiddleware(memory)
    agent = create_agent(model, [weather, tides], middleware=[middleware], checkpointer=saver)

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1, 1]
    assert middleware.stats().recalls == 1
    assert leaks(saver, result) == []


async def test_streaming(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(calling("weather"), ANSWER)
    agent = create_agent(model, [weather], middleware=[MemoryMiddleware(memory)], checkpointer=saver)

    chunks = await face.stream(
        agent, saying(ASKS), of("ada"), stream_mode=["messages", "updates", "values", "custom", "tasks"]
    )

    assert any("Sunshine" in repr(chunk) for chunk in chunks)
    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert leaks(saver, chunks) == []


async def test_an_abandoned_stream(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel("A very long answer of which nobody hears the end.", "A raincoat.")
    agent = create_agent(model, middleware=[MemoryMiddleware(memory)], checkpointer=saver)

    chunks = await face.stream(agent, saying(ASKS), of("ada"), stream_mode="messages", most=1)

    assert await said(memory) == [ASKS]

    await face.invoke(agent, saying("What should Ada pack?"), of("ada"))

    assert await said(memory) == [ASKS, "What should Ada pack?", "A raincoat."]
    assert leaks(saver, chunks) == []


async def test_an_interrupt_and_its_resumption(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(calling("approve"), ANSWER)
    agent = create_agent(model, [approve], middleware=[MemoryMiddleware(memory)], checkpointer=saver)

    interrupted = await face.invoke(agent, saying(ASKS), of("ada"))

    assert "__interrupt__" in interrupted
    assert await said(memory) == [ASKS]

    result = await face.invoke(agent, Command(resume="yes"), of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert leaks(saver, interrupted, result) == []


async def test_an_interrupt_and_its_resumption_by_another_process(
    memory: MemoryEngine, saver: InMemorySaver, face: Face
) -> None:
    model = ScriptedModel(calling("approve"), ANSWER)
    before = create_agent(model, [approve], middleware=[MemoryMiddleware(memory)], checkpointer=saver)
    after = create_agent(model, [approve], middleware=[MemoryMiddleware(memory)], checkpointer=saver)
    await face.invoke(before, saying(ASKS), of("ada"))

    await face.invoke(after, Command(resume="yes"), of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert [shown.count(ASKS) for shown in model.shown] == [1, 1]
    assert leaks(saver) == []


async def test_a_model_called_three_times(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(ConnectionError("one"), ConnectionError("two"), ANSWER)
    retry = ModelRetryMiddleware(max_retries=2, initial_delay=0.0, jitter=False)
    middleware = MemoryMiddleware(memory)
    agent = create_agent(model, middleware=[retry, middleware], checkpointer=saver)

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1, 1]
    assert middleware.stats().recalls == 1
    assert leaks(saver, result) == []


async def test_a_model_that_fails_and_a_run_that_is_taken_up_again(
    memory: MemoryEngine, saver: InMemorySaver, face: Face
) -> None:
    model = ScriptedModel(ConnectionError("down"), ANSWER)
    agent = create_agent(model, middleware=[MemoryMiddleware(memory)], checkpointer=saver)

    with pytest.raises(ConnectionError):
        await face.invoke(agent, saying(ASKS), of("ada"))

    assert await said(memory) == [ASKS]

    await face.invoke(agent, None, of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert leaks(saver) == []


async def test_a_replay(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(ANSWER, ANSWER, "In the hills.")
    middleware = [MemoryMiddleware(memory)]
    agent = create_agent(model, middleware=middleware, checkpointer=saver, context_schema=Caller)
    await face.invoke(agent, saying(ASKS), of("ada"), context=Caller("ada"))
    before = from_the_start(agent)

    await face.invoke(agent, None, before, context=Caller("ada"))
    await face.invoke(agent, None, before, context=Caller("ada"))

    assert await said(memory) == [ASKS, ANSWER, "In the hills."]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1, 1]
    assert leaks(saver) == []


async def test_a_fork(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(ANSWER, "In the hills.")
    middleware = [MemoryMiddleware(memory)]
    agent = create_agent(model, middleware=middleware, checkpointer=saver, context_schema=Caller)
    await face.invoke(agent, saying(ASKS, id="question"), of("ada"), context=Caller("ada"))
    # as the input, which older versions would take for the words of the model
    edited = saying("Where should Ada hike?", id="question")
    forked = agent.update_state(from_the_start(agent), edited, as_node="__start__")

    await face.invoke(agent, None, forked, context=Caller("ada"))

    assert sorted(await said(memory)) == [ANSWER, "In the hills.", "Where should Ada hike?"]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert leaks(saver) == []


async def test_parallel_tool_calls(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    model = ScriptedModel(calling("weather", "tides", "weather"), ANSWER)
    middleware = MemoryMiddleware(memory)
    agent = create_agent(model, [weather, tides], middleware=[middleware], checkpointer=saver)

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert [message.type for message in result["messages"]] == ["human", "ai", "tool", "tool", "tool", "ai"]
    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert leaks(saver, result) == []


async def test_a_sub_agent(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    task = saying("Ada wants a trip. Assess it.")
    specialist_model = ScriptedModel("The coast is fine.")
    specialist = create_agent(specialist_model, middleware=[MemoryMiddleware(memory)])

    def ask() -> str:
        """Ask the specialist."""
        return str(specialist.invoke(task)["messages"][-1].content)

    async def aask() -> str:
        """Ask the specialist."""
        return str((await specialist.ainvoke(task))["messages"][-1].content)

    model = ScriptedModel(calling("ask"), ANSWER)
    asking = tool("ask")(aask if isinstance(face, Async) else ask)
    agent = create_agent(model, [asking], middleware=[MemoryMiddleware(memory)], checkpointer=saver)

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert "The coast is fine." in repr(result)
    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in specialist_model.shown + model.shown] == [1, 1, 1]
    assert leaks(saver, result) == []


async def test_an_outage_and_its_end(saver: InMemorySaver, face: Face) -> None:
    store = BreakableStore()
    async with engine(store) as memory:
        await seed(memory)
        model = ScriptedModel(ANSWER, "A raincoat.")
        middleware = MemoryMiddleware(memory)
        agent = create_agent(model, middleware=[middleware], checkpointer=saver)

        store.down = True
        first = await face.invoke(agent, saying(ASKS), of("ada"))
        store.down = False
        second = await face.invoke(agent, saying("What should Ada pack?"), of("ada"))

        assert [first["messages"][-1].content, second["messages"][-1].content] == [ANSWER, "A raincoat."]
        assert await said(memory) == [ASKS, ANSWER, "What should Ada pack?", "A raincoat."]
        assert [SEEDS[ADA] in shown for shown in model.shown] == [False, True]
        assert middleware.stats().recall_failures == 1
        assert middleware.stats().retain_failures > 0
        assert leaks(saver, first, second) == []


async def test_two_users_at_once(memory: MemoryEngine, saver: InMemorySaver, face: Face) -> None:
    def echo(messages: list[BaseMessage]) -> str:
        return f"Answer to {'Ada' if 'Ada' in str(messages[-1].content) else 'Bob'}."

    model = ScriptedModel(always=echo)
    agent = create_agent(model, middleware=[MemoryMiddleware(memory)], checkpointer=saver)
    runs: list[tuple[Any, Any]] = [
        (saying(f"{user.title()} asks {number}"), of(user, str(number)))
        for number in range(5)
        for user in ("ada", "bob")
    ]

    await face.at_once(agent, *runs)

    assert sorted(await said(memory)) == sorted([f"Ada asks {n}" for n in range(5)] + ["Answer to Ada."] * 5)
    assert sorted(await said(memory, BOB)) == sorted([f"Bob asks {n}" for n in range(5)] + ["Answer to Bob."] * 5)
    assert len(model.shown) == 10
    for shown in model.shown:
        own, other = (ADA, BOB) if "Ada asks" in shown else (BOB, ADA)
        assert (shown.count(SEEDS[own]), shown.count(SEEDS[other])) == (1, 0)
    assert leaks(saver) == []
