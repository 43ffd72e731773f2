from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from pydantic import BaseModel

from duramen import BadInputError, MemoryEngine, open_sync
from duramen.embedders.hashing import HashingEmbedder
from duramen_langgraph import (
    DuramenSaver,
    GraphMemory,
    MemoryState,
    Recalled,
    Retention,
    recall_node,
    remembered,
    retain_node,
    with_memory,
)
from tests.conftest import engine
from tests.duramen_langgraph.parts import BLOCK, QUESTION, Builder, Face, Graph
from tests.outages import BreakableStore

ADA: Any = {"configurable": {"thread_id": "t", "user_id": "ada"}}
ASKED: Any = {"messages": [("user", QUESTION)]}


@pytest.fixture
async def memory(store: BreakableStore) -> AsyncIterator[MemoryEngine]:
    async with engine(store) as opened:
        await opened.retain("user:ada", "The cat of Ada is called Miso.", key="seed")
        yield opened
        store.down = False


def line(*nodes: Any, state: Any = MemoryState, saver: Any = None) -> Graph:
    """Return a graph of `nodes`, one after the other."""
    builder: Builder = StateGraph(state)
    for node in nodes:
        builder.add_node(node)
    names = list(builder.nodes)
    for one, other in zip([START, *names], [*names, END], strict=True):
        builder.add_edge(one, other)
    return builder.compile(checkpointer=saver)


async def said(memory: MemoryEngine, bank: str = "user:ada") -> list[str]:
    return sorted(event.content for event in (await memory.events(bank)).items if event.key != "seed")


def answer(state: MemoryState) -> dict[str, Any]:
    return {"messages": [AIMessage("It has a name.")]}


async def test_the_two_nodes_take_the_memory_itself(memory: MemoryEngine, face: Face) -> None:
    graph = line(recall_node(memory), answer, retain_node(memory), saver=InMemorySaver())

    result = await face.invoke(graph, ASKED, config=ADA)

    assert "Miso" in result["memory"]
    assert await said(memory) == ["It has a name.", QUESTION]


def test_a_memory_opened_for_code_without_await_will_do() -> None:
    with open_sync(":memory:", embedder=HashingEmbedder()) as opened:
        opened.retain("user:ada", "The cat of Ada is called Miso.")
        result = line(recall_node(opened), answer, retain_node(opened), saver=InMemorySaver()).invoke(ASKED, ADA)

        assert "Miso" in result["memory"]
        assert len(opened.events("user:ada").items) == 3


async def test_an_empty_recall_and_a_failed_one_leave_nothing_of_the_one_before(
    memory: MemoryEngine, store: BreakableStore, face: Face
) -> None:
    class Kept(MessagesState):
        memory: str

    graph = line(recall_node(memory), state=Kept, saver=InMemorySaver())
    seen = [(await face.invoke(graph, ASKED, config=ADA))["memory"]]
    store.down = True
    seen.append((await face.invoke(graph, {"messages": [("user", "And now, cat?")]}, config=ADA))["memory"])
    store.down = False
    await memory.forget("user:ada", key="seed")
    seen.append((await face.invoke(graph, ASKED, config=ADA))["memory"])
    nobody = await face.invoke(
        graph, {"messages": [], "memory": "made up"}, config={"configurable": {"thread_id": "x"}}
    )

    assert BLOCK in seen[0]
    assert seen[1:] == ["", ""]
    assert nobody["memory"] == ""


async def test_beside_our_own_checkpointer_nothing_recalled_is_kept(memory: MemoryEngine, face: Face) -> None:
    saver = DuramenSaver(memory)
    graph = line(recall_node(memory), answer, retain_node(memory), saver=saver)

    result = await face.invoke(graph, ASKED, config=ADA)
    kept = "".join([repr(one) async for one in saver.alist(ADA)])

    assert "Miso" in result["memory"]
    assert QUESTION in kept
    assert "Miso" not in kept
    assert await said(memory) == ["It has a name.", QUESTION]


async def test_the_retain_node_changes_nothing(memory: MemoryEngine, face: Face) -> None:
    graph = line(retain_node(memory))

    updates = [update async for update in face.stream(graph, ASKED, stream_mode="updates", config=ADA)]

    assert updates == [{"retain": None}]


@pytest.mark.parametrize("state", ["typed dict", "model", "dataclass"])
async def test_states_of_every_kind(memory: MemoryEngine, face: Face, state: str) -> None:
    class Model(BaseModel):
        messages: Annotated[list[AnyMessage], add_messages]
        memory: Recalled = ""

    @dataclass
    class Data:
        messages: Annotated[list[AnyMessage], add_messages]
        memory: Recalled = ""

    graph_memory = GraphMemory(memory)
    prompts: list[list[AnyMessage]] = []

    schema = {"typed dict": MemoryState, "model": Model, "dataclass": Data}[state]
    graph = line(graph_memory.recall_node(), prompting(graph_memory, prompts), graph_memory.retain_node(), state=schema)
    await face.invoke(graph, ASKED, config=ADA)

    assert str(prompts[0][-1].content).count(BLOCK) == 1
    assert await said(memory) == ["It has a name.", QUESTION]


def prompting(memory: GraphMemory, prompts: list[list[AnyMessage]]) -> Any:
    """Return a node that notes its prompt."""

    def talk(state: Any, config: Any) -> dict[str, Any]:
        prompts.append(memory.messages(state, config))
        return {"messages": [AIMessage("It has a name.")]}

    talk.__annotations__ = {}
    return talk


