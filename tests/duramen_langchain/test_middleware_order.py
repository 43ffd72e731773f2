"""The memory beside other middleware, before it and behind it: nothing depends on the order."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from langchain.agents import AgentState, create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    HumanInTheLoopMiddleware,
    ModelCallLimitMiddleware,
    ModelRetryMiddleware,
    PIIMiddleware,
    SummarizationMiddleware,
    ToolCallLimitMiddleware,
    hook_config,
)
from langchain.agents.middleware.types import ModelCallResult, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from duramen import MemoryEngine
from duramen_langchain import MemoryMiddleware
from tests.duramen_langchain.parts import (
    ADA,
    ANSWER,
    ASKS,
    SEEDS,
    Async,
    Face,
    ScriptedModel,
    Sync,
    calling,
    leaks,
    of,
    said,
    saying,
    weather,
)

pytestmark = pytest.mark.usefixtures("seeded")

TRIP = [ASKS, ANSWER, "What should Ada pack?", "A raincoat.", "How does Ada get there?", "By train."]
"""Three turns: what the user asks, and what the model says."""

Stack = Callable[[AgentMiddleware[Any, Any]], list[AgentMiddleware[Any, Any]]]


@pytest.fixture
def middleware(memory: MemoryEngine) -> MemoryMiddleware:
    return MemoryMiddleware(memory)


@pytest.fixture(params=["before", "behind"])
def beside(request: pytest.FixtureRequest, middleware: MemoryMiddleware) -> Stack:
    def stack(other: AgentMiddleware[Any, Any]) -> list[AgentMiddleware[Any, Any]]:
        return [middleware, other] if request.param == "before" else [other, middleware]

    return stack


async def test_summaries_are_not_retained_and_what_they_replace_is(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack
) -> None:
    summary = SummarizationMiddleware(
        ScriptedModel("They spoke of trips."), trigger=("messages", 4), keep=("messages", 3)
    )
    model = ScriptedModel(TRIP[1], TRIP[3], calling("weather"), TRIP[5])
    agent = create_agent(model, [weather], middleware=beside(summary), checkpointer=saver)

    for text in TRIP[::2]:
        await face.invoke(agent, saying(text), of("ada"))

    assert "They spoke of trips." in model.shown[2]
    assert await said(memory) == TRIP
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1, 1, 1]
    assert leaks(saver) == []


async def test_what_a_summary_dropped_can_be_recalled(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack
) -> None:
    summary = SummarizationMiddleware(ScriptedModel("They spoke."), trigger=("messages", 3), keep=("messages", 1))
    model = ScriptedModel()
    agent = create_agent(model, middleware=beside(summary), checkpointer=saver)

    await face.invoke(agent, saying("Ada loves quiet bays."), of("ada"))
    await face.invoke(agent, saying("Which bays does Ada love?"), of("ada"))

    assert "They spoke." in model.shown[1]
    assert model.shown[1].count("Ada loves quiet bays.") == 1


async def test_a_model_that_is_tried_again_is_shown_the_same_and_asked_once(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack, middleware: MemoryMiddleware
) -> None:
    retry = ModelRetryMiddleware(max_retries=2, initial_delay=0.0, jitter=False)
    model = ScriptedModel(ConnectionError("one"), ConnectionError("two"), ANSWER)
    agent = create_agent(model, middleware=beside(retry), checkpointer=saver)

    await face.invoke(agent, saying(ASKS), of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1, 1]
    assert middleware.stats().recalls == 1
    assert leaks(saver) == []


async def test_the_notice_of_a_retry_that_gave_up_is_not_retained(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack
) -> None:
    retry = ModelRetryMiddleware(max_retries=1, initial_delay=0.0, jitter=False, on_failure="continue")
    agent = create_agent(
        ScriptedModel(ConnectionError("one"), ConnectionError("two")), middleware=beside(retry), checkpointer=saver
    )

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert "failed" in result["messages"][-1].text
    assert await said(memory) == [ASKS]


# before Python 3.11 LangChain cannot interrupt here with `await`
@pytest.mark.parametrize(
    "face", [Sync(), Async()] if sys.version_info >= (3, 11) else [Sync()], ids=lambda face: type(face).__name__
)
@pytest.mark.parametrize("decision", [{"type": "approve"}, {"type": "reject", "message": "Not now."}], ids=str)
async def test_a_person_who_is_asked_about_a_tool(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack, decision: dict[str, str]
) -> None:
    model = ScriptedModel(calling("weather", words="May I look?"), ANSWER)
    asking = HumanInTheLoopMiddleware(interrupt_on={"weather": True})
    agent = create_agent(model, [weather], middleware=beside(asking), checkpointer=saver)

    interrupted = await face.invoke(agent, saying(ASKS), of("ada"))

    assert "__interrupt__" in interrupted
    assert await said(memory) == [ASKS]

    await face.invoke(agent, Command(resume={"decisions": [decision]}), of("ada"))

    assert await said(memory) == [ASKS, ANSWER]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert leaks(saver) == []


async def test_a_limit_of_model_calls(memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack) -> None:
    limit = ModelCallLimitMiddleware(run_limit=1, exit_behavior="end")
    agent = create_agent(ScriptedModel(calling("weather")), [weather], middleware=beside(limit), checkpointer=saver)

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert "limit" in result["messages"][-1].text
    assert await said(memory) == [ASKS]
    assert leaks(saver) == []


async def test_a_limit_of_tool_calls(memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack) -> None:
    limit = ToolCallLimitMiddleware(run_limit=1, exit_behavior="end")
    model = ScriptedModel(calling("weather"), calling("weather"))
    agent = create_agent(model, [weather], middleware=beside(limit), checkpointer=saver)

    result = await face.invoke(agent, saying(ASKS), of("ada"))

    assert "call limit reached" in result["messages"][-1].text
    assert await said(memory) == [ASKS]
    assert leaks(saver) == []


async def test_edits_of_the_context(memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack) -> None:
    editing = ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=1, keep=0, placeholder="[cleared]")])
    model = ScriptedModel(calling("weather"), ANSWER)
    agent = create_agent(model, [weather], middleware=beside(editing), checkpointer=saver)

    await face.invoke(agent, saying(ASKS), of("ada"))

    assert "[cleared]" in model.shown[1]
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
    assert await said(memory) == [ASKS, ANSWER]
    assert leaks(saver) == []


async def test_what_is_redacted_is_retained_redacted(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack
) -> None:
    redacting = PIIMiddleware("email", strategy="redact", apply_to_input=True, apply_to_output=True)
    model = ScriptedModel("I wrote to info@example.com.")
    agent = create_agent(model, middleware=beside(redacting), checkpointer=saver)

    await face.invoke(agent, saying("Ada's address is ada@example.com."), of("ada"))

    assert await said(memory) == ["Ada's address is [REDACTED_EMAIL].", "I wrote to [REDACTED_EMAIL]."]
    assert SEEDS[ADA] in model.shown[0]


class Caching(AgentMiddleware[AgentState[Any], Any]):
    """Marks the end of what a provider shall cache, as its middleware does: on the system message and the newest one."""

    name = "Caching"

    def _marked(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        *before, last = request.messages
        content: list[Any] = (
            last.content if isinstance(last.content, list) else [{"type": "text", "text": last.content}]
        )
        content = [*content[:-1], {**content[-1], "cache_control": {"type": "ephemeral"}}]
        return request.override(messages=[*before, last.model_copy(update={"content": content})])

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelCallResult[Any]:
        return handler(self._marked(request))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelCallResult[Any]:
        return await handler(self._marked(request))


async def test_marks_for_a_cache(memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack) -> None:
    model = ScriptedModel(ANSWER)
    agent = create_agent(model, middleware=beside(Caching()), checkpointer=saver)

    await face.invoke(agent, saying(ASKS), of("ada"))

    assert "cache_control" in model.shown[0]
    assert SEEDS[ADA] in model.shown[0]
    assert await said(memory) == [ASKS, ANSWER]
    assert leaks(saver) == []


class Reminding(Caching):
    """Puts a reminder behind what the user said, in each request and unmarked, and shows only the newest messages."""

    name = "Reminding"

    def _marked(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        messages: list[AnyMessage] = [*request.messages[-1:], HumanMessage("Remember to be brief.")]
        return request.override(messages=messages)


async def test_words_that_others_put_into_requests_neither_ask_nor_last(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack
) -> None:
    model = ScriptedModel(ANSWER, "A raincoat.")
    agent = create_agent(model, middleware=beside(Reminding()), checkpointer=saver)

    await face.invoke(agent, saying(ASKS), of("ada"))
    await face.invoke(agent, saying("What should Ada pack?"), of("ada"))

    assert [SEEDS[ADA] in shown for shown in model.shown] == [True, True]
    assert await said(memory) == [ASKS, ANSWER, "What should Ada pack?", "A raincoat."]


class Guarding(AgentMiddleware[AgentState[Any], Any]):
    """Ends a run before the model is called."""

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: AgentState[Any], runtime: Any) -> dict[str, Any]:
        return {"jump_to": "end", "messages": [AIMessage("I may not say.")]}

    @hook_config(can_jump_to=["end"])
    async def abefore_model(self, state: AgentState[Any], runtime: Any) -> dict[str, Any]:
        return self.before_model(state, runtime)


async def test_a_guard_that_answers_instead_of_the_model(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, beside: Stack
) -> None:
    agent = create_agent(ScriptedModel(), middleware=beside(Guarding()), checkpointer=saver)

    await face.invoke(agent, saying(ASKS), of("ada"))

    assert await said(memory) == [ASKS, "I may not say."]


def others() -> Sequence[AgentMiddleware[Any, Any]]:
    return [
        SummarizationMiddleware(ScriptedModel("A summary."), trigger=("messages", 5), keep=("messages", 2)),
        ModelRetryMiddleware(max_retries=2, initial_delay=0.0, jitter=False),
        ToolCallLimitMiddleware(run_limit=5),
        Caching(),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[:4], ids=str)
@pytest.mark.parametrize("place", range(5))
async def test_many_at_once_in_any_order(
    memory: MemoryEngine, saver: InMemorySaver, face: Face, place: int, order: tuple[int, ...]
) -> None:
    rest = others()
    stack = [rest[number] for number in order] + [rest[3]]
    stack.insert(place, MemoryMiddleware(memory))
    model = ScriptedModel(calling("weather"), ConnectionError("once"), *TRIP[1::2])
    agent = create_agent(model, [weather], middleware=stack, checkpointer=saver)

    for text in TRIP[::2]:
        await face.invoke(agent, saying(text), of("ada"))

    assert await said(memory) == TRIP
    assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1] * 5
    assert leaks(saver) == []
