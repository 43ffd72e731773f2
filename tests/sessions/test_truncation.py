from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import ModelUnavailableError, StrategyError
from duramen.sessions.summaries import is_summary
from duramen.sessions.tools import asks, role_of, units_of
from duramen.sessions.truncation import (
    NoTruncation,
    SlidingWindow,
    Summarization,
    message_tokens,
    truncate,
    truncate_async,
)
from duramen.types import Message
from tests.sessions.conversations import FORMATS, Format, conversations, ids_of, words_of

WINDOWS = st.builds(SlidingWindow, messages=st.integers(1, 12) | st.none(), tokens=st.integers(1, 300)) | st.builds(
    SlidingWindow, messages=st.integers(1, 12)
)
SUMMARIES = st.builds(
    Summarization,
    messages=st.integers(4, 12),
    tokens=st.integers(100, 600) | st.none(),
    keep_recent=st.integers(0, 3),
    ratio=st.floats(0.01, 1.0),
    summary_tokens=st.integers(20, 80),
)


def talk(count: int) -> list[dict[str, Any]]:
    """Return a conversation of that many messages, the user's first."""
    return [{"role": "assistant" if n % 2 else "user", "content": f"message {n}"} for n in range(count)]


def kept_of(messages: Sequence[Message]) -> list[Message]:
    """Return what is neither an instruction nor a summary."""
    return [message for message in messages if role_of(message) != "system" and not is_summary(message)]


# sliding window


def test_a_conversation_that_fits_is_left_as_it_is() -> None:
    messages = talk(40)

    assert truncate(messages, SlidingWindow()) == messages


def test_the_window_keeps_the_newest_messages_and_begins_with_the_user() -> None:
    kept = truncate(talk(41), SlidingWindow(messages=10))

    assert [message["content"] for message in kept] == [f"message {n}" for n in range(32, 41)]


def test_the_window_may_be_bounded_by_tokens() -> None:
    messages = talk(10)
    size = message_tokens(messages)[0]

    kept = truncate(messages, SlidingWindow(messages=None, tokens=4 * size))

    assert kept == messages[6:]


def test_system_messages_at_the_front_stay() -> None:
    system = [{"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Be kind."}]

    kept = truncate([*system, *talk(20)], SlidingWindow(messages=2))

    assert kept == [*system, *talk(20)[-2:]]


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_a_long_run_of_tools_keeps_the_question_it_answers(write: Format) -> None:
    rounds = [write(role, "x", [f"c{n}"]) for n in range(20) for role in ("call", "result")]
    messages = [write("user", "old", ()), write("assistant", "old", ()), write("user", "Which one?", ()), *rounds]

    kept = truncate(messages, SlidingWindow(messages=8))

    assert kept == [messages[2], *rounds[-6:]]


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_a_call_that_does_not_fit_with_its_result_goes_with_it(write: Format) -> None:
    messages = [
        write("user", "a", ()),
        write("call", "b", ["c1"]),
        write("result", "c", ["c1"]),
        write("assistant", "d", ()),
    ]

    kept = truncate(messages, SlidingWindow(messages=3))

    assert kept == [messages[0], messages[3]]


@pytest.mark.parametrize("how", [SlidingWindow(messages=1), SlidingWindow(messages=None, tokens=5)])
def test_a_message_above_the_limit_is_kept_so_that_a_prompt_is_never_empty(how: SlidingWindow) -> None:
    messages = [*talk(3), {"role": "user", "content": "long " * 500}]

    assert truncate(messages, how) == messages[-1:]


def test_the_last_call_stays_with_its_results_even_above_the_limit() -> None:
    write = FORMATS["openai"]
    messages = [*talk(2), write("call", "", ["a", "b"]), write("result", "x", ["a"]), write("result", "y", ["b"])]

    assert truncate(messages, SlidingWindow(messages=2)) == messages[2:]


def test_an_empty_conversation_stays_empty() -> None:
    for how in (SlidingWindow(messages=1), Summarization(), NoTruncation()):
        assert truncate([], how) == []


def test_without_truncation_everything_stays() -> None:
    assert truncate(talk(500), NoTruncation()) == talk(500)


def test_a_picture_does_not_count_by_its_bytes() -> None:
    picture = {"role": "user", "content": [{"image": {"source": {"bytes": "A" * 100_000}}}, {"text": "Look."}]}

    assert 1_000 < message_tokens([picture])[0] < 2_000


def test_the_arguments_of_tools_count() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"arguments": "word " * 300}}]}

    assert message_tokens([call])[0] > 300


@given(conversations(), WINDOWS)
def test_a_window_keeps_order_pairs_and_limits(messages: list[dict[str, Any]], how: SlidingWindow) -> None:
    kept = truncate(messages, how)

    assert [message for message in messages if any(message is one for one in kept)] == kept
    assert_no_pair_is_split(messages, kept)
    assert_limits_are_kept(kept, how.messages, how.tokens)
    assert bool(kept) == bool(messages)
    assert truncate(kept, how) == kept
    if kept != messages and any(asks(message) for message in kept_of(kept)):
        assert asks(kept_of(kept)[0])


# summarization


def test_the_older_share_is_summarised_and_the_rest_stays() -> None:
    kept = truncate(talk(50), Summarization(messages=40, ratio=0.5, keep_recent=10))

    assert is_summary(kept[0])
    assert kept[1:] == talk(50)[26:]


def test_the_recent_messages_stay_as_they_are() -> None:
    kept = truncate(talk(50), Summarization(messages=40, ratio=1.0, keep_recent=10))

    assert kept[1:] == talk(50)[40:]


