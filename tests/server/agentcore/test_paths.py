"""Paths as boto3 sends them: ids with slashes, colons and number signs, ARNs, and a slash at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

ACTORS = ["user:1/a", "user/1/a", "user:1:a", "a/sessions/s-1", "a/", "ada"]


@dataclass(frozen=True)
class Places:
    """A server with one memory, in which each of some actors said one thing."""

    url: str
    data: Any
    control: Any
    memory: str
    events: dict[str, str]


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    with running(engine(":memory:"), Settings()) as url:
        data, control = clients(url)
        memory = ready_memory(control)
        events = {}
        for actor in ACTORS:
            said = {"conversational": {"content": {"text": f"I am {actor}."}, "role": "USER"}}
            place = {"memoryId": memory, "actorId": actor, "sessionId": "s-1"}
            made = data.create_event(**place, eventTimestamp=datetime.now(timezone.utc), payload=[said])["event"]
            events[actor] = made["eventId"]
        yield Places(url, data, control, memory, events)


@pytest.mark.parametrize("actor", ACTORS)
def test_each_actor_has_what_was_said_to_it_and_nothing_else(places: Places, actor: str) -> None:
    place = {"memoryId": places.memory, "actorId": actor, "sessionId": "s-1"}

    listed = places.data.list_events(**place)["events"]
    got = places.data.get_event(**place, eventId=places.events[actor])["event"]

    assert [one["eventId"] for one in listed] == [places.events[actor]]
    assert got["actorId"] == actor
    assert got["payload"][0]["conversational"]["content"]["text"] == f"I am {actor}."
    sessions = places.data.list_sessions(memoryId=places.memory, actorId=actor)["sessionSummaries"]
    assert [one["actorId"] for one in sessions] == [actor]


def test_an_event_is_deleted_by_its_id_with_a_number_sign(places: Places) -> None:
    place = {"memoryId": places.memory, "actorId": "user:9/z", "sessionId": "s-1"}
    said = {"conversational": {"content": {"text": "Forget me."}, "role": "USER"}}
    made = places.data.create_event(**place, eventTimestamp=datetime.now(timezone.utc), payload=[said])["event"]

    told = places.data.delete_event(**place, eventId=made["eventId"])

    assert told["eventId"] == made["eventId"]
    assert places.data.list_events(**place)["events"] == []


def test_a_memory_is_named_by_its_arn_as_well(places: Places) -> None:
    arn = places.control.get_memory(memoryId=places.memory)["memory"]["arn"]

    listed = places.data.list_events(memoryId=arn, actorId="user:1/a", sessionId="s-1")["events"]

    assert [one["eventId"] for one in listed] == [places.events["user:1/a"]]
    assert places.control.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def test_memories_are_listed_with_a_slash_at_the_end_and_without(places: Places) -> None:
    told = [httpx.post(f"{places.url}/memories{end}", json={}).json()["memories"] for end in ("/", "")]

    assert told[0] == told[1]
    assert [one["id"] for one in places.control.list_memories()["memories"]] == [places.memory]


@pytest.mark.parametrize("base", ["/memory", "/a/b"])
def test_below_a_base_path_everything_is_found_as_well(base: str) -> None:
    with running(engine(":memory:"), Settings(base_path=base)) as url:
        data, control = clients(f"{url}{base}")
        memory = ready_memory(control)

        assert data.list_events(memoryId=memory, actorId="user:1/a", sessionId="s-1")["events"] == []
        assert [one["id"] for one in control.list_memories()["memories"]] == [memory]
        assert httpx.post(f"{url}/memories/", json={}).status_code == 404
