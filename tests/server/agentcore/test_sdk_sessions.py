"""Sessions through AWS's own SDK: its memory client and its session manager."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # has no types
import pytest

from tests.server.agentcore.parts import KEY, REGION, SECRET
from tests.server.agentcore.talking import Talk, talking

with warnings.catch_warnings():
    # Its models are declared in a way that pydantic deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    from bedrock_agentcore.memory import MemoryClient
    from bedrock_agentcore.memory.constants import ConversationalMessage, MessageRole
    from bedrock_agentcore.memory.session import MemorySessionManager


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Let AWS's SDK find the server as its users do: by the environment."""
    for plane in ("", "_CONTROL"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_BEDROCK_AGENTCORE{plane}", server.url)
    return server.new()


def session() -> Any:
    return boto3.session.Session(aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name=REGION)


def turns(*texts: str) -> list[Any]:
    roles = (MessageRole.USER, MessageRole.ASSISTANT)
    return [ConversationalMessage(text, roles[place % 2]) for place, text in enumerate(texts)]


def texts(turn: Any) -> list[str]:
    return [message["content"]["text"] for message in turn]


def test_the_session_manager_forks_and_lists_branches(talk: Talk) -> None:
    manager = MemorySessionManager(memory_id=talk.id, region_name=REGION, boto3_session=session())
    place: dict[str, Any] = {"actor_id": "ada", "session_id": "s1"}

    first = manager.add_turns(**place, messages=turns("Where to?", "Rome."))
    manager.add_turns(**place, messages=turns("When?", "In May."))
    north = turns("Rather north?", "Oslo.")
    manager.fork_conversation(**place, root_event_id=first["eventId"], branch_name="north", messages=north)
    manager.add_turns(**place, messages=turns("When?", "In June."), branch={"name": "north"})

    branches = {branch["name"]: branch for branch in manager.list_branches("ada", "s1")}
    assert {name: branch["eventCount"] for name, branch in branches.items()} == {"main": 2, "north": 2}
    assert branches["north"]["rootEventId"] == first["eventId"]
    whole = manager.list_events(**place, branch_name="north", include_parent_branches=True)
    assert len(whole) == 3
    last = manager.get_last_k_turns(**place, k=1, branch_name="north")
    assert texts(last[0]) == ["When?", "In June."]
    assert [actor["actorId"] for actor in manager.list_actors()] == ["ada"]
    assert [one["sessionId"] for one in manager.list_actor_sessions("ada")] == ["s1"]


def test_the_session_manager_filters_by_metadata_and_deletes(talk: Talk) -> None:
    manager = MemorySessionManager(memory_id=talk.id, region_name=REGION, boto3_session=session())
    place: dict[str, Any] = {"actor_id": "ada", "session_id": "s1"}
    named: dict[str, Any] = {"topic": {"stringValue": "travel"}}

    event = manager.add_turns(**place, messages=turns("Where to?"), metadata=named)
    manager.add_turns(**place, messages=turns("I am hungry."))

    condition: Any = {
        "left": {"metadataKey": "topic"},
        "operator": "EQUALS_TO",
        "right": {"metadataValue": named["topic"]},
    }
    found = manager.list_events(**place, eventMetadata=[condition])
    assert [one["eventId"] for one in found] == [event["eventId"]]
    manager.delete_event(**place, event_id=event["eventId"])
    assert len(manager.list_events(**place)) == 1


def test_the_client_forks_and_reads_turns(talk: Talk) -> None:
    client = MemoryClient(region_name=REGION, boto3_session=session())
    place: dict[str, Any] = {"memory_id": talk.id, "actor_id": "ada", "session_id": "s1"}

    first = client.create_event(**place, messages=[("Where to?", "USER"), ("Rome.", "ASSISTANT")])
    for number in range(3):
        client.create_event(**place, messages=[(f"And {number}?", "USER"), ("Yes.", "ASSISTANT")])
    last = client.get_last_k_turns(**place, k=2)
    oslo = [("Oslo?", "USER"), ("Yes.", "ASSISTANT")]
    client.fork_conversation(**place, root_event_id=first["eventId"], branch_name="north", new_messages=oslo)

    assert {branch["name"] for branch in client.list_branches(**place)} == {"main", "north"}
    assert len(client.list_events(**place)) == 5
    assert len(client.list_branch_events(**place, branch_name="north")) == 1
    assert sorted(texts(turn)[0] for turn in last) == ["And 1?", "And 2?"]
    assert client.get_conversation_tree(**place)["main_branch"]["branches"].keys() == {"north"}
