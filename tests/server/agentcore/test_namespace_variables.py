"""Variables of namespaces that are the user's own: declared by the memory, given with each event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duramen.strategies.resources import bank_of_resource
from tests.server.agentcore.talking import Talk, refused, talking, user

KEYS = [
    {"key": "tenant", "validation": {"allowedValues": ["acme", "umbrella"]}},
    {"key": "project", "validation": {"regexPattern": "p-[0-9]+"}},
    {"key": "region"},
]
BY_TENANT = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/{tenant}/facts/{actorId}/"]}}


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    return server.new(namespaceKeys=KEYS, memoryStrategies=[BY_TENANT])


def by(**variables: str) -> dict[str, Any]:
    return {"extractionConfig": {"namespaceVariables": variables}}


def filed(talk: Talk) -> list[tuple[str | None, str]]:
    bank = bank_of_resource(talk.id, "ada")
    talk.memory.portal.call(talk.memory.wait_idle(bank, seconds=20))
    page = talk.memory.portal.call(talk.memory.memories(bank, limit=100))
    return sorted((one.namespace, one.text) for one in page.items if one.strategy is not None)


def test_what_is_made_of_an_event_is_filed_by_its_variables(talk: Talk) -> None:
    talk.say("I live in Rome.", **by(tenant="acme"))
    talk.say("I live in Oslo.", sessionId="s2", **by(tenant="umbrella"))

    places = filed(talk)

    assert {place for place, _ in places} == {"/acme/facts/ada/", "/umbrella/facts/ada/"}
    assert all(("Rome" in text) == (place == "/acme/facts/ada/") for place, text in places)


def test_variables_are_no_metadata_of_the_event(talk: Talk) -> None:
    event = talk.say("I live in Rome.", **by(tenant="acme"))

    condition = {"left": {"metadataKey": "tenant"}, "operator": "EXISTS"}
    assert "metadata" not in event
    assert talk.events(filter={"eventMetadata": [condition]})["events"] == []


def test_fifteen_entries_of_metadata_and_variables_fit_together(talk: Talk) -> None:
    metadata = {f"k{number}": {"stringValue": "x"} for number in range(15)}

    event = talk.say("I live in Rome.", metadata=metadata, **by(tenant="acme", project="p-1", region="eu"))

    assert event["metadata"] == metadata


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "tenant"),
        ({"metadata": {"tenant": {"stringValue": "acme"}}}, "tenant"),
        (by(region="eu"), "tenant"),
        (by(tenant="initech"), "tenant"),
        (by(tenant="acme", project="p-x"), "project"),
        (by(tenant="acme", project="p-1x"), "project"),
        (by(tenant="acme", floor="3"), "floor"),
        ({**by(tenant="acme"), "metadata": {"tenant": {"stringValue": "umbrella"}}}, "tenant"),
    ],
)
def test_a_variable_that_is_missing_not_declared_or_not_allowed_is_refused(
    talk: Talk, given: dict[str, Any], name: str
) -> None:
    with refused("ValidationException", "FieldValidationFailed") as told:
        talk.say("I live in Rome.", **given)

    assert [field["name"] for field in told[0]["fieldList"]] == [f"extractionConfig.namespaceVariables.{name}"]
    assert talk.events()["events"] == []


def test_a_variable_may_be_missing_where_nothing_is_remembered(talk: Talk) -> None:
    talk.say("I live in Rome.", extractionMode="SKIP")
    talk.say([{"blob": {"state": 1}}])
    talk.say([user("22 °C", "TOOL")])

    assert len(talk.events()["events"]) == 3
    assert filed(talk) == []


def test_a_replay_with_other_variables_is_a_mismatch(talk: Talk) -> None:
    first = talk.say("I live in Rome.", clientToken="t", **by(tenant="acme"))

    assert talk.say("I live in Rome.", clientToken="t", **by(tenant="acme")) == first
    with refused("ValidationException", "IdempotentParameterMismatchException"):
        talk.say("I live in Rome.", clientToken="t", **by(tenant="umbrella"))


def test_a_memory_without_keys_takes_no_variables(server: Talk) -> None:
    talk = server.new()

    with refused("ValidationException", "FieldValidationFailed"):
        talk.say("I live in Rome.", **by(tenant="acme"))
