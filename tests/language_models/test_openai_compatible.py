from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from duramen.errors import BadInputError, DuramenError, ModelUnavailableError
from duramen.language_model import Usage
from duramen.language_models.openai_compatible import OpenAICompatibleModel
from tests.contracts.language_model import GOOD, PROMPT, Facts, LanguageModelContract, Models
from tests.language_models.server import Reply, Server, serving

KEY = "sk-secret-123"


def completion(text: str | None, **more: Any) -> Reply:
    message = {"role": "assistant", "content": text, **more.pop("message", {})}
    usage = {"prompt_tokens": 70, "completion_tokens": 20}
    return Reply({"choices": [{"message": message, "finish_reason": "stop", **more}], "usage": usage})


def refusal(message: str, status: int = 400, **headers: str) -> Reply:
    return Reply({"error": {"message": message, "type": "invalid_request_error"}}, status, headers)


class Place:
    """Starts servers and gives the models behind them."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def __call__(self, *replies: Reply, **options: Any) -> tuple[OpenAICompatibleModel, Server]:
        server = await self._stack.enter_async_context(serving(replies))
        model = OpenAICompatibleModel("small", f"{server.url}/v1/", **{"pause": 0.0, **options})
        self._stack.push_async_callback(model.aclose)
        return model, server


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        yield Place(stack)


class TestOpenAICompatibleModel(LanguageModelContract):
    @pytest.fixture
    async def models(self) -> AsyncIterator[Models]:
        async with serving([completion("")]) as server:

            def of(texts: Sequence[str]) -> OpenAICompatibleModel:
                server.reply([completion(text) for text in texts])
                return OpenAICompatibleModel("small", server.url, pause=0.0)

            yield of


async def test_a_request_is_one_of_chat_completions(place: Place) -> None:
    model, server = await place(completion(GOOD), api_key=KEY, headers={"x-team": "memory"}, extra_body={"seed": 7})

    answered = await model.answer(PROMPT, Facts, max_tokens=99)

    (request,) = server.received
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-team"] == "memory"
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]
    sent = {name: request.body[name] for name in ("model", "max_tokens", "temperature", "seed")}
    assert sent == {"model": "small", "max_tokens": 99, "temperature": 0.0, "seed": 7}
    assert request.body["response_format"]["json_schema"]["strict"] is True
    assert answered.usage == Usage(read=70, written=20)


async def test_what_a_repair_took_is_added(place: Place) -> None:
    model, _ = await place(completion("no"), completion(GOOD))

    assert (await model.answer(PROMPT, Facts)).usage == Usage(read=140, written=40)


@pytest.mark.parametrize("usage", [None, {}, [], {"prompt_tokens": "9", "completion_tokens": 1}])
async def test_a_server_that_does_not_count_is_counted_for(place: Place, usage: object) -> None:
    model, _ = await place(Reply({"choices": [{"message": {"content": GOOD}}], "usage": usage}))

    answered = await model.answer(PROMPT, Facts)

    assert answered.usage.read > answered.usage.written > 10


async def test_text_in_parts_is_put_together(place: Place) -> None:
    parts = [{"type": "text", "text": GOOD[:9]}, {"type": "image"}, {"type": "text", "text": GOOD[9:]}]
    model, _ = await place(completion(None, message={"content": parts}))

    assert (await model.answer(PROMPT, Facts)).value.facts


async def test_no_text_at_all_is_asked_for_once_more(place: Place) -> None:
    model, server = await place(completion(None), completion(GOOD))

    await model.answer(PROMPT, Facts)

    assert "the answer was empty" in server.received[1].body["messages"][1]["content"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_a_request_that_may_do_better_later_is_repeated(place: Place, status: int) -> None:
    busy = refusal("busy", status)
    model, server = await place(busy, busy, busy, completion(GOOD))

    answered = await model.answer(PROMPT, Facts)

    assert answered.value.facts
    assert len(server.received) == 4


async def test_a_connection_that_breaks_is_made_anew(place: Place) -> None:
    model, server = await place(Reply(closes=True), completion(GOOD))

    await model.answer(PROMPT, Facts)

    assert len(server.received) == 2


async def test_repeating_ends(place: Place) -> None:
    model, server = await place(refusal("still loading", 503), retries=2)

    with pytest.raises(ModelUnavailableError, match=r"3 times: .* 503: still loading"):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 3


@pytest.mark.parametrize("after", ["0", "-3", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_a_server_says_when_to_come_back(place: Place, after: str) -> None:
    # With this pause the test would not end in time.
    model, _ = await place(refusal("slow down", 429, **{"retry-after": after}), completion(GOOD), pause=1e9)

    assert (await model.answer(PROMPT, Facts)).value.facts


async def test_a_server_that_wants_to_be_left_alone_is(place: Place) -> None:
    model, server = await place(refusal("slow down", 429, **{"retry-after": "3600"}))

    with pytest.raises(ModelUnavailableError, match="come back in 3600 s"):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 1


async def test_an_account_without_credit_is_not_asked_again(place: Place) -> None:
    model, server = await place(Reply({"error": {"code": "insufficient_quota", "message": "Pay."}}, 429))

    with pytest.raises(ModelUnavailableError, match=r"insufficient_quota: Pay\. .*billing"):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "advice"),
    [(400, "too long"), (401, "api_key"), (402, "billing"), (403, "may use"), (404, "base_url"), (413, "fewer events")],
)
async def test_a_refused_request_says_at_once_what_to_do(place: Place, status: int, advice: str) -> None:
    model, server = await place(refusal("no", status))

    with pytest.raises(ModelUnavailableError, match=rf"{status}: no .*{advice}"):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 1


async def test_a_redirect_says_where_to(place: Place) -> None:
    model, _ = await place(Reply("", 308, {"location": "https://models.example/v1"}))

    with pytest.raises(ModelUnavailableError, match=r"points to https://models\.example/v1"):
        await model.answer(PROMPT, Facts)


async def test_a_server_that_knows_no_schema_is_asked_without_from_then_on(place: Place) -> None:
    unknown = refusal("Unsupported value for response_format")
    model, server = await place(unknown, unknown, completion(GOOD), completion(GOOD))

    await model.answer(PROMPT, Facts)
    await model.answer(PROMPT, Facts)

    formats = [request.body.get("response_format", {}).get("type") for request in server.received]
    assert formats == ["json_schema", "json_object", None, None]


async def test_a_model_that_names_its_parameters_otherwise_is_asked_in_its_way(place: Place) -> None:
    model, server = await place(
        refusal("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        refusal("Unsupported value: 'temperature' does not support 0."),
        completion(GOOD),
    )

    await model.answer(PROMPT, Facts, max_tokens=50)

    body = server.received[-1].body
    assert body["max_completion_tokens"] == 50
    assert not {"max_tokens", "temperature"} & body.keys()
    assert body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(("format", "sent"), [("json_object", {"type": "json_object"}), ("none", None)])
async def test_the_format_may_be_chosen(place: Place, format: Any, sent: object) -> None:
    model, server = await place(completion(GOOD), response_format=format, temperature=None)

    await model.answer(PROMPT, Facts)

    assert server.received[0].body.get("response_format") == sent
    assert "temperature" not in server.received[0].body


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply("<html>Welcome!</html>"), "no chat completion"),
        (Reply(b"\xff\xfe\x00"), "no chat completion"),
        (Reply("[" * 100_000), "no chat completion"),
        (Reply({"choices": []}), "no chat completion"),
        (Reply({"choices": [{"message": "hello"}]}), "no chat completion"),
        (Reply({"error": "overloaded"}), "no chat completion"),
        (completion(None, message={"refusal": "I cannot help with that."}), "refused to answer: I cannot help"),
        (completion("", finish_reason="content_filter"), "refused to answer"),
        (Reply(b"x" * 9_000_000), "more than 8 MB"),
        (Reply(gzip.compress(b" " * 50_000_000), headers={"content-encoding": "gzip"}), "more than 8 MB"),
        (Reply(b"no gzip", headers={"content-encoding": "gzip"}), "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_answer_that_is_none_is_an_unavailable_model(place: Place, reply: Reply, problem: str) -> None:
    model, server = await place(reply)

    with pytest.raises(ModelUnavailableError, match=problem):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 1


async def test_a_server_that_hangs_is_given_up(place: Place) -> None:
    model, server = await place(Reply(hangs=True, headers={"content-length": "9"}), timeout=0.2)

    with pytest.raises(ModelUnavailableError, match=r"no answer within 0\.2 s"):
        await model.answer(PROMPT, Facts)
    assert len(server.received) == 1


async def test_a_server_that_is_not_there_is_an_error_that_says_what_to_do() -> None:
    async with serving([Reply()]) as server:
        url = server.url
    model = OpenAICompatibleModel("small", url, pause=0.0)

    with pytest.raises(ModelUnavailableError, match="Is the server up"):
        await model.answer(PROMPT, Facts)
    await model.aclose()


async def test_a_key_is_never_shown(place: Place) -> None:
    echo = refusal(f"Incorrect API key provided: {KEY}, team t-77", 401)
    model, _ = await place(echo, api_key=f"{KEY}\n", headers={"x-team": "t-77"})

    with pytest.raises(ModelUnavailableError, match="Incorrect API key provided: …, team …") as raised:
        await model.answer(PROMPT, Facts)
    assert KEY not in repr(model) + repr(raised.value.__cause__)


def test_the_key_of_openai_is_read_for_openai_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    assert OpenAICompatibleModel("gpt-5-mini").api_key == KEY
    assert OpenAICompatibleModel("gpt-5-mini", api_key="mine").api_key == "mine"
    assert OpenAICompatibleModel("small", "https://models.example/v1").api_key is None


def test_openai_without_a_key_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    with pytest.raises(BadInputError, match="Set OPENAI_API_KEY"):
        OpenAICompatibleModel("gpt-5-mini")


@pytest.mark.parametrize(
    "options",
    [
        {"model": " "},
        {"base_url": "localhost:11434"},
        {"base_url": "ftp://models.example"},
        {"base_url": "http://ada:secret@models.example/v1"},
        {"base_url": "http://localhost:eighty/v1"},
        {"api_key": "one secret"},
        {"api_key": "secr\u00e9t"},
        {"headers": {"api-key": "secret\nx"}},
        {"response_format": "xml"},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"retries": -1},
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_secrets(options: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as raised:
        OpenAICompatibleModel(**{"model": "small", "base_url": "http://localhost/v1", **options})
    assert "secr" not in str(raised.value)


def test_a_name_tells_model_and_server() -> None:
    assert OpenAICompatibleModel("gpt-5-mini", api_key="k").name == "openai:gpt-5-mini"
    assert OpenAICompatibleModel("qwen3:8b", "http://localhost:11434/v1").name == "localhost:11434/qwen3:8b"


def test_a_model_may_be_used_from_one_event_loop_after_another() -> None:
    model = OpenAICompatibleModel("small", "http://127.0.0.1/v1", retries=0)

    async def ask() -> bool:
        async with serving([completion(GOOD)]) as server:
            model.base_url = server.url
            return bool((await model.answer(PROMPT, Facts)).value.facts)

    assert asyncio.run(ask())
    assert asyncio.run(ask())


async def test_a_closed_model_connects_anew(place: Place) -> None:
    model, _ = await place(completion(GOOD))
    await model.answer(PROMPT, Facts)
    await model.aclose()

    assert (await model.answer(PROMPT, Facts)).value.facts


async def test_words_of_a_server_are_shown_on_one_line_and_in_part(place: Place) -> None:
    model, _ = await place(Reply("\x1b[31m" + json.dumps("line\n" * 500)[1:-1].replace("\\n", "\n"), 404))

    with pytest.raises(DuramenError) as raised:
        await model.answer(PROMPT, Facts)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 600