async def test_a_prompt_is_made_of_copies(memory: MemoryEngine) -> None:
    question = HumanMessage(QUESTION, id="m1")
    state = {"messages": [SystemMessage("Be kind.", id="s"), question]}

    prompt = await GraphMemory(memory).amessages(state, ADA)
    behind = await GraphMemory(memory, placement="system").amessages(state, ADA)

    assert question.content == QUESTION
    assert str(prompt[1].content).startswith(QUESTION)
    assert "Miso" in str(prompt[1].content)
    assert [prompt[0].content, behind[1].content] == ["Be kind.", QUESTION]
    assert "Miso" in str(behind[0].content)
    assert with_memory([question], None) == [question]


async def test_what_the_recall_node_found_is_not_looked_up_again(memory: MemoryEngine) -> None:
    graph_memory = GraphMemory(memory)

    prompt = graph_memory.messages({"messages": [HumanMessage(QUESTION)], "memory": "Found."}, ADA)
    without = graph_memory.messages({"messages": [HumanMessage(QUESTION)], "memory": ""}, ADA)

    assert prompt[0].content == f"{QUESTION}\n\nFound."
    assert without[0].content == QUESTION
    assert graph_memory.stats().recalls == 0


async def test_as_a_message_recalled_text_is_replaced_moved_to_the_front_and_taken_away(
    memory: MemoryEngine, face: Face
) -> None:
    graph_memory = GraphMemory(memory, placement="message")
    prompts: list[list[AnyMessage]] = []
    nodes = graph_memory.recall_node(), prompting(graph_memory, prompts), graph_memory.retain_node()
    graph = line(*nodes, state=MessagesState, saver=InMemorySaver())

    first = await face.invoke(graph, ASKED, config=ADA)
    second = await face.invoke(graph, {"messages": [("user", "The name of my cat, please.")]}, config=ADA)
    await memory.forget("user:ada", everything=True)
    third = await face.invoke(graph, {"messages": [("user", "And now?")]}, config=ADA)

    assert [message.type for message in first["messages"]] == ["human", "system", "ai"]
    assert [message.type for message in second["messages"]].count("system") == 1
    assert [message.type for message in third["messages"]].count("system") == 0
    assert [prompt[0].type for prompt in prompts] == ["system", "system", "human"]
    assert "Miso" not in "".join(await said(memory))


async def test_parallel_branches_may_recall_both(memory: MemoryEngine, face: Face) -> None:
    graph_memory = GraphMemory(memory)
    builder: Builder = StateGraph(MemoryState)
    for name in ("left", "right"):
        builder.add_node(name, graph_memory.recall_node())
        builder.add_edge(START, name)
        builder.add_edge(name, END)

    result = await face.invoke(builder.compile(), ASKED, config=ADA)

    assert "Miso" in result["memory"]
    assert graph_memory.stats().recalls == 1


async def test_a_history_that_the_caller_keeps_is_retained_once(memory: MemoryEngine, face: Face) -> None:
    graph = line(remembered(answer, memory), retain_node(memory))
    without_saver: Any = {"configurable": {"user_id": "ada"}}
    history: list[Any] = [("user", QUESTION)]

    for more in ("And yours?", "Thanks."):
        await face.invoke(graph, {"messages": history}, config=without_saver)
        history += [("ai", "It has a name."), ("user", more)]
    await face.invoke(graph, {"messages": history}, config=without_saver)

    assert await said(memory) == ["And yours?", *["It has a name."] * 3, "Thanks.", QUESTION]


async def test_a_graph_in_the_tool_of_another_agent_retains_only_if_told_to(memory: MemoryEngine, face: Face) -> None:
    inner = line(retain_node(memory), state=MessagesState)
    telling = line(retain_node(memory, bank="told", retain_in_tools=True), state=MessagesState)

    def tools(state: MessagesState, config: Any) -> None:
        for graph in (inner, telling):
            graph.invoke({"messages": [("user", "Look this up.")]}, config)

    tools.__annotations__ = {}
    await face.invoke(line(tools, state=MessagesState, saver=InMemorySaver()), ASKED, config=ADA)

    assert await said(memory) == []
    assert await said(memory, "told") == ["Look this up."]


async def test_options_reach_where_they_belong(memory: MemoryEngine, face: Face) -> None:
    class Other(MessagesState):
        known: Recalled
        talk: Annotated[list[AnyMessage], add_messages]

    retention = Retention(roles=("user",), tags=("chat",))
    options = GraphMemory(memory, key="known", messages_key="talk", retention=retention, max_tokens=40, bank="user:ada")
    graph = line(options.recall_node(), options.retain_node(), state=Other, saver=InMemorySaver())

    talk = [("user", QUESTION), ("ai", "It has."), ("user", QUESTION)]
    result = await face.invoke(graph, {"talk": talk, "messages": []}, config={"configurable": {"thread_id": "t"}})

    assert result["known"] == ""
    events = [event for event in (await memory.events("user:ada")).items if event.key != "seed"]
    assert [(event.content, event.tags, event.session) for event in events] == [(QUESTION, ("chat",), "t")] * 2


def test_options_that_make_no_sense_are_refused(memory: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="placement"):
        GraphMemory(memory, placement="tail")  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="to the `GraphMemory` itself"):
        recall_node(GraphMemory(memory), key="other")
    with pytest.raises(BadInputError, match=r"duramen\.open"):
        retain_node("./memory")  # type: ignore[arg-type]


async def test_flushing_waits_for_what_an_outage_held_back(memory: MemoryEngine, store: BreakableStore) -> None:
    graph_memory = GraphMemory(memory)
    store.down = True
    await line(graph_memory.retain_node(), saver=InMemorySaver()).ainvoke(ASKED, ADA)
    waiting = await asyncio.to_thread(graph_memory.flush)
    store.down = False

    assert waiting == 1
    assert await graph_memory.aflush() == 0
    assert await said(memory) == [QUESTION]
    assert graph_memory.stats().lost == 0
