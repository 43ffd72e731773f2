from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain.agents import AgentState, create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelCallResult, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.memory import InMemorySaver

import duramen
from duramen import BadInputError, HashingEmbedder, MemoryEngine
from duramen_langchain import MemoryMiddleware, Retention
from tests.conftest import engine
from tests.duramen_langchain.parts import (
    ADA,
    ANSWER,
    ASKS,
    SEEDS,
    Face,
    ScriptedModel,
    calling,
    of,
    said,
    saying,
    seed,
    weather,
)
from tests.outages import BreakableStore

pytestmark = pytest.mark.usefixtures("seeded")


class Watching(AgentMiddleware[AgentState[Any], Any]):
    """Keeps the requests that pass by, as they were and as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[ModelRequest[Any]] = []
        self.were: list[list[BaseMessage]] = []

    def _see(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        self.requests.append(request)
        self.were.append([message.model_copy(deep=True) for message in request.messages])
        return request

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelCallResult[Any]:
        return handler(self._see(request))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelCallResult[Any]:
        return await handler(self._see(request))


class TestWhereTheRecalledTextGoes:
    async def test_to_the_tail_of_the_newest_user_message(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("weather"))
        agent = create_agent(model, [weather], system_prompt="Be kind.", middleware=[MemoryMiddleware(memory)])

        await face.invoke(agent, {"messages": [("user", "Hello!"), ("ai", "Hi!"), ("user", ASKS)]}, of("ada"))

        for prompt in model.prompts:
            assert [message.type for message in prompt[:4]] == ["system", "human", "ai", "human"]
            assert [SEEDS[ADA] in message.text for message in prompt[:4]] == [False, False, False, True]
            assert prompt[3].text.startswith(f"{ASKS}\n\n<recalled-memory")

    async def test_behind_the_parts_of_a_message_that_has_parts(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel()
        agent = create_agent(model, middleware=[MemoryMiddleware(memory)])
        parts: list[str | dict[Any, Any]] = [
            {"type": "text", "text": ASKS},
            {"type": "image", "url": "https://example.com/beach.png"},
        ]

        result = await face.invoke(agent, {"messages": [HumanMessage(content=parts)]}, of("ada"))

        shown = model.prompts[0][0].content
        assert isinstance(shown, list)
        assert shown[:2] == parts
        assert SEEDS[ADA] in str(shown[2])
        assert result["messages"][0].content == parts
        assert await said(memory) == [ASKS, "Noted."]

    async def test_or_to_the_tail_of_the_system_message(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel()
        agent = create_agent(model, system_prompt="Be kind.", middleware=[MemoryMiddleware(memory, placement="system")])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert model.prompts[0][0].text.startswith("Be kind.\n\n<recalled-memory")
        assert model.prompts[0][1].text == ASKS

    async def test_which_is_made_if_there_is_none(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel()
        agent = create_agent(model, middleware=[MemoryMiddleware(memory, placement="system")])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert isinstance(model.prompts[0][0], SystemMessage)
        assert SEEDS[ADA] in model.prompts[0][0].text

    async def test_never_into_the_request_that_came_or_its_messages(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("weather"))
        watching = Watching()
        agent = create_agent(model, [weather], middleware=[watching, MemoryMiddleware(memory)])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert [request.messages for request in watching.requests] == watching.were
        assert all(SEEDS[ADA] in shown for shown in model.shown)

    async def test_nowhere_if_nothing_is_known(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel()
        agent = create_agent(model, middleware=[MemoryMiddleware(memory, bank="team:new")])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert [message.content for message in model.prompts[0]] == [ASKS]

    async def test_what_is_in_the_prompt_is_not_recalled_on_top(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel()
        agent = create_agent(model, middleware=[MemoryMiddleware(memory)], checkpointer=InMemorySaver())

        await face.invoke(agent, saying("Ada likes the sea."), of("ada"))
        await face.invoke(agent, saying(ASKS), of("ada"))
        await face.invoke(agent, saying(ASKS), of("ada", "another"))

        assert [shown.count("Ada likes the sea.") for shown in model.shown] == [1, 1, 1]
        assert [shown.count(ASKS) for shown in model.shown] == [0, 1, 1]

    async def test_as_long_and_as_much_as_was_asked_for(self, memory: MemoryEngine, face: Face) -> None:
        for number in range(5):
            await memory.retain(ADA, f"Ada spent weekend {number} at home.")
        model = ScriptedModel()
        agent = create_agent(model, middleware=[MemoryMiddleware(memory, limit=2, max_tokens=500)])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert model.shown[0].count("\n- [") == 2


class TestTrigger:
    async def test_each_call_of_a_turn_gets_the_text_and_the_next_turn_gets_its_own(
        self, memory: MemoryEngine, face: Face
    ) -> None:
        model = ScriptedModel(calling("weather"), ANSWER, "A raincoat.")
        middleware = MemoryMiddleware(memory)
        agent = create_agent(model, [weather], middleware=[middleware], checkpointer=InMemorySaver())

        await face.invoke(agent, saying(ASKS), of("ada"))
        await face.invoke(agent, saying("What should Ada pack?"), of("ada"))

        assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1, 1]
        assert [SEEDS[ADA] in message.text for message in model.prompts[2]] == [False, False, False, False, True]
        assert middleware.stats().recalls == 2

    async def test_or_only_the_call_that_answers_the_user(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("weather"), ANSWER)
        agent = create_agent(model, [weather], middleware=[MemoryMiddleware(memory, trigger="question")])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 0]
        assert await said(memory) == [ASKS, ANSWER]

    async def test_or_the_calls_that_a_function_picks(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("weather"), ANSWER)
        middleware = MemoryMiddleware(memory, trigger=lambda request: request.messages[-1].type == "tool")
        agent = create_agent(model, [weather], middleware=[middleware])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [0, 1]
        assert await said(memory) == [ASKS, ANSWER]

    async def test_a_function_that_fails_costs_the_text_only(
        self, memory: MemoryEngine, face: Face, caplog: pytest.LogCaptureFixture
    ) -> None:
        model = ScriptedModel(ANSWER)
        middleware = MemoryMiddleware(memory, trigger=lambda request: request.messages[7].type == "tool")
        agent = create_agent(model, middleware=[middleware])

        with caplog.at_level(logging.WARNING, "duramen.langchain"):
            await face.invoke(agent, saying(ASKS), of("ada"))

        assert SEEDS[ADA] not in model.shown[0]
        assert await said(memory) == [ASKS, ANSWER]
        assert "the trigger failed" in caplog.text


class TestWhatIsRetained:
    async def test_the_thread_is_the_session(self, memory: MemoryEngine, face: Face) -> None:
        agent = create_agent(ScriptedModel(), middleware=[MemoryMiddleware(memory)], checkpointer=InMemorySaver())

        await face.invoke(agent, saying(ASKS, id="question"), of("ada", "one"))
        await face.invoke(agent, saying(ASKS, id="question"), of("ada", "two"))

        events = (await memory.events(ADA, session="ada-one")).items
        assert [event.content for event in events] == [ASKS, "Noted."]
        assert [event.kind for event in events] == ["fact", "experience"]
        assert await said(memory) == [ASKS, "Noted."] * 2

    async def test_words_beside_tool_calls_and_answers_of_tools_if_wanted(
        self, memory: MemoryEngine, face: Face
    ) -> None:
        model = ScriptedModel(calling("weather", words="Let me see."), ANSWER)
        retention = Retention(roles=("user", "assistant", "tool"), steps=True, tags=("chat",))
        agent = create_agent(model, [weather], middleware=[MemoryMiddleware(memory, retention=retention)])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert await said(memory) == [ASKS, "Let me see.", "Sunshine.", ANSWER]
        assert {event.tags for event in (await memory.events(ADA)).items} == {(), ("chat",)}

    async def test_only_what_is_accepted(self, memory: MemoryEngine, face: Face) -> None:
        retention = Retention(accept=lambda message: "secret" not in str(message["content"]))
        agent = create_agent(ScriptedModel(), middleware=[MemoryMiddleware(memory, retention=retention)])

        await face.invoke(agent, saying("This is secret."), of("ada"))

        assert await said(memory) == ["Noted."]

    async def test_a_conversation_given_whole_with_each_call_once(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(ANSWER, "A raincoat.", "Yes.")
        agent = create_agent(model, middleware=[MemoryMiddleware(memory)])
        told: list[Any] = []

        for text in (ASKS, "What should Ada pack?", "Anything else?"):
            told.append({"role": "user", "content": text})
            result = await face.invoke(agent, {"messages": told}, {"configurable": {"user_id": "ada"}})
            told.append({"role": "assistant", "content": result["messages"][-1].content})

        assert await said(memory) == [ASKS, ANSWER, "What should Ada pack?", "A raincoat.", "Anything else?", "Yes."]
        assert [shown.count(ASKS) for shown in model.shown] == [1, 1, 1]

    async def test_the_same_with_a_thread_that_no_checkpointer_keeps(self, memory: MemoryEngine, face: Face) -> None:
        agent = create_agent(ScriptedModel(ANSWER, "A raincoat."), middleware=[MemoryMiddleware(memory)])
        told = [("user", ASKS), ("ai", ANSWER), ("user", "What should Ada pack?")]

        await face.invoke(agent, {"messages": told[:1]}, of("ada"))
        await face.invoke(agent, {"messages": told}, of("ada"))

        assert await said(memory) == [ASKS, ANSWER, "What should Ada pack?", "A raincoat."]

    async def test_the_same_question_in_another_conversation_is_looked_up_anew(
        self, memory: MemoryEngine, face: Face
    ) -> None:
        model = ScriptedModel()
        agent = create_agent(model, middleware=[MemoryMiddleware(memory)])

        await face.invoke(agent, saying(ASKS), {"configurable": {"user_id": "ada"}})
        await memory.retain(ADA, "Ada spends every weekend in Porto.")
        await face.invoke(agent, saying(ASKS), {"configurable": {"user_id": "ada"}})

        assert ["Porto" in shown for shown in model.shown] == [False, True]

    async def test_what_was_forgotten_does_not_come_back_with_the_thread(
        self, memory: MemoryEngine, face: Face
    ) -> None:
        saver = InMemorySaver()
        before = create_agent(ScriptedModel(), middleware=[MemoryMiddleware(memory)], checkpointer=saver)
        await face.invoke(before, saying("Ada has a secret."), of("ada"))
        await memory.forget(ADA, session="ada-thread")
        after = create_agent(ScriptedModel(), middleware=[MemoryMiddleware(memory)], checkpointer=saver)

        await face.invoke(after, saying(ASKS), of("ada"))

        assert await said(memory) == [ASKS, "Noted."]


class TestAMemoryThatFails:
    async def test_one_that_does_not_answer_is_not_waited_for(self, face: Face) -> None:
        store = BreakableStore()
        async with engine(store) as memory:
            await seed(memory)
            model = ScriptedModel(ANSWER)
            middleware = MemoryMiddleware(memory, timeout=0.05)
            agent = create_agent(model, middleware=[middleware])

            store.slow = True
            result = await face.invoke(agent, saying(ASKS), of("ada"))
            store.slow = False
            left = await middleware.aflush(seconds=30)

            assert result["messages"][-1].content == ANSWER
            assert SEEDS[ADA] not in model.shown[0]
            assert middleware.stats().recall_failures == 1
            assert left == 0
            assert await said(memory) == [ASKS, ANSWER]

    async def test_one_that_was_closed(self, face: Face) -> None:
        memory = engine(":memory:")
        await memory.aclose()
        agent = create_agent(ScriptedModel(ANSWER), middleware=[MemoryMiddleware(memory)])

        result = await face.invoke(agent, saying(ASKS), of("ada"))

        assert result["messages"][-1].content == ANSWER


def test_a_memory_without_await_serves_as_well() -> None:
    with duramen.open_sync(":memory:", embedder=HashingEmbedder()) as memory:
        memory.retain(ADA, SEEDS[ADA])
        model = ScriptedModel(ANSWER)
        middleware = MemoryMiddleware(memory)
        agent = create_agent(model, middleware=[middleware])

        agent.invoke(saying(ASKS), of("ada"))

        assert middleware.flush() == 0
        assert SEEDS[ADA] in model.shown[0]
        assert len(memory.events(ADA).items) == 3


@pytest.mark.parametrize(
    "options",
    [{"placement": "assistant"}, {"trigger": "always"}, {"timeout": 0}, {"limit": 0}, {"max_tokens": -1}],
    ids=str,
)
def test_an_option_that_makes_no_sense_is_refused(memory: MemoryEngine, options: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        MemoryMiddleware(memory, **options)


def test_what_is_no_memory_is_refused() -> None:
    nothing: Any = "./memory"

    with pytest.raises(BadInputError, match=r"duramen\.open"):
        MemoryMiddleware(nothing)


async def test_an_answer_of_a_model_without_a_message_of_a_user_is_retained(memory: MemoryEngine, face: Face) -> None:
    agent = create_agent(ScriptedModel("Welcome!"), middleware=[MemoryMiddleware(memory)])

    await face.invoke(agent, {"messages": [AIMessage("One moment.")]}, of("ada"))

    assert await said(memory) == ["One moment.", "Welcome!"]
