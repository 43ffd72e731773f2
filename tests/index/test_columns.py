import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.columns import Column, Labels


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
    column.keep(np.array([False, True, False, True]))

    assert view.tolist() == [1, 2, 3]
    assert column.values.tolist() == [2, 4]


def test_no_name_has_code_minus_one_and_an_unknown_name_minus_two() -> None:
    labels = Labels()

    labels.append(["ada", None, "grace", "ada"])

    assert labels.codes.tolist() == [0, -1, 1, 0]
    assert labels.code_of("grace") == 1
    assert labels.code_of("alan") == -2


def test_names_that_no_row_has_any_more_are_forgotten() -> None:
    labels = Labels()
    labels.append(["ada", None, "grace"])

    labels.keep(np.array([False, True, True]))

    assert labels.codes.tolist() == [-1, 0]
    assert labels.code_of("ada") == -2
    assert len(labels) == 1


names_and_mask = st.lists(st.tuples(st.sampled_from([None, "a", "b", "c", "d"]), st.booleans()))


@given(names_and_mask)
def test_labels_kept_equal_labels_made_anew(rows: list[tuple[str | None, bool]]) -> None:
    labels, fresh = Labels(), Labels()
    labels.append(name for name, _ in rows)

    labels.keep(np.array([kept for _, kept in rows], dtype=np.bool_))

    fresh.append(name for name, kept in rows if kept)
    assert labels.codes.tolist() == fresh.codes.tolist()
    assert labels._codes == fresh._codes
