from __future__ import annotations

from itertools import chain, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.order import Order
from duramen.index.saved import Loaded

TEXTS = st.lists(st.lists(st.integers(1, 4), max_size=6), max_size=8)


def order_of(*texts: list[int]) -> Order:
    order = Order()
    order.append_flat(
        np.array(list(chain(*texts)), dtype=np.uint32), np.array([len(text) for text in texts], dtype=np.int32)
    )
    return order


def rows(*places: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.array(places, dtype=np.intp)


def test_terms_side_by_side_are_found_in_their_order_only() -> None:
    order = order_of([1, 2, 3], [2, 1], [1, 3, 2], [3, 1, 2])

    found = order.beside(1, 2, rows(0, 1, 2, 3))

    assert found.tolist() == [0, 3]


def test_the_end_of_one_row_and_the_start_of_the_next_are_not_side_by_side() -> None:
    order = order_of([5, 1], [2, 5])

    found = order.beside(1, 2, rows(0, 1))

    assert found.tolist() == []


def test_only_the_rows_asked_for_are_looked_at() -> None:
    order = order_of([1, 2], [1, 2], [1, 2])

    found = order.beside(1, 2, rows(1))

    assert found.tolist() == [1]


@given(TEXTS, TEXTS, st.data())
def test_it_finds_what_reading_each_text_finds(
    before: list[list[int]], after: list[list[int]], data: st.DataObject
) -> None:
    order = order_of(*before)
    order.append_flat(
        np.array(list(chain(*after)), dtype=np.uint32), np.array([len(text) for text in after], dtype=np.int32)
    )
    texts = [*before, *after]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), dtype=np.bool_)
    left = [text for text, stays in zip(texts, mask, strict=True) if stays]
    full = rows(*[row for row, text in enumerate(left) if text])

    kept = order.kept(mask)
    loaded = Order.load(Loaded.of(kept.save()))

    expected = {row for row, text in enumerate(left) if (1, 2) in pairwise(text)}
    assert set(kept.beside(1, 2, full).tolist()) == expected
    assert set(loaded.beside(1, 2, full).tolist()) == expected
    assert len(kept) == len(loaded) == len(left)
