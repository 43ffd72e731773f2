import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.terms import LANGUAGE_CODES, LONGEST_TERM, code_of, readings, term_codes, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada's moving to Lisbon in 2025!", ["ada", "move", "lisbon", "2025"]),
        ("Ada\u2019s dog", ["ada", "dog"]),
        ("O'Brien didn't call; we'll wait", ["obrien", "call", "wait"]),
        ("the dog and the dog", ["dog", "dog"]),
        ("\ufb01ne \uff21\uff22\uff23", ["fine", "abc"]),
        ("a caf\u00e9, na\u00efve", ["cafe", "naiv"]),
        ("\u0141\u00f3d\u017a \u0130zmir \u0451\u043b\u043a\u0430", ["lodz", "izmir", "\u0435\u043b\u043a"]),
        ("STRASSE Stra\u00dfe", ["strass", "strass"]),
    ],
)
def test_words_are_normalised_and_stemmed(text: str, expected: list[str]) -> None:
    found = terms(text)

    assert found == expected


@pytest.mark.parametrize("pair", [("walks", "walking"), ("pottery", "Pottery"), ("children's", "children")])
def test_forms_of_one_word_are_one_term(pair: tuple[str, str]) -> None:
    left, right = pair

    assert terms(left) == terms(right)


def test_a_text_of_function_words_alone_keeps_them() -> None:
    found = terms("Who are you?")

    assert found == ["who", "are", "you"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u6771\u4eac\u306b", ["\u6771\u4eac", "\u4eac\u306b", "\u6771", "\u4eac"]),
        ("\u6771", ["\u6771"]),
        ("Python3\u3092\u4f7f", ["python3", "\u3092\u4f7f", "\u4f7f"]),
        ("iPhone\u624b\u673a", ["iphon", "\u624b\u673a", "\u624b", "\u673a"]),
        ("\uff7d\uff8f\uff70\uff84", ["\u30b9\u30de", "\u30de\u30fc", "\u30fc\u30c8"]),
        ("\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48", ["\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48"]),
    ],
    ids=["kanji and kana", "one character", "after Latin letters", "mixed", "half width", "Thai"],
)
def test_scripts_without_spaces_give_pairs_of_characters(text: str, expected: list[str]) -> None:
    found = terms(text)

    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ud55c\uad6d\uc5b4 ok go", ["\ud55c\uad6d", "\uad6d\uc5b4", "go"]),
        ("\ud55c\uad6d\uc5b4\uc5d0\uc11c", ["\ud55c\uad6d", "\uad6d\uc5b4"]),
        ("\ucc45\uc744", ["\ucc45", "\ucc45\uc744"]),
        ("\ucc45", ["\ucc45"]),
    ],
    ids=["no particle", "particle", "perhaps a particle", "one syllable"],
)
def test_korean_gives_pairs_of_syllables_without_the_particle(text: str, expected: list[str]) -> None:
    found = terms(text)

    assert found == expected


def test_vowel_signs_stay_in_their_word() -> None:
    found = terms("\u0939\u093f\u0928\u094d\u0926\u0940")

    assert found == ["\u0939\u093f\u0928\u094d\u0926\u0940"]


@pytest.mark.parametrize("text", ["", "   ", "!?...", "\U0001f600\u2764\ufe0f", "\x00", "\ud800", "'''"])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert terms(text) == []
    assert term_codes(text).shape == (0,)


def test_a_long_unbroken_run_counts_by_its_beginning() -> None:
    found = terms("q" * 100_000)

    assert found == ["q" * LONGEST_TERM]


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_gives_short_terms_and_one_code_each(text: str) -> None:
    found = terms(text)

    codes = term_codes(text)

    assert all(0 < len(term) <= 2 * LONGEST_TERM for term in found)
    assert codes.dtype == np.uint32
    assert codes[: len(found)].tolist() == [code_of(term) for term in found]
    assert codes[len(found) :].tolist() in [[], *([code] for code in LANGUAGE_CODES.values())]


@given(st.text(), st.text())
def test_equal_terms_and_equal_codes_go_together(left: str, right: str) -> None:
    same_terms = terms(left) == terms(right)

    same_codes = np.array_equal(term_codes(left)[: len(terms(left))], term_codes(right)[: len(terms(right))])
    assert same_codes == same_terms


def test_codes_are_the_same_in_another_process() -> None:
    script = "from duramen.language.terms import term_codes; print(term_codes('Ada moved to Lisbon').tolist())"

    elsewhere = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert elsewhere.strip() == str(term_codes("Ada moved to Lisbon").tolist())


def test_a_memory_in_another_language_says_which() -> None:
    german, english = term_codes("Wir wohnen am Fluss"), term_codes("We live by the river")

    assert german[-1] == LANGUAGE_CODES["german"]
    assert not set(english.tolist()) & set(LANGUAGE_CODES.values())


def test_a_query_is_read_in_all_languages_of_the_bank() -> None:
    found = [set(reading.forms) for reading in readings("Jonas Wohnungen", ["german", "spanish"])]

    assert found == [{"jona", "jonas", "jon"}, {"wohnung", "wohnungen"}]


def test_function_words_of_a_query_are_left_out_in_its_own_language() -> None:
    words = [reading.word for reading in readings("Wo wohnt die Anna?", ["german"])]

    assert words == ["wohnt", "anna"]


def test_codes_do_not_depend_on_the_order_of_sets() -> None:
    script = (
        "from duramen.language.terms import term_codes;"
        "print([term_codes(t).tolist() for t in ('que', 'La die de la', 'Et en un de', 'een und en', 'Para que')])"
    )

    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert len(found) == 1
