import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.embedders.text_model import batches, unit


@given(st.lists(st.integers(1, 512)), st.integers(1, 64))
def test_every_text_is_in_one_batch_that_is_not_too_large(lengths: list[int], size: int) -> None:
    made = list(batches(lengths, size))

    assert sorted(number for batch in made for number in batch) == list(range(len(lengths)))
    for batch in made:
        assert 1 <= len(batch) <= size
        assert len(batch) == 1 or len(batch) * max(lengths[number] for number in batch) <= size * 16


def test_texts_of_like_length_come_together() -> None:
    assert list(batches([3, 100, 4, 90], 2)) == [[0, 2], [3], [1]]


def test_rows_are_scaled_to_length_1() -> None:
    scaled = unit(np.array([[3, 4], [0, 0.5]], dtype=np.float32))

    assert scaled.dtype == np.float32
    assert scaled.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 1]]


def test_a_row_without_a_direction_becomes_the_first_axis() -> None:
    rows = np.array([[0, 0], [0, 2]], dtype=np.float32)

    assert unit(rows).tolist() == [[1, 0], [0, 1]]
    assert rows.tolist() == [[0, 0], [0, 2]]


def test_no_rows_stay_none() -> None:
    assert unit(np.empty((0, 3), dtype=np.float32)).shape == (0, 3)
