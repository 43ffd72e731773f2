import pickle
import sys
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.names import Names, fold
from duramen.index.phrases import MOST_SHARED
from duramen.index.saved import Loaded
from tests.index.same import assert_same_names


def names_of(*rows: tuple[str, ...], fold: bool = True) -> Names:
    names = Names(fold=fold)
    names.append(rows)
    return names


def test_names_that_differ_in_case_spaces_or_encoding_are_one() -> None:
    names = names_of(("Ada  Lovelace", "ADA LOVELACE"), ("Jose\u0301",), ("José", "ada lovelace"))

    assert names.names_of(0) == ("ada lovelace",)
    assert names.rows_of("Ada LOVELACE").tolist() == [0, 2]
    assert names.rows_of("JOSÉ").tolist() == [1, 2]
    assert names.rows_of("José").dtype == np.int32
    assert dict(names.all()) == {"ada lovelace": 2, "josé": 2}
    assert names.lengths.tolist() == [1, 1, 2]


def test_tags_are_taken_as_they_are() -> None:
    tags = names_of(("Work", "work", "Work"), (), ("work",), fold=False)

    assert tags.names_of(0) == ("Work", "work")
    assert tags.rows_of("work").tolist() == [0, 2]
    assert tags.rows_of("WORK").tolist() == []
    assert tags.count("Work") == 1
    assert tags.lengths.tolist() == [2, 0, 1]


def test_an_unknown_name_has_no_rows() -> None:
    names = names_of(("Ada",))

    assert names.rows_of("Grace").tolist() == []
    assert names.count("Grace") == 0
    assert "grace" not in names.all()


def test_the_view_of_all_names_cannot_be_changed() -> None:
    names = names_of(("Ada",))

    with pytest.raises(TypeError):
        names.all()["grace"] = 1  # type: ignore[index]  # that is the point


@given(st.sampled_from(range(sys.maxunicode + 1)).filter(lambda code: not 0xD800 <= code < 0xE000) | st.just(0x345))
def test_folding_twice_is_folding_once(code: int) -> None:
    name = f"a{chr(code)} {chr(code)}b"

    assert fold(fold(name)) == fold(name)


def test_a_name_is_found_as_whole_words() -> None:
    names = names_of(("New York", "York", "Ada"))

    assert names.find(["has", "ada", "moved", "to", "new", "york"]) == ["new york", "ada", "york"]
    assert names.find(["the", "adage", "of", "newyork"]) == []
    assert names.find([]) == []


def test_punctuation_and_case_do_not_hide_a_name() -> None:
    names = names_of(("O'Brien", "AT&T", "Ada"))

    assert names.find(["(Ada)", "O\u2019Brien's", "AT&T,"]) == ["o'brien", "at&t", "ada"]


def test_names_written_with_other_punctuation_are_all_found() -> None:
    names = names_of(("Jean-Luc",), ("Jean Luc",))

    assert names.find(["jean", "luc"]) == ["jean luc", "jean-luc"]


def test_a_telling_word_finds_the_longer_name_it_is_part_of() -> None:
    names = names_of(("Ada Lovelace", "Grace Hopper"))

    assert names.find(["where", "does", "lovelace", "live"]) == ["ada lovelace"]
    assert names.find(["did", "ada", "meet", "grace"]) == ["ada lovelace", "grace hopper"]


def test_a_word_of_a_longer_name_spoken_whole_stands_for_no_other() -> None:
    names = names_of(("Ada Lovelace", "Ada Byron", "Ada"))

    assert names.find(["ada", "lovelace"]) == ["ada lovelace", "ada"]
    assert names.find(["ada"]) == ["ada", "ada byron", "ada lovelace"]


@pytest.mark.parametrize("word", ["of", "the", "42nd", "1984"])
def test_short_words_function_words_and_numbers_stand_for_no_longer_name(word: str) -> None:
    names = names_of(("The Bank Of 1984 On 42nd",))

    assert names.find([word]) == []


def test_a_word_shared_by_many_names_stands_for_none() -> None:
    shared = [(f"{name} County",) for name in "abcdef"[:MOST_SHARED]]
    names = names_of(*shared)

    assert len(names.find(["county"])) == MOST_SHARED

    names.append([("Kent County",)])

    assert names.find(["county"]) == []
    assert names.find(["kent"]) == ["kent county"]


def test_names_without_letters_are_kept_but_not_found_in_text() -> None:
    names = names_of(("🎈", "", "  "))

    assert names.names_of(0) == ("🎈", "")
    assert names.rows_of("🎈").tolist() == [0]
    assert names.find(["🎈", ""]) == []


def test_a_column_that_does_not_fold_finds_nothing_in_text() -> None:
    with pytest.raises(ValueError, match="folds"):
        names_of(("work",), fold=False).find(["work"])


def test_a_name_without_rows_is_gone_for_good() -> None:
    names = names_of(("Ada Lovelace", "Grace"), ("Grace",))

    kept = names.kept(np.array([False, True]))

    assert dict(kept.all()) == {"grace": 1}
    assert kept.find(["ada", "lovelace", "grace"]) == ["grace"]
    assert b"lovelace" not in pickle.dumps(kept)


def test_a_name_that_comes_back_has_only_its_new_rows() -> None:
    names = names_of(("Ada",), ("Grace",)).kept(np.array([False, True]))

    names.append([("ada",)])

    assert names.rows_of("ada").tolist() == [1]
    assert names.count("ada") == 1


some_names = st.sampled_from(["Ada", "ada", "Ada Lovelace", "Ada Byron", "Grace", "Lovelace-Ada", "ADA-lovelace", "🎈"])
many_rows = st.lists(st.lists(some_names, max_size=3).map(tuple), max_size=6)


@given(st.lists(st.tuples(many_rows, st.randoms(use_true_random=False)), max_size=5), st.booleans())
def test_any_mix_of_appending_and_dropping_equals_building_anew(
    steps: list[tuple[list[tuple[str, ...]], Random]], fold: bool
) -> None:
    names, rows = Names(fold=fold), list[tuple[str, ...]]()

    for added, random in steps:
        names.append(added)
        rows += added
        mask = [random.random() < 0.6 for _ in rows]
        names = names.kept(np.array(mask, dtype=np.bool_))
        rows = [row for row, kept in zip(rows, mask, strict=True) if kept]

    assert_same_names(names, names_of(*rows, fold=fold))


def test_bytes_grow_with_names() -> None:
    assert names_of(("Ada", "Grace")).nbytes > names_of(("Ada",)).nbytes > names_of().nbytes


def loaded(names: Names, *, fold: bool = True) -> Names:
    return Names.load(Loaded.of({"names": names.save()})["names"], fold=fold)


@given(many_rows, many_rows, st.booleans())
def test_names_that_were_saved_are_found_alike_and_can_be_added_to(
    saved: list[tuple[str, ...]], later: list[tuple[str, ...]], fold: bool
) -> None:
    names = loaded(names_of(*saved, fold=fold), fold=fold)
    assert_same_names(names, names_of(*saved, fold=fold))

    names.append(later)

    assert_same_names(names, names_of(*saved, *later, fold=fold))


def test_a_name_that_says_whose_somebody_is_is_found_whole_after_it_was_saved() -> None:
    names = names_of(("Ada's sister", "Grace"), ("Ada Lovelace",))

    for known in (names, loaded(names)):
        assert known.find(["where", "does", "ada's", "sister", "live"]) == ["ada's sister"]
        assert known.find(["what", "does", "ada", "like"]) == ["ada lovelace"]
        assert known.find(["grace"]) == ["grace"]
