from __future__ import annotations

import pytest

from duramen.recall.graph import GraphArm
from duramen.recall.keyword import KeywordArm
from duramen.types import Budget
from tests.recall.searches import index_of, search_of, told


def test_memories_of_a_named_entity_are_found_without_a_shared_word() -> None:
    index = index_of(told("She sold a bicycle", entities=["Grace"]), told("It rained"), told("Tea"))

    scores = GraphArm()(search_of(index, "What did grace do?", budget="low"))

    assert scores is not None
    assert scores[0] > 0
    assert scores[1:].tolist() == [0.0, 0.0]


def test_a_rare_name_ties_more_than_a_common_one() -> None:
    common = [told("x", entities=["Ada"]) for _ in range(8)]
    index = index_of(*common, told("y", entities=["Grace"]), told("z"))

    scores = GraphArm()(search_of(index, "Ada and Grace", budget="low"))

    assert scores is not None
    assert scores[8] > scores[0] > 0


def test_it_goes_one_step_from_what_other_arms_found() -> None:
    index = index_of(
        told("Ada met a zebra keeper", entities=["Otto"]),
        told("He lives by the harbour", entities=["Otto"]),
        *[told(f"filler {number}") for number in range(20)],
    )
    search = search_of(index, "zebra keeper")
    keyword = KeywordArm()(search)
    assert keyword is not None
    search.found["keyword"] = keyword

    scores = GraphArm()(search)

    assert keyword[1] == 0.0
    assert scores is not None
    assert scores[1] > 0
    assert not scores[2:].any()


def test_it_reaches_the_reply_in_the_session() -> None:
    index = index_of(told("Where is the zebra?", session="s"), told("Behind the barn", session="s"), told("Else"))
    search = search_of(index, "zebra")
    keyword = KeywordArm()(search)
    assert keyword is not None
    search.found["keyword"] = keyword

    scores = GraphArm()(search)

    assert scores is not None
    assert scores[1] > scores[2] == 0.0


@pytest.mark.parametrize("budget", ["low", "mid", "high"])
def test_nothing_tied_is_no_answer(budget: Budget) -> None:
    index = index_of(told("Tea", entities=["Ada"]), told("Cake"))

    assert GraphArm()(search_of(index, "zebra", budget=budget)) is None


def test_a_name_in_most_of_the_bank_is_not_followed() -> None:
    index = index_of(told("zebra", entities=["Hub"]), *[told(f"filler {n}", entities=["Hub"]) for n in range(30)])
    search = search_of(index, "zebra")
    keyword = KeywordArm()(search)
    assert keyword is not None
    search.found["keyword"] = keyword

    assert GraphArm()(search) is None


def test_scores_stay_below_one() -> None:
    index = index_of(*[told("zebra", entities=["Ada", "Grace", "Otto"], session="s") for _ in range(3)])
    search = search_of(index, "zebra Ada Grace Otto", budget="high")
    keyword = KeywordArm()(search)
    assert keyword is not None
    search.found["keyword"] = keyword

    scores = GraphArm()(search)

    assert scores is not None
    assert 0.0 < scores.max() < 1.0
