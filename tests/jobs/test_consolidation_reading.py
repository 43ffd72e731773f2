"""Memories taken apart: whom they are about, what they say, when, and what is over."""

from __future__ import annotations

from datetime import timezone

import pytest

from duramen.jobs.consolidation_reading import read, same_words
from duramen.types import Interval
from tests.jobs.consolidation_cases import memory


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("Ada's sister lives in Lisbon.", {"sister"}),
        ("Noor and Idris are engaged.", {"noor", "idri"}),
        ("The rent of the flat is 780 euros.", {"rent"}),
        ("The user's cat Mimi is ill.", {"cat", "mimi"}),
        ("Since March the shop stays shut.", {"shop"}),
        ("There is a team meeting on Monday.", set()),
        ("Prefers trains to planes.", {"user"}),
        ("I live in Porto.", {"user"}),
    ],
)
def test_a_statement_is_about_its_subject(text: str, heads: set[str]) -> None:
    assert read(memory(text)).heads == heads


@pytest.mark.parametrize(
    ("text", "verb", "tense"),
    [
        ("The team meets on Mondays.", "meet", "present"),
        ("The test environment runs on Python 3.11.", "run", "present"),
        ("Imani ran a marathon.", "run", "past"),
        ("Ola has moved to Bonn.", "move", "perfect"),
        ("The user is going to move.", "move", "future"),
        ("The tool is written in Rust.", "write", "present"),
        ("The invoice has been paid.", "pay", "perfect"),
        ("Ada is a nurse.", "be", "present"),
        ("The roof leaks.", "leak", "present"),
    ],
)
def test_the_verb_and_its_time_are_found(text: str, verb: str, tense: str) -> None:
    found = read(memory(text))

    assert (found.verb, found.tense) == (verb, tense)


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("Ada no longer lives in Porto.", {"live", "porto"}),
        ("The company switched its messages from Slack to Matrix.", {"slack"}),
        ("The team replaced Jenkins with GitLab.", {"jenkin"}),
        ("The colour is orange rather than green.", {"green"}),
        ("The user doesn't like sushi any more.", {"like", "sushi"}),
        ("Beatriz dropped law and is training as a carpenter.", {"law"}),
        ("The user gave the rabbits away.", {"rabbit"}),
        ("Ada lives in Porto.", set()),
    ],
)
def test_what_is_told_to_be_over_is_marked(text: str, over: set[str]) -> None:
    assert {word.term for word in read(memory(text)).words if word.old} == over


@pytest.mark.parametrize(
    "text",
    ["at half past nine", "at 9:30", "at 9.30 am", "at 9:30 pm", "at 09:30 a.m."],
)
def test_a_time_of_day_is_one_however_it_is_written(text: str) -> None:
    words = read(memory(f"The team meets {text}.")).words

    assert [word.term for word in words if word.sort == "clock"] in (["xclock9:30"], ["xclock09:30"])


def test_numbers_are_the_same_in_words_and_digits() -> None:
    assert read(memory("Ada has eleven hens.")).terms == read(memory("Ada has 11 hens.")).terms
    assert "1240" in read(memory("The bill is 1,240 euros.")).terms
    assert "0555010100" in read(memory("The number is 0555 010 100.")).terms


def test_a_date_without_a_year_lies_ahead_of_a_plan_and_behind_what_was() -> None:
    (plan,) = read(memory("The deadline is 15 May.", "2025-01-10")).dates
    (past,) = read(memory("Ada came on 15 May.", "2025-01-10")).dates

    assert (plan.start.year, past.start.year) == (2025, 2024)


def test_a_leap_day_without_a_year_has_a_next_one() -> None:
    (plan,) = read(memory("The party is on 29 February.", "2024-06-10")).dates

    assert plan.start.date().isoformat() in ("2025-02-28", "2028-02-29")


def test_the_time_of_a_memory_is_its_date_if_its_text_has_none() -> None:
    one = memory("Ada visited Porto.")
    when = Interval(one.mentioned, one.stored.astimezone(timezone.utc))

    (date,) = read(memory("Ada visited Porto.", occurred=when)).dates

    assert (date.start, date.end) == (when.start, when.end)


def test_a_denial_counts_only_in_the_main_clause() -> None:
    assert read(memory("Ada does not eat meat.")).denied
    assert not read(memory("Ada was in an accident but was not hurt.")).denied


def test_marks_and_case_do_not_make_other_words() -> None:
    assert same_words("It\u2019s 5 \u20ac, Ada!") == same_words("it's 5 \u20ac ada")
    assert same_words("5 \u20ac") != same_words("5 $")


@pytest.mark.parametrize(
    "text", ["", " ", "...", "\u00e4", "5", "\U0001f600", "not", "no longer", "from to", "a" * 5_000]
)
def test_next_to_nothing_can_be_read(text: str) -> None:
    assert len(read(memory(text)).words) <= 1
