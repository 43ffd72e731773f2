from __future__ import annotations

from typing import Any

import pytest

from duramen import BadInputError, MemoryEngine
from duramen_langgraph._filters import check_filter, passes
from duramen_langgraph.store import DuramenStore

VALUE: dict[str, Any] = {
    "text": "tea",
    "cups": 3,
    "price": "4.99",
    "when": "2026-03-01",
    "hot": True,
    "none": None,
    "tags": ["a", "b"],
    "maker": {"name": "Ada", "since": 1999, "town": {"name": "Lisbon"}},
    "$odd": 1,
}


@pytest.mark.parametrize(
    ("conditions", "result"),
    [
        (None, True),
        ({}, True),
        ({"text": "tea"}, True),
        ({"text": "Tea"}, False),
        ({"text": "tea", "cups": 4}, False),
        ({"cups": 3.0}, True),
        ({"missing": "x"}, False),
        ({"missing": None}, True),
        ({"none": None}, True),
        ({"text": None}, False),
        ({"tags": ["a", "b"]}, True),
        ({"tags": ("a", "b")}, True),
        ({"tags": ["b", "a"]}, False),
        ({"tags": ["a"]}, False),
        ({"tags": "a"}, False),
        ({"text": ["tea"]}, False),
        ({"tags": ["a", {"$ne": "c"}]}, True),
        ({"maker": {"name": "Ada"}}, True),
        ({"maker": {"name": "Ada", "town": {"name": "Porto"}}}, False),
        ({"maker": {"town": {"name": {"$ne": "Porto"}}}}, True),
        ({"maker": {"since": {"$lt": 2000}}}, True),
        ({"text": {"name": "Ada"}}, False),
        ({"maker": {}}, True),
        ({"text": {}}, False),
        ({"$odd": 1}, True),
        ({"maker.name": "Ada"}, False),
        ({"text'] OR 1=1 --": "x"}, False),
        ({"text": "x' OR '1'='1"}, False),
    ],
)
def test_a_condition_is_a_value_to_be_equal_to(conditions: Any, result: bool) -> None:
    assert passes(VALUE, conditions) is result


@pytest.mark.parametrize(
    ("field", "operators", "result"),
    [
        ("cups", {"$eq": 3}, True),
        ("cups", {"$ne": 3}, False),
        ("cups", {"$gt": 2}, True),
        ("cups", {"$gt": 3}, False),
        ("cups", {"$gte": 3}, True),
        ("cups", {"$lt": 3}, False),
        ("cups", {"$lte": 3}, True),
        ("cups", {"$gt": 1, "$lt": 3}, False),
        ("cups", {"$gt": "2"}, True),
        ("price", {"$gt": 4.5}, True),
        ("price", {"$lt": "10"}, True),
        ("when", {"$gte": "2026-01-01", "$lt": "2026-04-01"}, True),
        ("when", {"$gt": "2026-03-01"}, False),
        ("text", {"$gt": 1}, False),
        ("text", {"$lt": 1}, False),
        ("tags", {"$eq": ["a", "b"]}, True),
        ("tags", {"$eq": ("a", "b")}, True),
        ("maker", {"$eq": {"name": "Ada"}}, False),
        ("missing", {"$eq": None}, True),
        ("missing", {"$ne": 1}, True),
        ("missing", {"$gt": 1}, False),
        ("missing", {"$lte": 1}, False),
        ("none", {"$gte": 0}, False),
        ("tags", {"$gt": 0}, False),
        ("maker", {"$lt": 0}, False),
        ("cups", {"$gt": None}, False),
        ("cups", {"$gt": [1]}, False),
        ("cups", {"$lt": 10**400}, False),
    ],
)
def test_operators_compare_what_can_be_compared_and_never_raise(
    field: str, operators: dict[str, Any], result: bool
) -> None:
    assert passes(VALUE, {field: operators}) is result


@pytest.mark.parametrize(
    "conditions",
    [
        {"cups": {"$in": [1]}},
        {"cups": {"$gt": 1, "$between": 2}},
        {"cups": {"$gt": 1, "name": 2}},
        {"maker": {"since": {"$exists": True}}},
        {"tags": ["a", {"$regex": "b"}]},
    ],
)
def test_an_unknown_operator_is_an_error_wherever_it_stands(conditions: Any) -> None:
    with pytest.raises(ValueError, match="not known"):
        check_filter(conditions)


async def test_an_unknown_operator_is_an_error_even_where_there_is_nothing_to_find(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)

    with pytest.raises(BadInputError, match=r"\$in"):
        await store.asearch(("none",), filter={"cups": {"$in": [1]}})
    with pytest.raises(BadInputError, match="Give a dictionary"):
        await store.asearch(("none",), filter=["cups"])  # type: ignore[arg-type]  # which is what is tried
