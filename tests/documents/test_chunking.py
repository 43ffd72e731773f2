from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.documents.chunking import LEAST, MOST, spans
from duramen.errors import BadInputError
from tests.documents.texts import paragraphs


def _chunks(text: str, characters: int = 3000) -> list[str]:
    return [text[start:end] for start, end in spans(text, characters)]


def test_a_text_that_fits_is_one_chunk_without_the_space_around_it() -> None:
    assert _chunks("\n  Ada lives in Lisbon.\n\nShe has a dog. \n") == ["Ada lives in Lisbon.\n\nShe has a dog."]


def test_a_blank_text_has_no_chunks() -> None:
    assert spans(" \n\t ") == []


@given(st.text(alphabet="ab .\n。", max_size=2000), st.integers(LEAST, 300))
def test_no_chunk_is_too_long_and_nothing_but_whitespace_is_lost(text: str, characters: int) -> None:
    found = spans(text, characters)

    assert all(0 < end - start <= characters for start, end in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))
    assert "".join("".join(_chunks(text, characters)).split()) == "".join(text.split())


@given(st.integers(0, 10_000), st.integers(0, 119), st.sampled_from(["\n\n", "\n", " "]))
def test_another_paragraph_in_the_middle_changes_only_the_chunks_near_it(seed: int, place: int, between: str) -> None:
    written = paragraphs(120, seed)
    before = _chunks(between.join(written))
    written[place] = paragraphs(1, seed + 20_000)[0]

    after = _chunks(between.join(written))

    lost = [chunk for chunk in before if chunk not in set(after)]
    assert len(lost) <= 5


def test_on_average_a_change_costs_less_than_two_chunks() -> None:
    lost = 0
    for seed in range(40):
        written = paragraphs(100, seed)
        before = _chunks("\n\n".join(written))
        written.insert(50, paragraphs(1, seed + 1000)[0])
        after = set(_chunks("\n\n".join(written)))
        lost += sum(chunk not in after for chunk in before)

    assert lost / 40 < 2


def test_a_run_without_any_border_is_cut_all_the_same() -> None:
    found = spans("x" * 10_000, 1000)

    assert all(end - start <= 1000 for start, end in found)
    assert (found[0][0], found[-1][1]) == (0, 10_000)


@pytest.mark.parametrize("characters", [LEAST - 1, MOST + 1, True, 2.5])
def test_a_size_that_no_chunk_may_have_is_an_error(characters: int) -> None:
    with pytest.raises(BadInputError, match="chunk_characters"):
        spans("text", characters)
