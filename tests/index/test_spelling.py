from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.spelling import MOST, Spelling, edits

LETTERS = st.text("abcd", max_size=7)


def knowing(*names: str) -> Spelling:
    spelling = Spelling()
    spelling.add(names)
    return spelling


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("jonh", "john"),
        ("lisbn", "lisbon"),
        ("lisbbon", "lisbon"),
        ("lisbun", "lisbon"),
        ("müler", "müller"),
        ("muller", "müller"),
        ("alexnadria", "alexandria"),
        ("alexnadra", "alexandria"),
    ],
)
def test_a_misspelt_word_is_read_as_the_name(word: str, name: str) -> None:
    spelling = knowing("john smith", "lisbon", "frau müller", "alexandria")

    assert spelling.nearest(word) == name


@pytest.mark.parametrize(
    "word",
    ["", "jon", "ihon", "jnoh", "lsbn", "john", "smith's", "quagga", "alxndra"],
    ids=[
        "nothing",
        "too short",
        "another first letter",
        "two mistakes",
        "two missing",
        "itself",
        "not a word",
        "nothing alike",
        "three missing",
    ],
)
def test_what_is_not_nearly_a_name_stays_as_it_is(word: str) -> None:
    spelling = knowing("john smith", "lisbon", "alexandria")

    assert spelling.nearest(word) is None


def test_of_names_as_near_the_likelier_one_is_meant() -> None:
    spelling = knowing("marta", "maria", "maria")

    assert spelling.nearest("marka") == "maria"


def test_names_that_are_learnt_later_are_found_too() -> None:
    spelling = knowing("john")
    before = spelling.nearest("lisbn")

    spelling.add(["lisbon", "london"])

    assert before is None
    assert spelling.nearest("lisbn") == "lisbon"
    assert "london" in spelling


def test_names_beyond_the_most_are_left_out() -> None:
    spelling = Spelling()
    letters = "abcdefghijklmnopqrstuvwxyz"

    spelling.add(f"q{a}{b}{c}{d}" for a in letters for b in letters for c in letters for d in "abc")
    spelling.add(["lisbon"])

    assert MOST < 26**3 * 3
    assert "lisbon" not in spelling
    assert "qaaaa" in spelling


@given(LETTERS, LETTERS)
def test_mistakes_are_counted_alike_both_ways(one: str, other: str) -> None:
    found = edits(one, other)

    assert found == edits(other, one)
    assert (found == 0) == (one == other)
    assert abs(len(one) - len(other)) <= found <= max(len(one), len(other))


@given(LETTERS, st.integers(0, 6), st.sampled_from("abcd"))
def test_each_kind_of_mistake_counts_one_at_most(word: str, place: int, letter: str) -> None:
    place = min(place, len(word))
    before, after = word[:place], word[place:]

    mistaken = [
        before + letter + after,
        before + after[1:],
        before + letter + after[1:],
        before + after[1::-1] + after[2:],
    ]

    assert max(edits(word, wrong) for wrong in mistaken) <= 1


@given(st.text("abcdefgh", min_size=4, max_size=12), st.text("abcdefgh", min_size=4, max_size=12))
def test_whatever_is_near_enough_is_found(name: str, word: str) -> None:
    allowed = 1 if len(word) < 8 else 2
    near = word != name and word[0] == name[0] and edits(word, name) <= allowed

    found = knowing(name).nearest(word)

    assert found == (name if near else None)