def test_a_much_longer_conversation_is_brought_below_the_limit_at_once() -> None:
    kept = truncate(talk(400), Summarization(messages=40))

    assert len(kept) <= 40


def test_a_limit_by_tokens_comes_before_the_recent_messages() -> None:
    messages = [{"role": "user", "content": f"{n} " + "word " * 100} for n in range(20)]

    kept = truncate(messages, Summarization(messages=None, tokens=600, keep_recent=10))

    assert is_summary(kept[0])
    assert sum(message_tokens(kept)) <= 600
    assert 1 < len(kept) < 10


def test_an_earlier_summary_is_folded_into_the_next() -> None:
    shown: list[Sequence[Message]] = []

    def summarize(messages: Sequence[Message]) -> str:
        shown.append(messages)
        return f"summary {len(shown)}"

    first = truncate(talk(41), Summarization(), summarize=summarize)
    second = truncate([*first, *talk(40)], Summarization(), summarize=summarize)

    assert is_summary(shown[1][0])
    assert "summary 1" in shown[1][0]["content"]
    assert [is_summary(message) for message in second].count(True) == 1
    assert "summary 2" in second[0]["content"]


def test_what_was_decided_survives_several_summaries() -> None:
    messages: list[Any] = [{"role": "user", "content": "Please remember that the budget is 4,200 euros."}]

    for number in range(12):
        messages = [*messages, {"role": "user", "content": f"Filler number {number}."}, *talk(1)]
        messages = truncate(messages, Summarization(messages=8, keep_recent=2))

    assert "4,200 euros" in messages[0]["content"]


def test_a_summary_that_is_too_long_is_cut() -> None:
    kept = truncate(talk(41), Summarization(summary_tokens=30), summarize=lambda _: "one line of words\n" * 300)

    assert message_tokens(kept)[0] < 80


@pytest.mark.parametrize("summary", ["", "  \n "])
def test_a_blank_summary_is_replaced_by_the_plain_one(summary: str) -> None:
    kept = truncate(talk(41), Summarization(), summarize=lambda _: summary)

    assert "user: message 0" in kept[0]["content"]


def test_a_model_that_fails_is_replaced_by_the_plain_summary() -> None:
    def summarize(messages: Sequence[Message]) -> str:
        raise ModelUnavailableError("down")

    kept = truncate(talk(41), Summarization(), summarize=summarize)

    assert "user: message 0" in kept[0]["content"]


async def test_a_summary_may_be_awaited() -> None:
    async def summarize(messages: Sequence[Message]) -> str:
        return f"{len(messages)} messages about tea"

    async def failing(messages: Sequence[Message]) -> str:
        raise ModelUnavailableError("down")

    kept = await truncate_async(talk(41), Summarization(), summarize=summarize)
    plain = await truncate_async(talk(41), Summarization(), summarize=failing)

    assert "messages about tea" in kept[0]["content"]
    assert plain == truncate(talk(41), Summarization())
    assert await truncate_async(talk(3), Summarization(), summarize=summarize) == talk(3)
    assert await truncate_async(talk(9), SlidingWindow(messages=3), summarize=summarize) == talk(9)[-3:]


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_a_summary_is_written_like_the_other_messages(write: Format) -> None:
    messages = [write("assistant" if n % 2 else "user", f"message {n}", ()) for n in range(12)]

    summary = truncate(messages, Summarization(messages=8, keep_recent=2))[0]

    assert is_summary(summary)
    assert summary.keys() == messages[0].keys()
    assert "message 0" in words_of(dict(summary))


@given(conversations(), SUMMARIES)
def test_summarising_keeps_order_pairs_and_limits(messages: list[dict[str, Any]], how: Summarization) -> None:
    kept = truncate(messages, how)

    rest = kept_of(kept)
    assert [one for one in kept if role_of(one) == "system"] == [one for one in messages if role_of(one) == "system"]
    assert rest == kept_of(messages)[len(kept_of(messages)) - len(rest) :]
    assert_no_pair_is_split(messages, kept)
    assert_limits_are_kept(kept, how.messages, how.tokens)
    assert truncate(kept, how) == kept


# what cannot be


@pytest.mark.parametrize(
    "options",
    [
        {"messages": 0},
        {"messages": -1},
        {"messages": "3"},
        {"messages": True},
        {"tokens": 0},
        {"tokens": "x"},
        {"tokens": 9.5},
        {"messages": None, "tokens": None},
    ],
)
def test_a_limit_that_leaves_nothing_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(StrategyError, match="Give"):
        SlidingWindow(**options)
    with pytest.raises(StrategyError, match="Give"):
        Summarization(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"ratio": 0.0},
        {"ratio": 1.1},
        {"ratio": "x"},
        {"ratio": None},
        {"keep_recent": -1},
        {"keep_recent": "x"},
        {"summary_tokens": 3},
        {"summary_tokens": "x"},
        {"messages": 10, "keep_recent": 10},
    ],
)
def test_a_summarization_that_cannot_be_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(StrategyError):
        Summarization(**options)


def assert_no_pair_is_split(messages: list[dict[str, Any]], kept: Sequence[Message]) -> None:
    pairs = {id for message in messages for id in ids_of(message)[1]}
    calls = {id for message in kept if not is_summary(message) for id in ids_of(dict(message))[0]}
    results = {id for message in kept if not is_summary(message) for id in ids_of(dict(message))[1]}
    assert calls & pairs == results


def assert_limits_are_kept(kept: Sequence[Message], most: int | None, tokens: int | None) -> None:
    rest = [message for message in kept if role_of(message) != "system"]
    if len(units_of(kept_of(kept))) <= 1:
        return
    assert most is None or len(rest) <= most
    assert tokens is None or sum(message_tokens(kept)) <= tokens
