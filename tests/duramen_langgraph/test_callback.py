from __future__ import annotations

from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

from duramen import BadInputError, BankResolutionError, MemoryEngine
from duramen_langgraph import GraphMemory, RetainCallback
from tests.duramen_langgraph.parts import Builder, Face, Graph

HELLO: Any = {"messages": [("user", "Hello.")]}


@pytest.fixture
def address() -> str:
    return ":memory:"


def line(*nodes: Any, state: Any = MessagesState) -> Graph:
    builder: Builder = StateGraph(state)
    names = [f"step {number}" for number, _ in enumerate(nodes)]
    for name, node in zip(names, nodes, strict=True):
        builder.add_node(name, node)
    for one, other in zip([START, *names], [*names, END], strict=True):
        builder.add_edge(one, other)
    return builder.compile(checkpointer=InMemorySaver())


def says(text: str, **more: Any) -> Any:
    return lambda state: {"messages": [AIMessage(text, **more)]}


def fails(state: Any) -> None:
    raise LookupError("no such page")


def ran_with(callback: RetainCallback, thread: str = "t", **metadata: str) -> Any:
    return {"callbacks": [callback], "configurable": {"thread_id": thread}, "metadata": metadata}


async def said(memory: MemoryEngine, bank: str = "user:ada") -> list[str]:
    return [event.content for event in (await memory.events(bank)).items]


async def test_the_metadata_of_a_run_say_whose_it_is(memory: MemoryEngine, face: Face) -> None:
    callback = RetainCallback(memory)
    graph = line(says("Hi."), says("And welcome."))

    result = await face.invoke(graph, HELLO, config=ran_with(callback, user_id="ada"))
    await face.invoke(graph, HELLO, config=ran_with(callback, "u", user_id="bob", tenant_id="acme"))

    assert await said(memory) == ["Hello.", "Hi.", "And welcome."]
    assert await said(memory, "tenant:acme:user:bob") == ["Hello.", "Hi.", "And welcome."]
    keys = {event.key for event in (await memory.events("user:ada")).items}
    assert keys == {f"t/{message.id}" for message in result["messages"]}


async def test_a_bank_given_to_the_callback_goes_before_that_of_its_memory(memory: MemoryEngine, face: Face) -> None:
    graph_memory = GraphMemory(memory, bank="team")
    by_metadata = RetainCallback(memory, bank=lambda config: f"of {config['metadata']['member']}")

    await face.invoke(line(says("Hi.")), HELLO, config=ran_with(graph_memory.callback()))
    await face.invoke(line(says("Hi.")), HELLO, config=ran_with(graph_memory.callback(bank="user:ada")))
    await face.invoke(line(says("Hi.")), HELLO, config=ran_with(by_metadata, member="ada"))

    assert [(one.name, one.events) for one in (await memory.banks()).items] == [
        ("of ada", 2),
        ("team", 2),
        ("user:ada", 2),
    ]


async def test_each_step_is_retained_when_it_ends_and_before_one_that_fails(memory: MemoryEngine, face: Face) -> None:
    seen: list[list[str]] = []

    def looks(state: Any) -> None:
        seen.append([event.content for event in memory.portal.call(memory.events("user:ada")).items])

    graph = line(says("Hi.", id="a1"), looks, fails)

    with pytest.raises(LookupError):
        await face.invoke(graph, HELLO, config=ran_with(RetainCallback(memory), user_id="ada"))

    assert seen == [["Hello.", "Hi."]]
    assert await said(memory) == ["Hello.", "Hi."]


async def test_what_a_failing_first_step_was_given_is_retained(memory: MemoryEngine, face: Face) -> None:
    with pytest.raises(LookupError):
        await face.invoke(line(fails), HELLO, config=ran_with(RetainCallback(memory), user_id="ada"))

    assert await said(memory) == ["Hello."]


async def test_the_talk_of_agents_among_themselves_is_retained_only_if_told_to(
    memory: MemoryEngine, face: Face
) -> None:
    class Private(TypedDict):
        talk: Annotated[list[Any], add_messages]
        messages: Annotated[list[Any], add_messages]

    inner: Builder = StateGraph(MessagesState)
    inner.add_node("worker", says("Found it."))
    inner.add_edge(START, "worker")
    worker = inner.compile()

    def delegates(state: Private, config: Any) -> Any:
        worker.invoke({"messages": [HumanMessage("Research this.")]}, config)
        return {"messages": [AIMessage("Here it is.")]}

    delegates.__annotations__ = {}
    graph = line(delegates, state=Private)

    await face.invoke(graph, HELLO, config=ran_with(RetainCallback(memory), user_id="ada"))
    await face.invoke(graph, HELLO, config=ran_with(RetainCallback(memory, subgraphs=True), "u", user_id="bob"))

    assert await said(memory) == ["Hello.", "Here it is."]
    assert sorted(await said(memory, "user:bob")) == ["Found it.", "Hello.", "Here it is.", "Research this."]


async def test_nodes_that_are_chains_are_one_step(memory: MemoryEngine, face: Face) -> None:
    chain = RunnableLambda(says("Hi.")) | RunnableLambda(lambda update: update)

    await face.invoke(line(chain), HELLO, config=ran_with(RetainCallback(memory), user_id="ada"))

    assert await said(memory) == ["Hello.", "Hi."]


async def test_a_run_of_nobody_goes_on_with_a_warning_or_ends_if_strict(
    memory: MemoryEngine, face: Face, caplog: pytest.LogCaptureFixture
) -> None:
    graph = line(says("Hi."))

    result = await face.invoke(graph, HELLO, config=ran_with(RetainCallback(memory)))
    with pytest.raises(BankResolutionError):
        await face.invoke(graph, HELLO, config=ran_with(RetainCallback(memory, strict=True)))

    assert len(result["messages"]) == 2
    assert "does not say whose it is" in caplog.text
    assert (await memory.banks()).items == ()


async def test_it_can_be_bound_to_a_graph_once_and_for_all(memory: MemoryEngine, face: Face) -> None:
    callback = RetainCallback(memory)
    graph: Any = line(says("Hi.")).with_config({"callbacks": [callback]})

    for user in ("ada", "bob"):
        config = {"configurable": {"thread_id": user}, "metadata": {"user_id": user}}
        await face.invoke(graph, HELLO, config=config)

    assert await said(memory) == await said(memory, "user:bob") == ["Hello.", "Hi."]
    assert callback._steps == callback._graphs == {}


def test_options_that_make_no_sense_are_refused(memory: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="to the `GraphMemory` itself"):
        RetainCallback(GraphMemory(memory), timeout=1.0)
