"""Nothing that is remembered crosses memories, actors, namespaces, sessions or tenants, by whatever name it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from duramen.server.caller import Grant
from duramen.server.keeping import keys_at
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
MOST_SECONDS = 60.0

STRATEGIES = [
    {"semanticMemoryStrategy": {"name": "Facts", "namespaceTemplates": ["/facts/{actorId}/"]}},
    {"summaryMemoryStrategy": {"name": "Sums", "namespaceTemplates": ["/sums/{actorId}/{sessionId}/"]}},
]
QUESTION = "What am I allergic to?"


class Plane:
    """Boto3's clients of one caller, and the one memory that they look at."""

    def __init__(self, data: Any, control: Any, memory: str | None = None) -> None:
        self.data, self.control = data, control
        self.memory = memory or ready_memory(control, name=f"Notes{uuid4().hex[:8]}", memoryStrategies=STRATEGIES)

    def made(self, text: str, namespace: str) -> str:
        draft = {"requestIdentifier": "r", "namespaces": [namespace], "content": {"text": text}, "timestamp": NOW}
        outcome = self.data.batch_create_memory_records(memoryId=self.memory, records=[draft])
        return str(outcome["successfulRecords"][0]["memoryRecordId"])

    def say(self, text: str, actor: str, session: str = "s1", times: int = 1) -> str:
        said = {"conversational": {"content": {"text": text}, "role": "USER"}}
        event = self.data.create_event(
            memoryId=self.memory, actorId=actor, sessionId=session, eventTimestamp=NOW, payload=[said] * times
        )
        return str(event["event"]["eventId"])

    def found(self, **where: str) -> list[str]:
        """Return all that a listing and a retrieval show."""
        listed = self.data.list_memory_records(memoryId=self.memory, maxResults=100, **where)
        retrieved = self.data.retrieve_memory_records(
            memoryId=self.memory, searchCriteria={"searchQuery": QUESTION, "topK": 100}, maxResults=100, **where
        )
        texts = {one["content"]["text"] for page in (listed, retrieved) for one in page["memoryRecordSummaries"]}
        return sorted(texts)

    def until(self, **where: str) -> list[str]:
        """Return what is found, once there is something."""
        end = time.monotonic() + MOST_SECONDS
        while not (found := self.found(**where)) and time.monotonic() < end:
            time.sleep(0.05)
        return found


def absent(call: Callable[[], Any]) -> None:
    """Check that there is nothing for who calls."""
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404, caught.value
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.fixture(scope="module")
def planes() -> Iterator[tuple[Any, Any]]:
    with running(engine(":memory:")) as url:
        yield clients(url)


@pytest.fixture
def plane(planes: tuple[Any, Any]) -> Plane:
    return Plane(*planes)


def test_a_namespace_is_compared_by_segment(plane: Plane) -> None:
    plane.made("I am allergic to peanuts.", "/facts/a1/")
    plane.made("I am allergic to gluten.", "/facts/a10/")
    plane.made("I am allergic to cats.", "/facts/a1/x/")

    assert plane.found(namespace="/facts/a1/") == ["I am allergic to peanuts."]
    assert plane.found(namespacePath="/facts/a1") == ["I am allergic to cats.", "I am allergic to peanuts."]
    assert plane.found(namespacePath="/facts/a10/") == ["I am allergic to gluten."]
    assert plane.found(namespacePath="/facts/a/") == []
    assert plane.found(namespacePath="/fact") == []


def test_records_that_no_template_means_are_compared_by_segment_too(plane: Plane) -> None:
    plane.made("I am allergic to peanuts.", "/teams/t1/")
    plane.made("I am allergic to gluten.", "/teams/t10/")

    assert plane.found(namespacePath="/teams/t1") == ["I am allergic to peanuts."]
    assert plane.found(namespace="/teams/t10") == ["I am allergic to gluten."]


def test_actors_whose_ids_begin_alike_or_hold_slashes_are_kept_apart(plane: Plane) -> None:
    said = {"a1": "peanuts", "a10": "gluten", "a1/b": "cats", "user:a1": "pollen"}
    for actor, thing in said.items():
        plane.say(f"I am allergic to {thing}.", actor)

    for actor in said:
        assert plane.until(namespace=f"/facts/{actor}/")
    for actor, thing in said.items():
        found = plane.found(namespace=f"/facts/{actor}/")
        others = [other for name, other in said.items() if name != actor]
        assert found
        assert all(thing in text for text in found)
        assert not any(other in text for text in found for other in others)


def test_what_one_actor_said_is_at_no_other_actors_namespaces(plane: Plane) -> None:
    plane.say("I am allergic to peanuts.", "ada")
    plane.say("I am allergic to gluten.", "bob")

    assert plane.until(namespace="/facts/bob/")
    assert all("gluten" in text for text in plane.found(namespacePath="/facts/bob"))
    assert plane.until(namespace="/facts/ada/")
    assert all("peanuts" in text for text in plane.found(namespacePath="/facts/ada"))
    assert plane.found(namespacePath="/facts/eve/") == []
    assert len(plane.found(namespacePath="/facts/")) == 2


