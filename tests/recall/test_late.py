from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.index.bank import BankIndex
from duramen.index.token_codes import Decoded
from duramen.recall.late import MOST_TOKENS, SAYS_WHEN, AskedTokens, centres, late_scores
from tests.recall.lists import along, asked, decoded, listed, rounded
from tests.recall.searches import index_of, search_of, told

GUITAR = "guitar"


def session_of(*sessions: str | None) -> BankIndex:
    """Return an index of memories of these sessions, in the order in which they were said, all alike in meaning."""
    return index_of(*(told("something", session=session) for session in sessions))


def found_at(place: int, count: int) -> Decoded:
    """Give the token that is asked for to one of several memories, and another one to the rest."""
    return decoded(*([along(0)] if number == place else [along(1)] for number in range(count)))


def test_the_best_match_of_a_memory_counts() -> None:
    index = session_of(None, None)

    scores = late_scores(asked(index, GUITAR), decoded([along(0, 0.2), along(0, 0.9)], [along(0, 0.5)]), listed(index))

    assert rounded(scores["own"]) == [0.9, 0.5]


def test_each_token_of_the_query_finds_its_own_match() -> None:
    index = session_of(None, None)

    scores = late_scores(asked(index, "red", GUITAR), decoded([along(0), along(1)], [along(0)]), listed(index))

    assert rounded(scores["own"]) == [1.0, 0.5]


def test_near_are_turns_up_to_two_away() -> None:
    index = session_of(*["s"] * 7)

    scores = late_scores(asked(index, GUITAR), found_at(3, 7), listed(index))

    assert rounded(scores["own"]) == [0, 0, 0, 1, 0, 0, 0]
    assert rounded(scores["near"]) == [0, 1, 1, 1, 1, 1, 0]
    assert rounded(scores["session"]) == [1, 1, 1, 1, 1, 1, 1]


def test_a_turn_that_is_not_listed_is_around_nobody_and_leads_nowhere() -> None:
    index = session_of(*["s"] * 4)

    scores = late_scores(asked(index, GUITAR), found_at(0, 3), listed(index, [0, 2, 3]))

    assert rounded(scores["near"]) == [1, 0, 0]
    assert rounded(scores["session"]) == [1, 1, 1]


def test_the_order_of_the_list_is_not_that_of_the_turns() -> None:
    index = session_of(*["s"] * 5)

    scores = late_scores(asked(index, GUITAR), found_at(1, 5), listed(index, [4, 0, 3, 1, 2]))

    assert rounded(scores["near"]) == [0, 1, 0, 1, 1]


def test_no_circle_crosses_sessions() -> None:
    index = session_of("a", "b", "a", "b")

    scores = late_scores(asked(index, GUITAR), found_at(0, 4), listed(index))

    assert rounded(scores["near"]) == rounded(scores["session"]) == [1, 0, 1, 0]


def test_without_a_session_a_memory_has_only_itself() -> None:
    index = session_of(None, None, None)

    scores = late_scores(asked(index, GUITAR), found_at(1, 3), listed(index))

    assert rounded(scores["near"]) == rounded(scores["session"]) == [0, 1, 0]


def test_pieces_of_one_text_are_near_each_other_and_no_session() -> None:
    index = index_of(told("one piece", event="text"), told("another", event="text", position=1))

    scores = late_scores(asked(index, GUITAR), found_at(0, 2), listed(index))

    assert rounded(scores["near"]) == [1, 1]
    assert rounded(scores["session"]) == [1, 0]


def test_a_memory_without_codes_scores_its_meaning() -> None:
    index = index_of(told("with"), told("without", vector=(0.6, 0.8)), told("away", vector=(-1.0, 0.0)))

    scores = late_scores(asked(index, "red", GUITAR), decoded([along(0)], [], []), listed(index))

    assert rounded(scores["own"]) == [0.5, 0.6, 0]


def test_tokens_of_another_width_match_nothing() -> None:
    index = session_of(None)

    matched = asked(index, GUITAR, dimensions=8).matched(decoded([along(0)]))

    assert matched.tolist() == [[0.0]]


def test_a_query_without_tokens_finds_nothing() -> None:
    index = session_of("s", "s")

    scores = late_scores(asked(index), decoded([along(0)], []), listed(index))

    assert [(name, rounded(circle)) for name, circle in scores.items()] == [
        ("own", [0, 0]),
        ("near", [0, 0]),
        ("session", [0, 0]),
    ]


def test_a_rare_word_counts_more_and_an_unknown_one_most() -> None:
    index = index_of(told("red guitar"), told("red apple"), told("red wine"), told("dry wine"))

    query = asked(index, "red", "wine", GUITAR, "zither", dimensions=8)

    order = np.argsort(query.tokens.argmax(axis=1))
    red, wine, guitar, zither = query.weights[order].tolist()
    assert 0.125 <= red < wine < guitar < zither


def test_the_parts_of_a_word_are_as_rare_as_the_whole() -> None:
    index = index_of(told("guitar"), told("red apple"), told("red wine"))

    query = asked(index, "red", "gui", "##tar")

    assert query.weights[0] == query.weights[1] > query.weights[2]


