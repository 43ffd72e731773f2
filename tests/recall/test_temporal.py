from __future__ import annotations

from datetime import datetime, timezone

import pytest

from duramen.recall.temporal import SAID, TemporalArm
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
    assert march.tolist() == [1.0]
    assert february is None
