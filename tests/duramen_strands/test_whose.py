from __future__ import annotations

from typing import Any

import pytest
from strands import Agent

from duramen import BankResolutionError, Identity, MemoryEngine
from duramen_strands import MemoryHooks
from tests.duramen_strands.parts import FACTS, FENCE, QUESTION, agent_of, as_user, kept

pytestmark = pytest.mark.usefixtures("seeded")

FACT = FACTS["user:ada"]


@pytest.mark.parametrize(
    "bank",
    ["user:ada", Identity(user="ada"), lambda event: f"user:{event.agent.name}", lambda event: Identity(user="ada")],
    ids=["a bank", "an identity", "a function to a bank", "a function to an identity"],
)
async def test_the_bank_given_counts_whatever_the_call_says(memory: MemoryEngine, bank: Any) -> None:
    agent, model = agent_of("Hi.", hooks=[MemoryHooks(memory, bank=bank)], name="ada")

    await agent.invoke_async(QUESTION, invocation_state=as_user("bob"))

    assert FACT in model.texts()
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Hi."]


async def test_the_call_says_whose_it_is_before_the_agents_state_does(memory: MemoryEngine) -> None:
    agent, model = agent_of("Hi.", "Hi.", hooks=[MemoryHooks(memory)], state={"user_id": "bob"})

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))
    await agent.invoke_async(QUESTION)

    assert FACT in model.texts(0)
    assert FACTS["user:bob"] in model.texts(1)
    assert len(await kept(memory)) == len(await kept(memory, "user:bob")) == 2


async def test_an_identity_has_a_tenant_and_an_agent_too(memory: MemoryEngine) -> None:
    agent, _ = agent_of("Hi.", hooks=[MemoryHooks(memory)])

    await agent.invoke_async(QUESTION, invocation_state={"user": "ada", "agent_id": "desk", "tenant_id": "acme"})

    assert len(await kept(memory, "tenant:acme:user:ada:agent:desk")) == 2


async def test_one_invocation_state_may_be_used_again(memory: MemoryEngine) -> None:
    agent, model = agent_of("Hi.", "Hi again.", hooks=[MemoryHooks(memory)])
    state = as_user("ada")

    await agent.invoke_async(QUESTION, invocation_state=state)
    await agent.invoke_async("And where else do I live?", invocation_state=state)

    assert isinstance(state["agent"], Agent)  # Strands leaves it there, and it is no part of an identity
    assert FACT in model.texts(1)
    assert len(await kept(memory)) == 4


@pytest.mark.parametrize("state", [{}, {"user_id": " "}, {"session_id": "ada"}, {"user_id": object()}])
async def test_without_an_identity_there_is_no_memory_and_a_warning(
    memory: MemoryEngine, state: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hooks = MemoryHooks(memory)
    agent, model = agent_of("Hi.", hooks=[hooks], state={"user_id": "ada"} if state.get("user_id") else None)

    result = await agent.invoke_async(QUESTION, invocation_state=state)

    assert str(result) == "Hi.\n"
    assert FENCE not in model.texts()
    assert "no memory for this turn" in caplog.text
    assert hooks.stats().refused == 1
    assert [bank.name for bank in (await memory.banks()).items] == ["user:ada", "user:bob"]
    assert await kept(memory) == []


async def test_who_is_strict_is_told_before_anything_happens(memory: MemoryEngine) -> None:
    agent, model = agent_of("Hi.", hooks=[MemoryHooks(memory, strict=True)])

    with pytest.raises(BankResolutionError, match="does not say whose"):
        await agent.invoke_async(QUESTION)
    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert len(agent.messages) == 2
    assert FACT in model.texts()
    assert len(await kept(memory)) == 2


async def test_what_a_session_is_called_comes_with_it(memory: MemoryEngine) -> None:
    agent, _ = agent_of("Hi.", hooks=[MemoryHooks(memory)])

    await agent.invoke_async(QUESTION, invocation_state={**as_user("ada"), "session_id": "trip"})
    await agent.invoke_async("Alone?", invocation_state=as_user("ada"))

    sessions = {event.content: event.session for event in (await memory.events("user:ada")).items}
    assert sessions == {FACT: None, QUESTION: "trip", "Hi.": "trip", "Alone?": None, "Done.": None}
