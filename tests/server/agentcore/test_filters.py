"""What is asked of records: one namespace or a path, and conditions on the keys that can be asked for."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from duramen.records import CREATED, ORIGIN, Condition, Where
from duramen.records.keeping import BY_HAND as OF_NONE
from duramen.server.agentcore.failing import WireError
from duramen.server.agentcore.filters import BY_HAND, conditions_of, where_of
from duramen.server.agentcore.kept import KeptMemory
from duramen.server.agentcore.metadata import metadata_of, schema_keys, written_metadata

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
KEPT = KeptMemory(
    resource="Notes-0123456789",
    id="Notes-0123456789",
    said={
        "indexedKeys": [
            {"key": "mood", "type": "STRING"},
            {"key": "tags", "type": "STRINGLIST"},
            {"key": "stars", "type": "NUMBER"},
        ]
    },
)


def one(key: str, operator: str, **value: Any) -> dict[str, Any]:
    """Return a filter as it is sent; `value` is the union to compare with."""
    right = {"right": {"metadataValue": value}} if value else {}
    return {"left": {"metadataKey": key}, "operator": operator, **right}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (one("mood", "EQUALS_TO", stringValue="glad"), Condition("mood", "EQUALS_TO", "glad")),
        (one("stars", "EQUALS_TO", numberValue=3), Condition("stars", "EQUALS_TO", 3.0)),
        (one("mood", "EXISTS"), Condition("mood", "EXISTS")),
        (one("tags", "NOT_EXISTS"), Condition("tags", "NOT_EXISTS")),
        (one("tags", "CONTAINS", stringValue="a"), Condition("tags", "CONTAINS", "a")),
        (one("tags", "CONTAINS", stringListValue=["a", "b"]), Condition("tags", "CONTAINS", ("a", "b"))),
        (one("mood", "CONTAINS", stringValue="gl"), Condition("mood", "CONTAINS", "gl")),
        (one("stars", "GREATER_THAN", numberValue=3), Condition("stars", "GREATER_THAN", 3.0)),
        (one("stars", "GREATER_THAN_OR_EQUALS", numberValue=3), Condition("stars", "GREATER_THAN_OR_EQUALS", 3.0)),
        (one("stars", "LESS_THAN", numberValue=0.5), Condition("stars", "LESS_THAN", 0.5)),
        (one("stars", "LESS_THAN_OR_EQUALS", numberValue=-1), Condition("stars", "LESS_THAN_OR_EQUALS", -1.0)),
        (one("mood", "BEFORE", dateTimeValue=NOON), Condition("mood", "BEFORE", NOON)),
        (
            one("x-amz-agentcore-memory-createdAt", "AFTER", dateTimeValue=NOON),
            Condition(CREATED, "AFTER", NOON),
        ),
        (
            one("x-amz-agentcore-memory-recordType", "EQUALS_TO", stringValue="EXTRACTED"),
            Condition(ORIGIN, "EQUALS_TO", "EXTRACTED"),
        ),
    ],
)
def test_a_filter_is_a_condition_of_the_engine(sent: dict[str, Any], meant: Condition) -> None:
    assert conditions_of(KEPT, [sent], "metadataFilters") == (meant,)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (one("colour", "EQUALS_TO", stringValue="red"), "left"),
        (one("duramen:created", "EXISTS"), "left"),
        (one("x-amz-agentcore-memory-actorId", "EXISTS"), "left"),
        (one("mood", "EQUALS_TO"), "right"),
        (one("mood", "EQUALS_TO", numberValue=1), "right"),
        (one("mood", "EXISTS", stringValue="glad"), "right"),
        (one("tags", "EQUALS_TO", stringValue="a"), "operator"),
        (one("stars", "CONTAINS", stringValue="3"), "operator"),
        (one("stars", "LESS_THAN", stringValue="3"), "right"),
        (one("stars", "AFTER", dateTimeValue=NOON), "operator"),
        (one("mood", "GREATER_THAN", numberValue=1), "operator"),
        (one("x-amz-agentcore-memory-createdAt", "EQUALS_TO", stringValue="today"), "right"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told_where_it_does_not(sent: dict[str, Any], name: str) -> None:
    with pytest.raises(WireError) as caught:
        conditions_of(KEPT, [one("mood", "EXISTS"), sent], "metadataFilters")

    assert (caught.value.status, caught.value.code) == (400, "ValidationException")
    assert [field.name for field in caught.value.fields] == [f"metadataFilters.1.{name}"]


def test_a_memory_without_indexed_keys_can_be_asked_for_those_of_the_service() -> None:
    bare = KeptMemory(resource="r", id="r", said={})

    with pytest.raises(WireError, match="x-amz-agentcore-memory-createdAt"):
        conditions_of(bare, [one("mood", "EXISTS")], "metadataFilters")
    assert conditions_of(bare, [one("x-amz-agentcore-memory-updatedAt", "EXISTS")], "metadataFilters")


def test_a_namespace_or_a_path_gets_its_slashes() -> None:
    assert where_of(KEPT, {"namespace": "facts/ada"}, strategy=None, filters=()) == Where(namespace="/facts/ada/")
    assert where_of(KEPT, {"namespacePath": "/"}, strategy="x", filters=()) == Where(path="/", strategy="x")


def test_records_that_no_strategy_made_can_be_asked_for() -> None:
    assert where_of(KEPT, {"namespacePath": "/"}, strategy=BY_HAND, filters=()).strategy == OF_NONE


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["namespace", "namespacePath"]),
        ({"namespace": "/a/", "namespacePath": "/a/"}, ["namespace", "namespacePath"]),
        ({"namespace": "/facts/*"}, ["namespace"]),
        ({"namespacePath": "/facts//ada"}, ["namespacePath"]),
    ],
)
def test_no_namespace_two_and_one_that_is_none_are_refused(given: dict[str, str], names: list[str]) -> None:
    with pytest.raises(WireError) as caught:
        where_of(KEPT, given, strategy=None, filters=())

    assert [field.name for field in caught.value.fields] == names


def test_metadata_comes_back_as_it_was_sent() -> None:
    sent: dict[str, Any] = {
        "a": {"stringValue": "x"},
        "b": {"stringListValue": ["x", "y"]},
        "c": {"numberValue": 2.5},
        "d": {"dateTimeValue": NOON},
        "e": {"numberValue": 0},
    }

    assert written_metadata(metadata_of(sent)) == sent
    assert written_metadata({}) is None


def test_a_schema_names_the_keys_of_records_and_of_reflections() -> None:
    def schema(*keys: str) -> dict[str, Any]:
        return {"memoryRecordSchema": {"metadataSchema": [{"key": key} for key in keys]}}

    reflecting = {"configuration": {"reflection": {"episodicReflectionConfiguration": schema("c")}}}

    assert schema_keys({**schema("a", "b"), **reflecting}) == frozenset("abc")
    assert schema_keys({"name": "facts"}) is None
