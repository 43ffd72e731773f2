from __future__ import annotations

import json

import pytest
from strands import Agent

from duramen import MemoryEngine
from duramen_strands import DuramenSessionManager, MemoryHooks, memory_tools
from duramen_strands.messages import Placement
from tests.duramen_strands.multi_agents import graph
from tests.duramen_strands.parts import FENCE, QUESTION, Speaker, Use, agent_of, as_user, kept, look_up, seed


async def persisted(memory: MemoryEngine) -> str:
    """All that is on the shelf, as one text."""
    entries = await memory.shelf.scan(("strands.sessions",), below=True)
    return json.dumps([json.loads(entry.value) for entry in entries])


@pytest.mark.parametrize("placement", ["user", "system"])
async def test_recalled_text_is_shown_and_never_kept_in_the_session(memory: MemoryEngine, placement: Placement) -> None:
    await seed(memory)
    hooks = MemoryHooks(memory, placement=placement)

    for turn in range(3):
        agent, model = agent_of(
            Use("look_up", {"city": "Lisbon"}, id=f"call-{turn}"),
            tools=[look_up],
            hooks=[hooks],
            session_manager=DuramenSessionManager("s", memory),
        )
        await agent.invoke_async(f"{QUESTION} {turn}", invocation_state=as_user("ada"))

        assert "Ada lives in Lisbon." in model.texts(0)
        assert "Ada lives in Lisbon." in model.texts(1)
    written = await persisted(memory)
    assert f"{QUESTION} 2" in written
    assert "It rains in Lisbon." in written
    assert FENCE not in written
    assert "Ada lives" not in written
    assert "Bob" not in written


async def test_a_resumed_agent_retains_each_message_once(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)

    for turn in range(3):
        agent, _ = agent_of(f"Answer {turn}.", hooks=[hooks], session_manager=DuramenSessionManager("s", memory))
        await agent.invoke_async(f"I said {turn}.", invocation_state=as_user("ada"))

    assert await kept(memory) == [
        text for turn in range(3) for text in (f"user: I said {turn}.", f"assistant: Answer {turn}.")
    ]
    assert {event.session for event in (await memory.events("user:ada")).items} == {"s"}


async def test_the_state_of_a_graph_holds_no_recalled_text(memory: MemoryEngine) -> None:
    await seed(memory)
    hooks, write = MemoryHooks(memory), Speaker("A page.")
    built = graph(DuramenSessionManager("m", memory), write, hooks=[hooks])
    for node in built.nodes.values():  # type: ignore[attr-defined]  # a graph
        hooks.register_hooks(node.executor.hooks)

    await built.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert "Ada lives in Lisbon." in write.texts()
    written = await persisted(memory)
    assert "A page." in written
    assert FENCE not in written


async def test_hooks_and_tools_speak_of_the_same_memory(memory: MemoryEngine) -> None:
    model = Speaker(Use("retain", {"text": "Ada lives in Ghent."}))
    options = {"hooks": [MemoryHooks(memory)], "tools": memory_tools(memory), "callback_handler": None}
    state = {"user_id": "ada", "tenant_id": "acme"}
    agent = Agent(model=model, session_manager=DuramenSessionManager("s", memory), **options)  # type: ignore[arg-type]

    await agent.invoke_async("I moved to Ghent.", invocation_state=dict(state))

    assert [bank.name for bank in (await memory.banks()).items] == ["tenant:acme:user:ada"]
    assert sorted(await kept(memory, "tenant:acme:user:ada")) == [
        "assistant: Ada lives in Ghent.",
        "assistant: Done.",
        "user: I moved to Ghent.",
    ]
