from __future__ import annotations

import asyncio
import functools
import operator
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, RemoveMessage, ToolMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command, Send, StreamWriter, interrupt
from pydantic import BaseModel
from typing_extensions import TypedDict

from duramen import BadInputError, MemoryEngine
from duramen_langgraph import GraphMemory, remembered
from tests.duramen_langgraph.parts import FACES, Builder, Face, Graph, User

ADA: Any = {"configurable": {"thread_id": "t", "user_id": "ada"}}
HELLO: Any = {"messages": [("user", "Hello.")]}
REPLY: Any = {"messages": [("ai", "Hi.")]}


@pytest.fixture
def address() -> str:
    return ":memory:"


def graph_of(node: Any, state: Any = MessagesState, name: str = "node", **compiled: Any) -> Graph:
    builder: Builder = StateGraph(state)
    builder.add_node(name, node)
    builder.add_edge(START, name)
    builder.add_edge(name, END)
    return builder.compile(**{"checkpointer": InMemorySaver(), **compiled})


async def keys(memory: MemoryEngine) -> dict[str, str]:
    """Return what was retained, by the key that it was retained under."""
    return {event.key: event.content for event in (await memory.events("user:ada")).items}


def named(result: Any) -> dict[str, str]:
    """Return what is in a state, by the key that memory would give it."""
    return {f"t/{message.id}": message.content for message in result["messages"]}


def plain(state: MessagesState) -> Any:
    return REPLY


async def with_await(state: MessagesState) -> Any:
    return REPLY


class Thing:
    def __call__(self, state: MessagesState) -> Any:
        return REPLY

    def method(self, state: MessagesState) -> Any:
        return REPLY


class AsyncThing:
    async def __call__(self, state: MessagesState, config: RunnableConfig) -> Any:
        return REPLY


def partly(extra: str, state: MessagesState) -> Any:
    return REPLY


def in_parts(state: MessagesState) -> Iterator[Any]:
    yield REPLY


async def in_parts_with_await(state: MessagesState) -> AsyncIterator[Any]:
    yield REPLY


SYNC: dict[str, Any] = {
    "function": plain,
    "lambda": lambda state: REPLY,
    "object": Thing(),
    "method": Thing().method,
    "partial": functools.partial(partly, "extra"),
    "runnable": RunnableLambda(plain, afunc=with_await),
    "chain": RunnableLambda(plain) | RunnableLambda(lambda update: update),
    "graph": graph_of(plain, checkpointer=None),
    "generator": in_parts,
}
ASYNC: dict[str, Any] = {
    "coroutine": with_await,
    "object with await": AsyncThing(),
    "generator with await": in_parts_with_await,
}


@pytest.mark.parametrize("kind", [*SYNC, *ASYNC])
async def test_nodes_of_every_kind(memory: MemoryEngine, face: Face, kind: str) -> None:
    graph = graph_of(remembered({**SYNC, **ASYNC}[kind], memory))

    result = await (face if kind in SYNC else FACES[1]).invoke(graph, HELLO, config=ADA)

    assert list(named(result).values()) == ["Hello.", "Hi."]
    assert await keys(memory) == named(result)


async def test_a_node_gets_what_it_asks_for(memory: MemoryEngine, face: Face) -> None:
    seen: list[Any] = []

    def asks(
        state: MessagesState,
        config: RunnableConfig,
        runtime: Runtime[User],
        *,
        store: BaseStore,
        writer: StreamWriter,
    ) -> None:
        seen.extend([config["configurable"]["thread_id"], runtime.context.user_id, type(store)])
        if not face.awaits:  # in async code on Python 3.10 a writer does not work, with us or without
            writer("written")

    async def asks_less(state: MessagesState, runtime: Runtime[User]) -> None:
        seen.append(runtime.context.user_id)

    builder: Builder = StateGraph(MessagesState, context_schema=User)
    node: Any = remembered(asks, memory)
    builder.add_node(node)
    if face.awaits:
        builder.add_node(remembered(asks_less, memory))
        builder.add_edge("asks", "asks_less")
    builder.add_edge(START, "asks")
    graph = builder.compile(store=InMemoryStore(), checkpointer=InMemorySaver())

    how: dict[str, Any] = {"config": {"configurable": {"thread_id": "t"}}, "context": User("ada")}
    written = [part async for part in face.stream(graph, HELLO, stream_mode="custom", **how)]

    assert seen == ["t", "ada", InMemoryStore, *["ada"] * face.awaits]
    assert written == ["written"] * (not face.awaits)
    assert list((await keys(memory)).values()) == ["Hello."]


