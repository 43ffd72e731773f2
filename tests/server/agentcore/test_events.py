"""Events over the wire: created, read back and deleted by boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from botocore.exceptions import ClientError

from duramen.strategies.resources import bank_of_resource
from duramen.times import utc_now
from tests.server.agentcore.talking import ADA, FACTS, NOON, Talk, refused, talking, user


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    return server.new(memoryStrategies=[FACTS])


def kept(talk: Talk, actor: str = "ada") -> list[str]:
    """Return what of the words of an actor is remembered for long."""
    page = talk.memory.portal.call(talk.memory.events(bank_of_resource(talk.id, actor), limit=1000))
    return [event.content for event in page.items]


def test_an_event_comes_back_as_it_was_created(talk: Talk) -> None:
    said = [user("It is warm.", "ASSISTANT"), {"blob": {"a": None}}, {"json": {"content": ["x", 1.5]}}]
    event = talk.say(said, at=123, metadata={"topic": {"stringValue": "weather"}})

    assert event["memoryId"] == talk.id
    assert {name: event[name] for name in ADA} == ADA
    assert event["eventId"].startswith(f"{int(NOON.timestamp() * 1000) + 123:019d}#")
    assert event["eventTimestamp"] == NOON + timedelta(milliseconds=123)
    assert event["payload"] == said
    assert event["metadata"] == {"topic": {"stringValue": "weather"}}
    assert "branch" not in event
    got = talk.data.get_event(memoryId=talk.id, **ADA, eventId=event["eventId"])["event"]
    assert got == event


def test_an_actor_with_slashes_and_colons_is_found_again(talk: Talk) -> None:
    event = talk.say(actorId="user:1/a")

    place = {"memoryId": talk.id, "actorId": "user:1/a", "sessionId": "s1"}
    assert talk.data.get_event(**place, eventId=event["eventId"])["event"] == event
    assert talk.events(actorId="user:1/a")["events"] == [event]
    assert talk.events(actorId="user:1")["events"] == []


def test_a_memory_may_be_named_by_its_arn(talk: Talk) -> None:
    arn = f"arn:aws:bedrock-agentcore:us-west-2:123456789012:memory/{talk.id}"

    event = talk.say(memoryId=arn)

    assert event["memoryId"] == talk.id
    assert talk.events(memoryId=arn)["events"] == [event]


def test_a_payload_may_be_empty(talk: Talk) -> None:
    event = talk.say([])

    assert event["payload"] == []
    assert talk.events()["events"] == [event]


@pytest.mark.parametrize(
    "blob",
    [
        None,
        True,
        0,
        2**200,
        -0.1,
        "",
        "\ud83d\ude00 \u0000 \u2028",
        [],
        {},
        [None, [None, {"a": None}]],
        {"": {"": [1, "1", None, False]}},
        '{"message": null}',
    ],
)
def test_a_blob_is_any_json_and_comes_back_as_it_is(talk: Talk, blob: Any) -> None:
    said = [{"blob": blob}, {"blob": {"again": blob}}, {"blob": [blob]}]
    event = talk.say(said)

    path = f"{talk.url}/memories/{talk.id}/actor/ada/sessions/s1/events/{quote(event['eventId'], safe='')}"
    raw = httpx.get(path).json()["event"]["payload"]
    assert [json.dumps(item["blob"]) for item in raw] == [json.dumps(item["blob"]) for item in said]
    got = talk.data.get_event(memoryId=talk.id, **ADA, eventId=event["eventId"])["event"]
    assert [json.dumps(item.get("blob")) for item in got["payload"]] == [json.dumps(item["blob"]) for item in said]
    assert kept(talk) == []


def test_a_blob_may_have_ten_megabytes(talk: Talk) -> None:
    blob = "x" * 10_000_000

    event = talk.say([{"blob": blob}])

    got = talk.data.get_event(memoryId=talk.id, **ADA, eventId=event["eventId"])["event"]
    assert got["payload"] == [{"blob": blob}]


def test_a_hundred_blobs_of_a_hundred_kilobytes_are_one_event(talk: Talk) -> None:
    event = talk.say([{"blob": chr(65 + place % 26) * 100_000} for place in range(100)])

    assert len(talk.events()["events"][0]["payload"]) == len(event["payload"]) == 100


def test_a_larger_event_is_refused_and_not_kept(talk: Talk) -> None:
    with refused("ValidationException") as told:
        talk.say([{"blob": "x" * 12_000_000}])

    assert "bytes" in told[0]["Error"]["Message"]
    assert talk.events()["events"] == []


def test_json_is_remembered_and_blobs_are_not(talk: Talk) -> None:
    talk.say([{"json": {"content": {"home city": "Rome"}}}, {"blob": {"home city": "Oslo"}}, user("I like figs.")])

    assert kept(talk) == ["home city: Rome", "I like figs."]


@pytest.mark.parametrize("content", [None, 0, "", [], {"a": [None, {}]}])
def test_json_may_be_any_json_as_well(talk: Talk, content: Any) -> None:
    talk.say([{"json": {"content": content}}])

    (event,) = talk.events()["events"]
    assert event["payload"] == [{"json": {} if content is None else {"content": content}}]  # as boto3 reads a null


def test_json_has_at_most_a_hundred_kilobytes(talk: Talk) -> None:
    talk.say([{"json": {"content": "x" * 100_000}}])
    with refused("ValidationException", "FieldValidationFailed") as told:
        talk.say([user("hi"), {"json": {"content": "x" * 103_000}}])

    assert [field["name"] for field in told[0]["fieldList"]] == ["payload.1.json.content"]
    assert len(talk.events()["events"]) == 1


def test_a_message_that_strands_wrote_as_json_is_remembered_by_its_words(talk: Talk) -> None:
    blocks = [{"text": "I moved to Lisbon."}, {"toolUse": {"toolUseId": "t", "name": "maps", "input": {}}}]
    envelope = {
        "message": {"role": "user", "content": blocks, "tracking_id": None},
        "message_id": 0,
        "redact_message": None,
        "created_at": "2026-03-01T12:00:00+00:00",
    }
    text = json.dumps(envelope)

    event = talk.say([user(text)])

    assert event["payload"] == [user(text)]
    assert kept(talk) == ["I moved to Lisbon."]


def test_what_is_skipped_is_not_remembered(talk: Talk) -> None:
    talk.say("I like figs.", extractionMode="SKIP")
    talk.say([user("22 °C", "TOOL")])

    assert len(talk.events()["events"]) == 2
    assert kept(talk) == []


def test_a_session_that_is_not_named_is_new(talk: Talk) -> None:
    said = {"memoryId": talk.id, "actorId": "ada", "eventTimestamp": NOON, "payload": [user("hi")]}

    first, second = (talk.data.create_event(**said)["event"] for _ in range(2))

    assert first["sessionId"] != second["sessionId"]
    assert talk.events(sessionId=first["sessionId"])["events"] == [first]


def test_a_session_that_is_not_named_is_the_same_with_the_same_token(talk: Talk) -> None:
    said = {"memoryId": talk.id, "actorId": "ada", "eventTimestamp": NOON, "payload": [user("hi")], "clientToken": "t"}

    assert talk.data.create_event(**said)["event"] == talk.data.create_event(**said)["event"]


def test_a_token_sent_again_gives_the_first_event_and_its_effects(talk: Talk) -> None:
    first = talk.say("I like figs.", clientToken="t-1", metadata={"a": {"stringValue": "1"}})

    again = talk.say("I like figs.", at=5000, clientToken="t-1", metadata={"a": {"stringValue": "1"}})

    assert again == first
    assert talk.events()["events"] == [first]
    assert kept(talk) == ["I like figs."]


@pytest.mark.parametrize(
    "other",
    [
        {"payload": "I like nuts."},
        {"metadata": {"a": {"stringValue": "1"}}},
        {"extractionMode": "SKIP"},
        {"branch": {"name": "b"}},
    ],
)
def test_a_token_with_something_else_is_a_mismatch(talk: Talk, other: dict[str, Any]) -> None:
    first = talk.say("I like figs.", clientToken="t-1")

    with refused("ValidationException", "IdempotentParameterMismatchException"):
        talk.say(other.pop("payload", "I like figs."), clientToken="t-1", **other)

    assert talk.events()["events"] == [first]


def test_the_same_words_twice_are_two_events(talk: Talk) -> None:
    assert talk.say()["eventId"] != talk.say()["eventId"]
    assert len(talk.events()["events"]) == 2


def test_a_token_counts_in_its_memory_alone(talk: Talk) -> None:
    first = talk.say(clientToken="t-1")

    assert talk.new().say(clientToken="t-1")["eventId"] != first["eventId"]


def test_an_event_expires_as_its_memory_said_when_it_was_created(server: Talk) -> None:
    talk = server.new(eventExpiryDuration=3)
    first = talk.say()
    talk.control.update_memory(memoryId=talk.id, eventExpiryDuration=100)

    second = talk.say()

    bank = bank_of_resource(talk.id, "ada")
    days = []
    for event in (first, second):
        found = talk.memory.portal.call(talk.memory.sessions.get(bank, "ada", "s1", event["eventId"]))
        assert found is not None
        assert found.expires is not None
        days.append(round((found.expires - utc_now()) / timedelta(days=1)))
    assert days == [3, 100]


def test_a_deleted_event_is_gone_and_what_is_remembered_of_it_stays(talk: Talk) -> None:
    event = talk.say("I like figs.")
    place = {"memoryId": talk.id, **ADA, "eventId": event["eventId"]}

    assert talk.data.delete_event(**place)["eventId"] == event["eventId"]

    assert talk.events()["events"] == []
    assert kept(talk) == ["I like figs."]
    for operation in (talk.data.get_event, talk.data.delete_event):
        with refused("ResourceNotFoundException"):
            operation(**place)


def test_the_session_of_an_event_must_be_its_own(talk: Talk) -> None:
    event = talk.say()
    place = {"memoryId": talk.id, "actorId": "ada", "sessionId": "s2", "eventId": event["eventId"]}

    for operation in (talk.data.get_event, talk.data.delete_event):
        with refused("ValidationException", "EventInOtherSession"):
            operation(**place)
    assert talk.events()["events"] == [event]


def test_an_event_of_another_actor_or_memory_is_not_there(talk: Talk) -> None:
    event = talk.say()
    other = talk.new()

    for place in ({"memoryId": talk.id, "actorId": "bea"}, {"memoryId": other.id, "actorId": "ada"}):
        for operation in (talk.data.get_event, talk.data.delete_event):
            with refused("ResourceNotFoundException"):
                operation(**place, sessionId="s1", eventId=event["eventId"])
    assert talk.events()["events"] == [event]


@pytest.mark.parametrize("id", ["0#a", "0000001795251358112#8c10837c", f"{0:019d}#{'A' * 24}"])
def test_an_id_that_is_no_event_is_not_found(talk: Talk, id: str) -> None:
    with refused("ResourceNotFoundException"):
        talk.data.get_event(memoryId=talk.id, **ADA, eventId=id)


def test_events_are_kept_while_their_memory_is_changed(talk: Talk) -> None:
    with ThreadPoolExecutor(4) as threads:
        said = [threads.submit(talk.say, f"words {number}", number) for number in range(20)]
        for days in range(30, 40):
            talk.control.update_memory(memoryId=talk.id, eventExpiryDuration=days)
        events = [one.result() for one in said]

    listed = talk.events(maxResults=100)["events"]
    assert {event["eventId"] for event in listed} == {event["eventId"] for event in events}
    assert len(kept(talk)) == len(events) == 20


def test_nothing_is_left_of_events_that_race_with_the_deletion_of_their_memory(talk: Talk) -> None:
    def say(number: int) -> str | None:
        try:
            talk.say(f"words {number}", actorId=f"actor-{number % 3}")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    with ThreadPoolExecutor(4) as threads:
        said = [threads.submit(say, number) for number in range(30)]
        wait(said, return_when=FIRST_COMPLETED)
        talk.control.delete_memory(memoryId=talk.id)
        told = {one.result() for one in said}

    assert told <= {None, "ResourceNotFoundException"}
    banks = talk.memory.portal.call(talk.memory.banks(limit=1000)).items
    assert [bank.name for bank in banks if talk.id in bank.name] == []
    assert (
        talk.memory.portal.call(talk.memory.shelf.paths(("duramen.sessions", bank_of_resource(talk.id, "actor-0"))))
        == []
    )


def test_a_memory_that_is_not_there_is_not_found(talk: Talk) -> None:
    unknown: dict[str, Any] = {"memoryId": "Nobody-0123456789"}

    with refused("ResourceNotFoundException"):
        talk.say(**unknown)
    with refused("ResourceNotFoundException"):
        talk.data.get_event(**unknown, **ADA, eventId="0#a")
    with refused("ResourceNotFoundException"):
        talk.data.delete_event(**unknown, **ADA, eventId="0#a")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"actorId": "user@example.com"}, "actorId"),
        ({"actorId": "a" * 256}, "actorId"),
        ({"sessionId": "a.b"}, "sessionId"),
        ({"sessionId": "s" * 101}, "sessionId"),
        ({"payload": [user("hi", "system")]}, "payload.0.conversational.role"),
        ({"payload": [user("x" * 100_001)]}, "payload.0.conversational.content.text"),
        ({"payload": [user("hi")] * 101}, "payload"),
        ({"metadata": {f"k{number}": {"stringValue": "x"} for number in range(16)}}, "metadata"),
        ({"metadata": {"k": {"stringValue": "é"}}}, "metadata.k.stringValue"),
        ({"branch": {"name": "a b"}}, "branch.name"),
        ({"branch": {"name": "b", "rootEventId": "x"}}, "branch.rootEventId"),
        ({"extractionMode": "LATER"}, "extractionMode"),
        ({"memoryId": "not-a-memory"}, "memoryId"),
    ],
)
def test_what_is_malformed_is_told_by_field(talk: Talk, given: dict[str, Any], name: str) -> None:
    with refused("ValidationException", "FieldValidationFailed") as told:
        talk.say(**{"payload": [user("hi")], **given})

    assert [field["name"] for field in told[0]["fieldList"]] == [name]
    assert talk.events()["events"] == []


def test_a_time_before_1970_is_refused(talk: Talk) -> None:
    with refused("ValidationException"):
        talk.say(at=datetime(1969, 12, 31, tzinfo=timezone.utc))


def test_a_time_far_off_is_kept(talk: Talk) -> None:
    late = datetime(2999, 1, 1, tzinfo=timezone.utc)

    assert talk.say(at=late)["eventTimestamp"] == late


@pytest.mark.parametrize("blob", ["NaN", "Infinity", "1e999", "9" * 5000, "[" * 300 + "]" * 300])
def test_what_no_json_can_hold_is_refused(talk: Talk, blob: str) -> None:
    body = f'{{"actorId":"ada","sessionId":"s1","eventTimestamp":1,"payload":[{{"blob":{blob}}}]}}'

    answer = httpx.post(f"{talk.url}/memories/{talk.id}/events", content=body)

    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "ValidationException")
    assert talk.events()["events"] == []


def test_a_lone_surrogate_comes_back(talk: Talk) -> None:
    body = (
        '{"actorId":"ada","sessionId":"s1","eventTimestamp":1,"payload":[{"blob":"\\ud800"},'
        '{"conversational":{"content":{"text":"I like \\udc00 figs"},"role":"USER"}}]}'
    )

    answer = httpx.post(f"{talk.url}/memories/{talk.id}/events", content=body)

    assert answer.status_code == 201
    assert json.loads(answer.text)["event"]["payload"][0] == {"blob": "\ud800"}