def test_a_summary_is_at_the_namespace_of_its_session_only(plane: Plane) -> None:
    plane.say("I am allergic to peanuts.", "ada", "s1", times=4)
    plane.say("I am allergic to gluten.", "ada", "s10", times=4)

    first = plane.until(namespace="/sums/ada/s1/")
    tenth = plane.until(namespace="/sums/ada/s10/")

    assert first
    assert tenth
    assert not any("gluten" in text for text in plane.found(namespacePath="/sums/ada/s1"))
    assert not any("peanuts" in text for text in plane.found(namespacePath="/sums/ada/s10"))
    assert plane.found(namespace="/sums/bob/s1/") == []
    assert plane.found(namespace="/sums/ada/") == []


def test_memories_of_the_same_templates_and_actors_know_nothing_of_each_other(planes: tuple[Any, Any]) -> None:
    one, other = Plane(*planes), Plane(*planes)
    id = one.made("I am allergic to peanuts.", "/facts/ada/")
    one.made("I am allergic to cats.", "/plans/")
    event = one.say("I am allergic to pollen.", "ada")

    assert one.until(namespacePath="/")
    assert other.found(namespacePath="/") == []
    record = {"memoryId": other.memory, "memoryRecordId": id}
    absent(lambda: other.data.get_memory_record(**record))
    absent(lambda: other.data.delete_memory_record(**record))
    absent(lambda: other.data.get_event(memoryId=other.memory, actorId="ada", sessionId="s1", eventId=event))
    assert other.data.list_actors(memoryId=other.memory)["actorSummaries"] == []
    change = {"memoryRecordId": id, "timestamp": NOW, "content": {"text": "Taken over."}}
    changed = other.data.batch_update_memory_records(memoryId=other.memory, records=[change])
    deleted = other.data.batch_delete_memory_records(memoryId=other.memory, records=[{"memoryRecordId": id}])
    assert [batch["successfulRecords"] for batch in (changed, deleted)] == [[], []]
    assert "I am allergic to peanuts." in one.found(namespace="/facts/ada/")


def test_a_client_token_of_one_memory_says_nothing_in_another(planes: tuple[Any, Any]) -> None:
    one, other = Plane(*planes), Plane(*planes)
    draft = {"requestIdentifier": "r", "namespaces": ["/n/"], "content": {"text": "Peanuts."}, "timestamp": NOW}

    first = one.data.batch_create_memory_records(memoryId=one.memory, records=[draft], clientToken="t")
    second = other.data.batch_create_memory_records(memoryId=other.memory, records=[draft], clientToken="t")

    ids = [batch["successfulRecords"][0]["memoryRecordId"] for batch in (first, second)]
    assert ids[0] != ids[1]
    assert other.found(namespace="/n/") == ["Peanuts."]


def test_a_token_of_a_page_opens_nothing_in_another_memory(planes: tuple[Any, Any]) -> None:
    one, other = Plane(*planes), Plane(*planes)
    for number in range(3):
        one.made(f"I am allergic to thing {number}.", "/facts/ada/")
    criteria = {"searchQuery": QUESTION}
    listed = one.data.list_memory_records(memoryId=one.memory, namespacePath="/", maxResults=1)["nextToken"]
    retrieved = one.data.retrieve_memory_records(
        memoryId=one.memory, namespacePath="/", searchCriteria=criteria, maxResults=1
    )["nextToken"]

    with pytest.raises(ClientError, match="ValidationException"):
        other.data.list_memory_records(memoryId=other.memory, namespacePath="/", nextToken=listed)
    with pytest.raises(ClientError, match="ValidationException"):
        other.data.retrieve_memory_records(
            memoryId=other.memory, namespacePath="/", searchCriteria=criteria, nextToken=retrieved
        )


def test_a_memory_that_is_made_anew_has_nothing_of_the_one_before(planes: tuple[Any, Any]) -> None:
    plane = Plane(*planes)
    plane.made("I am allergic to peanuts.", "/facts/ada/")
    plane.say("I am allergic to pollen.", "ada")
    plane.control.delete_memory(memoryId=plane.memory)

    absent(lambda: plane.found(namespacePath="/"))
    again = Plane(*planes)
    assert again.found(namespacePath="/") == []


def bearing(client: Any, key: str) -> Any:
    """Let a client send a key of the server in the place of its signature."""

    def carry(request: Any, **_: Any) -> None:
        request.headers["Authorization"] = f"Bearer {key}"

    client.meta.events.register("before-send", carry)
    return client


@pytest.fixture
async def tenants(tmp_path: Path) -> dict[str, str]:
    """Keys of two tenants, and one of each that cannot do everything."""
    async with keys_at(str(tmp_path / "memory")) as keys:
        scopes = {
            "acme": Grant(name="", tenant="acme"),
            "other": Grant(name="", tenant="other"),
            "reader": Grant(name="", tenant="acme", verbs=frozenset({"read", "recall"})),
        }
        return {name: (await keys.create(name, scope=scope))[1] for name, scope in scopes.items()}


