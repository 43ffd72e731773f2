"""Ingestion over the wire: remembered for long, with no event of a session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from duramen.strategies.resources import bank_of_resource
from duramen.times import utc_now
from duramen.types import Event
from tests.server.agentcore.talking import FACTS, NOON, Talk, refused, talking, user


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    return server.new(memoryStrategies=[FACTS], eventExpiryDuration=7)


def ingest(talk: Talk, *payload: dict[str, Any], **given: Any) -> str:
    source = {"inline": {"payload": list(payload) or [user("I live in Rome.")]}}
    asked = {"memoryId": talk.id, "actorId": "ada", "contentTimestamp": NOON, "source": source, **given}
    answer = talk.data.ingest_data(**asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    session: str = answer["sessionId"]
    return session


def kept(talk: Talk) -> list[Event]:
    page = talk.memory.portal.call(talk.memory.events(bank_of_resource(talk.id, "ada"), limit=1000))
    return list(page.items)


def test_what_is_ingested_is_remembered_and_is_no_event(talk: Talk) -> None:
    metadata = {"source": {"stringValue": "crm"}}
    session = ingest(
        talk, user("I live in Rome."), {"json": {"content": {"pet": "cat"}}}, sessionId="s1", metadata=metadata
    )

    assert session == "s1"
    assert talk.events()["events"] == []
    assert talk.data.list_sessions(memoryId=talk.id, actorId="ada")["sessionSummaries"] == []
    found = kept(talk)
    assert [event.content for event in found] == ["I live in Rome.", "pet: cat"]
    assert {(event.actor, event.session, event.metadata["source"]) for event in found} == {("ada", "s1", "crm")}
    assert found[0].mentioned == NOON
    assert found[0].expires is not None
    assert timedelta(days=6) < found[0].expires - utc_now() < timedelta(days=8)


def test_strategies_make_records_of_what_is_ingested(talk: Talk) -> None:
    ingest(talk)
    bank = bank_of_resource(talk.id, "ada")
    talk.memory.portal.call(talk.memory.wait_idle(bank, seconds=20))

    page = talk.memory.portal.call(talk.memory.memories(bank, limit=10))

    assert {memory.namespace for memory in page.items if memory.strategy is not None} == {"/facts/ada/"}


def test_a_session_that_is_not_named_is_made_and_told(talk: Talk) -> None:
    sessions = [ingest(talk) for _ in range(2)]

    assert len(set(sessions)) == 2
    assert {event.session for event in kept(talk)} == set(sessions)


def test_a_token_sent_again_ingests_once(talk: Talk) -> None:
    first = ingest(talk, clientToken="t")

    assert ingest(talk, clientToken="t") == first
    assert len(kept(talk)) == 1
    with refused("ValidationException", "IdempotentParameterMismatchException"):
        ingest(talk, user("I live in Oslo."), clientToken="t")
    assert len(kept(talk)) == 1


def test_the_same_content_twice_is_ingested_twice(talk: Talk) -> None:
    for _ in range(2):
        ingest(talk, sessionId="s1")

    assert len(kept(talk)) == 2


def test_what_says_nothing_is_taken_and_not_remembered(talk: Talk) -> None:
    ingest(talk, user("22 °C", "TOOL"), {"json": {"content": {}}})

    assert kept(talk) == []


def test_at_most_a_hundred_kilobytes_are_ingested_at_once(talk: Talk) -> None:
    ingest(talk, user("x" * 100_000))
    with refused("ValidationException", "FieldValidationFailed") as told:
        ingest(talk, user("x" * 60_000), user("y" * 60_000))

    assert told[0]["fieldList"][0]["name"] == "source.inline.payload"
    assert len(kept(talk)) == 1


def test_variables_are_checked(server: Talk) -> None:
    by_tenant = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/{tenant}/{actorId}/"]}}
    talk = server.new(namespaceKeys=[{"key": "tenant"}], memoryStrategies=[by_tenant])

    with refused("ValidationException"):
        ingest(talk)
    ingest(talk, extractionConfig={"namespaceVariables": {"tenant": "acme"}})

    assert [event.metadata for event in kept(talk)] == [{"tenant": "acme"}]


@pytest.mark.parametrize(
    "given",
    [
        {"source": {"inline": {"payload": [user("hi")] * 101}}},
        {"actorId": "user@example.com"},
        {"sessionId": "a.b"},
        {"metadata": {f"k{number}": {"stringValue": "x"} for number in range(16)}},
    ],
)
def test_what_is_malformed_is_refused(talk: Talk, given: dict[str, Any]) -> None:
    with refused("ValidationException", "FieldValidationFailed"):
        ingest(talk, **given)
    with refused("ResourceNotFoundException"):
        ingest(talk, memoryId="Nobody-0123456789")

    assert kept(talk) == []