def test_without_a_word_to_be_rare_all_tokens_count_alike() -> None:
    query = asked(session_of(None), "?", "!")

    assert query.weights.tolist() == [0.5, 0.5]


def test_function_words_are_not_compared() -> None:
    query = asked(session_of(None), "where", "is", GUITAR)

    assert query.tokens.tolist() == [[0, 0, 1, 0]]
    assert query.weights.tolist() == [1.0]


def test_words_that_only_say_when_count_less() -> None:
    index = session_of(None)
    words = ("jobs", "ada", "wedding")

    plain = asked(index, *words)
    placed = asked(index, *words, text="Which jobs did Ada have before the wedding?")

    assert plain.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert placed.weights[0] == placed.weights[1] > placed.weights[2] > 0
    assert placed.weights[2] / placed.weights[0] == pytest.approx(SAYS_WHEN)


def test_of_a_long_query_the_rarest_tokens_are_compared() -> None:
    common = [f"common{number}" for number in range(10)]
    index = index_of(told(" ".join(common)), told("something else"))
    words = [*common, *(f"rare{number}" for number in range(MOST_TOKENS))]

    query = asked(index, *words, dimensions=128)

    assert sorted(query.tokens.argmax(axis=1).tolist()) == list(range(10, 10 + MOST_TOKENS))
    assert query.weights.sum() == pytest.approx(1.0)


@given(st.lists(st.sampled_from(["red", "guitar", "zither", "the", "gui", "##tar", "?"]), min_size=1, max_size=100))
def test_weights_sum_to_one(words: list[str]) -> None:
    index = index_of(told("red guitar"), told("red wine"))

    query = asked(index, *words, dimensions=100)

    assert len(query.weights) == len(query.tokens) <= MOST_TOKENS
    assert query.weights.min() > 0
    assert query.weights.sum() == pytest.approx(1.0, abs=1e-5)


def test_the_centre_of_a_memory_is_the_mean_direction_of_its_tokens() -> None:
    found = centres(decoded([along(0), along(1)], [], [along(2)], []))

    half = 2**-0.5
    assert found.round(4).tolist() == pytest.approx(
        np.array([[half, half, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]).round(4)
    )


def test_memories_without_tokens_have_no_centre() -> None:
    assert centres(decoded([], [])).tolist() == [[0.0] * 4] * 2


@settings(deadline=None)
@given(st.data())
def test_scores_are_those_of_a_plain_reading_of_the_definition(data: st.DataObject) -> None:
    sessions = data.draw(st.lists(st.sampled_from([None, "a", "b"]), min_size=1, max_size=9))
    order = data.draw(st.permutations(range(len(sessions))))
    rows = order[: data.draw(st.integers(1, len(sessions)))]
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    drawn = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))).standard_normal((sum(counts) + 3, 4))
    vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    index = index_of(*(told("red", session=session, vector=(0.6, 0.8)) for session in sessions))
    query = AskedTokens(vectors[:3], ["red", "guitar", "wine"], search_of(index, "anything"))

    scores = late_scores(query, Decoded(vectors[3:], np.array(counts)), listed(index, rows))

    expected = _Plain(query, vectors[3:].tolist(), counts, sessions, rows)
    for name, reach in (("own", 0), ("near", 2), ("session", None)):
        assert scores[name].tolist() == pytest.approx([expected.score(row, reach) for row in rows], abs=1e-5)
        assert scores[name].min() >= 0.0
        assert scores[name].max() <= 1.0 + 1e-6


class _Plain:
    """Late interaction as it is defined, one pair of vectors after the other."""

    def __init__(
        self,
        query: AskedTokens,
        tokens: list[list[float]],
        counts: list[int],
        sessions: list[str | None],
        rows: list[int],
    ) -> None:
        self._asked: list[tuple[float, list[float]]] = list(
            zip(query.weights.tolist(), query.tokens.tolist(), strict=True)
        )
        self._sessions = sessions
        waiting = iter(tokens)
        self._tokens = {row: [next(waiting) for _ in range(count)] for row, count in zip(rows, counts, strict=True)}

    def score(self, row: int, reach: int | None) -> float:
        """Score a row by the turns up to `reach` away, or by its whole session."""
        best = [max(self._cosine(token, other) for other in self._circle(row, reach)) for _, token in self._asked]
        return sum(weight * match for (weight, _), match in zip(self._asked, best, strict=True))

    def _cosine(self, token: list[float], row: int) -> float:
        if not self._tokens[row]:
            return 0.6
        cosines = [sum(a * b for a, b in zip(token, other, strict=True)) for other in self._tokens[row]]
        return max(0.0, *cosines)

    def _circle(self, row: int, reach: int | None) -> set[int]:
        session = self._sessions[row]
        if session is None:
            return {row}
        turns = [number for number, other in enumerate(self._sessions) if other == session]
        if reach is None:
            return self._tokens.keys() & set(turns)
        circle = {row}
        for _ in range(reach):
            places = {turns.index(one) for one in circle}
            beside = {turns[at + step] for at in places for step in (-1, 1) if 0 <= at + step < len(turns)}
            circle |= beside & self._tokens.keys()
        return circle
