from __future__ import annotations

from datetime import datetime, timezone

import pytest

from duramen.index.bank import BankIndex
from duramen.recall.keyword import KeywordArm
from duramen.recall.search import Search
from duramen.recall.temporal import NEARLY, NOW, SAID, TemporalArm
from tests.recall.searches import DAY, START, index_of, search_of, told


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=timezone.utc)


@pytest.mark.parametrize("query", ["What happened in March 2026?", "What happened last month?"])
def test_what_happened_then_comes_before_what_was_said_then(query: str) -> None:
    index = index_of(
        told("said and done later", day=60),
        told("said in March", day=1),
        told("told later of March", day=60, occurred=(moment(3, 20), moment(3, 21))),
        told("told in March of January", day=2, occurred=(moment(1, 20), moment(1, 21))),
    )

    scores = TemporalArm()(search_of(index, query, at=moment(4, 15)))

    assert scores is not None
    assert scores.tolist() == pytest.approx([0.0, SAID, 1.0, SAID])


def test_a_query_without_a_time_is_not_its_concern() -> None:
    assert TemporalArm()(search_of(index_of(told("tea")), "What tea?")) is None


def test_a_time_of_which_nothing_is_known_is_no_answer() -> None:
    assert TemporalArm()(search_of(index_of(told("tea")), "What happened in 1999?")) is None


def test_an_instant_at_the_edge_belongs_to_the_range_that_it_begins() -> None:
    index = index_of(told("first", day=90, occurred=(moment(3, 1), moment(3, 1))))

    march = TemporalArm()(search_of(index, "in March 2026", at=START + 100 * DAY))
    february = TemporalArm()(search_of(index, "in February 2026", at=START + 100 * DAY))

    assert march is not None
    assert february is not None
    assert march.tolist() == [1.0]
    assert february[0] <= NEARLY


def test_a_memory_of_a_day_in_the_range_comes_before_one_that_only_overlaps_it() -> None:
    index = index_of(
        told("a day in May", day=200, occurred=(moment(5, 7), moment(5, 8))),
        told("the year", day=200, occurred=(moment(1, 1), moment(12, 31))),
        told("the spring", day=200, occurred=(moment(3, 1), moment(6, 1))),
    )

    scores = TemporalArm()(search_of(index, "What happened in May 2026?", at=START + 300 * DAY))

    assert scores is not None
    assert 1.0 == scores[0] > scores[2] > scores[1] > 0.0


def test_a_miss_by_a_day_counts_something_and_one_by_a_month_nothing() -> None:
    index = index_of(
        told("the day before", day=200, occurred=(moment(5, 6), moment(5, 7))),
        told("three days before", day=200, occurred=(moment(5, 4), moment(5, 5))),
        told("a month before", day=200, occurred=(moment(4, 7), moment(4, 8))),
    )

    scores = TemporalArm()(search_of(index, "What happened on 7 May 2026?", at=START + 300 * DAY))

    assert scores is not None
    assert NEARLY >= scores[0] > scores[1] > scores[2] == 0.0


def found_by_words(index: BankIndex, query: str, *, day: int = 100) -> Search:
    """Read a query and let the keyword arm find, as it does before this one."""
    search = search_of(index, query, at=START + day * DAY)
    keyword = KeywordArm()(search)
    assert keyword is not None
    search.found["keyword"] = keyword
    return search


def test_the_latest_and_the_first_are_sought_among_what_was_found() -> None:
    index = index_of(told("a red kite"), told("a green kite"), told("a blue kite"), told("tea with milk"))

    latest = TemporalArm()(found_by_words(index, "What was the last kite?"))
    first = TemporalArm()(found_by_words(index, "What was the first kite?"))

    assert latest is not None
    assert first is not None
    assert latest.argmax() == 2
    assert first.argmax() == 0
    assert latest[3] == first[3] == 0.0


def test_what_is_only_planned_is_not_the_latest() -> None:
    index = index_of(
        told("a kite of paper", day=50),
        told("a kite of silk", day=10, occurred=(START + 150 * DAY, START + 151 * DAY)),
    )

    scores = TemporalArm()(found_by_words(index, "What was the latest kite?"))

    assert scores is not None
    assert scores.argmax() == 0


def test_for_the_present_the_newest_counts_most_but_mildly() -> None:
    index = index_of(told("Ada works with kites"), told("Ada works with boats"), told("tea with milk"))

    scores = TemporalArm()(found_by_words(index, "Where does Ada work?"))

    assert scores is not None
    assert scores[1] == pytest.approx(NOW)
    assert scores[1] > scores[0] > scores[2] == 0.0


@pytest.mark.parametrize(
    ("query", "nearest", "farther", "other"),
    [("Which kite did she fly after the wedding?", 3, 4, 1), ("Which kite did she fly before the wedding?", 1, 0, 3)],
)
def test_an_event_that_the_bank_tells_of_is_a_border(query: str, nearest: int, farther: int, other: int) -> None:
    index = index_of(
        told("a red kite", day=0),
        told("a green kite", day=20),
        told("the wedding was loud", day=30),
        told("a blue kite", day=40),
        told("a black kite", day=80),
    )

    scores = TemporalArm()(found_by_words(index, query))

    assert scores is not None
    assert scores[nearest] > scores[farther] > scores[other] == 0.0
    assert scores[2] == 0.0


def test_during_an_event_is_about_its_time() -> None:
    index = index_of(told("the trip to Rome", day=10), told("a kite on the beach", day=11), told("a kite", day=60))

    scores = TemporalArm()(found_by_words(index, "Which kite did she fly during the trip to Rome?"))

    assert scores is not None
    assert scores[1] > 0.5
    assert scores[2] < 0.1


def test_an_event_that_the_bank_does_not_tell_of_says_nothing() -> None:
    index = index_of(told("a red kite"), told("a green kite"))

    assert TemporalArm()(found_by_words(index, "Which kite did she fly after the wedding?")) is None


def test_without_other_arms_there_is_nothing_to_order() -> None:
    index = index_of(told("a red kite"), told("a green kite"))

    assert TemporalArm()(search_of(index, "What was the last kite?")) is None


def test_the_latest_in_a_range_is_in_the_range() -> None:
    index = index_of(told("a red kite", day=0), told("a green kite", day=20), told("a blue kite", day=70))

    scores = TemporalArm()(found_by_words(index, "What was the last kite in March 2026?"))

    assert scores is not None
    assert scores.argmax() == 1
    assert scores[2] == 0.0
