from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BadContentError
from duramen.sessions.events import MAX_ITEMS, MAX_TEXT, Blob, Json, Said
from duramen.sessions.payloads import MAX_DEPTH, messages_of, payload_of
from duramen.sessions.tools import calls_of, results_of
from tests.sessions.conversations import FORMATS, conversations
from tests.sessions.test_tools import CALLS, RESULTS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_text_is_what_the_user_said() -> None:
    assert payload_of("Hello.") == (Said("user", "Hello."),)


def test_messages_of_words_alone_are_said() -> None:
    payload = payload_of([{"role": role, "content": "x"} for role in ("user", "assistant", "tool", "other")])

    assert payload == (Said("user", "x"), Said("assistant", "x"), Said("tool", "x"), Said("other", "x"))


@pytest.mark.parametrize(
    ("message", "role"),
    [
        ({"role": "human", "content": "x"}, "user"),
        ({"role": "AI", "content": "x"}, "assistant"),
        ({"role": "function", "content": "x"}, "tool"),
        ({"role": "system", "content": "x"}, "other"),
        ({"role": "critic", "content": "x"}, "other"),
        ({"role": "user", "content": "x", "name": "Ada", "id": "m1"}, "user"),
        ({"role": "user", "content": [{"text": "x"}]}, "user"),
        ({"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "image", "source": "…"}]}, "user"),
        ({"content": "x", "id": 7}, "user"),
    ],
)
def test_a_message_that_is_more_than_words_comes_back_whole(message: dict[str, Any], role: str | None) -> None:
    (item,) = payload_of(message)

    assert (item.role if isinstance(item, Said) else None) == role
    assert messages_of([item]) == [{"role": "user", **message}]


@pytest.mark.parametrize("name", [name for name in CALLS if "role" in CALLS[name] and "older" not in name])
def test_tool_calls_and_results_become_blobs_and_come_back(name: str) -> None:
    payload = payload_of([CALLS[name], RESULTS[name]])

    assert all(isinstance(item, Blob) for item in payload)
    assert messages_of(payload) == [CALLS[name], RESULTS[name]]


@given(conversations())
def test_any_conversation_comes_back_as_it_was(messages: list[dict[str, Any]]) -> None:
    with_roles = [message for message in messages if "role" in message]

    payload = payload_of(with_roles)

    assert messages_of(payload) == with_roles
    for message, item in zip(with_roles, payload, strict=True):
        assert isinstance(item, Blob) == bool(calls_of(message) or results_of(message))


def test_a_message_without_words_becomes_a_blob() -> None:
    picture = {"role": "user", "content": [{"type": "image", "source": "…"}]}

    assert payload_of([picture]) == (Blob({"message": picture}),)
    assert payload_of([{"role": "assistant", "content": ""}]) == (Said("assistant", ""),)


def test_a_message_that_is_too_long_to_be_read_becomes_a_blob() -> None:
    message = {"role": "user", "content": "x" * (MAX_TEXT + 1)}

    assert payload_of([message]) == (Blob({"message": message}),)


def test_a_time_in_a_message_is_kept_as_text() -> None:
    message = {"role": "user", "content": "x", "timestamp": datetime(2026, 3, 1, tzinfo=timezone.utc)}

    assert messages_of(payload_of(message)) == [{**message, "timestamp": "2026-03-01T00:00:00+00:00"}]


def test_other_blobs_and_json_are_no_messages() -> None:
    payload = payload_of([Blob({"message": "x"}), Blob({"message": {}, "more": 1}), Blob(None), Json({"role": "user"})])

    assert messages_of(payload) == []


def test_a_payload_may_be_empty() -> None:
    assert payload_of([]) == ()


@given(JSON)
def test_a_value_is_kept_as_it_is_and_nothing_changes_it_afterwards(value: Any) -> None:
    holder = {"inner": [value]}

    (blob,) = payload_of(Blob(holder))
    holder["inner"].append("changed")

    assert isinstance(blob, Blob)
    assert blob.value == {"inner": [value]}


def _nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (7, "holds a int"),
        (b"bytes", "holds a bytes"),
        (None, "holds a NoneType"),
        ([["nested"]], "holds a list"),
        ({"text": "no role"}, "holds a dict"),
        (Said("user", "x" * (MAX_TEXT + 1)), "100,001 characters"),
        (Said("robot", "x"), "the role 'robot'"),  # type: ignore[arg-type]  # what a caller without types may give
        (Said("user", 7), "of type int"),  # type: ignore[arg-type]  # as above
        (["x"] * (MAX_ITEMS + 1), "101 items"),
        (Blob(b"x"), "a bytes"),
        (Blob({1: "x"}), "the key 1 of type int"),
        (Blob(float("nan")), "the number nan"),
        (Json([float("inf")]), "the number inf"),
        (Blob(_nested(MAX_DEPTH + 1)), "200 levels"),
        ({"role": "user", "content": [{"image": b"x"}, {"text": "x"}]}, "a bytes"),
    ],
)
def test_what_cannot_be_kept_is_an_error_that_says_why(payload: Any, why: str) -> None:
    with pytest.raises(BadContentError, match=why) as raised:
        payload_of(payload)

    assert "Nothing was kept" in str(raised.value)
    assert len(str(raised.value)) < 400


def test_deep_values_are_kept() -> None:
    assert payload_of(Blob(_nested(MAX_DEPTH))) == (Blob(_nested(MAX_DEPTH)),)


def test_every_format_has_words_that_are_said() -> None:
    for write in FORMATS.values():
        message = write("user", "Hello.", ())
        if "role" in message:
            (item,) = payload_of(message)
            assert isinstance(item, Said)
            assert item.text == "Hello."