async def test_a_graph_reads_off_it_what_it_read_off_the_node(memory: MemoryEngine, face: Face) -> None:
    class Full(MessagesState):
        secret: str

    class Narrow(TypedDict):
        messages: list[AnyMessage]

    seen: list[Any] = []

    def narrow(state: Narrow) -> Command[Literal["other"]]:
        seen.append(sorted(state))
        return Command(goto="other", update=REPLY)

    narrow.__annotations__ = {"state": Narrow, "return": Command[Literal["other"]]}
    builder: Builder = StateGraph(Full)
    builder.add_node(GraphMemory(memory).remembered(narrow))
    builder.add_node("other", lambda state: None)
    builder.add_edge(START, "narrow")
    graph = builder.compile(checkpointer=InMemorySaver())

    result = await face.invoke(graph, {**HELLO, "secret": "s"}, config=ADA)

    assert seen == [["messages"]]
    assert ("narrow", "other") in [(edge.source, edge.target) for edge in graph.get_graph().edges]
    assert await keys(memory) == named(result)


CONSTANT = AIMessage("Hi.")
OUTPUTS: dict[str, Callable[[], Any]] = {
    "a dict": lambda: {"messages": [AIMessage("Hi.")]},
    "a pair": lambda: {"messages": ("ai", "Hi.")},
    "a dict of a message": lambda: {"messages": [{"role": "assistant", "content": "Hi."}]},
    "a chunk": lambda: {"messages": [AIMessageChunk(content="Hi.")]},
    "a constant": lambda: {"messages": CONSTANT},
    "a named one": lambda: {"messages": [AIMessage("Hi.", id="mine")]},
    "a command": lambda: Command(update={"messages": [AIMessage("Hi.")]}),
    "a command of pairs": lambda: Command(update=[("messages", [AIMessage("Hi.")])]),
    "commands": lambda: [Command(goto=END), {"messages": [AIMessage("Hi.")]}],
}


@pytest.mark.parametrize("kind", OUTPUTS)
async def test_outputs_of_every_kind_have_one_name_in_state_and_memory(
    memory: MemoryEngine, face: Face, kind: str
) -> None:
    graph = graph_of(remembered(lambda state: OUTPUTS[kind](), memory))

    result = await face.invoke(graph, HELLO, config=ADA)
    again = await face.invoke(graph, HELLO, config={"configurable": {**ADA["configurable"], "thread_id": "u"}})

    assert [message.content for message in result["messages"]] == ["Hello.", "Hi."]
    assert [message.content for message in again["messages"]] == ["Hello.", "Hi."]
    assert named(result).items() <= (await keys(memory)).items()
    assert len(await keys(memory)) == 4
    assert CONSTANT.id is None


class Model(BaseModel):
    messages: Annotated[list[AnyMessage], add_messages]


@dataclass
class Data:
    messages: Annotated[list[AnyMessage], add_messages]