@pytest.fixture
def by_key(tmp_path: Path, tenants: dict[str, str]) -> Iterator[Callable[..., Plane]]:
    """Return what makes the plane of a tenant; anybody else's memory may be named."""
    with running(engine(str(tmp_path / "memory")), Settings(auth="on")) as url:

        def plane(name: str, memory: str | None = None) -> Plane:
            data, control = (bearing(client, tenants[name]) for client in clients(url))
            return Plane(data, control, memory)

        yield plane


def test_a_tenant_finds_nothing_of_another_by_any_operation(by_key: Callable[..., Plane]) -> None:
    acme = by_key("acme")
    id = acme.made("I am allergic to peanuts.", "/facts/ada/")
    event = acme.say("I am allergic to pollen.", "ada")
    assert acme.until(namespace="/facts/ada/")
    thief = by_key("other", acme.memory)
    memory, record = {"memoryId": acme.memory}, {"memoryId": acme.memory, "memoryRecordId": id}
    draft = {"requestIdentifier": "r", "namespaces": ["/n/"], "content": {"text": "x"}, "timestamp": NOW}
    said = [{"conversational": {"content": {"text": "x"}, "role": "USER"}}]
    session = {**memory, "actorId": "ada", "sessionId": "s1"}
    calls: list[Callable[[], Any]] = [
        lambda: thief.data.get_memory_record(**record),
        lambda: thief.data.delete_memory_record(**record),
        lambda: thief.data.list_memory_records(**memory, namespacePath="/"),
        lambda: thief.data.retrieve_memory_records(
            **memory, namespacePath="/", searchCriteria={"searchQuery": QUESTION}
        ),
        lambda: thief.data.batch_create_memory_records(**memory, records=[draft]),
        lambda: thief.data.batch_update_memory_records(**memory, records=[{"memoryRecordId": id, "timestamp": NOW}]),
        lambda: thief.data.batch_delete_memory_records(**memory, records=[{"memoryRecordId": id}]),
        lambda: thief.data.get_event(**session, eventId=event),
        lambda: thief.data.delete_event(**session, eventId=event),
        lambda: thief.data.list_events(**session),
        lambda: thief.data.list_sessions(**memory, actorId="ada"),
        lambda: thief.data.list_actors(**memory),
        lambda: thief.data.create_event(**session, eventTimestamp=NOW, payload=said),
        lambda: thief.control.get_memory(**memory),
        lambda: thief.control.update_memory(**memory, description="Mine."),
        lambda: thief.control.delete_memory(**memory),
    ]

    for call in calls:
        absent(call)

    assert thief.control.list_memories()["memories"] == []
    assert "I am allergic to peanuts." in acme.found(namespace="/facts/ada/")
    assert acme.data.get_event(**session, eventId=event)["event"]["eventId"] == event


def test_tenants_have_memories_actors_and_records_of_their_own(by_key: Callable[..., Plane]) -> None:
    acme, other = by_key("acme"), by_key("other")
    acme.made("I am allergic to peanuts.", "/facts/ada/")
    other.made("I am allergic to gluten.", "/facts/ada/")

    assert acme.found(namespacePath="/") == ["I am allergic to peanuts."]
    assert other.found(namespacePath="/") == ["I am allergic to gluten."]
    assert [one["id"] for one in acme.control.list_memories()["memories"]] == [acme.memory]
    assert [one["id"] for one in other.control.list_memories()["memories"]] == [other.memory]


def test_a_key_that_may_only_read_changes_nothing(by_key: Callable[..., Plane]) -> None:
    acme = by_key("acme")
    id = acme.made("I am allergic to peanuts.", "/facts/ada/")
    reader = by_key("reader", acme.memory)

    assert reader.found(namespacePath="/") == ["I am allergic to peanuts."]
    record = {"memoryId": acme.memory, "memoryRecordId": id}
    for call in (
        lambda: reader.made("x", "/facts/ada/"),
        lambda: reader.data.delete_memory_record(**record),
        lambda: reader.data.batch_delete_memory_records(memoryId=acme.memory, records=[{"memoryRecordId": id}]),
        lambda: reader.control.delete_memory(memoryId=acme.memory),
    ):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            call()
    assert acme.found(namespacePath="/") == ["I am allergic to peanuts."]


def test_nobody_without_a_key_is_told_anything(by_key: Callable[..., Plane]) -> None:
    acme = by_key("acme")
    acme.made("I am allergic to peanuts.", "/facts/ada/")
    url = acme.data.meta.endpoint_url
    nobody, stranger = (Plane(*clients(url), memory=acme.memory) for _ in range(2))
    bearing(stranger.data, "no-such-key")

    for caller in (nobody, stranger):
        with pytest.raises(ClientError) as caught:
            caller.found(namespacePath="/")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (401, 403)
        assert "peanuts" not in str(caught.value.response)
