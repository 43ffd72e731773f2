from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.neighbours import Neighbours
from duramen.index.vocabulary import fingerprint

Rows = list[tuple[str, int]]


def neighbours_of(rows: Rows) -> Neighbours:
    neighbours = Neighbours()
    neighbours.append(*told(rows))
    return neighbours


def told(rows: Rows) -> tuple[list[int], list[int]]:
    return [fingerprint(group) for group, _ in rows], [key for _, key in rows]


def plain(rows: Rows) -> tuple[list[int], list[int]]:
    previous, following = [-1] * len(rows), [-1] * len(rows)
    for group in {group for group, _ in rows}:
        members = sorted((key, row) for row, (name, key) in enumerate(rows) if name == group)
        for (_, before), (_, after) in pairwise(members):
            previous[after], following[before] = before, after
    return previous, following


def found(neighbours: Neighbours) -> tuple[list[int], list[int]]:
    return neighbours.previous().tolist(), neighbours.next().tolist()


def test_rows_of_a_group_follow_each_other() -> None:
    neighbours = neighbours_of([("a", 1), ("b", 5), ("a", 2), ("a", 3)])

    assert neighbours.previous().tolist() == [-1, -1, 0, 2]
    assert neighbours.next().tolist() == [2, -1, 3, -1]
    assert neighbours.previous().dtype == neighbours.next().dtype == np.int32


def test_no_rows_have_no_neighbours() -> None:
    assert found(neighbours_of([])) == ([], [])


def test_rows_of_the_same_key_stay_in_order() -> None:
    assert found(neighbours_of([("a", 1), ("a", 1), ("a", 1)])) == ([-1, 0, 1], [1, 2, -1])


def test_a_row_at_the_end_is_linked_without_sorting() -> None:
    neighbours = neighbours_of([("a", 1)])

    neighbours.append(*told([("a", 1), ("b", 0)]))

    assert neighbours._known
    assert found(neighbours) == ([-1, 0, -1], [1, -1, -1])


def test_a_late_row_takes_its_place_in_between() -> None:
    neighbours = neighbours_of([("a", 1), ("a", 9)])

    neighbours.append(*told([("a", 5)]))

    assert found(neighbours) == ([-1, 2, 0], [2, -1, 1])


def test_rows_after_a_late_one_are_linked_to_the_right_end() -> None:
    neighbours = neighbours_of([("a", 1), ("a", 9)])
    neighbours.append(*told([("a", 5)]))
    neighbours.next()

    neighbours.append(*told([("a", 9)]))

    assert neighbours._known
    assert found(neighbours) == ([-1, 2, 0, 1], [2, 3, 1, -1])


def test_those_around_a_dropped_row_become_neighbours() -> None:
    neighbours = neighbours_of([("b", 0), ("a", 1), ("a", 2), ("a", 3)])

    neighbours = neighbours.kept(np.array([False, True, False, True]))
    neighbours.append(*told([("c", 0)]))

    assert found(neighbours) == ([-1, 0, -1], [1, -1, -1])


some_rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=6)
steps = st.lists(st.tuples(some_rows, st.booleans(), st.booleans(), st.randoms(use_true_random=False)), max_size=8)


@given(steps)
def test_the_order_is_right_after_any_mix_of_changes(steps: list[tuple[Rows, bool, bool, Random]]) -> None:
    neighbours, rows = Neighbours(), Rows()

    for added, asks, drops, random in steps:
        neighbours.append(*told(added))
        rows += added
        if asks:
            neighbours.next()
        if drops:
            mask = [random.random() < 0.7 for _ in rows]
            neighbours = neighbours.kept(np.array(mask, dtype=np.bool_))
            rows = [row for row, kept in zip(rows, mask, strict=True) if kept]

    assert found(neighbours) == plain(rows)


def test_many_rows_at_once_are_ordered_like_few() -> None:
    rows = [(f"group {row % 7}", row * 31 % 100) for row in range(3000)]

    assert found(neighbours_of(rows)) == plain(rows)


def test_a_row_that_comes_very_late_takes_its_place_too() -> None:
    rows = [("a", key) for key in range(1, 1500)]
    neighbours = neighbours_of(rows)

    neighbours.append(*told([("a", 0), ("a", 700)]))

    assert found(neighbours) == plain([*rows, ("a", 0), ("a", 700)])
