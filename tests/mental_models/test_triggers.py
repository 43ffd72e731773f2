from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen.mental_models.triggers import checked, groups_in, kinds_in, next_time
from duramen.types import AllOf, AnyOf, NoneOf, Tagged

SUNDAY = datetime(2026, 3, 1, 12, 0, 30, tzinfo=timezone.utc)


def test_a_trigger_is_kept_without_what_is_none() -> None:
    whole = {
        "mode": "delta",
        "budget": "high",
        "refresh_after_consolidation": True,
        "full_refresh_cron": "0 3 * * 0",
        "min_refresh_interval_seconds": 0,
        "fact_types": ["world", "observation"],
        "tags_match": "any_strict",
        "tag_groups": [{"tags": ["a"]}],
        "recall_max_tokens": 100,
        "keep_trace": True,
        "exclude_mental_models": True,
        "exclude_mental_model_ids": ["home"],
        "include_chunks": False,
        "recall_chunks_max_tokens": 10,
        "reflect_search_observations_max_tokens": 10,
        "reflect_search_observations_include_entities": True,
        "response_schema": {"type": "object"},
    }

    assert checked({**whole, "refresh_cron": None}) == whole
    assert checked(None) == {}
    assert checked({"refresh_after_consolidation": False, "refresh_cron": "0 6 * * *"})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"mode": "quick"}, "'full', 'delta'"),
        ({"every": 3}, "no 'every'"),
        ({"refresh_after_consolidation": True, "refresh_cron": "0 6 * * *"}, "Give one of them"),
        ({"refresh_cron": "0 6 * *"}, "Give five fields"),
        ({"refresh_cron": "0 0 6 * * *"}, "Give five fields"),
        ({"refresh_cron": "61 6 * * *"}, "Give five fields"),
        ({"refresh_cron": "0 6 31 2 *"}, "Give five fields"),
        ({"full_refresh_cron": "soon"}, "Give five fields"),
        ({"refresh_cron": ""}, "refresh_cron"),
        ({"min_refresh_interval_seconds": -1}, "0 or more"),
        ({"min_refresh_interval_seconds": 1.5}, "whole number"),
        ({"fact_types": ["opinion"]}, "'world', 'experience', 'observation'"),
        ({"fact_types": "world"}, "a list"),
        ({"tags_match": "some"}, "all_strict"),
        ({"tag_groups": [{}]}, "no tag group"),
        ({"tag_groups": [{"tags": "a"}]}, "no tag group"),
        ({"tag_groups": [{"tags": ["a"], "match": "some"}]}, "no tag group"),
        ({"keep_trace": "yes"}, "true or false"),
        ([], "a mapping"),
    ],
    ids=str,
)
def test_what_is_no_trigger_is_refused(wrong: Any, told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        checked(wrong)


def test_groups_that_stand_too_deep_in_each_other_are_refused() -> None:
    group: dict[str, Any] = {"tags": ["a"]}
    for _ in range(10):
        group = {"not": group}

    with pytest.raises(BadInputError, match="10 deep"):
        checked({"tag_groups": [group]})


def test_groups_are_read_as_they_stand_in_each_other() -> None:
    told = [{"and": [{"tags": ["a"]}, {"or": [{"tags": ["b"], "match": "exact"}]}, {"not": {"tags": ["c"]}}]}]

    assert groups_in({"tag_groups": told}) == (
        AllOf(
            (
                Tagged(frozenset({"a"})),
                AnyOf((Tagged(frozenset({"b"}), "exact"),)),
                NoneOf(Tagged(frozenset({"c"}))),
            )
        ),
    )
    assert groups_in({}) == ()


def test_types_of_facts_are_kinds_of_memories() -> None:
    assert kinds_in({"fact_types": ["world", "experience"]}) == ["fact", "experience"]
    assert kinds_in({}) is kinds_in({"fact_types": []}) is None


@pytest.mark.parametrize(
    ("cron", "at"),
    [
        ("* * * * *", "2026-03-01T12:01:00+00:00"),
        ("30 6 * * *", "2026-03-02T06:30:00+00:00"),
        ("0 12 * * SUN", "2026-03-08T12:00:00+00:00"),
        ("0 0 29 2 *", "2028-02-29T00:00:00+00:00"),
    ],
)
def test_the_next_time_is_behind_now_and_in_utc(cron: str, at: str) -> None:
    elsewhere = SUNDAY.astimezone(timezone(timedelta(hours=-8)))

    assert next_time(cron, SUNDAY).isoformat() == next_time(cron, elsewhere).isoformat() == at
