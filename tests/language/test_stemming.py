from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.function_words import ALSO_ENGLISH, ENGLISH, LATIN, OTHER
from duramen.language.stemming import DEFAULT, LANGUAGES, content, guess, plain, stem


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("english", "where does ada live"),
        ("german", "wo wohnt denn anna"),
        ("german", "grüße aus köln"),
        ("dutch", "wij wonen sinds mei in utrecht en het is mooi"),
        ("swedish", "jag bor i stockholm"),
        ("danish", "hvad hedder jeres hund og hvor gammel er den"),
        ("norwegian", "hva heter hunden deres og hvor gammel er den"),
        ("french", "où est passée la clé"),
        ("spanish", "dónde vive ella ahora"),
        ("portuguese", "onde você mora e com quem"),
        ("italian", "come si chiama il tuo gatto"),
        ("romanian", "unde locuiește sora ta"),
        ("finnish", "missä sinä asut nyt"),
        ("hungarian", "hol van a macska és miért"),
        ("turkish", "bu akşam nereye gidiyorsun"),
    ],
)
def test_the_language_of_a_short_text_is_found(language: str, text: str) -> None:
    assert guess(text.split()) == language


@pytest.mark.parametrize(
    "text", ["", "dog", "ada's dog", "los angeles trip", "van gogh", "kim and mia met", "1999", "zürich", "что"]
)
def test_what_is_no_sign_of_another_language_is_taken_for_english(text: str) -> None:
    assert guess(text.split()) == DEFAULT


def test_only_the_languages_asked_for_are_found() -> None:
    words = ["que", "es", "lo", "que", "tiene"]

    assert guess(words) == "spanish"
    assert guess(words, ["german"]) == DEFAULT


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("german", ["wohnt", "wohnen", "wohnte", "gewohnt"]),
        ("german", ["müller", "mueller", "muller"]),
        ("german", ["straße", "strassen"]),
        ("french", ["l'examen", "examens", "d'examen"]),
        ("italian", ["dell'amica", "amica"]),
        ("spanish", ["gatos", "gata", "gato"]),
        ("turkish", ["izmir'de", "i\u0307zmir"]),
        ("finnish", ["talossa", "talot"]),
        ("english", ["ёлки", "елка"]),
        ("english", ["книга", "книги"]),
        ("english", ["σπίτι", "σπίτια"]),
        ("english", ["المدرسة", "مدرسة"]),
        ("english", ["café", "cafe", "cafe's"]),
    ],
)
def test_forms_of_one_word_have_one_stem(language: str, forms: list[str]) -> None:
    found = {stem(form, language) for form in forms}

    assert len(found) == 1


def test_a_short_german_word_keeps_its_letters() -> None:
    assert stem("brot", "german") == "brot"
    assert stem("gelb", "german") == "gelb"


def test_a_function_word_is_one_in_its_own_language_only() -> None:
    assert content("die", "german") == ""
    assert content("die", "english") == "die"
    assert content("donde", "spanish") == ""
    assert content("они", "english") == ""


@given(st.text(min_size=1, max_size=12), st.sampled_from(LANGUAGES))
def test_any_word_with_a_letter_has_a_stem_that_is_its_own_plain_form(word: str, language: str) -> None:
    word = word.casefold()

    found = stem(word, language)

    assert found or not any(letter.isalnum() for letter in plain(word))


def test_words_that_are_shared_with_english_are_function_words_elsewhere() -> None:
    elsewhere = {plain(word) for words in LATIN.values() for word in words}

    assert elsewhere >= ALSO_ENGLISH
    assert not ALSO_ENGLISH & ENGLISH


@pytest.mark.parametrize("words", [*LATIN.values(), *OTHER.values()], ids=[*LATIN, *OTHER])
def test_function_words_are_single_words_in_lower_case(words: frozenset[str]) -> None:
    assert all(word == word.casefold() and word.isalpha() for word in words)