@pytest.mark.parametrize("kind", [Model, Data])
async def test_outputs_that_are_objects_pass_as_they_are(memory: MemoryEngine, face: Face, kind: Any) -> None:
    output = kind(messages=[AIMessage("Hi.", id="mine"), AIMessage("And welcome.")])
    graph = graph_of(remembered(lambda state: output, memory), state=kind)

    result = await face.invoke(graph, HELLO, config=ADA)
    at_once = await keys(memory)
    await face.invoke(graph, {"messages": []}, config=ADA)

    assert list(named(result).values()) == ["Hello.", "Hi.", "And welcome."]
    assert list(at_once.values()) == ["Hello.", "Hi."]
    assert named(result).items() <= (await keys(memory)).items()


async def test_a_state_that_is_a_list_of_messages(memory: MemoryEngine, face: Face) -> None:
    state: Any = Annotated[list[AnyMessage], add_messages]
    graph = graph_of(remembered(lambda state: [AIMessage("Hi.")], memory), state=state)

    result = await face.invoke(graph, [("user", "Hello.")], config=ADA)

    assert await keys(memory) == named({"messages": result})
    assert list((await keys(memory)).values()) == ["Hello.", "Hi."]


async def test_what_cannot_be_read_as_a_message_is_left_alone(memory: MemoryEngine, face: Face) -> None:
    class Odd(TypedDict):
        messages: Annotated[list[Any], operator.add]
        notes: list[int]

    outputs: list[Any] = [{"notes": [1]}, Command(update=[("notes", [2])]), {"messages": [3, None], "notes": [4]}]
    builder: Builder = StateGraph(Odd)
    for number, output in enumerate(outputs):
        builder.add_node(str(number), remembered(lambda state, output=output: output, memory))
        builder.add_edge(str(number - 1) if number else START, str(number))
    graph = builder.compile(checkpointer=InMemorySaver())

    result = await face.invoke(graph, {"messages": [HumanMessage("Hello.", id="m1")]}, config=ADA)

    assert result["messages"][1:] == [3, None]
    assert result["notes"] == [4]
    assert list((await keys(memory)).values()) == ["Hello."]


@pytest.mark.parametrize("output", [None, {}, {"messages": []}, Command(goto=END), [Command(goto=END)]])
async def test_outputs_without_messages_pass(memory: MemoryEngine, face: Face, output: Any) -> None:
    await face.invoke(graph_of(remembered(lambda state: output, memory)), HELLO, config=ADA)

    assert list((await keys(memory)).values()) == ["Hello."]


async def test_removed_messages_and_answers_of_tools_are_not_retained(memory: MemoryEngine, face: Face) -> None:
    def tidy(state: MessagesState) -> Any:
        first = state["messages"][0]
        return {"messages": [RemoveMessage(id=str(first.id)), ToolMessage("42", tool_call_id="c"), AIMessage("Hi.")]}

    result = await face.invoke(graph_of(remembered(tidy, memory)), HELLO, config=ADA)

    assert [message.content for message in result["messages"]] == ["42", "Hi."]
    assert sorted((await keys(memory)).values()) == ["Hello.", "Hi."]


async def test_a_state_that_does_not_name_its_messages_is_left_as_it_is(memory: MemoryEngine, face: Face) -> None:
    class Plain(TypedDict):
        messages: Annotated[list[Any], operator.add]

    replies = [{"role": "assistant", "content": text} for text in ("Hi.", "And welcome.")]
    builder: Builder = StateGraph(Plain)
    for name, reply in zip(("one", "two"), replies, strict=True):
        builder.add_node(name, remembered(lambda state, reply=reply: {"messages": [reply]}, memory))
    builder.add_edge(START, "one")
    builder.add_edge("one", "two")
    given: Any = {"messages": [{"role": "user", "content": "Hello."}]}

    result = await face.invoke(builder.compile(checkpointer=InMemorySaver()), given, config=ADA)

    assert result["messages"] == [*given["messages"], *replies]
    assert sorted((await keys(memory)).values()) == ["And welcome.", "Hello.", "Hi."]


