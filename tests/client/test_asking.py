from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.client.asking import MOST_TOKENS, recall_body, reflect_body, shortened
from duramen.errors import UnsupportedError
from duramen.language.tokens import count_tokens
from duramen.recall.asking import Asked, query_of
from duramen.types import AllOf, AnyOf, NoneOf, Tagged

AT = datetime(2025, 3, 1, 12, tzinfo=timezone.utc)


def body(*, ours: bool = False, **asked: Any) -> dict[str, Any]:
    given: Asked = asked  # type: ignore[assignment]  # options, passed through
    return recall_body(query_of("Where?", **given), ours=ours, asked=given)


def test_what_was_not_asked_for_is_not_sent() -> None:
    assert body() == {"query": "Where?", "budget": "mid", "max_tokens": 1500, "include": {"entities": None}}


def test_options_are_sent_under_the_names_of_the_api() -> None:
    sent = body(budget="high", at=AT, since=AT, tags=["b", "a"], tags_match="all_strict", kinds=["observation"])

    assert sent["query_timestamp"] == "2025-03-01T12:00:00+00:00"
    assert sent["temporal_window"]["start"] == "2025-03-01T12:00:00+00:00"
    assert sent["temporal_window"]["end"].startswith("9999")
    assert (sent["tags"], sent["tags_match"], sent["types"]) == (["a", "b"], "all_strict", ["observation"])
    assert sent["budget"] == "high"


def test_tags_and_groups_go_together_as_groups() -> None:
    either = AnyOf((Tagged(frozenset({"x"})), NoneOf(Tagged(frozenset({"y"}), "all"))))

    sent = body(tags=["a"], tag_groups=[AllOf((either,))])

    assert "tags" not in sent
    assert sent["tag_groups"] == [
        {"tags": ["a"], "match": "any"},
        {"and": [{"or": [{"tags": ["x"], "match": "any_strict"}, {"not": {"tags": ["y"], "match": "all"}}]}]},
    ]


def test_more_is_asked_for_where_something_is_filtered_here() -> None:
    assert body(session="s")["max_tokens"] == 4 * body()["max_tokens"]
    assert body(kinds=["experience"])["types"] == ["experience", "world"]


def test_a_least_score_is_sent_only_where_scores_are_calibrated() -> None:
    assert body(ours=True, min_score=0.3)["min_scores"] == {"final": 0.3}
    assert "min_scores" not in body(min_score=0.3)
    assert body(min_arm_scores={"semantic": 0.5})["min_scores"] == {"semantic": 0.5}


@pytest.mark.parametrize(
    "asked",
    [
        {"namespaces": "/a/"},
        {"namespaces": []},
        {"ids": ["m"]},
        {"ids": []},
        {"as_of": AT},
        {"kinds": ["summary"]},
        {"arms": {"graph": False}},
        {"min_arm_scores": {"graph": 0.1}},
    ],
)
def test_what_the_api_has_nothing_for_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError):
        body(**asked)


def test_what_strategies_made_is_asked_of_a_server_of_ours_as_observations() -> None:
    assert body(ours=True, kinds=["summary", "fact"])["types"] == ["experience", "world", "observation"]


def test_a_reflection_takes_less_than_a_recall() -> None:
    query = query_of("Where?", session="s")

    with pytest.raises(UnsupportedError, match="`session`"):
        reflect_body(query, None, ours=True, asked={"session": "s"})


@given(st.text(st.sampled_from("ab \u732b?\n\u0301"), min_size=1, max_size=3000))
def test_a_long_query_keeps_its_end(text: str) -> None:
    kept = shortened(text)

    assert text.endswith(kept)
    assert count_tokens(kept) <= MOST_TOKENS
    assert kept == text or count_tokens(kept) > MOST_TOKENS // 4
