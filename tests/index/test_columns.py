import numpy as np
import pytest

from duramen.index.columns import Column


def test_a_column_holds_what_was_appended() -> None:
    column = Column(np.int32)

    for start in range(0, 100, 10):
        column.append(range(start, start + 10))

    assert column.values.tolist() == list(range(100))
    assert column.values.dtype == np.int32


def test_appending_one_by_one_does_not_copy_the_column_each_time() -> None:
    column = Column(np.int64)
    rooms = set()

    for value in range(1000):
        column.append([value])
        rooms.add(column.nbytes)

    assert len(rooms) <= 11
    assert column.nbytes <= 2 * 8 * 1000


def test_readers_cannot_change_a_column() -> None:
    column = Column(np.int64)
    column.append([1])

    with pytest.raises(ValueError, match="read-only"):
        column.values[0] = 2


def test_a_view_taken_before_a_change_stays_as_it_was() -> None:
    column = Column(np.int64)
    column.append([1, 2, 3])
    view = column.values

    column.append([4])

    assert view.tolist() == [1, 2, 3]
    assert column.values.tolist() == [1, 2, 3, 4]


def test_a_column_in_a_file_counts_only_what_was_added_to_it() -> None:
    column = Column(np.int64, np.arange(8), size=4, mapped=True)

    assert column.nbytes == 0

    column.append([7, 8])

    assert column.values.tolist() == [0, 1, 2, 3, 7, 8]
    assert column.nbytes == 2 * 8

    column.append(range(10))

    assert column.nbytes >= 16 * 8
