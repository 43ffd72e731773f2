import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.saved import Loaded
from duramen.index.vocabulary import UNKNOWN, Labels, Lookup, Vocabulary, fingerprint


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    assert fingerprint("Ada") == 0x501E63D145FB4A3F
    assert fingerprint("Ada") != fingerprint("ada")


def test_no_name_has_code_minus_one_and_an_unknown_name_minus_two() -> None:
    labels = Labels()

    labels.append(["ada", None, "grace", "ada"])

    assert labels.codes.tolist() == [0, -1, 1, 0]
    assert labels.code_of("grace") == 1
    assert labels.code_of("alan") == UNKNOWN == -2
    assert [labels.name_of(row) for row in range(4)] == ["ada", None, "grace", "ada"]


def test_names_that_no_row_has_any_more_are_forgotten() -> None:
    labels = Labels()
    labels.append(["ada", None, "grace"])

    kept = labels.kept(np.array([False, True, True]))

    assert kept.codes.tolist() == [-1, 0]
    assert kept.code_of("ada") == -2
    assert len(kept) == 1


names_and_mask = st.lists(st.tuples(st.sampled_from([None, "a", "b", "c", "d"]), st.booleans()))


@given(names_and_mask)
def test_labels_kept_equal_labels_made_anew(rows: list[tuple[str | None, bool]]) -> None:
    labels, fresh = Labels(), Labels()
    labels.append(name for name, _ in rows)

    kept = labels.kept(np.array([kept for _, kept in rows], dtype=np.bool_))

    fresh.append(name for name, kept in rows if kept)
    assert kept.codes.tolist() == fresh.codes.tolist()
    assert all(kept.code_of(name) == fresh.code_of(name) for name in "abcd")


@given(st.lists(st.text(), unique=True), st.lists(st.text()))
def test_a_vocabulary_that_was_saved_has_the_same_codes_and_goes_on(saved: list[str], later: list[str]) -> None:
    whole, first = Vocabulary(), Vocabulary()
    for name in saved:
        first.add(name)

    loaded = Vocabulary.load(Loaded.of({"names": first.save()})["names"])

    for name in [*saved, *later]:
        assert loaded.code_of(name) == (first.code_of(name) if name in saved else whole.code_of(name))
        assert loaded.add(name) == whole.add(name)
    assert [loaded[code] for code in range(len(loaded))] == list(dict.fromkeys([*saved, *later]))


def test_names_with_the_same_fingerprint_are_told_apart() -> None:
    vocabulary = Vocabulary.load(Loaded.of({"names": two_names().save()})["names"])
    key = np.uint64(fingerprint("ada"))
    vocabulary._lookup = Lookup(np.array([key, key]), np.array([1, 0], dtype=np.int32))

    assert vocabulary.code_of("ada") == 0


def two_names() -> Vocabulary:
    vocabulary = Vocabulary()
    for name in ("ada", "grace"):
        vocabulary.add(name)
    return vocabulary
