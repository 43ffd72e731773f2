"""Everything that can happen to a run, in every way that a graph can have memory, with `await` and without."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, RetryPolicy, Send, interrupt

from duramen_langgraph import MemoryState
from tests.duramen_langgraph.parts import (
    CATS,
    FACES,
    QUESTION,
    WAYS,
    Builder,
    Callback,
    Face,
    Graph,
    Pair,
    Setting,
    User,
    Way,
    in_threads,
)

ASKED = ("user", QUESTION)


def answers(*numbers: int) -> list[tuple[str, str]]:
    return [("assistant", f"Answer {number}.") for number in numbers]


def name_of(value: object) -> str:
    return type(value).__name__


@pytest.fixture(params=WAYS, ids=name_of)
def way(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def setting(way: Way, face: Face) -> AsyncIterator[Setting]:
    made = Setting(way, face)
    await made.seed()
    yield made
    await made.end()


@tool
def weather(city: str) -> str:
    """Tell the weather."""
    return f"Rain in {city}."


async def test_a_plain_turn_and_another(setting: Setting) -> None:
    graph = setting.talking()

    first = await setting.face.invoke(graph, {"messages": [("user", QUESTION)]}, **setting.how())
    second = await setting.face.invoke(graph, {"messages": [("user", "And my cat is how old?")]}, **setting.how())

    assert await setting.retained() == [*answers(1, 2), ("user", "And my cat is how old?"), ASKED]
    assert setting.prompted() == [1, 1]
    assert len(first["messages"]) == 2
    assert len(second["messages"]) == 4
    setting.check()


async def test_a_loop_of_tools_asks_the_memory_once_and_retains_what_was_said_to_people(setting: Setting) -> None:
    call = {"name": "weather", "args": {"city": "Lisbon"}, "id": "call-1"}
    setting.model.script = [AIMessage("Let me look.", tool_calls=[call]), "It rains."]

    def edges(builder: Builder) -> list[str]:
        builder.add_conditional_edges("talk", tools_condition, {"tools": "tools", END: "done"})
        builder.add_edge("tools", "talk")
        return ["done"]

    nodes = {"talk": setting.talk(), "tools": ToolNode([weather]), "done": lambda state: None}
    await setting.face.invoke(setting.graph(nodes, edges), {"messages": [ASKED]}, **setting.how())

    assert await setting.retained() == [("assistant", "It rains."), ASKED]
    assert setting.prompted() == [1, 1]
    assert setting.memory.stats().recalls == 1
    setting.check()


async def test_a_streamed_answer(setting: Setting) -> None:
    await setting.say(setting.talking())

    assert [word.strip() for word in setting.heard if word.strip()] == ["Answer", "1."]
    assert await setting.retained() == [*answers(1), ASKED]
    assert setting.prompted() == [1]
    setting.check()


async def test_what_an_abandoned_stream_left_is_caught_up(setting: Setting) -> None:
    def edges(builder: Builder) -> list[str]:
        builder.add_edge("talk", "pause")
        builder.add_edge("pause", "more")
        return ["more"]

    nodes = {"talk": setting.talk(), "pause": lambda state: None, "more": setting.talk()}
    graph = setting.graph(nodes, edges)
    how = setting.how(stream_mode="updates")
    async with contextlib.aclosing(setting.face.stream(graph, {"messages": [ASKED]}, **how)) as updates:
        async for update in updates:
            if "pause" in update:
                break
    at_once = await setting.retained()

    await setting.say(graph, "Hello again.")

    assert at_once == ([] if isinstance(setting.way, Pair) else [*answers(1), ASKED])
    assert await setting.retained() == [*answers(1, 2, 3), ("user", "Hello again."), ASKED]
    assert setting.prompted()[0] == 1
    setting.check()


async def interrupted(setting: Setting) -> Graph:
    graph = setting.graph({"talk": setting.talk(before=lambda: interrupt("May I?"))}, lambda builder: ["talk"])
    await setting.say(graph)
    assert setting.model.prompts == []
    return graph


CAN_INTERRUPT = FACES if sys.version_info >= (3, 11) else FACES[:1]
"""`interrupt` does not work in async code on Python 3.10, says langgraph."""


@pytest.mark.parametrize("face", CAN_INTERRUPT, ids=name_of)
async def test_after_an_interrupt_the_memory_is_back_and_nothing_is_retained_twice(setting: Setting) -> None:
    graph = await interrupted(setting)
    at_once = await setting.retained()

    await setting.say(graph, Command(resume="yes"))

    assert at_once == ([] if isinstance(setting.way, Pair) else [ASKED])
    assert await setting.retained() == [*answers(1), ASKED]
    assert setting.prompted() == [1]
    setting.check()


async def test_three_tries_are_one_turn(setting: Setting) -> None:
    setting.model.script = [ConnectionError("try again"), ConnectionError("try again")]
    policy = RetryPolicy(initial_interval=0.001, max_attempts=3, jitter=False)

    await setting.face.invoke(setting.talking(retry_policy=policy), {"messages": [ASKED]}, **setting.how())

    assert await setting.retained() == [*answers(3), ASKED]
    assert setting.prompted() == [1, 1, 1]
    assert setting.memory.stats().recalls == 1
    setting.check()


async def before_talk(graph: Graph, setting: Setting) -> Any:
    how = setting.how()
    states = [state async for state in graph.aget_state_history(how["config"])]
    return next(state for state in states if state.next == ("talk",))


async def test_a_replay_retains_the_new_answer_and_the_question_once(setting: Setting) -> None:
    setting.model.script = ["First.", "Second."]
    graph = setting.talking()
    await setting.face.invoke(graph, {"messages": [ASKED]}, **setting.how())
    past = await before_talk(graph, setting)
    how = setting.how()
    how["config"] = {**how["config"], "configurable": past.config["configurable"]}

    await setting.face.invoke(graph, None, **how)

    assert await setting.retained() == [("assistant", "First."), ("assistant", "Second."), ASKED]
    assert setting.prompted() == [1, 1]
    setting.check()


async def test_in_a_fork_the_edited_question_replaces_the_first(setting: Setting) -> None:
    setting.model.script = ["First.", "Second."]
    graph = setting.talking()
    await setting.face.invoke(graph, {"messages": [ASKED]}, **setting.how())
    past = await before_talk(graph, setting)
    edited = HumanMessage("What is my cat called, please?", id=past.values["messages"][0].id)
    node = "recall" if isinstance(setting.way, Pair) else START
    fork = await graph.aupdate_state(past.config, {"messages": [edited]}, as_node=node)
    how = setting.how()
    how["config"] = {**how["config"], "configurable": fork["configurable"]}

    await setting.face.invoke(graph, None, **how)

    assert await setting.retained() == [("assistant", "First."), ("assistant", "Second."), ("user", edited.content)]
    assert setting.prompted() == [1, 1]
    setting.check()


async def test_parallel_branches(setting: Setting) -> None:
    def edges(builder: Builder) -> list[str]:
        for branch in ("left", "right"):
            builder.add_edge("split", branch)
        return ["left", "right"]

    nodes = {"split": lambda state: None, "left": setting.talk(), "right": setting.talk()}
    await setting.face.invoke(setting.graph(nodes, edges), {"messages": [ASKED]}, **setting.how())

    assert await setting.retained() == [*answers(1, 2), ASKED]
    assert setting.prompted() == [1, 1]
    assert setting.memory.stats().recalls == 1
    setting.check()


async def test_branches_that_are_sent_their_state(setting: Setting) -> None:
    def edges(builder: Builder) -> list[str]:
        builder.add_conditional_edges(
            "split", lambda state: [Send("talk", {"messages": state["messages"]})] * 3, ["talk"]
        )
        return ["talk"]

    nodes = {"split": lambda state: None, "talk": setting.talk()}
    await setting.face.invoke(setting.graph(nodes, edges), {"messages": [ASKED]}, **setting.how())

    assert await setting.retained() == [*answers(1, 2, 3), ASKED]
    assert setting.prompted() == [1, 1, 1]
    assert setting.memory.stats().recalls == 1
    setting.check()


async def test_a_graph_within_the_graph(setting: Setting) -> None:
    inner = StateGraph(MemoryState, context_schema=User)
    inner.add_node("talk", setting.way.node(setting.memory, setting.talk()))
    inner.add_edge(START, "talk")
    inner.add_edge("talk", END)
    # langgraph checkpoints all that a graph within the graph is given, whatever its channels are
    graph = setting.graph({"agent": inner.compile()}, lambda builder: ["agent"], input_schema=MessagesState)

    await setting.face.invoke(graph, {"messages": [ASKED]}, **setting.how())
    await setting.face.invoke(graph, {"messages": [("user", "Thanks.")]}, **setting.how())

    assert await setting.retained() == [*answers(1, 2), ("user", "Thanks."), ASKED]
    assert setting.prompted()[0] == 1
    setting.check()


async def test_a_memory_that_is_down_costs_the_memory_and_is_caught_up(setting: Setting) -> None:
    graph = setting.talking()
    setting.store.down = True
    await setting.face.invoke(graph, {"messages": [("user", "Hello. My cat is ill.")]}, **setting.how())
    setting.store.down = False
    missed = await setting.retained()

    await setting.face.invoke(graph, {"messages": [ASKED]}, **setting.how())

    assert missed == []
    assert await setting.retained() == [*answers(1, 2), ("user", "Hello. My cat is ill."), ASKED]
    assert setting.prompted() == [0, 1]
    assert setting.memory.stats().lost == 0
    setting.check()


async def test_two_users_at_once(setting: Setting) -> None:
    graph = setting.talking()

    def asked(user: str) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"messages": [("user", f"I am {user.title()}. {QUESTION}")]}, setting.how(user)

    turns = [asked(user) for user in CATS for _ in range(3)]
    if setting.face.awaits:
        await asyncio.gather(*(graph.ainvoke(given, **how) for given, how in turns))
    else:
        await in_threads(*(lambda given=given, how=how: graph.invoke(given, **how) for given, how in turns))

    for user in CATS:
        said = await setting.retained(user)
        assert len(said) == 6
        assert [text for who, text in said if who == "user"] == [f"I am {user.title()}. {QUESTION}"] * 3
    assert setting.prompted() == [1] * 6
    setting.check()


def test_every_way_is_another() -> None:
    assert {type(way) for way in WAYS} == {Pair, *(type(way) for way in WAYS[1:])}
    assert isinstance(WAYS[2], Callback)
