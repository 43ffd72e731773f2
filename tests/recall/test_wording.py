from __future__ import annotations

import numpy as np
import pytest

from duramen.index.bank import BankIndex
from duramen.language.terms import code_of
from duramen.recall.wording import wording
from duramen.types import BankVersion
from tests.recall.searches import index_of, row_of, told


def bank() -> BankIndex:
    return index_of(
        told("I met John Smith in Lisbon", entities=("John Smith", "Lisbon")),
        told("Alexandria is warm", entities=("Alexandria",)),
        told("a letter from Frau Müller", entities=("Frau Müller",)),
    )


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("What does Jonh like?", ("jonh", "john")),
        ("what does jonh like?", ("jonh", "john")),
        ("Where is Jonh's house?", ("jonh", "john")),
        ("Lisbn weather", ("lisbn", "lisbon")),
        ("how warm is alexnadra", ("alexnadra", "alexandria")),
        ("Who knows Müler?", ("müler", "müller")),
    ],
)
def test_a_misspelt_name_is_read_as_the_name_and_says_so(text: str, corrected: tuple[str, str]) -> None:
    index = bank()

    found = wording(text, index)

    assert found.corrected == (corrected,)
    assert corrected[1] in found.words
    assert corrected[0] not in found.words
    assert index.terms.scores(found.codes).any()


@pytest.mark.parametrize(
    "text", ["John in Lisbon", "Does Joan like tea?", "Was it a good joke?", "the listen", "Quagga"]
)
def test_names_and_ordinary_words_are_not_corrected(text: str) -> None:
    found = wording(text, bank())

    assert found.corrected == ()


def test_a_name_that_a_memory_has_wrong_is_found_by_the_right_one() -> None:
    index = index_of(told("Lisbn was warm", entities=("Lisbn",)), told("tea"))

    found = wording("How was Lisbon?", index)

    assert found.corrected == (("lisbon", "lisbn"),)
    assert index.terms.scores(found.codes).argmax() == 0


def test_where_ordinary_words_are_not_known_only_a_capital_makes_a_name() -> None:
    index = index_of(
        told("Wir wohnen mit Liese am Fluss und es ist schön", entities=("Liese",)),
        told("Das Haus ist alt", entities=()),
    )

    small, capital = wording("wo wohnt liesse", index), wording("Wo wohnt Liesse?", index)

    assert small.corrected == ()
    assert capital.corrected == (("liesse", "liese"),)


def test_names_of_new_memories_are_known_too() -> None:
    index = bank()
    before = wording("Where is Katmandou?", index)

    index.extend([row_of(3, told("Kathmandou at last", entities=("Kathmandou",)))], BankVersion(1, 4, 0, "e", 2))
    after = wording("Where is Katmandou?", index)

    assert before.corrected == ()
    assert after.corrected == (("katmandou", "kathmandou"),)


def test_words_count_once_however_many_forms_the_bank_has() -> None:
    index = index_of(told("Jonas und ich haben die Wohnungen"), told("Jonas has got new shoes"))

    found = wording("Jonas?", index)

    assert set(found.codes.tolist()) | set(found.variants.tolist()) == {code_of("jona"), code_of("jonas")}
    assert len(found.codes) == 1


def test_neighbours_in_the_query_are_pairs_if_the_bank_has_both() -> None:
    index = index_of(told("new york marathon"), told("a big city"))

    found = wording("the New York City quagga marathon", index)

    names = {code_of(term): term for term in ("new", "york", "citi", "marathon")}
    assert [(names[left], names[right]) for left, right in found.pairs] == [("new", "york"), ("york", "citi")]


def test_a_query_of_nothing_has_no_words() -> None:
    found = wording("?!", bank())

    assert found.words == ()
    assert found.codes.tolist() == []
    assert found.codes.dtype == np.uint32
    assert found.pairs == ()


def test_a_bank_that_changed_is_asked_anew() -> None:
    index = bank()
    wording("Jonh", index)

    fewer = index.kept([2, 3], BankVersion(1, 3, 1, "e", 2))

    assert wording("Where is Jonh?", fewer).corrected == ()
    assert wording("Where is Alexnadria?", fewer).corrected == (("alexnadria", "alexandria"),)
