from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen_agentcore import AgentCoreConfig, RecallPolicy, RetentionPolicy, TurnContext

CONFIG = AgentCoreConfig(recall_budget="high", recall_max_tokens=300, tags=("configured",))
TURN = TurnContext("session-1", "ada", "support")


def test_a_recall_policy_takes_what_it_leaves_out_from_the_configuration() -> None:
    nothing = RecallPolicy().asked(CONFIG, TURN)
    half = RecallPolicy(budget="low").asked(CONFIG, TURN)

    assert (nothing["budget"], nothing["max_tokens"]) == ("high", 300)
    assert (half["budget"], half["max_tokens"]) == ("low", 300)


def test_a_recall_policy_passes_on_what_it_is_given() -> None:
    policy = RecallPolicy(
        budget="low", max_tokens=50, min_score=0.4, limit=3, kinds=["fact"], tags=["x"], tags_match="all_strict"
    )

    asked = policy.asked(CONFIG, TURN)

    assert {name: value for name, value in asked.items() if name != "at"} == {
        "budget": "low",
        "max_tokens": 50,
        "min_score": 0.4,
        "limit": 3,
        "kinds": ["fact"],
        "tags": ["x"],
        "tags_match": "all_strict",
    }


def test_the_time_of_the_turn_is_the_time_of_the_question() -> None:
    at = datetime(2026, 3, 1, tzinfo=timezone.utc)

    assert RecallPolicy().asked(CONFIG, TurnContext("s", "ada", at=at))["at"] == at


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "remember"},
        {"budget": "deep"},
        {"max_tokens": 0},
        {"min_score": 2},
        {"limit": -1},
        {"kinds": ["rumour"]},
        {"tags": "one"},
        {"tags_match": "some"},
    ],
)
def test_a_recall_policy_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        RecallPolicy(**wrong)


def test_a_retention_policy_adds_its_labels_to_those_of_the_turn_and_the_configuration() -> None:
    policy = RetentionPolicy(extra_tags=["extra"])

    assert policy.tags(CONFIG, TURN) == ("user:ada", "agent:support", "session:session-1", "configured", "extra")


def test_extra_metadata_becomes_text() -> None:
    policy = RetentionPolicy(
        context_label="ticket", extra_metadata={"n": 3, "none": None, "list": [1, "é"], "map": {"a": {1}}, "text": "t"}
    )

    metadata = policy.metadata(TURN)

    assert metadata["context_label"] == "ticket"
    assert metadata["user_id"] == "ada"
    assert (metadata["n"], metadata["none"], metadata["text"]) == ("3", "None", "t")
    assert (metadata["list"], metadata["map"]) == ('[1, "é"]', '{"a": "{1}"}')


@pytest.mark.parametrize("wrong", [{"extra_tags": "one"}, {"extra_tags": [" "]}, {"extra_metadata": {1: "x"}}])
def test_a_retention_policy_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        RetentionPolicy(**wrong)
