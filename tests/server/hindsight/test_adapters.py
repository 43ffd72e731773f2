from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hindsight_agentcore  # type: ignore[import-untyped]  # it has no types
import hindsight_langgraph
import pytest
from hindsight_agentcore import HindsightRuntimeAdapter, RecallPolicy, TurnContext
from hindsight_client import Hindsight
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, MessagesState, StateGraph

from tests.conftest import engine
from tests.server.running import running

QUESTION = "Where does Ada live?"


@pytest.fixture
def base_url(tmp_path: Path) -> Iterator[str]:
    with running(engine(tmp_path / "memory")) as url:
        yield url


def context(session: str, request: str | None = None) -> TurnContext:
    return TurnContext(
        runtime_session_id=session, user_id="ada", agent_name="guide", tenant_id="acme", request_id=request
    )


@asynccontextmanager
async def adapter(base_url: str, **options: Any) -> AsyncIterator[HindsightRuntimeAdapter]:
    hindsight_agentcore.configure(hindsight_api_url=base_url, api_key="none", retain_async=False, timeout=60.0)
    runtime: Any = HindsightRuntimeAdapter(**options)
    try:
        yield runtime
    finally:
        await runtime._get_client().aclose()  # which it never does by itself
        hindsight_agentcore.reset_config()


async def test_agentcore_recalls_in_the_next_session_what_was_said_in_the_last(base_url: str) -> None:
    async def echo(payload: dict[str, Any], memory_context: str) -> dict[str, Any]:
        return {"output": f"Known: {memory_context}"}

    said = {"prompt": "I live in Lisbon and write Rust."}
    async with adapter(base_url) as runtime:
        await runtime.run_turn(context("one", "r1"), said, agent_callable=echo)
    async with adapter(base_url) as runtime:
        answer = await runtime.run_turn(context("two", "r2"), {"prompt": "Where do I live?"}, agent_callable=echo)

    assert "Lisbon" in answer["output"]
    assert "[world]" in answer["output"]


async def test_agentcore_keeps_users_apart(base_url: str) -> None:
    other = TurnContext(runtime_session_id="two", user_id="bob", agent_name="guide", tenant_id="acme")

    async with adapter(base_url) as runtime:
        await runtime.after_turn(context("one", "r1"), query="I live in Lisbon.", result="Noted.")
        recalled = await runtime.before_turn(other, query="Where do I live?")

    assert recalled == ""


async def test_agentcore_keeps_one_turn_that_is_retained_twice_once(base_url: str) -> None:
    async with adapter(base_url) as runtime:
        for _ in range(2):
            await runtime.after_turn(context("one", "r1"), query="I live in Lisbon.", result="Noted.")

    client: Any = Hindsight(base_url)
    listed = await client.alist_memories("tenant:acme:user:ada:agent:guide")
    await client.aclose()

    assert sorted((str(item.fact_type), str(item.text)) for item in listed.items) == [
        ("experience", "Noted."),
        ("world", "I live in Lisbon."),
    ]


async def test_agentcore_reflects(base_url: str) -> None:
    async with adapter(base_url, recall_policy=RecallPolicy(mode="reflect")) as runtime:
        await runtime.after_turn(context("one", "r1"), query="Ada lives in Lisbon.", result="Noted.")
        answer = await runtime.before_turn(context("two"), query=QUESTION)

    assert "Lisbon" in answer


async def test_agentcore_keeps_what_a_turn_belongs_to(base_url: str) -> None:
    async with adapter(base_url) as runtime:
        await runtime.after_turn(context("one", "r1"), query="Ada lives in Lisbon.", result="Noted.")

    client: Any = Hindsight(base_url)
    found = await client.arecall("tenant:acme:user:ada:agent:guide", QUESTION)
    await client.aclose()

    best = found.results[0]
    assert best.document_id == "r1"
    assert (best.metadata or {})["runtime_session_id"] == "one"
    assert sorted(best.tags or []) == ["agent:guide", "session:one", "tenant:acme", "user:ada"]


async def test_langgraph_nodes_remember_in_a_compiled_graph(base_url: str) -> None:
    client: Any = Hindsight(base_url)
    graph = StateGraph(MessagesState)
    graph.add_node("recall", hindsight_langgraph.create_recall_node(client=client, bank_id_from_config="user_id"))
    graph.add_node("agent", _answer)
    graph.add_node("retain", hindsight_langgraph.create_retain_node(client=client, bank_id_from_config="user_id"))
    graph.add_edge(START, "recall")
    graph.add_edge("recall", "agent")
    graph.add_edge("agent", "retain")
    graph.add_edge("retain", END)
    compiled = graph.compile()
    config = RunnableConfig(configurable={"user_id": "ada"})

    await compiled.ainvoke({"messages": [HumanMessage("I live in Lisbon.")]}, config)
    state = await compiled.ainvoke({"messages": [HumanMessage("Where do I live?")]}, config)
    await client.aclose()

    assert "Lisbon" in state["messages"][-1].text


async def test_langgraph_tools_retain_recall_and_reflect(base_url: str) -> None:
    client: Any = Hindsight(base_url)
    tools = {one.name: one for one in hindsight_langgraph.create_hindsight_tools(bank_id="ada", client=client)}

    stored = await tools["hindsight_retain"].ainvoke({"content": "Ada lives in Lisbon."})
    recalled = await tools["hindsight_recall"].ainvoke({"query": QUESTION})
    reflected = await tools["hindsight_reflect"].ainvoke({"query": QUESTION})
    nothing = await hindsight_langgraph.create_hindsight_tools(bank_id="bob", client=client)[1].ainvoke(
        {"query": QUESTION}
    )
    await client.aclose()

    assert stored == "Memory stored successfully."
    assert recalled.startswith("1. Ada lives in Lisbon.")
    assert "Lisbon" in reflected
    assert nothing == "No relevant memories found."


async def test_langgraph_instructions_hold_what_is_known(base_url: str) -> None:
    client: Any = Hindsight(base_url)
    await client.aretain("ada", "Ada lives in Lisbon.")

    instructions = await hindsight_langgraph.memory_instructions(bank_id="ada", client=client, query=QUESTION)()
    await client.aclose()

    assert "Ada lives in Lisbon." in instructions


def test_strands_tools_work_in_an_agent(base_url: str) -> None:
    # In a process of its own: the package leaves the event loops of its threads open.
    command = [sys.executable, "-m", "tests.server.hindsight.strands_walk", base_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])

    assert done.returncode == 0, done.stderr
    retained, recalled, reflected, instructions = json.loads(done.stdout)
    assert "Memory stored successfully." in retained
    assert "1. Ada lives in Lisbon." in recalled
    assert "Lisbon. [1]" in reflected
    assert "Ada lives in Lisbon." in instructions


async def _answer(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage(" / ".join(message.text for message in state["messages"]))]}
