from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from strands.models import Model
from strands.types.content import Messages
from strands.types.exceptions import ModelThrottledException
from strands.types.streaming import StreamEvent

from duramen.errors import ModelUnavailableError, QuotaError
from duramen.language_model import Usage
from duramen.language_models.lent import FunctionModel, LangChainModel, StrandsModel
from tests.contracts.language_model import GOOD, PROMPT, Facts, LanguageModelContract, Models


class TestFunctionModel(LanguageModelContract):
    @pytest.fixture
    def models(self) -> Models:
        def of(texts: Sequence[str]) -> FunctionModel:
            left = list(texts)
            return FunctionModel(lambda system, user, max_tokens: left.pop(0))

        return of


class TestLangChainModel(LanguageModelContract):
    @pytest.fixture
    def models(self) -> Models:
        return lambda texts: LangChainModel(GenericFakeChatModel(messages=iter(texts)))


class TestStrandsModel(LanguageModelContract):
    @pytest.fixture
    def models(self) -> Models:
        return lambda texts: StrandsModel(Speaker(*texts))


class Speaker(Model):
    """Says its lines, one a call, letter by letter; raises those that are errors."""

    def __init__(self, *lines: str | Exception, stop: Any = "end_turn") -> None:
        self.lines = list(lines)
        self.stop = stop
        self.shown: list[tuple[Messages, str | None]] = []

    def update_config(self, **model_config: Any) -> None:
        """Has nothing to configure."""

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "speaker-1"}

    async def stream(
        self, messages: Messages, tool_specs: Any = None, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncIterable[StreamEvent]:
        self.shown.append((messages, system_prompt))
        line = self.lines.pop(0)
        if isinstance(line, Exception):
            raise line
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockDelta": {"delta": {"reasoningContent": {"text": "Let me see {"}}}}
        for letter in line:
            yield {"contentBlockDelta": {"delta": {"text": letter}}}
        yield {"messageStop": {"stopReason": self.stop}}
        usage = {"inputTokens": 50, "outputTokens": 9, "totalTokens": 59}
        yield {"metadata": {"usage": usage, "metrics": {"latencyMs": 0}}}  # type: ignore[typeddict-item]  # as providers send it

    async def structured_output(
        self, output_model: Any, prompt: Any, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, Any], None]:
        yield {"output": output_model()}


class Watched(FakeListChatModel):
    """Notes the thread and the messages it is called with."""

    seen: list[tuple[str, list[BaseMessage]]]

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.seen.append((threading.current_thread().name, messages))
        return super()._generate(messages, *args, **kwargs)


async def test_a_chat_model_is_asked_in_a_thread_with_system_and_user() -> None:
    chat_model = Watched(responses=[GOOD], seen=[])

    await LangChainModel(chat_model).answer(PROMPT, Facts)

    ((thread, messages),) = chat_model.seen
    assert thread != threading.main_thread().name
    assert [message.type for message in messages] == ["system", "human"]
    assert messages[1].content == PROMPT.data


async def test_a_chat_model_that_counts_is_believed() -> None:
    usage = {"input_tokens": 50, "output_tokens": 9, "total_tokens": 59}
    parts = [{"type": "reasoning", "reasoning": "Let me see {"}, {"type": "text", "text": GOOD}]
    said = AIMessage(content=parts, usage_metadata=usage)  # type: ignore[arg-type]  # of parts, as providers give it

    answered = await LangChainModel(GenericFakeChatModel(messages=iter([said]))).answer(PROMPT, Facts)

    assert answered.usage == Usage(read=50, written=9)


async def test_a_chat_model_with_nothing_more_to_say_is_unavailable() -> None:
    with pytest.raises(ModelUnavailableError, match="nothing more to say"):
        await LangChainModel(GenericFakeChatModel(messages=iter([]))).answer(PROMPT, Facts)


async def test_a_strands_model_is_shown_system_and_user_and_counts() -> None:
    speaker = Speaker(GOOD)

    answered = await StrandsModel(speaker).answer(PROMPT, Facts)

    ((messages, system),) = speaker.shown
    assert messages == [{"role": "user", "content": [{"text": PROMPT.data}]}]
    assert (system or "").startswith(PROMPT.instructions)
    assert answered.usage == Usage(read=50, written=9)


async def test_a_strands_model_that_is_throttled_is_unavailable() -> None:
    with pytest.raises(ModelUnavailableError, match="ModelThrottledException: slow down"):
        await StrandsModel(Speaker(ModelThrottledException("slow down"))).answer(PROMPT, Facts)


async def test_a_strands_model_that_is_stopped_by_a_guardrail_has_refused() -> None:
    with pytest.raises(ModelUnavailableError, match="refused to answer: guardrail_intervened"):
        await StrandsModel(Speaker("I cannot.", stop="guardrail_intervened")).answer(PROMPT, Facts)


async def test_a_function_is_told_how_long_its_answer_may_be() -> None:
    seen: list[int] = []

    def function(system: str, user: str, max_tokens: int) -> str:
        seen.append(max_tokens)
        return GOOD

    await FunctionModel(function).answer(PROMPT, Facts, max_tokens=77)

    assert seen == [77]


async def test_a_function_may_be_async() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def function(system: str, user: str, max_tokens: int) -> str:
        loops.append(asyncio.get_running_loop())
        return GOOD

    class Called:
        async def __call__(self, system: str, user: str, max_tokens: int) -> str:
            return await function(system, user, max_tokens)

    for model in (
        FunctionModel(function),
        FunctionModel(Called()),
        FunctionModel(lambda system, user, max_tokens: function(system, user, max_tokens)),
    ):
        assert (await model.answer(PROMPT, Facts)).value.facts
    assert loops == [asyncio.get_running_loop()] * 3


@pytest.mark.parametrize("problem", [ValueError("no\nluck"), StopIteration(), KeyError("x"), asyncio.TimeoutError()])
async def test_whatever_a_function_raises_the_model_is_unavailable(problem: Exception) -> None:
    def function(system: str, user: str, max_tokens: int) -> str:
        raise problem

    with pytest.raises(ModelUnavailableError, match="'mine' failed"):
        await FunctionModel(function, "mine").answer(PROMPT, Facts)


async def test_errors_of_ours_pass_through_a_function() -> None:
    def function(system: str, user: str, max_tokens: int) -> str:
        raise QuotaError("used up")

    with pytest.raises(QuotaError, match="used up"):
        await FunctionModel(function).answer(PROMPT, Facts)


async def test_a_function_that_gives_no_text_is_an_unavailable_model() -> None:
    model = FunctionModel(lambda system, user, max_tokens: {"facts": []})  # type: ignore[arg-type, return-value]  # the point

    with pytest.raises(ModelUnavailableError, match="gave a dict and no text"):
        await model.answer(PROMPT, Facts)


def test_a_lent_model_has_the_name_of_its_own() -> None:
    assert LangChainModel(FakeListChatModel(responses=[])).name == "langchain:FakeListChatModel"
    assert StrandsModel(Speaker()).name == "strands:speaker-1"
    assert repr(FunctionModel(len, "mine")) == "FunctionModel('mine')"  # type: ignore[arg-type]  # never called
