"""What AWS checks and botocore does not: bounds, patterns, choices; and how values are read and written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.server.agentcore.checking import is_finite, problems
from duramen.server.agentcore.service import operations
from duramen.server.agentcore.writing import written

NOW = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)


def event(**given: Any) -> dict[str, Any]:
    said = {"conversational": {"content": {"text": "Hello."}, "role": "USER"}}
    sent = {"memoryId": "notes-0123456789", "actorId": "ada", "eventTimestamp": NOW, "payload": [said], **given}
    return {name: value for name, value in sent.items() if value is not None}


def wrong(operation: str, params: dict[str, Any]) -> list[str]:
    shape = operations()[operation].input
    assert shape is not None
    return [one.name for one in problems(shape, params)]


def test_what_is_sound_has_no_problems() -> None:
    assert wrong("CreateEvent", event(actorId="user:1/a", sessionId="s-1", metadata={"k": {"stringValue": "v"}})) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"actorId": "user@example.com"}, "actorId"),
        ({"actorId": "x" * 256}, "actorId"),
        ({"actorId": "ada\n"}, "actorId"),
        ({"actorId": None}, "actorId"),
        ({"actorId": 7}, "actorId"),
        ({"sessionId": "a.b"}, "sessionId"),
        ({"sessionId": "x" * 101}, "sessionId"),
        ({"memoryId": "nope"}, "memoryId"),
        ({"payload": [{}] * 1}, "payload.0"),
        ({"payload": [{"blob": 1, "json": {"content": 1}}]}, "payload.0"),
        (
            {"payload": [{"conversational": {"content": {"text": "x"}, "role": "system"}}]},
            "payload.0.conversational.role",
        ),
        (
            {"payload": [{"conversational": {"content": {"text": "x" * 100_001}, "role": "USER"}}]},
            "payload.0.conversational.content.text",
        ),
        ({"payload": [{"blob": number} for number in range(101)]}, "payload"),
        ({"payload": "Hello."}, "payload"),
        ({"metadata": {f"k{number}": {"stringValue": "v"} for number in range(16)}}, "metadata"),
        ({"metadata": {"k": {"stringValue": "v" * 257}}}, "metadata.k.stringValue"),
        ({"metadata": {"k": {"stringValue": "a;b"}}}, "metadata.k.stringValue"),
        ({"metadata": {"a;b": {"stringValue": "v"}}}, "metadata.a;b"),
        ({"eventTimestamp": "soon"}, "eventTimestamp"),
        ({"extractionMode": "MAYBE"}, "extractionMode"),
        ({"extractionConfig": {"namespaceVariables": {"actorId": "x"}}}, "extractionConfig.namespaceVariables.actorId"),
    ],
)
def test_what_is_out_of_bounds_is_named(given: dict[str, Any], name: str) -> None:
    assert wrong("CreateEvent", event(**given)) == [name]


@pytest.mark.parametrize("blob", [None, True, 0, 10**40, 1.5, "", "\ud800", [], {}, [None, {"a": None}]])
def test_a_blob_is_any_json(blob: Any) -> None:
    assert wrong("CreateEvent", event(payload=[{"blob": blob}])) == []


def test_every_problem_is_told_at_once() -> None:
    assert wrong("CreateEvent", event(actorId="a b", sessionId="c d", payload=None)) == [
        "payload",
        "actorId",
        "sessionId",
    ]


@pytest.mark.parametrize("number", [0, 101, True, 1.5, "7", float("nan")])
def test_a_page_is_of_one_to_a_hundred(number: Any) -> None:
    params = {"memoryId": "notes-0123456789", "actorId": "ada", "sessionId": "s", "maxResults": number}

    assert wrong("ListEvents", params) == ["maxResults"]


def test_memories_have_times_in_seconds_and_harnesses_in_words() -> None:
    event_shape, harness_shape = operations()["GetEvent"].output, operations()["GetHarness"].output
    assert event_shape is not None
    assert harness_shape is not None

    seconds = written(event_shape, {"event": {"eventTimestamp": NOW}})["event"]["eventTimestamp"]
    words = written(harness_shape, {"harness": {"createdAt": NOW}})["harness"]["createdAt"]

    assert seconds == 1772366400.123
    assert words == "2026-03-01T12:00:00.123Z"


def test_milliseconds_survive_for_centuries() -> None:
    shape = operations()["GetEvent"].output
    assert shape is not None
    for number in range(1000):
        moment = NOW + timedelta(days=365 * number // 3, milliseconds=number)
        told = written(shape, {"event": {"eventTimestamp": moment}})["event"]["eventTimestamp"]
        assert round(told * 1000) == round(moment.timestamp() * 1000)


def test_null_is_left_out_but_for_documents() -> None:
    shape = operations()["GetEvent"].output
    assert shape is not None

    told = written(shape, {"event": {"branch": None, "payload": [{"blob": None}, {"blob": {"a": None}}], "other": 1}})

    nothing = {"blob": None, "isNull": True}  # by which botocore knows that the union has a member
    assert told == {"event": {"payload": [nothing, {"blob": {"a": None}}]}}


@pytest.mark.parametrize("number", [10**400, float("inf"), float("nan"), True, "1", None])
def test_what_no_float_holds_is_no_number(number: Any) -> None:
    assert not is_finite(number)
