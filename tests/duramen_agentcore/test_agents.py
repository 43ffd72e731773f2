from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen_agentcore import RuntimeAdapter
from tests.duramen_agentcore.parts import said, stream, stream_in_a_thread, turn

who: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


async def named(payload: Any, memory_context: str) -> str:
    return f"{payload['prompt']}/{memory_context}"


async def second(payload: Any, past: str) -> str:
    return f"{payload['prompt']}/{past}"


async def keyword_only(payload: Any, *, memory_context: str) -> str:
    return f"{payload['prompt']}/{memory_context}"


async def anything(*args: Any, **options: Any) -> str:
    return f"{args[0]['prompt']}/{args[1]}{options or ''}"


def plain(payload: Any, memory_context: str) -> str:
    return f"{payload['prompt']}/{memory_context}"


def plain_that_returns_a_coroutine(payload: Any, memory_context: str) -> Awaitable[str]:
    return named(payload, memory_context)


class Called:
    async def __call__(self, payload: Any, memory_context: str) -> str:
        return f"{payload['prompt']}/{memory_context}"

    async def method(self, payload: Any, memory_context: str) -> str:
        return f"{payload['prompt']}/{memory_context}"


async def configured(model: str, payload: Any, memory_context: str) -> str:
    return f"{payload['prompt']}/{memory_context}"


@pytest.mark.parametrize(
    "agent",
    [
        named,
        second,
        keyword_only,
        anything,
        plain,
        plain_that_returns_a_coroutine,
        Called(),
        Called().method,
        functools.partial(configured, "model"),
    ],
)
async def test_an_agent_gets_the_payload_and_the_memory_however_it_takes_them(
    adapter: RuntimeAdapter, memory: MemoryEngine, agent: Callable[..., Any]
) -> None:
    await adapter.after_turn(turn(), result="Ada is vegan.")

    result = await adapter.run_turn(turn("session-2"), {"prompt": "vegan?"}, agent_callable=agent)
    await adapter.flush()

    assert result.startswith("vegan?/<recalled-memory")
    assert "Ada is vegan." in result
    assert ("assistant", "vegan?/") in await said(memory)


async def test_an_agent_may_take_the_payload_alone(adapter: RuntimeAdapter) -> None:
    async def alone(payload: Any) -> str:
        return str(payload["prompt"])

    assert await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=alone) == "hi"


async def test_a_plain_agent_runs_in_a_thread_with_the_callers_context(adapter: RuntimeAdapter) -> None:
    def where(payload: Any) -> tuple[str, str]:
        return who.get(), threading.current_thread().name

    who.set("ada")
    user, thread = await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=where)

    assert user == "ada"
    assert thread != threading.current_thread().name


async def test_what_an_agent_returns_comes_back_untouched(adapter: RuntimeAdapter) -> None:
    returned: list[Any] = [
        {"output": "text", "usage": {"tokens": 3}},
        "text",
        None,
        7,
        object(),
        [1],
        SimpleNamespace(),
    ]

    for result in returned:
        came_back = await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=lambda *given, r=result: r)

        assert came_back is result


class Hostile:
    """Everything about it fails."""

    @property
    def output(self) -> str:
        raise RuntimeError("no")

    def __str__(self) -> str:
        raise RuntimeError("no")


async def test_a_result_that_cannot_be_read_does_not_break_the_turn(
    adapter: RuntimeAdapter, memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    hostile = Hostile()
    endless: list[Any] = []
    endless.append(endless)

    assert await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=lambda payload: hostile) is hostile
    assert await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=lambda payload: endless) is endless
    assert adapter.stats().retain_failures == 2
    assert caplog.text.count("the turn was not retained") == 2
    assert await said(memory) == []


@pytest.mark.parametrize("payload", ["hi", ["hi"], None, 7, {"prompt": None}, {"other": 1}, Hostile()])
async def test_any_payload_reaches_the_agent(adapter: RuntimeAdapter, payload: object) -> None:
    async def echo(given: object) -> str:
        return f"got {given is payload}"

    assert await adapter.run_turn(turn(), payload, agent_callable=echo) == "got True"


async def test_the_keys_of_query_and_answer_can_be_named(adapter: RuntimeAdapter, memory: MemoryEngine) -> None:
    await adapter.run_turn(
        turn(),
        {"question": "vegan?"},
        agent_callable=lambda payload: {"reply": "yes", "output": "no"},
        query_key="question",
        result_key="reply",
    )
    await adapter.flush()

    assert await said(memory) == [("ada", "vegan?"), ("assistant", "yes")]


async def test_what_an_agent_raises_is_raised_and_its_turn_is_not_retained(
    adapter: RuntimeAdapter, memory: MemoryEngine
) -> None:
    problem = LookupError("no such order")

    async def fail(payload: Any) -> str:
        raise problem

    def fail_in_a_thread(payload: Any) -> str:
        raise problem

    for agent in (fail, fail_in_a_thread):
        with pytest.raises(LookupError) as caught:
            await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=agent)

        assert caught.value is problem
    await adapter.flush()
    assert await said(memory) == []


async def returns_a_stream(payload: Any, memory_context: str) -> Any:
    return stream(payload, memory_context)


class Iterated:
    """An async iterator that is no generator."""

    def __init__(self) -> None:
        self._words = ["I ", "will ", "remember."]

    def __aiter__(self) -> Iterated:
        return self

    async def __anext__(self) -> str:
        if not self._words:
            raise StopAsyncIteration
        return self._words.pop(0)


@pytest.mark.parametrize(
    "agent", [stream, stream_in_a_thread, returns_a_stream, lambda payload: Iterated(), functools.partial(stream)]
)
async def test_a_stream_comes_through_and_is_retained_at_its_end(
    adapter: RuntimeAdapter, memory: MemoryEngine, agent: Callable[..., Any]
) -> None:
    chunks = await adapter.run_turn(turn(), {"prompt": "I am vegan."}, agent_callable=agent)

    heard = [chunk async for chunk in chunks]
    await adapter.flush()

    assert heard == ["I ", "will ", "remember."]
    assert await said(memory) == [("ada", "I am vegan."), ("assistant", "I will remember.")]


async def test_of_chunks_that_are_no_text_the_named_key_is_heard(adapter: RuntimeAdapter, memory: MemoryEngine) -> None:
    async def mixed(payload: Any) -> AsyncGenerator[Any, None]:
        for chunk in ({"data": "I see"}, {"tool": "search"}, {"data": "."}, None, 0.5 and " OK"):
            yield chunk

    chunks = await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=mixed, result_key="data")
    _ = [chunk async for chunk in chunks]
    await adapter.flush()

    assert await said(memory) == [("ada", "hi"), ("assistant", "I see. OK")]


async def test_an_agent_that_wants_more_is_an_error_of_the_caller(adapter: RuntimeAdapter) -> None:
    async def greedy(payload: Any, memory_context: str, more: str) -> str:
        return more

    with pytest.raises(TypeError, match="more"):
        await adapter.run_turn(turn(), {"prompt": "hi"}, agent_callable=greedy)
