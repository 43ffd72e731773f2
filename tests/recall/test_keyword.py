from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from duramen.recall.keyword import NEXT, PREVIOUS, SESSION, KeywordArm
from duramen.types import Item
from tests.conftest import engine
from tests.recall.searches import START, index_of, search_of, told


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
    index = index_of(*[told(f"filler {number}") for number in range(30)], told("quagga or zebra"))

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


def test_a_phrase_scores_more_than_its_words_apart() -> None:
    memories = ["My goal in York is a new marathon", "She ran the long New York marathon with her brother and a friend"]
    index = index_of(*map(told, memories), told("tea"), told("cake"))
    search = search_of(index, "Who ran in the New York marathon?")

    with_pairs = KeywordArm()(search)
    search.pairs = ()
    without = KeywordArm()(search)

    assert with_pairs is not None
    assert without is not None
    assert with_pairs[1] > with_pairs[0]
    assert with_pairs[1] > without[1]
    assert with_pairs[[0, 2, 3]].tolist() == without[[0, 2, 3]].tolist()


def test_further_forms_of_a_word_score_and_ask_for_nothing_more() -> None:
    index = index_of(told("Jonas has got new shoes"), told("Jonas und ich haben die Wohnungen"), told("tea"))
    search = search_of(index, "Jonas")

    scores = KeywordArm()(search)

    assert scores is not None
    assert scores[0] > 0.3
    assert scores[1] > 0.3
    assert scores[2] == 0


async def test_a_small_bank_in_a_large_store_ranks_as_if_it_were_alone(tmp_path: Path) -> None:
    own = _items("Zebras eat grass", "The zebra crossing is closed", "Tea is ready", "Grass and tea")
    async with engine(tmp_path / "alone") as alone:
        await alone.retain("own", own, wait=True)
        expected = await alone.recall("own", "zebra grass tea")

    async with engine(tmp_path / "large") as large:
        for number in range(200):
            await large.retain(f"bank {number}", _items("zebra grass", "zebra grass tea", f"zebra {number}"))
        await large.retain("own", own)
        await large.flush()
        found = await large.recall("own", "zebra grass tea")

    assert [(hit.memory.text, hit.score) for hit in found.hits] == [
        (hit.memory.text, hit.score) for hit in expected.hits
    ]
    assert len(found.hits) == 4


def _items(*texts: str) -> list[Item]:
    return [Item(content=text, occurred=START) for text in texts]
