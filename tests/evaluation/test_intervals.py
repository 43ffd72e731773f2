import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.evaluation.intervals import mean, means, ratio

shares = st.lists(st.floats(0, 1), min_size=1, max_size=50)


@given(shares)
def test_the_interval_lies_within_the_values_and_holds_their_mean(values: list[float]) -> None:
    found = mean(values)

    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert found.value == pytest.approx(sum(values) / len(values))
    assert found.n == len(values)


def test_the_same_values_give_the_same_interval() -> None:
    values = [0.0, 1.0, 1.0, 0.5] * 9

    assert mean(values) == mean(values)


def test_columns_are_estimated_each_by_itself() -> None:
    first, second = means([[0.0, 1.0], [1.0, 0.5], [0.5, 0.0]])

    assert first == mean([0.0, 1.0, 0.5])
    assert second == mean([1.0, 0.5, 0.0])


def test_the_interval_is_about_two_standard_errors_each_way() -> None:
    values = [float(value) for value in np.random.default_rng(1).random(400) < 0.3]

    found = mean(values)

    error = np.std(values) / 20
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    samples = [[float(one) for one in random.random(60) < 0.4] for _ in range(200)]

    held = sum(found.low <= 0.4 <= found.high for found in map(mean, samples))

    assert 0.9 <= held / len(samples) <= 0.99


def test_more_questions_narrow_the_interval() -> None:
    few, many = mean([0.0, 1.0] * 10), mean([0.0, 1.0] * 1000)

    assert many.high - many.low < (few.high - few.low) / 5


def test_a_ratio_is_that_of_the_sums() -> None:
    found = ratio([1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0])

    assert found is not None
    assert found.value == pytest.approx(2 / 3)
    assert found.n == 3
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_a_ratio_to_nothing_is_none() -> None:
    assert ratio([0.0, 0.0], [0.0, 0.0]) is None


def test_draws_without_anything_below_the_line_are_left_out() -> None:
    found = ratio([1.0, 0.0], [1.0, 0.0])

    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)