async def test_what_a_node_raises_is_raised_and_what_it_was_given_is_retained(memory: MemoryEngine, face: Face) -> None:
    def fails(state: MessagesState) -> None:
        raise LookupError("no such page")

    for node in (fails, RunnableLambda(fails)):
        graph = graph_of(remembered(node, memory))
        with pytest.raises(LookupError, match="no such page"):
            await face.invoke(graph, HELLO, config=ADA)

    assert list((await keys(memory)).values()) == ["Hello."] * 2


async def test_a_cancelled_node_ends_at_once_and_what_it_was_given_is_retained(memory: MemoryEngine) -> None:
    begun = asyncio.Event()

    async def waits(state: MessagesState) -> None:
        begun.set()
        await asyncio.sleep(3600)

    graph_memory = GraphMemory(memory)
    for node in (waits, RunnableLambda(waits)):
        begun.clear()
        run = asyncio.create_task(graph_of(graph_memory.remembered(node)).ainvoke(HELLO, ADA))
        await begun.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    await graph_memory.aflush()

    assert list((await keys(memory)).values()) == ["Hello."] * 2


async def test_a_node_done_again_names_its_messages_as_before(memory: MemoryEngine, face: Face) -> None:
    config: Any = {"configurable": {**ADA["configurable"], "checkpoint_ns": "node:task"}}
    node = remembered(RunnableLambda(plain, afunc=with_await), memory)
    given = {"messages": [HumanMessage("Hello.", id="m1")]}

    runs = [node.invoke(given, config) if not face.awaits else await node.ainvoke(given, config) for _ in range(2)]
    elsewhere = await node.ainvoke(given, {"configurable": {**config["configurable"], "checkpoint_ns": "node:other"}})

    assert runs[0]["messages"][0].id == runs[1]["messages"][0].id
    assert runs[0]["messages"][0].id != elsewhere["messages"][0].id


async def test_a_message_made_up_for_a_task_is_nobodys_words(memory: MemoryEngine, face: Face) -> None:
    builder: Builder = StateGraph(MessagesState)
    builder.add_node("worker", remembered(plain, memory))
    builder.add_conditional_edges(
        START, lambda state: [Send("worker", {"messages": [HumanMessage("Research this.")]})], ["worker"]
    )

    result = await face.invoke(builder.compile(checkpointer=InMemorySaver()), HELLO, config=ADA)

    assert await keys(memory) == {key: text for key, text in named(result).items() if text == "Hi."}


async def test_a_graph_within_stays_visible_and_can_be_resumed(memory: MemoryEngine) -> None:
    def asks(state: MessagesState) -> Any:
        return {"messages": [("ai", f"You said {interrupt('Well?')}.")]}

    inner = graph_of(asks, checkpointer=None)
    graph = graph_of(remembered(inner, memory), name="inner")

    graph.invoke(HELLO, ADA)
    state = graph.get_state(ADA, subgraphs=True)
    result = graph.invoke(Command(resume="yes"), ADA)

    assert state.tasks[0].state is not None
    assert [name for name, _ in graph.get_subgraphs()] == ["inner"]
    assert [message.content for message in result["messages"]] == ["Hello.", "You said yes."]
    assert await keys(memory) == named(result)


@pytest.mark.parametrize("face", FACES if sys.version_info >= (3, 11) else FACES[:1])
async def test_a_wrapped_node_may_be_called_by_another(memory: MemoryEngine, face: Face) -> None:
    inner = remembered(plain, memory)

    def outer(state: MessagesState) -> Any:
        return inner(state)

    result = await face.invoke(graph_of(outer), HELLO, config=ADA)

    assert await keys(memory) == named(result)


async def test_outside_a_graph_it_is_the_node_and_nothing_more(
    memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    assert remembered(plain, memory)({"messages": []}) is REPLY
    assert await remembered(with_await, memory)(state={"messages": []}) is REPLY
    assert "does not say whose it is" in caplog.text
    assert remembered(plain, memory).__name__ == "plain"


def test_what_is_no_node_is_refused(memory: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="a str"):
        remembered("node", memory)  # type: ignore[call-overload]
