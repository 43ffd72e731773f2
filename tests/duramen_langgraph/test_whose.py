"""Whose run it is: what says so, in which order, and what is done where nothing does."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from typing_extensions import TypedDict

from duramen import BankResolutionError, Identity, MemoryEngine
from duramen_langgraph import GraphMemory
from tests.duramen_langgraph.parts import Builder, Face, Graph


class Context(TypedDict, total=False):
    user_id: Any
    agent_id: str
    tenant_id: str


@pytest.fixture
def address() -> str:
    return ":memory:"


def keeping(memory: GraphMemory) -> Graph:
    """Return a graph that recalls, answers and retains, by a node and by a wrapped one."""

    def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [("ai", "Hello.")]}

    builder: Builder = StateGraph(MessagesState, context_schema=Context)
    builder.add_node("answer", memory.remembered(answer))
    builder.add_node("retain", memory.retain_node())
    builder.add_edge(START, "answer")
    builder.add_edge("answer", "retain")
    builder.add_edge("retain", END)
    return builder.compile(checkpointer=InMemorySaver())


class Account:
    identity = "grace"


NUMBER = uuid.UUID(int=7)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any], str | None]] = {
    "a bank": ({"bank": "team"}, {"user_id": "ada"}, {"user_id": "bob"}, "team"),
    "an identity": ({"bank": Identity(user="ada", agent="cook")}, None, {}, "user:ada:agent:cook"),
    "a function": ({"bank": lambda runtime: f"of {runtime.context['user_id']}"}, {"user_id": "ada"}, {}, "of ada"),
    "a function that knows nobody": ({"bank": lambda runtime: None}, {"user_id": "ada"}, {}, None),
    "a function that fails": ({"bank": lambda runtime: runtime.nothing}, {"user_id": "ada"}, {}, None),
    "the context": ({}, {"user_id": "ada", "tenant_id": "acme"}, {"user_id": "bob"}, "tenant:acme:user:ada"),
    "the context, with a number": ({}, {"user_id": NUMBER}, {}, f"user:{NUMBER}"),
    "a blank user, who is nobody else": ({}, {"user_id": " "}, {"user_id": "bob"}, None),
    "the authenticated user": ({}, {}, {"langgraph_auth_user": Account(), "user_id": "bob"}, "user:grace"),
    "the id of the authenticated user": ({}, None, {"langgraph_auth_user_id": "grace", "user_id": "bob"}, "user:grace"),
    "configurable": ({}, None, {"user_id": "bob", "agent_id": "cook"}, "user:bob:agent:cook"),
    "no thread": ({}, None, {}, None),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_first_that_tells_counts(memory: MemoryEngine, face: Face, case: str) -> None:
    options, context, configurable, bank = CASES[case]
    config: Any = {"configurable": {"thread_id": "t", **configurable}}
    graph_memory = GraphMemory(memory, **options)

    result = await face.invoke(keeping(graph_memory), {"messages": [("user", "Hi.")]}, config=config, context=context)

    assert [message.content for message in result["messages"]] == ["Hi.", "Hello."]
    assert [(one.name, one.events) for one in (await memory.banks()).items] == ([(bank, 2)] if bank else [])
    assert graph_memory.stats().refused == (0 if bank else 2)


async def test_a_run_of_nobody_goes_on_with_a_warning(
    memory: MemoryEngine, face: Face, caplog: pytest.LogCaptureFixture
) -> None:
    graph_memory = GraphMemory(memory)

    await face.invoke(
        keeping(graph_memory), {"messages": [("user", "Hi.")]}, config={"configurable": {"thread_id": "t"}}
    )

    assert "does not say whose it is" in caplog.text
    assert {record.name for record in caplog.records} == {"duramen.langgraph"}


@pytest.mark.parametrize("part", ["recall_node", "retain_node", "messages", "remembered"])
async def test_a_strict_run_of_nobody_ends(memory: MemoryEngine, face: Face, part: str) -> None:
    graph_memory = GraphMemory(memory, strict=True)
    builder: Builder = StateGraph(MessagesState)
    node: Any = {
        "recall_node": graph_memory.recall_node(),
        "retain_node": graph_memory.retain_node(),
        "messages": lambda state, config: {"messages": graph_memory.messages(state, config)},
        "remembered": graph_memory.remembered(lambda state: None),
    }[part]
    builder.add_node("node", node)
    builder.add_edge(START, "node")

    with pytest.raises(BankResolutionError, match="whose it is"):
        await face.invoke(
            builder.compile(), {"messages": [("user", "Hi.")]}, config={"configurable": {"thread_id": "t"}}
        )


async def test_within_a_tool_the_runtime_of_the_tool_tells(memory: MemoryEngine) -> None:
    await memory.retain("user:ada", "The cat of Ada is called Miso.")

    given = {"messages": [("user", "What is my cat called?")]}
    runtime = SimpleNamespace(context=Context(user_id="ada"), config={"configurable": {"thread_id": "t"}})

    prompt = await GraphMemory(memory).amessages(given, runtime)

    assert "Miso" in str(prompt[0].content)
