"""What the rules of consolidation decide by the texts alone, on pairs written for it."""

from __future__ import annotations

import pytest

from duramen.jobs.consolidation import judge
from tests.jobs.consolidation_cases import SKIP, SUPERSEDE, UPDATE, beside, memory
from tests.jobs.consolidation_others import ADD


def decided(known: str, candidate: str) -> str:
    return judge(beside(memory(candidate), memory(known, "2025-05-17"))).decision


@pytest.mark.parametrize(("known", "candidate"), SKIP)
def test_what_says_nothing_new_is_skipped(known: str, candidate: str) -> None:
    assert decided(known, candidate) == "skip"


@pytest.mark.parametrize(("known", "candidate"), UPDATE)
def test_what_says_the_same_and_more_takes_the_place(known: str, candidate: str) -> None:
    assert decided(known, candidate) == "update"


@pytest.mark.parametrize(("known", "candidate"), SUPERSEDE)
def test_what_says_otherwise_supersedes(known: str, candidate: str) -> None:
    assert decided(known, candidate) == "supersede"


@pytest.mark.parametrize(("known", "candidate"), ADD)
def test_another_matter_is_added_however_alike_it_sounds(known: str, candidate: str) -> None:
    assert decided(known, candidate) == "add"


@pytest.mark.parametrize(
    ("known", "candidate"),
    [
        ("Ada wohnt in Bonn.", "Ada wohnt nicht mehr in Bonn."),
        ("Ada mag Fisch.", "Ada mag keinen Fisch."),
        ("Ada aime le poisson.", "Ada n'aime pas le poisson."),
        ("アダは魚が好きです。", "アダは魚が嫌いです。"),
    ],
)
def test_what_cannot_be_read_hides_nothing(known: str, candidate: str) -> None:
    assert decided(known, candidate) == "add"


def test_another_language_is_still_known_by_its_words() -> None:
    assert decided("Im Mai war Ada in Bonn bei Jan.", "Ada war im Mai bei Jan in Bonn.") == "skip"
