from __future__ import annotations

from typing import Any

import pytest

from duramen.said import text_of
from duramen_strands.messages import is_composed, place_of, said_in, with_instruction, with_memory, words_of

RESULT: Any = {"toolResult": {"toolUseId": "1", "content": [{"text": "Rain."}, {"json": {"degrees": 7}}]}}


def message(*blocks: Any, role: str = "user", **more: Any) -> Any:
    return {"role": role, "content": list(blocks), **more}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"text": "Hello."}, "Hello."),
        (
            {"citationsContent": {"content": [{"text": "As they say,"}, {"text": "hello."}], "citations": []}},
            "As they say,\nhello.",
        ),
        ({"guardContent": {"text": {"text": "Hello?", "qualifiers": ["query"]}}}, "Hello?"),
        ({"reasoningContent": {"reasoningText": {"text": "They greet me."}}}, ""),
        ({"toolUse": {"toolUseId": "1", "name": "greet", "input": {"text": "Hello."}}}, ""),
        ({"image": {"format": "png", "source": {"bytes": b""}}}, ""),
        ({"document": {"name": "hello", "source": {"bytes": b"Hello."}}}, ""),
        ({"cachePoint": {"type": "default"}}, ""),
    ],
)
def test_words_are_read_and_nothing_else(block: Any, text: str) -> None:
    assert text_of(said_in(message(block))["content"]) == text
    assert words_of([block]) == words_of([message(block)]) == text


def test_a_message_is_named_by_what_is_known_of_it_before_its_own_id() -> None:
    tracked = message({"text": "Hello."}, tracking_id="t1")

    assert said_in(tracked)["id"] == "t1"
    assert said_in(tracked, name="n1", source="agent")["id"] == "n1"
    assert said_in(message({"text": "Hello."}))["id"] is None


def test_what_a_tool_answers_is_the_tools() -> None:
    said = said_in(message(RESULT, {"text": "beside it"}))

    assert said["role"] == "tool"
    assert text_of(said["content"]) == 'Rain.\n{"degrees": 7}'


@pytest.mark.parametrize(
    "content", [None, "text", [None], [{"text": None}], [{"toolResult": None}], [{"citationsContent": {}}]]
)
def test_what_is_no_message_has_no_words(content: Any) -> None:
    broken: Any = {"role": "user", "content": content}

    assert text_of(said_in(broken)["content"]) == ""
    assert not is_composed(broken)


def test_copies_are_changed_and_never_what_was_given() -> None:
    asked, answered = message({"text": "Where?"}), message({"text": "Here."}, role="assistant")
    messages = [asked, answered]

    changed = with_memory(messages, 0, "<memory/>")

    assert changed[0]["content"] == [{"text": "Where?"}, {"text": "\n\n<memory/>"}]
    assert changed[1] is answered
    assert messages == [message({"text": "Where?"}), message({"text": "Here."}, role="assistant")]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (None, "M"),
        ("", "M"),
        ("Be kind.", "Be kind.\n\nM"),
        ([{"text": "Be kind."}], [{"text": "Be kind."}, {"text": "\n\nM"}]),
    ],
)
def test_a_system_prompt_of_any_form_gets_a_tail(prompt: Any, expected: Any) -> None:
    assert with_instruction(prompt, "M") == expected


def test_the_place_is_that_of_the_message_asked_for_or_else_of_the_newest_question() -> None:
    first, second = message({"text": "One?"}, tracking_id="t1"), message({"text": "Two?"}, tracking_id="t2")
    messages = [first, message({"text": "1."}, role="assistant"), second, message(RESULT)]

    assert place_of(messages, first) == 0
    assert place_of(messages, None) == 2
    assert place_of(messages, message({"text": "Gone?"}, tracking_id="t3")) == 2
    assert place_of(messages[1:2], None) is None
