from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from duramen.recall.fusion import best, calibrated, ranks, rrf, weighted

Scores = npt.NDArray[np.float32]
score_arrays = arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(0, 1, width=32, allow_subnormal=False))


def of(*values: float) -> Scores:
    return np.array(values, dtype=np.float32)


def test_weighted_sums_the_shares() -> None:
    fused = weighted({"semantic": of(0.5, 1.0), "keyword": of(1.0, 0.0)}, 2, {"semantic": 0.4, "keyword": 1.0})

    assert fused == pytest.approx(of(1.2, 0.4))


def test_an_arm_without_a_weight_counts_nothing() -> None:
    assert weighted({"semantic": of(0.5), "graph": of(1.0)}, 1, {"semantic": 1.0}).tolist() == [0.5]


def test_rrf_sums_reciprocal_ranks() -> None:
    fused = rrf({"semantic": of(0.9, 0.5, 0.0), "keyword": of(0.0, 0.7, 0.0)}, 3)

    assert fused == pytest.approx(of(1 / 61, 1 / 62 + 1 / 61, 0.0))


@given(score_arrays)
def test_rrf_stays_in_its_bounds_and_keeps_the_order_of_one_arm(scores: Scores) -> None:
    fused = rrf({"semantic": scores}, len(scores))

    assert fused.min() >= 0.0
    assert fused.max() <= 1 / 61 + 1e-6
    order = np.argsort(scores)
    assert (np.diff(fused[order]) >= 0).all()


@given(score_arrays)
def test_ranks_are_those_of_a_full_sort(scores: Scores) -> None:
    rows = np.arange(scores.size)

    expected = [1 + sum(other > score for other in scores) for score in scores]

    found = ranks(scores, rows)
    assert [rank for rank, score in zip(found, scores, strict=True) if score > 0] == [
        rank for rank, score in zip(expected, scores, strict=True) if score > 0
    ]


@given(score_arrays, st.data())
def test_ranks_of_some_rows_are_those_among_all(scores: Scores, data: st.DataObject) -> None:
    rows = np.array(data.draw(st.lists(st.integers(0, scores.size - 1), min_size=1)))

    all_ranks = ranks(scores, np.arange(scores.size))

    positive = scores[rows] > 0
    assert ranks(scores, rows)[positive].tolist() == all_ranks[rows][positive].tolist()


@given(score_arrays, st.integers(0, 50))
def test_best_gives_the_highest_in_order(scores: Scores, count: int) -> None:
    rows = best(scores, count)

    expected = sorted(range(scores.size), key=lambda row: (-scores[row], row))[:count]
    assert rows.tolist() == expected


@given(arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(-1, 5, width=32)))
def test_calibrated_scores_lie_in_zero_to_one_and_keep_the_order(fused: Scores) -> None:
    scores = calibrated(fused)

    assert ((scores >= 0.0) & (scores <= 1.0)).all()
    assert (np.diff(scores[np.argsort(fused)]) >= 0).all()
