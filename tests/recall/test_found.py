from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from duramen.index.bank import BankIndex
from duramen.language.claims import find_claims
from duramen.recall.found import Found, found_of
from duramen.recall.ranking import SPARE, Ranked, ranked
from duramen.recall.tracing import traced
from duramen.types import ArmRank, Hit, Query
from tests.recall.lists import along, asked, decoded, listed
from tests.recall.searches import START, index_of, told
from tests.stores.examples import event, memory

QUERY = Query(text="Where is Ada, and where is Ben?", at=START)
NOTHING = decoded()


@pytest.fixture
def index() -> BankIndex:
    return index_of(*(told(f"word{number}") for number in range(6)))


def order(index: BankIndex, rows: Sequence[int], scores: Sequence[float] | None = None, text: str = "one") -> Ranked:
    """Return what was found for one question, with these scores."""
    made = ranked(listed(index, rows, text), None, NOTHING)
    return made if scores is None else replace(made, scores=scores)


def keyword(made: Ranked, *scores: float) -> Ranked:
    """Let the keyword arm have found the rows with these scores."""
    made.listed.search.found = {"keyword": np.array(scores, dtype=np.float32)}
    return made


def ids(found: Found) -> list[str]:
    return [id for id, _ in found.best]


def test_what_was_found_for_one_question_stays_as_it_is(index: BankIndex) -> None:
    one = order(index, [2, 0, 1])

    found = found_of([one], QUERY)

    assert found.best == found.whole() == one.best(3)
    assert found.numbers == {"2": 3, "0": 1, "1": 2}
    assert found.places == [{"2": 0, "0": 1, "1": 2}]


def test_each_question_has_its_share(index: BankIndex) -> None:
    found = found_of([order(index, [0, 1, 2], [0.9, 0.8, 0.7]), order(index, [3, 4, 5], [0.5, 0.4, 0.3])], QUERY)

    assert ids(found) == ["0", "3", "1", "4", "2", "5"]
    assert [score for _, score in found.best] == [0.9, 0.8, 0.7, 0.5, 0.4, 0.3]


def test_a_memory_that_is_found_twice_is_there_once(index: BankIndex) -> None:
    found = found_of([order(index, [0, 1], [0.9, 0.2]), order(index, [1, 2], [0.6, 0.5])], QUERY)

    assert found.best == [("0", 0.9), ("1", 0.6), ("2", 0.5)]


def test_no_more_are_the_best_than_may_fit() -> None:
    index = index_of(*(told(f"word{number}") for number in range(SPARE + 9)))
    query = replace(QUERY, limit=2)

    found = found_of([order(index, range(SPARE + 9)), order(index, range(SPARE + 9))], query)

    assert len(found.best) == 2 + SPARE
    assert ids(found) == [id for id, _ in found.whole()][: 2 + SPARE]
    assert len(found.whole()) == SPARE + 9


def test_nothing_may_be_found_for_a_question(index: BankIndex) -> None:
    found = found_of([order(index, []), order(index, [1])], QUERY)

    assert ids(found) == ["1"]


@pytest.mark.parametrize(("one", "other", "confident"), [(0.9, 0.1, True), (0.1, 0.9, True), (0.1, 0.1, False)])
def test_knowing_about_one_of_the_questions_is_knowing(
    index: BankIndex, one: float, other: float, confident: bool
) -> None:
    assert found_of([order(index, [0], [one]), order(index, [1], [other])], QUERY).confident is confident


def test_arms_are_told_with_the_better_rank(index: BankIndex) -> None:
    one = keyword(order(index, [0, 1]), 0.9, 0.3, 0.5, 0, 0, 0)
    other = keyword(order(index, [1, 3]), 0.125, 0.25, 0, 0, 0, 0)

    arms = found_of([one, other], QUERY).arms(["3", "1"])

    assert arms == {"3": {}, "1": {"keyword": ArmRank(1, 0.25)}}


def test_the_closer_look_is_told_of_the_question_that_a_memory_fits_best(index: BankIndex) -> None:
    little = ranked(listed(index, [0, 1]), asked(index, "word0"), decoded([along(0, 0.2)], [along(0, 0.9)]))
    much = ranked(listed(index, [2, 0]), asked(index, "word0"), decoded([along(1)], [along(0, 0.8)]))

    for orders in ([little, much], [much, little]):
        closer = found_of(orders, QUERY).closer(["0", "1", "2"])

        assert closer == {"0": much.gained(1), "1": little.gained(1)}


def test_paths_are_told_by_id(index: BankIndex) -> None:
    one, other = order(index, [0, 1]), order(index, [3])
    one.listed.search.paths = {1: ("ada",), 2: ("ben",)}
    other.listed.search.paths = {3: ("grace", "4")}

    paths = found_of([one, other], QUERY).paths(["0", "1", "3", "4"])

    assert paths == {"1": ("ada",), "3": ("grace", "4")}


def test_what_is_no_longer_so_is_told_by_id() -> None:
    index = index_of(
        *(told(home, claims=tuple(find_claims(f"I live in {home}.", "Ada"))) for home in ("Porto", "Oslo"))
    )

    found = found_of([order(index, [0, 1])], QUERY)

    assert found.ends == {"0": START + timedelta(days=1)}


def test_a_trace_tells_what_is_known_of_the_hits(index: BankIndex) -> None:
    found = found_of([keyword(order(index, [0, 1]), 0.9, 0.25, 0, 0, 0, 0)], QUERY)
    hits = [Hit(memory(event(), "1"), 0.5)]

    trace = traced(
        found,
        hits,
        {"0": 7.0, "1": 2.5},
        milliseconds={"read": 0.1},
        dropped={"0": "without", "2": "limit", "3": "limit"},
    )

    assert trace.arms == {"1": {"keyword": ArmRank(2, 0.25)}}
    assert trace.reranked == {"1": 2.5}
    assert trace.dropped == {"without": 1, "limit": 2}
    assert trace.milliseconds == {"read": 0.1}
    assert trace.searched == len(index)
    assert (trace.closer, trace.paths) == ({}, {})


def test_a_trace_tells_once_what_the_questions_have_in_common() -> None:
    index = index_of(told("Ada sings.", entities=["Ada"]), told("Ben paints.", entities=["Ben"]))
    questions = ("What did Ada sing in May 2025?", "Did Ben hear Ada in May 2025?", "Where is Ben now?")

    trace = traced(
        found_of([order(index, [0, 1], text=question) for question in questions], QUERY),
        [],
        {},
        milliseconds={},
        dropped={},
    )

    assert trace.parts == questions
    assert sorted(trace.entities) == ["ada", "ben"]
    assert [interval.start for interval in trace.dates] == [datetime(2025, 5, 1, tzinfo=timezone.utc)]
    assert trace.time
