from __future__ import annotations

import pytest

from duramen.strategies.episodic_results import came_off, does_the_rest, is_glad, only_tried, resigned, takes_a_part


@pytest.mark.parametrize(
    "said", ["the blue one, just ordered it", "Bought the ticket.", "it doubled in size, finally", "found it"]
)
def test_who_made_use_of_it_or_is_relieved_says_that_it_came_off(said: str) -> None:
    assert came_off([said])


@pytest.mark.parametrize(
    "said",
    [
        "I ordered it three weeks ago",
        "I've ordered another one instead",
        "it wasn't sent",
        "I sent you the file",
        "has it finally arrived?",
    ],
)
def test_what_was_done_before_otherwise_or_not_at_all_says_nothing_of_the_kind(said: str) -> None:
    assert not came_off([said])


@pytest.mark.parametrize(
    "said",
    [
        "The other two I'll do by hand.",
        "I'll ring the others myself.",
        "The last page I'll ask my colleague about.",
        "Day two I'd rather plan with my sister.",
    ],
)
def test_who_does_the_rest_has_a_part(said: str) -> None:
    assert does_the_rest([said])


@pytest.mark.parametrize(
    "said", ["Then I'll do it by hand.", "I'll take the other one.", "Tomorrow I'll go there with my sister."]
)
def test_who_does_the_whole_or_chooses_has_no_part(said: str) -> None:
    assert not does_the_rest([said])


def test_a_number_of_several_things_is_taken_as_a_part() -> None:
    assert takes_a_part("ok, I'll take those three")
    assert takes_a_part("Ten will be enough") or takes_a_part("ten is enough")
    assert not takes_a_part("I'll take the train")


def test_who_only_tried_says_nothing_of_what_came_of_it() -> None:
    assert only_tried("did that")
    assert only_tried("ok, restarted it twice")
    assert not only_tried("restarted it, all fine")


def test_a_sigh_is_no_complaint_of_its_own_but_says_that_it_did_not_come_off() -> None:
    assert resigned("Oh well.")
    assert resigned("Pity, really")
    assert not resigned("All is well")


@pytest.mark.parametrize(
    ("sentences", "asks_for_more", "glad"),
    [
        (["Glad to hear it!"], False, True),
        (["Wonderful!", "Enjoy the cake."], False, True),
        (["Great.", "Anything else?"], True, True),
        (["Great!"], False, True),
        (["Great.", "The next train goes at nine."], False, False),
        (["Restart the router."], False, False),
    ],
)
def test_an_agent_that_is_glad_was_told_good_news(sentences: list[str], asks_for_more: bool, glad: bool) -> None:
    assert is_glad(sentences, asks_for_more=asks_for_more) == glad
