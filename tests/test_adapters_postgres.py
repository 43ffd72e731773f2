"""The adapters over PostgreSQL: a turn at one worker, and the next at another, of which each has an engine of its own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from duramen import MemoryEngine
from tests.conftest import engine
from tests.postgres import Server

with warnings.catch_warnings():
    # What some of them import declares models in ways that pydantic and langchain-core deprecate; warnings are errors here.
    warnings.simplefilter("ignore")
    import bedrock_agentcore  # noqa: F401
    import langgraph.graph
    import strands.multiagent  # noqa: F401

from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver

from duramen_agentcore import RuntimeAdapter
from duramen_langgraph import DuramenSaver, DuramenStore, MemoryState, recall_node, retain_node
from duramen_strands import MemoryHooks
from tests.duramen_agentcore.parts import answer, turn
from tests.duramen_langgraph.saving import contents, echo, said, thread
from tests.duramen_strands.parts import agent_of, as_user


@pytest.fixture(scope="module")
def workers(postgres: Server) -> Iterator[tuple[MemoryEngine, MemoryEngine]]:
    database = postgres.database()
    one, other = engine(database), engine(database)
    yield one, other
    one.close()
    other.close()
    postgres.give_back(database)


Workers = tuple[MemoryEngine, MemoryEngine]


async def test_langgraph_nodes_recall_and_retain(workers: Workers) -> None:
    def answered(state: MemoryState) -> dict[str, Any]:
        return {"messages": [AIMessage("I will remember it.")]}

    async def told(memory: MemoryEngine, text: str, session: str) -> Any:
        builder: Any = langgraph.graph.StateGraph(MemoryState)
        builder.add_sequence([("recall", recall_node(memory)), answered, ("retain", retain_node(memory))])
        builder.set_entry_point("recall")
        graph = builder.compile(checkpointer=InMemorySaver())
        config: Any = {"configurable": {"thread_id": session, "user_id": "of-nodes"}}
        return await graph.ainvoke({"messages": [("user", text)]}, config=config)

    await told(workers[0], "My cat is called Miso.", "first")
    result = await told(workers[1], "What is my cat called?", "second")

    assert "Miso" in result["memory"]


@pytest.mark.parametrize("thread_id", ["plain", "odd\x1f/ü\n"])
async def test_a_langgraph_thread_goes_on_at_another_worker(workers: Workers, thread_id: str) -> None:
    one, other = (echo(DuramenSaver(memory)) for memory in workers)

    await one.ainvoke(said("I am Ada."), thread(thread_id))
    values = await other.ainvoke(said("Who am I?"), thread(thread_id))

    assert contents(values) == ["I am Ada.", "You said: I am Ada.", "Who am I?", "You said: Who am I?"]
    assert len([state async for state in one.aget_state_history(thread(thread_id))]) == 8


async def test_what_one_puts_into_a_langgraph_store_another_finds(workers: Workers) -> None:
    one, other = (DuramenStore(memory) for memory in workers)

    await one.aput(("users", "ada"), "tea", {"kind": "green", "note": "a\0b"})
    found = await other.aget(("users", "ada"), "tea")
    listed = await other.asearch(("users",), filter={"kind": "green"})
    spaces = await other.alist_namespaces(prefix=("users",))
    await other.adelete(("users", "ada"), "tea")

    assert found is not None
    assert found.value == {"kind": "green", "note": "a\0b"}
    assert [item.key for item in listed] == ["tea"]
    assert spaces == [("users", "ada")]
    assert await one.aget(("users", "ada"), "tea") is None


async def test_a_strands_agent_remembers_what_was_said_to_another(workers: Workers) -> None:
    first, _ = agent_of("Noted.", hooks=[MemoryHooks(workers[0])])
    second, model = agent_of("In Lisbon.", hooks=[MemoryHooks(workers[1])])

    await first.invoke_async("I live in Lisbon.", invocation_state=as_user("of-hooks"))
    await second.invoke_async("Where do I live?", invocation_state=as_user("of-hooks"))

    assert "I live in Lisbon." in model.texts()


async def test_an_agentcore_runtime_agent_remembers_in_another_session(workers: Workers) -> None:
    async with RuntimeAdapter("support", memory=workers[0]) as one:
        await one.run_turn(turn("session-1", "of-runtime"), {"prompt": "I am vegan."}, agent_callable=answer)
    async with RuntimeAdapter("support", memory=workers[1]) as other:
        known = await other.before_turn(turn("session-2", "of-runtime"), query="Is the user vegan?")

    assert "I am vegan." in known
