"""What the metadata of a record must say."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.errors import BadQueryError
from duramen.records import Condition, Value
from duramen.records.conditions import hold

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
METADATA: dict[str, Value] = {"color": "green", "tags": ("a", "b"), "stars": 4.5, "seen": NOON}

HOLDS: list[tuple[str, str, Any]] = [
    ("color", "EQUALS_TO", "green"),
    ("tags", "EQUALS_TO", ("b", "a")),
    ("tags", "EQUALS_TO", ["a", "b"]),
    ("stars", "EQUALS_TO", 4.5),
    ("seen", "EQUALS_TO", NOON.astimezone(timezone(timedelta(hours=5)))),
    ("color", "EXISTS", None),
    ("colour", "NOT_EXISTS", None),
    ("seen", "BEFORE", NOON + timedelta(milliseconds=1)),
    ("seen", "AFTER", NOON - timedelta(milliseconds=1)),
    ("tags", "CONTAINS", "a"),
    ("tags", "CONTAINS", ("a", "b")),
    ("color", "CONTAINS", "ree"),
    ("stars", "GREATER_THAN", 4),
    ("stars", "GREATER_THAN_OR_EQUALS", 4.5),
    ("stars", "LESS_THAN", 5),
    ("stars", "LESS_THAN_OR_EQUALS", 4.5),
]

FAILS: list[tuple[str, str, Any]] = [
    ("color", "EQUALS_TO", "Green"),
    ("color", "EQUALS_TO", ("green",)),
    ("tags", "EQUALS_TO", "a"),
    ("tags", "EQUALS_TO", ("a",)),
    ("stars", "EQUALS_TO", "4.5"),
    ("stars", "EQUALS_TO", NOON),
    ("color", "NOT_EXISTS", None),
    ("colour", "EXISTS", None),
    ("seen", "BEFORE", NOON),
    ("seen", "AFTER", NOON),
    ("color", "BEFORE", NOON),
    ("tags", "CONTAINS", "c"),
    ("tags", "CONTAINS", ("a", "c")),
    ("stars", "CONTAINS", "4"),
    ("stars", "GREATER_THAN", 4.5),
    ("stars", "LESS_THAN", 4.5),
    ("color", "LESS_THAN", 5),
    ("seen", "GREATER_THAN", 1),
]


@pytest.mark.parametrize(("key", "operator", "value"), HOLDS)
def test_a_condition_holds(key: str, operator: Any, value: Any) -> None:
    assert Condition(key, operator, value).holds(METADATA)


@pytest.mark.parametrize(("key", "operator", "value"), FAILS)
def test_a_condition_fails(key: str, operator: Any, value: Any) -> None:
    assert not Condition(key, operator, value).holds(METADATA)


@pytest.mark.parametrize(("key", "operator", "value"), [one for one in HOLDS if one[1] != "NOT_EXISTS"])
def test_what_is_not_there_fails_all_but_not_exists(key: str, operator: Any, value: Any) -> None:
    assert not Condition(key, operator, value).holds({})


def test_all_conditions_must_hold() -> None:
    green, red = Condition("color", "EQUALS_TO", "green"), Condition("color", "EQUALS_TO", "red")
    assert hold([], METADATA)
    assert hold([green, Condition("stars", "LESS_THAN", 5)], METADATA)
    assert not hold([green, red], METADATA)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("EQUALS_TO", None),
        ("EQUALS_TO", True),
        ("EXISTS", "x"),
        ("NOT_EXISTS", ""),
        ("BEFORE", "2026-01-01"),
        ("AFTER", 5),
        ("CONTAINS", 5),
        ("CONTAINS", ()),
        ("CONTAINS", ("a", 1)),
        ("GREATER_THAN", "5"),
        ("LESS_THAN", float("nan")),
        ("LESS_THAN_OR_EQUALS", None),
        ("LIKE", "a"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(operator: Any, value: Any) -> None:
    with pytest.raises(BadQueryError, match="makes no sense"):
        Condition("key", operator, value)
