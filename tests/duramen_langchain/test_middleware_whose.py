"""Whose memory an agent has, in its runs."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver

from duramen import BankResolutionError, Identity, MemoryEngine
from duramen_langchain import MemoryMiddleware
from tests.duramen_langchain.parts import (
    ADA,
    ANSWER,
    ASKS,
    BOB,
    Face,
    ScriptedModel,
    of,
    said,
    saying,
)

pytestmark = pytest.mark.usefixtures("seeded")


@dataclass
class Caller:
    user_id: str
    tenant_id: str | None = None


class TestWhoseMemoryItIs:
    async def test_an_identity_or_a_bank_given_to_the_middleware_goes_before_all(
        self, memory: MemoryEngine, face: Face
    ) -> None:
        model = ScriptedModel()
        by_identity = create_agent(model, middleware=[MemoryMiddleware(memory, bank=Identity(user="bob"))])
        by_name = create_agent(model, middleware=[MemoryMiddleware(memory, bank=BOB)])

        await face.invoke(by_identity, saying(ASKS), of("ada"))
        await face.invoke(by_name, saying("Anything else?"), of("ada"))

        assert await said(memory) == []
        assert await said(memory, BOB) == [ASKS, "Noted.", "Anything else?"]

    async def test_a_function_is_given_the_runtime(self, memory: MemoryEngine, face: Face) -> None:
        middleware = MemoryMiddleware(memory, bank=lambda runtime: f"team:{runtime.context.user_id}")
        agent = create_agent(ScriptedModel(), middleware=[middleware], context_schema=Caller)

        await face.invoke(agent, saying(ASKS), context=Caller("ada"))

        assert await said(memory, "team:ada") == [ASKS, "Noted."]

    async def test_the_context_of_the_run_goes_before_the_config(self, memory: MemoryEngine, face: Face) -> None:
        agent = create_agent(ScriptedModel(), middleware=[MemoryMiddleware(memory)], context_schema=Caller)

        await face.invoke(agent, saying(ASKS), of("bob"), context=Caller("ada", tenant_id="acme"))

        assert await said(memory, "tenant:acme:user:ada") == [ASKS, "Noted."]
        assert await said(memory, BOB) == []

    async def test_a_thread_is_nobody(self, memory: MemoryEngine, face: Face, caplog: pytest.LogCaptureFixture) -> None:
        model = ScriptedModel(ANSWER)
        middleware = MemoryMiddleware(memory)
        agent = create_agent(model, middleware=[middleware], checkpointer=InMemorySaver())

        with caplog.at_level(logging.WARNING, "duramen.langchain"):
            result = await face.invoke(agent, saying(ASKS), {"configurable": {"thread_id": "ada"}})

        assert result["messages"][-1].content == ANSWER
        assert [bank.name for bank in (await memory.banks()).items] == [ADA, BOB]
        assert await said(memory) == []
        assert middleware.stats().refused > 0
        assert "does not say whose it is" in caplog.text

    async def test_which_is_an_error_if_strict(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(ANSWER)
        agent = create_agent(model, middleware=[MemoryMiddleware(memory, strict=True)])

        with pytest.raises(BankResolutionError):
            await face.invoke(agent, saying(ASKS))

        assert model.prompts == []

    async def test_a_function_that_fails_names_nobody(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(ANSWER)
        agent = create_agent(model, middleware=[MemoryMiddleware(memory, bank=lambda runtime: runtime.context["user"])])

        result = await face.invoke(agent, saying(ASKS), of("ada"))

        assert result["messages"][-1].content == ANSWER
        assert await said(memory) == []
