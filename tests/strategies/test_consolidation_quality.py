"""The rules of consolidation on cases that somebody else wrote, measured: figures may rise, not fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from duramen.ledger import Decision
from tests.strategies.scoring_consolidation import DECISIONS, Case, load_consolidation, score_consolidation

CASES = Path(__file__).parent / "data" / "consolidation.json"

ACCURACY = {"dev": 1.0, "held": 0.55}
"""Least share of cases decided as expected, by part; the rules were made with an eye on `dev` only."""

KEPT = {"dev": 1.0, "held": 0.95}
"""Least share of what is to be added where nothing was hidden."""

PRECISION: dict[str, dict[Decision, float]] = {
    "dev": {"add": 1.0, "skip": 1.0, "update": 1.0, "supersede": 1.0},
    "held": {"add": 0.35, "skip": 0.9, "update": 0.85, "supersede": 0.9},
}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return load_consolidation(CASES)


@pytest.mark.parametrize("part", ["dev", "held"])
def test_decisions_are_as_good_as_they_were(cases: list[Case], part: str) -> None:
    score = score_consolidation([case for case in cases if case.part == part])

    assert score.accuracy >= ACCURACY[part], str(score)
    assert score.kept >= KEPT[part], str(score)
    assert all(score.precision(each) >= PRECISION[part][each] for each in DECISIONS), str(score)


def test_both_parts_have_cases_of_every_decision(cases: list[Case]) -> None:
    found = {(case.part, case.decision) for case in cases}

    assert found == {(part, decision) for part in ("dev", "held") for decision in DECISIONS}
