import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.evaluation.metrics import (
    OFFICIAL,
    PLAIN,
    Places,
    all_at,
    any_at,
    ndcg_any_at,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

found = st.lists(st.none() | st.integers(1, 60), min_size=1, max_size=8)
depths = st.integers(1, 50)


def test_recall_is_the_share_of_what_was_expected_among_the_first_hits() -> None:
    assert recall_at((1, 6, None, 5), 5) == 0.5
    assert recall_at((None,), 5) == 0.0


def test_any_and_all_are_one_or_zero() -> None:
    assert (any_at((7, None), 10), all_at((7, None), 10)) == (1.0, 0.0)
    assert (any_at((7, 10), 10), all_at((7, 10), 10)) == (1.0, 1.0)
    assert (any_at((11,), 10), all_at((11,), 10)) == (0.0, 0.0)


def test_the_reciprocal_rank_is_that_of_the_first_expected_hit() -> None:
    assert reciprocal_rank((4, None, 2)) == 0.5
    assert reciprocal_rank((None, None)) == 0.0


def test_ndcg_discounts_by_the_logarithm_of_rank_plus_one() -> None:
    best = 1 + 1 / math.log2(3)

    assert ndcg_at((1, 3), 10) == pytest.approx((1 + 1 / 2) / best)
    assert ndcg_at((2, None), 10) == pytest.approx((1 / math.log2(3)) / best)
    assert ndcg_at((11,), 10) == 0.0


def test_the_ndcg_of_longmemeval_tells_rank_two_not_from_rank_one() -> None:
    assert ndcg_any_at((2,), 5) == ndcg_any_at((1,), 5) == 1.0
    assert ndcg_any_at((1, 4), 5) == pytest.approx((1 + 1 / 2) / 2)


def test_things_that_one_hit_brings_count_once_in_the_gain() -> None:
    assert ndcg_at((1, 1), 10) == 1.0


def test_the_best_order_is_cut_at_the_depth_too() -> None:
    assert ndcg_at((1, 2, 3), 2) == pytest.approx(1.0)


@given(found, depths)
def test_every_measure_lies_between_zero_and_one(places: Places, k: int) -> None:
    values = [measure(places, k) for measure in (recall_at, any_at, all_at, ndcg_at, ndcg_any_at)]
    values += [metric.measure(places) for metric in (*PLAIN, *OFFICIAL)]

    assert all(-1e-9 <= value <= 1 + 1e-9 for value in values)
    assert all_at(places, k) <= recall_at(places, k) <= any_at(places, k)


@pytest.mark.parametrize("measure", [recall_at, any_at, all_at])
@given(places=found, k=depths)
def test_looking_deeper_never_finds_less(
    measure: Callable[[Places, int], float], places: list[int | None], k: int
) -> None:
    assert measure(places, k) <= measure(places, k + 1)


@given(found, depths)
def test_the_first_ranks_are_the_best(places: list[int | None], k: int) -> None:
    perfect = list(range(1, len(places) + 1))

    assert ndcg_at(places, k) <= ndcg_at(perfect, k) + 1e-9 == pytest.approx(1.0)


def test_measures_have_the_names_they_are_known_by() -> None:
    assert [metric.name for metric in PLAIN] == [
        "recall@5",
        "recall@10",
        "recall@20",
        "any@10",
        "all@10",
        "nDCG@10",
        "MRR",
    ]
    assert [metric.name for metric in OFFICIAL[:3]] == ["recall_any@5", "recall_all@5", "ndcg_any@5"]


def test_each_named_measure_has_its_own_depth() -> None:
    values = {metric.name: metric.measure((8,)) for metric in PLAIN}

    assert (values["recall@5"], values["recall@10"], values["recall@20"]) == (0.0, 1.0, 1.0)
