from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import boto3  # type: ignore[import-untyped]  # has no types
import pytest
from botocore.config import Config

from duramen.errors import BadInputError, ModelUnavailableError
from duramen.language_model import Usage
from duramen.language_models.bedrock import BedrockModel
from tests.contracts.language_model import GOOD, PROMPT, Facts, LanguageModelContract, Models
from tests.language_models.server import Reply, Server, serving


def said(*content: Mapping[str, Any], stop: str = "tool_use") -> Reply:
    usage = {"inputTokens": 70, "outputTokens": 20, "totalTokens": 90}
    message = {"role": "assistant", "content": list(content)}
    body = {"output": {"message": message}, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}}
    return Reply(body, headers={"content-type": "application/json"})


def used(answer: Any) -> Reply:
    return said({"toolUse": {"toolUseId": "t1", "name": "answer", "input": answer}})


def failed(code: str, message: str, status: int = 400) -> Reply:
    return Reply({"message": message}, status, {"x-amzn-errortype": code, "content-type": "application/json"})


def client(server: Server) -> Any:
    return boto3.client(
        "bedrock-runtime",
        region_name="eu-west-1",
        endpoint_url=server.url,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
    )


class Place:
    """Starts servers and gives the models behind them."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def __call__(self, *replies: Reply, **options: Any) -> tuple[BedrockModel, Server]:
        server = await self._stack.enter_async_context(serving(replies))
        return BedrockModel("acme.small-v1:0", client(server), **options), server


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        yield Place(stack)


class TestBedrockModel(LanguageModelContract):
    @pytest.fixture
    async def models(self) -> AsyncIterator[Models]:
        async with serving([said()]) as server:

            def of(texts: Sequence[str]) -> BedrockModel:
                server.reply([said({"text": text}, stop="end_turn") for text in texts])
                return BedrockModel("acme.small-v1:0", client(server))

            yield of


async def test_the_answer_is_asked_for_as_the_arguments_of_a_tool(place: Place) -> None:
    model, server = await place(used(json.loads(GOOD)))

    answered = await model.answer(PROMPT, Facts, max_tokens=99)

    (request,) = server.received
    assert request.path == "/model/acme.small-v1%3A0/converse"
    assert request.body["inferenceConfig"] == {"maxTokens": 99, "temperature": 0.0}
    assert request.body["messages"] == [{"role": "user", "content": [{"text": PROMPT.data}]}]
    assert request.body["system"][0]["text"].startswith(PROMPT.instructions)
    assert request.body["toolConfig"]["toolChoice"] == {"tool": {"name": "answer"}}
    assert answered.value.facts[0].text == "Ada lives in Lisbon."
    assert answered.usage == Usage(read=70, written=20)


async def test_arguments_that_do_not_fit_are_asked_for_once_more(place: Place) -> None:
    model, server = await place(used({"facts": []}), used(json.loads(GOOD)))

    await model.answer(PROMPT, Facts)

    assert "at least 1 item" in server.received[1].body["messages"][0]["content"][0]["text"]


async def test_a_model_without_tools_is_asked_for_text_from_then_on(place: Place) -> None:
    text = said({"text": GOOD}, stop="end_turn")
    model, server = await place(failed("ValidationException", "This model doesn't support tool use."), text, text)

    await model.answer(PROMPT, Facts)
    await model.answer(PROMPT, Facts)

    assert ["toolConfig" in request.body for request in server.received] == [True, False, False]


async def test_a_model_without_a_temperature_is_sent_none_from_then_on(place: Place) -> None:
    model, server = await place(failed("ValidationException", "temperature is not supported"), used(json.loads(GOOD)))

    await model.answer(PROMPT, Facts)

    assert server.received[1].body["inferenceConfig"] == {"maxTokens": 4000}


@pytest.mark.parametrize(
    ("code", "status", "advice"),
    [
        ("ThrottlingException", 429, "quota is used up"),
        ("AccessDeniedException", 403, "Enable the model"),
        ("ResourceNotFoundException", 404, "Check `model_id`"),
        ("ValidationException", 400, "too many words"),
        ("InternalServerException", 500, "too many words"),
    ],
)
async def test_a_refused_request_says_what_to_do(place: Place, code: str, status: int, advice: str) -> None:
    model, server = await place(failed(code, "too many words", status))

    with pytest.raises(ModelUnavailableError, match=rf"{code}.*{advice}"):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 1


async def test_a_server_that_is_not_there_is_an_unavailable_model(place: Place) -> None:
    async with serving([said()]) as server:
        model = BedrockModel("acme.small-v1:0", client(server))

    with pytest.raises(ModelUnavailableError, match="Could not connect"):
        await model.answer(PROMPT, Facts)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (said({"text": "No."}, stop="guardrail_intervened"), "refused to answer: guardrail_intervened"),
        (Reply({"output": {}}), "could not be asked: Invalid service response"),
        (Reply("<html>"), "has no message"),
        (Reply({}), "has no message"),
    ],
)
async def test_an_answer_that_is_none_is_an_unavailable_model(place: Place, reply: Reply, problem: str) -> None:
    model, _ = await place(reply)

    with pytest.raises(ModelUnavailableError, match=problem):
        await model.answer(PROMPT, Facts)


async def test_what_bedrock_does_not_count_is_counted_for(place: Place) -> None:
    model, _ = await place(Reply({"output": {"message": {"role": "assistant", "content": [{"text": GOOD}]}}}))

    answered = await model.answer(PROMPT, Facts)

    assert answered.usage.read > answered.usage.written > 10


def test_a_client_is_made_for_a_region() -> None:
    assert BedrockModel("acme.small-v1:0", region="eu-west-1").name == "bedrock:acme.small-v1:0"


def test_no_region_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(BadInputError, match="Give `region`"):
        BedrockModel("acme.small-v1:0")


def test_a_blank_model_is_refused() -> None:
    with pytest.raises(BadInputError, match="blank"):
        BedrockModel(" ")
