from __future__ import annotations

import numpy as np
import pytest

from duramen.recall.keyword import NEXT, PREVIOUS, SESSION, KeywordArm
from tests.recall.searches import index_of, search_of, told


def test_the_memory_with_the_rarer_word_scores_more() -> None:
    index = index_of(told("tea and cake"), told("tea with zebra"), told("tea and scones"))

    scores = KeywordArm()(search_of(index, "zebra tea"))

    assert scores is not None
    assert scores.argmax() == 1
    assert scores[0] == pytest.approx(scores[2])


def test_words_match_by_their_stem() -> None:
    index = index_of(told("She was running home"), told("He sat down"))

    scores = KeywordArm()(search_of(index, "Who runs?"))

    assert scores is not None
    assert scores[0] > 0
    assert scores[1] == 0


def test_no_word_of_the_query_in_the_bank_is_no_answer() -> None:
    assert KeywordArm()(search_of(index_of(told("tea")), "zebra")) is None


def test_a_memory_with_all_rare_words_comes_near_one_whatever_their_number() -> None:
    index = index_of(*[told(f"filler {number}") for number in range(30)], told("zebra quagga"))

    one = KeywordArm()(search_of(index, "zebra"))
    two = KeywordArm()(search_of(index, "zebra quagga"))

    assert one is not None
    assert two is not None
    assert one[30] == pytest.approx(two[30], abs=0.02)
    assert 0.3 < one[30] <= 1.0


def test_neighbours_and_the_session_take_their_share() -> None:
    talk = [told(f"filler{number}", session="s") for number in range(5)]
    talk[2] = told("zebra", session="s")
    index = index_of(*talk, told("elsewhere", session="t"), told("alone"))

    scores = KeywordArm()(search_of(index, "zebra"))

    assert scores is not None
    own = scores[2] / (1 + SESSION)
    shares = np.array([SESSION, SESSION + NEXT, 1 + SESSION, SESSION + PREVIOUS, SESSION, 0.0, 0.0])
    assert scores == pytest.approx(own * shares, rel=1e-5)


def test_a_long_memory_takes_less_from_its_neighbours() -> None:
    short = index_of(told("zebra", session="s"), told("word " * 5, session="s"))
    long = index_of(told("zebra", session="s"), told("word " * 400, session="s"))

    lent = [KeywordArm()(search_of(index, "zebra")) for index in (short, long)]

    assert lent[0] is not None
    assert lent[1] is not None
    assert lent[1][1] / lent[1][0] < 0.2 * lent[0][1] / lent[0][0]


def test_scores_do_not_depend_on_other_banks() -> None:
    words = [told("zebra tea"), told("tea")]

    alone = KeywordArm()(search_of(index_of(*words), "zebra"))
    index_of(*[told("zebra") for _ in range(50)])
    beside = KeywordArm()(search_of(index_of(*words), "zebra"))

    assert alone is not None
    assert beside is not None
    assert alone.tolist() == beside.tolist()
