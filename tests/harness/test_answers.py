"""What an agent may be, and what it may return."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from duramen.errors import BadContentError
from duramen.harness.answers import answer_of, asked_in, messages_in, with_recalled
from duramen.types import Message

ASKED: list[Message] = [{"role": "user", "content": "Hi."}]
PICTURE = {"type": "image_url", "image_url": {"url": "x"}}
TEXTLESS = {"type": "text", "text": " "}
HELLO = [{"role": "assistant", "content": "Hello."}]


def function(messages: list[Message]) -> str:
    return "Hello."


async def coroutine(messages: list[Message]) -> str:
    await asyncio.sleep(0)
    return "Hello."


class Callable:
    def __call__(self, messages: list[Message]) -> str:
        return "Hello."


class AsyncCallable:
    async def __call__(self, messages: list[Message]) -> str:
        return "Hello."


@pytest.mark.parametrize(
    "agent",
    [
        function,
        coroutine,
        Callable(),
        AsyncCallable(),
        functools.partial(function),
        functools.partial(coroutine),
        lambda messages: coroutine(messages),
        AsyncCallable().__call__,
    ],
)
async def test_an_agent_is_whatever_can_be_called(agent: Any) -> None:
    assert await answer_of(agent, ASKED) == HELLO


async def test_a_function_does_not_hold_up_the_loop_and_a_coroutine_runs_on_it() -> None:
    threads: list[int] = []

    def blocking(messages: list[Message]) -> str:
        threads.append(threading.get_ident())
        return "Hello."

    async def awaiting(messages: list[Message]) -> str:
        threads.append(threading.get_ident())
        return "Hello."

    await answer_of(blocking, ASKED)
    await answer_of(awaiting, ASKED)

    assert threads[0] != threading.get_ident()
    assert threads[1] == threading.get_ident()


@pytest.mark.parametrize(
    ("said", "messages"),
    [
        ("Hello.", HELLO),
        ({"role": "assistant", "content": "Hello."}, HELLO),
        ({"content": "Hello."}, HELLO),
        ({"role": "model", "content": "Hello."}, [{"role": "model", "content": "Hello."}]),
        (HELLO, HELLO),
        (({"content": "Hello."},), HELLO),
        ([], []),
        ("", [{"role": "assistant", "content": ""}]),
    ],
)
def test_text_a_message_or_a_list_of_messages_will_do(said: object, messages: list[Message]) -> None:
    assert messages_in(said) == messages


@pytest.mark.parametrize("said", [None, 7, ["Hello."], [HELLO], b"Hello.", {"Hello."}, object()])
def test_anything_else_is_refused_by_its_type(said: object) -> None:
    with pytest.raises(BadContentError, match=f"returned a {type(said).__name__}"):
        messages_in(said)


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ("Hi.", ASKED),
        ({"content": "Hi."}, ASKED),
        ({"role": "user", "content": "Hi.", "id": "m1"}, [{"role": "user", "content": "Hi.", "id": "m1"}]),
        (ASKED, ASKED),
        (
            [{"role": "tool", "tool_call_id": "c1", "content": ""}],
            [{"role": "tool", "tool_call_id": "c1", "content": ""}],
        ),
        ({"content": [PICTURE]}, [{"role": "user", "content": [PICTURE]}]),
        (
            {"content": [{"type": "text", "text": ""}, PICTURE]},
            [
                {"role": "user", "content": [{"type": "text", "text": ""}, PICTURE]},
            ],
        ),
    ],
)
def test_what_a_user_says_is_text_or_messages(given: Any, messages: list[Message]) -> None:
    assert asked_in(given) == messages


@pytest.mark.parametrize(
    "given",
    [
        "",
        "\n",
        [],
        {},
        {"content": ""},
        [{"content": None}],
        {"content": "", "id": "m1"},
        {"content": [TEXTLESS]},
        None,
        7,
        ["Hi."],
    ],
)
def test_nothing_said_is_refused(given: Any) -> None:
    with pytest.raises(BadContentError, match="Say something"):
        asked_in(given)


BLOCK = "<recalled-memory>\n- It was so.\n</recalled-memory>"


def test_what_is_recalled_stands_at_the_end_of_the_newest_message_of_the_user() -> None:
    messages = [*ASKED, *HELLO, {"role": "user", "content": "And now?"}]

    shown = with_recalled(messages, BLOCK)

    assert shown[-1]["content"] == f"And now?\n\n{BLOCK}"
    assert shown[:-1] == messages[:-1]
    assert messages[-1]["content"] == "And now?"


def test_it_stands_before_the_results_of_tools_that_follow_that_message() -> None:
    result = {"role": "tool", "tool_call_id": "c1", "content": "12A"}

    shown = with_recalled([*ASKED, *HELLO, result], BLOCK)

    assert shown[0]["content"] == f"Hi.\n\n{BLOCK}"
    assert shown[1:] == [*HELLO, result]


@pytest.mark.parametrize("content", [[], None, [{"type": "text", "text": "Hi."}], ({"type": "text", "text": "Hi."},)])
def test_content_in_parts_gets_one_more(content: Any) -> None:
    shown = with_recalled([{"role": "user", "content": content}], BLOCK)

    assert shown[0]["content"] == [*(content or ()), {"type": "text", "text": BLOCK}]


@pytest.mark.parametrize("messages", [[], HELLO])
def test_without_a_message_of_the_user_nothing_is_added(messages: list[Message]) -> None:
    assert with_recalled(messages, BLOCK) == messages


def test_nothing_recalled_changes_nothing() -> None:
    assert with_recalled(ASKED, "") == ASKED


CALLED = {"role": "assistant", "content": None, "tool_calls": [{"id": "c1"}]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "12A"}


def generator(messages: list[Message]) -> Iterator[Any]:
    yield from ("You ", "", "sit", CALLED, RESULT, "in ", "12A.")


async def async_generator(messages: list[Message]) -> AsyncIterator[Any]:
    for piece in generator(messages):
        await asyncio.sleep(0)
        yield piece


async def gives_a_generator(messages: list[Message]) -> AsyncIterator[Any]:
    await asyncio.sleep(0)
    return async_generator(messages)


@pytest.mark.parametrize("agent", [generator, async_generator, gives_a_generator, lambda messages: generator(messages)])
async def test_what_a_generator_yields_is_heard_piece_by_piece_and_comes_out_as_messages(agent: Any) -> None:
    heard: list[str | Message] = []

    said = await answer_of(agent, ASKED, heard.append)

    assert heard == ["You ", "sit", CALLED, RESULT, "in ", "12A."]
    assert said == [
        {"role": "assistant", "content": "You sit"},
        CALLED,
        RESULT,
        {"role": "assistant", "content": "in 12A."},
    ]


@pytest.mark.parametrize(
    ("said", "heard"),
    [("Hello.", ["Hello."]), (HELLO, HELLO), ({"content": "Hello."}, HELLO), ("", []), ([], [])],
)
async def test_an_answer_that_comes_at_once_is_heard_at_once(said: Any, heard: list[Any]) -> None:
    told: list[str | Message] = []

    await answer_of(lambda messages: said, ASKED, told.append)

    assert told == heard


async def test_each_piece_is_heard_before_the_next_is_asked_for() -> None:
    order: list[object] = []

    async def agent(messages: list[Message]) -> AsyncIterator[str]:
        for piece in ("a", "b"):
            order.append(f"says {piece}")
            yield piece

    await answer_of(agent, ASKED, order.append)

    assert order == ["says a", "a", "says b", "b"]


@pytest.mark.parametrize("piece", [None, 7, HELLO])
async def test_a_piece_that_is_neither_text_nor_a_message_is_refused_and_the_generator_closed(piece: object) -> None:
    closed: list[bool] = []

    async def agent(messages: list[Message]) -> AsyncIterator[object]:
        try:
            yield piece
        finally:
            closed.append(True)

    with pytest.raises(BadContentError, match=f"yielded a {type(piece).__name__}"):
        await answer_of(agent, ASKED)

    assert closed == [True]


async def test_a_generator_that_does_not_await_does_not_hold_up_the_loop() -> None:
    threads: list[int] = []

    def agent(messages: list[Message]) -> Iterator[str]:
        threads.append(threading.get_ident())
        yield "Hello."

    await answer_of(agent, ASKED, lambda piece: threads.append(threading.get_ident()))

    assert threads[0] != threading.get_ident()
    assert threads[1] == threading.get_ident()
