import math
from collections.abc import Sequence
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.postings import Postings
from duramen.index.saved import Loaded
from tests.index.same import assert_same_postings

LARGEST = 2**32 - 1

Rows = list[list[int]]


def postings_of(rows: Rows) -> Postings:
    postings = Postings()
    postings.append(arrays(rows))
    return postings


def arrays(rows: Rows) -> list[npt.NDArray[np.uint32]]:
    return [np.array(row, dtype=np.uint32) for row in rows]


def plain_bm25(rows: Rows, query: Sequence[int], k1: float, b: float) -> list[float]:
    mean = sum(map(len, rows)) / len(rows) or 1.0
    scores = []
    for row in rows:
        score = 0.0
        for code in query:
            df = sum(code in other for other in rows)
            idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
            tf = row.count(code)
            if not tf:
                continue
            score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(row) / mean))
        scores.append(score)
    return scores


codes = st.integers(0, 6) | st.just(LARGEST)
many_rows = st.lists(st.lists(codes, max_size=8), max_size=12)


@given(
    many_rows.filter(bool), st.lists(codes, max_size=4), st.sampled_from([0.0, 0.9, 1.2]), st.sampled_from([0, 0.75, 1])
)
def test_scores_are_those_of_a_plain_bm25(rows: Rows, query: list[int], k1: float, b: float) -> None:
    postings = postings_of(rows)

    scores = postings.scores(query, k1=k1, b=b)

    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx(plain_bm25(rows, query, k1, b), rel=1e-5, abs=1e-6)


@given(st.lists(st.tuples(many_rows, st.randoms(use_true_random=False)), max_size=5))
def test_any_mix_of_appending_and_dropping_equals_building_anew(steps: list[tuple[Rows, Random]]) -> None:
    postings, rows = Postings(), Rows()

    for added, random in steps:
        postings.append(arrays(added))
        rows += added
        mask = [random.random() < 0.7 for _ in rows]
        if not all(mask):
            postings = postings.kept(np.array(mask, dtype=np.bool_))
            rows = [row for row, kept in zip(rows, mask, strict=True) if kept]

    assert_same_postings(postings, postings_of(rows))


def test_rows_appended_one_by_one_are_the_same_before_and_after_they_are_made_tables() -> None:
    random = np.random.default_rng(1)
    rows = (random.zipf(1.5, size=(1100, 5)) % 500).tolist()
    postings = Postings()
    tables = set()

    for place, row in enumerate(rows, 1):
        postings.append(arrays([row]))
        tables.add((len(postings._tables), postings._tabled))
        if place in (1, 2, 257, 258, 259, 515, 516, 1100):
            assert_same_postings(postings, postings_of(rows[:place]))

    assert tables == {(1, 1), (1, 258), (1, 515), (1, 772), (1, 1029)}


def test_tables_of_very_different_size_stay_apart_and_are_one_once_they_were_saved() -> None:
    rows = (np.random.default_rng(2).zipf(1.5, size=(4000, 5)) % 500).tolist()
    postings = postings_of(rows[:3000])
    for start in (3000, 3400, 3700):
        postings.append(arrays(rows[start : start + 300]))
    postings.append(arrays(rows[3700:]))

    loaded = Postings.load(Loaded.of({"terms": postings.save()})["terms"])

    whole = postings_of([*rows[:3300], *rows[3400:3700], *rows[3700:4000], *rows[3700:]])
    assert len(postings._tables) > 1
    assert len(loaded._tables) == 1
    assert_same_postings(postings, whole)
    assert_same_postings(loaded, whole)


def test_rows_without_terms_are_saved_though_they_were_added_in_parts() -> None:
    postings = Postings()
    for _ in range(3):
        postings.append(arrays([[]] * 300))
        postings.append(arrays([[]]))

    loaded = Postings.load(Loaded.of({"terms": postings.save()})["terms"])

    assert len(loaded) == 903
    assert_same_postings(loaded, postings)


def test_very_many_postings_are_one_table_once_they_were_saved() -> None:
    random = np.random.default_rng(4)
    codes = random.integers(0, 3000, size=(3, 1_100_000)).astype(np.uint32)
    postings, lengths = Postings(), np.full(11_000, 100, dtype=np.int32)
    for part in codes:
        postings.append_flat(part, lengths)

    loaded = Postings.load(Loaded.of({"terms": postings.save()})["terms"])

    (table,) = loaded._tables
    assert len(postings._tables) > 1
    assert table.offsets[-1] == len(table.rows) == len(table.counts)
    for code in (0, 1, 1499, 2998, 2999):
        assert loaded.rows_of(code).tolist() == postings.rows_of(code).tolist()
    assert loaded.scores([5, 2999]).tolist() == postings.scores([5, 2999]).tolist()


def test_what_was_saved_shows_the_rows_of_that_moment_and_can_be_added_to() -> None:
    postings = postings_of([[1, 2], [2]])
    saved = postings.save()
    postings.append(arrays([[3]]))

    loaded = Postings.load(Loaded.of({"terms": saved})["terms"])
    assert_same_postings(loaded, postings_of([[1, 2], [2]]))

    loaded.append(arrays([[1, 4]]))
    assert_same_postings(loaded, postings_of([[1, 2], [2], [1, 4]]))


