"""Names and values of a configuration, and what is told about those that are wrong."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hindsight_client import Hindsight
from hindsight_client_api.models.create_bank_request import CreateBankRequest

from duramen.errors import BadInputError
from duramen.profiles.checking import faults
from duramen.profiles.config import ARMS, KNOWN, check, check_together

OF_A_PROFILE = {"name", "mission", "background", "disposition"}


def test_all_that_a_client_can_set_up_is_known() -> None:
    updates = set(inspect.signature(Hindsight.update_bank_config).parameters) - {"self", "bank_id"}
    created = set(CreateBankRequest.model_fields)

    assert (updates | created) - OF_A_PROFILE <= KNOWN.keys()


def test_every_name_says_what_it_does_or_why_it_does_nothing() -> None:
    for name, setting in KNOWN.items():
        assert bool(setting.does) != bool(setting.why), name


def test_every_default_can_be_given() -> None:
    for name, setting in KNOWN.items():
        assert setting.default is None or not list(faults(setting.default, setting.schema, name)), name


def test_every_arm_is_switched_by_a_known_name() -> None:
    assert ARMS.keys() <= KNOWN.keys()
    assert set(ARMS.values()) <= {"semantic", "keyword", "graph", "temporal"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retain_extraction_mode", "verbatim"),
        ("retain_chunk_size", 100),
        ("retain_chunk_size", 100_000),
        ("enable_observations", False),
        ("recall_budget_adaptive_low", 1),
        ("default_observation_scopes", "per_tag"),
        ("default_observation_scopes", [["user:*"], []]),
        ("mcp_enabled_tools", ["recall"]),
        ("memory_defense", {"rules": [1, None, {"a": True}]}),
        ("reflect_mission", None),
    ],
)
def test_good_values_are_taken_as_they_are(name: str, value: Any) -> None:
    assert check({name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retain_extraction_mode", "quick"),
        ("retain_extraction_mode", ["concise"]),
        ("retain_chunk_size", 99),
        ("retain_chunk_size", 100_001),
        ("retain_chunk_size", True),
        ("retain_chunk_size", 3000.0),
        ("enable_observations", 1),
        ("enable_observations", "false"),
        ("recall_budget_adaptive_low", 0),
        ("recall_budget_adaptive_low", float("nan")),
        ("recall_budget_adaptive_low", float("inf")),
        ("default_observation_scopes", "each"),
        ("default_observation_scopes", [["a"], "b"]),
        ("mcp_enabled_tools", "recall"),
        ("reflect_mission", "x" * 20_001),
        ("memory_defense", {"enabled": True}),
        ("store_document_text", False),
        ("memory_defense", {"a": ["\ud800"]}),
        ("memory_defense", {"a\0": 1}),
        ("memory_defense", {1: 2}),
    ],
)
def test_a_value_that_cannot_stand_there_is_told_with_its_name(name: str, value: Any) -> None:
    with pytest.raises(BadInputError, match=f"`{name}`"):
        check({name: value})


def test_a_protection_that_is_not_there_is_refused_with_the_reason() -> None:
    with pytest.raises(BadInputError, match="kept word for word"):
        check({"store_document_text": False})
    with pytest.raises(BadInputError, match="not searched for secrets"):
        check({"memory_defense": {"enabled": True, "rules": []}})


def test_a_name_that_there_is_not_is_told_with_those_near_it() -> None:
    with pytest.raises(BadInputError, match=r"'enable_observation'.*'enable_observations'"):
        check({"enable_observation": True})


def test_a_name_near_none_is_told_where_the_names_are() -> None:
    with pytest.raises(BadInputError, match="KNOWN"):
        check({"zzz": 1})


def test_a_name_may_be_written_as_an_environment_variable() -> None:
    assert check({"HINDSIGHT_API_RETAIN_CHUNK_SIZE": 500}) == {"retain_chunk_size": 500}


def test_what_is_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"in": deep}

    with pytest.raises(BadInputError, match="too deep"):
        check({"memory_defense": deep})


def test_bounds_must_hold_together() -> None:
    check_together({"recall_budget_min": 20, "recall_budget_max": 20})

    with pytest.raises(BadInputError, match="recall_budget_min"):
        check_together({"recall_budget_min": 3000})
