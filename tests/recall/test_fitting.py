from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.block import frame_tokens, line_tokens, render
from duramen.language.tokens import count_tokens
from duramen.recall.fitting import fit
from duramen.types import Hit, Memory, Query
from tests.stores.examples import event, memory

QUERY = Query(text="Where does Ada live?", at=datetime(2026, 3, 2, tzinfo=timezone.utc))
TEXTS = ("Ada moved to Lisbon.", "Ben likes tea, and wine on Sundays.", "Who?", "A long story. " * 9, "Grace sings.")


def said(*texts: str) -> dict[str, Memory]:
    """Return memories by their ids, which are their places."""
    return {
        str(place): memory(event(f"e{place}", text), str(place), tokens=count_tokens(text))
        for place, text in enumerate(texts)
    }


def ids(hits: Iterable[Hit]) -> list[str]:
    return [hit.memory.id for hit in hits]


def falling(memories: Iterable[str]) -> list[tuple[str, float]]:
    return [(id, 1.0 / (2 + place)) for place, id in enumerate(memories)]


def test_what_fits_is_taken_in_order_with_its_score() -> None:
    memories = said(*TEXTS[:2])

    hits, tokens, dropped = fit([("1", 0.9), ("0", 0.4)], memories, QUERY)

    assert hits == [Hit(memories["1"], 0.9), Hit(memories["0"], 0.4)]
    assert tokens == frame_tokens() + line_tokens(memories["0"]) + line_tokens(memories["1"])
    assert dropped == {}


def test_what_is_too_long_is_passed_over() -> None:
    memories = said(TEXTS[3], TEXTS[0])
    room = frame_tokens() + line_tokens(memories["1"])

    hits, tokens, dropped = fit(falling("01"), memories, replace(QUERY, max_tokens=room))

    assert (ids(hits), tokens, dropped) == (["1"], room, {"0": "max_tokens"})


def test_nothing_that_fits_takes_no_tokens() -> None:
    assert fit(falling("0"), said(TEXTS[0]), replace(QUERY, max_tokens=5)) == ([], 0, {"0": "max_tokens"})
    assert fit([], {}, QUERY) == ([], 0, {})


def test_what_comes_after_the_limit_is_dropped() -> None:
    hits, _, dropped = fit(falling("012"), said("One.", "Two.", "Three."), replace(QUERY, limit=1))

    assert (ids(hits), dropped) == (["0"], {"1": "limit", "2": "limit"})


def test_what_scores_too_low_is_dropped() -> None:
    hits, _, dropped = fit([("0", 0.5), ("1", 0.4)], said("One.", "Two."), replace(QUERY, min_score=0.5))

    assert (ids(hits), dropped) == (["0"], {"1": "min_score"})


def test_what_scores_nothing_is_no_hit() -> None:
    assert fit([("0", 0.0)], said("One."), QUERY) == ([], 0, {"0": "min_score"})


def test_items_that_are_not_wanted_are_dropped_by_key() -> None:
    hits, _, dropped = fit(falling("01"), said("One.", "Two."), replace(QUERY, without=frozenset(["key-e0"])))

    assert (ids(hits), dropped) == (["1"], {"0": "without"})


def test_what_is_gone_is_neither_a_hit_nor_dropped() -> None:
    hits, _, dropped = fit(falling(["gone", "0"]), said("One."), QUERY)

    assert (ids(hits), dropped) == (["0"], {})


@pytest.mark.parametrize("text", [QUERY.text, f" {QUERY.text}\n"])
def test_a_question_does_not_answer_itself(text: str) -> None:
    hits, _, dropped = fit(falling("01"), said(text, "In Lisbon."), QUERY)

    assert (ids(hits), dropped) == (["1"], {"0": "repeats"})


@pytest.mark.parametrize("question", ["Who sings?", "\u8ab0\u304c\u6b4c\u3044\u307e\u3059\u304b\uff1f"])
def test_a_question_says_nothing_more_the_second_time(question: str) -> None:
    hits, _, dropped = fit(falling("012"), said(question, question, "Grace."), QUERY)

    assert (ids(hits), dropped) == (["0", "2"], {"1": "repeats"})


def test_what_does_not_ask_may_be_said_twice() -> None:
    hits, _, dropped = fit(falling("01"), said("Tea.", "Tea."), replace(QUERY, text="Tea."))

    assert (ids(hits), dropped) == (["0", "1"], {})


@given(st.lists(st.sampled_from(TEXTS), max_size=9), st.integers(1, 200), st.integers(1, 9))
def test_no_budget_is_ever_exceeded_and_nothing_is_lost(texts: Sequence[str], room: int, limit: int) -> None:
    memories = said(*texts)

    hits, tokens, dropped = fit(falling(memories), memories, replace(QUERY, max_tokens=room, limit=limit))

    assert len(hits) <= limit
    assert count_tokens(render(hits)) <= tokens <= room
    assert sorted([*ids(hits), *dropped]) == sorted(memories)
    assert ids(hits) == sorted(ids(hits))