def test_a_frequent_term_of_a_large_bank_scores_as_in_a_plain_bm25() -> None:
    random = np.random.default_rng(3)
    rows = (random.integers(0, 4, size=(21_000, 3)) * random.integers(0, 2, size=(21_000, 1))).tolist()
    postings = postings_of(rows)
    before = postings.scores([1, 2]).tolist()

    postings.append(arrays([[1, 1, 9], [8]]))

    assert before[:50] == pytest.approx(quick_bm25(rows, [1, 2])[:50], rel=1e-4)
    found, wanted = postings.scores([1, 2]), quick_bm25([*rows, [1, 1, 9], [8]], [1, 2])
    assert found[-2:].tolist() == pytest.approx(wanted[-2:], rel=1e-4)
    assert found[:50].tolist() == pytest.approx(wanted[:50], rel=1e-4)


def test_a_term_that_adds_next_to_nothing_is_passed_over_in_a_large_bank() -> None:
    postings = postings_of([[1, 2 + number] for number in range(21_000)])

    assert np.count_nonzero(postings.scores([1, 7])) == 1
    assert np.count_nonzero(postings.scores([1])) == 21_000


def quick_bm25(rows: Rows, query: Sequence[int], k1: float = 1.2, b: float = 0.75) -> list[float]:
    mean = sum(map(len, rows)) / len(rows)
    scores = [0.0] * len(rows)
    for code in query:
        counts = [row.count(code) for row in rows]
        df = sum(count > 0 for count in counts)
        idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
        for place, (count, row) in enumerate(zip(counts, rows, strict=True)):
            scores[place] += idf * count * (k1 + 1) / (count + k1 * (1 - b + b * len(row) / mean))
    return scores


def test_an_empty_bank_gives_no_scores() -> None:
    postings = Postings()

    postings.append([])

    assert postings.scores([1, 2]).shape == (0,)
    assert postings.rows_of(1).tolist() == []
    assert postings.frequency(1) == 0


def test_rows_without_terms_count_as_rows() -> None:
    postings = postings_of([[], [5], []])

    scores = postings.scores([5])

    assert len(postings) == 3
    assert scores.tolist() == pytest.approx(plain_bm25([[], [5], []], [5], 1.2, 0.75))
    assert postings_of([[], []]).scores([5]).tolist() == [0.0, 0.0]


def test_all_rows_may_be_dropped() -> None:
    postings = postings_of([[1], [2]]).kept(np.array([False, False]))

    assert len(postings) == 0
    assert postings.frequency(1) == 0
    assert_same_postings(postings, Postings())


def test_terms_tell_their_rows_in_order() -> None:
    postings = postings_of([[1, 2], [2], [1, 1], [LARGEST]])
    postings.append(arrays([[1], [3]]))

    assert postings.rows_of(1).tolist() == [0, 2, 4]
    assert postings.rows_of(LARGEST).tolist() == [3]
    assert postings.rows_of(1).dtype == np.int32
    assert [postings.frequency(code) for code in (0, 1, 2, 3, LARGEST)] == [0, 3, 2, 1, 1]


@given(many_rows, st.sets(codes))
def test_no_row_scores_above_the_ceiling(rows: Rows, query: set[int]) -> None:
    postings = postings_of(rows)

    ceiling = postings.ceiling(sorted(query))

    assert max(postings.scores(sorted(query)).tolist(), default=0.0) <= ceiling * (1 + 1e-6)


def test_the_ceiling_counts_each_distinct_term_once() -> None:
    postings = postings_of([[1], [2]])

    assert postings.ceiling([1, 1]) == postings.ceiling([1])
    assert postings.ceiling([1, 2]) == pytest.approx(2 * postings.ceiling([1]))
    assert postings.ceiling([1], k1=3.0) == pytest.approx(4.0 / 2.2 * postings.ceiling([1]))
    assert postings.ceiling([]) == 0.0


def test_repeated_query_terms_count_again() -> None:
    postings = postings_of([[1, 2], [2]])

    assert postings.scores([1, 1, 2]).tolist() == pytest.approx(
        (2 * postings.scores([1]) + postings.scores([2])).tolist()
    )


def test_a_query_of_codes_may_be_an_array() -> None:
    postings = postings_of([[1, LARGEST], [2]])
    query = [1, LARGEST]

    assert postings.scores(np.array(query, dtype=np.uint32)).tolist() == postings.scores(query).tolist()


def test_scores_after_a_change_use_the_new_statistics() -> None:
    rows = [[1], [2, 2, 3]]
    postings = postings_of(rows)
    before = postings.scores([1])

    postings.append(arrays([[1, 4, 5, 6]]))

    assert postings.scores([1]).tolist() == pytest.approx(plain_bm25([*rows, [1, 4, 5, 6]], [1], 1.2, 0.75))
    assert postings.scores([1])[0] != before[0]


def test_scores_after_dropping_rows_use_the_statistics_of_those_left() -> None:
    postings = postings_of([[1], [2, 2, 3], [1, 4, 5, 6]])
    postings.scores([1])

    kept = postings.kept(np.array([False, True, True]))

    assert kept.scores([1]).tolist() == pytest.approx(plain_bm25([[2, 2, 3], [1, 4, 5, 6]], [1], 1.2, 0.75))


def test_bytes_grow_with_what_waits_to_be_merged() -> None:
    postings = postings_of([[1, 2, 3]])
    before = postings.nbytes

    postings.append(arrays([[4, 5, 6]]))

    assert postings.nbytes > before


def test_counting_is_right_for_rows_with_many_repeats() -> None:
    postings = postings_of([[9] * 300 + [8]])
    postings.append(arrays([[9] * 70_000]))

    wanted = plain_bm25([[9] * 300 + [8], [9] * 70_000], [9], 1.2, 0.75)

    assert postings.scores([9]).tolist() == pytest.approx(wanted, rel=1e-5)
