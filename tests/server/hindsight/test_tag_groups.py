from __future__ import annotations

from typing import Any

import pytest

from duramen.errors import BadQueryError
from duramen.server.hindsight.tag_groups import groups_in, groups_of
from duramen.types import AllOf, AnyOf, NoneOf, Tagged


def test_groups_are_read_with_all_that_is_in_them() -> None:
    groups = [
        {"tags": ["a"]},
        {"and": [{"tags": ["b"], "match": "exact"}, {"or": [{"not": {"tags": ["c"], "resolve": "exact"}}]}]},
    ]

    assert groups_of(groups) == (
        Tagged(frozenset({"a"}), "any_strict"),
        AllOf((Tagged(frozenset({"b"}), "exact"), AnyOf((NoneOf(Tagged(frozenset({"c"}), "any_strict")),)))),
    )


def test_no_groups_select_all() -> None:
    assert groups_of(None) == groups_of([]) == groups_in(None) == ()


def test_groups_of_a_query_parameter_are_json() -> None:
    assert groups_in('[{"tags": ["a"]}]') == (Tagged(frozenset({"a"}), "any_strict"),)


def nested(depth: int) -> dict[str, Any]:
    group: dict[str, Any] = {"tags": ["a"]}
    for _ in range(depth):
        group = {"not": group}
    return group


@pytest.mark.parametrize(
    "group",
    ["a", {}, {"tags": "a"}, {"tags": [1]}, {"tags": ["a"], "match": "some"}, {"and": {}}, {"not": []}, nested(30)],
)
def test_what_is_no_group_is_refused(group: Any) -> None:
    with pytest.raises(BadQueryError):
        groups_of([group])


@pytest.mark.parametrize("text", ["", "{", "{}", "3", "[" * 100_000])
def test_what_is_no_json_list_is_refused(text: str) -> None:
    with pytest.raises(BadQueryError):
        groups_in(text)
