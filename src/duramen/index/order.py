"""In which order the terms of each row stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column
from duramen.index.saved import Loaded, Parts

_Rows = npt.NDArray[np.intp]


class Order:
    """The codes of the terms of all rows, one row after the other: four bytes a term.

    Postings tell which rows have two terms; only for those few it is looked up here whether they stand side by side.
    """

    def __init__(self, codes: Column[np.uint32] | None = None, ends: Column[np.int64] | None = None) -> None:
        self._codes = Column(np.uint32) if codes is None else codes
        self._ends = Column(np.int64) if ends is None else ends

    @classmethod
    def load(cls, loaded: Loaded) -> Order:
        """Take an order that was saved, where it lies."""
        return cls(Column.load(np.uint32, loaded["codes"]), Column.load(np.int64, loaded["ends"]))

    def save(self) -> Parts:
        """Tell what to keep of it."""
        return {"codes": self._codes.values, "ends": self._ends.values}

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def nbytes(self) -> int:
        """Bytes taken, without what lies in a file."""
        return self._codes.nbytes + self._ends.nbytes

    def append_flat(self, codes: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int32]) -> None:
        """Add the codes of all new rows, in the order of their texts, of which each has `lengths` codes."""
        last = int(self._ends.values[-1]) if len(self) else 0
        self._codes.append(codes)
        self._ends.append(last + np.cumsum(lengths, dtype=np.int64))

    def kept(self, mask: npt.NDArray[np.bool_]) -> Order:
        """Return the rows where `mask` is true, in order."""
        lengths = np.diff(self._ends.values, prepend=0)
        codes = self._codes.values[np.repeat(mask, lengths)]
        return Order(Column(np.uint32, codes), Column(np.int64, np.cumsum(lengths[mask])))

    def beside(self, first: int, second: int, rows: _Rows) -> _Rows:
        """Return those of `rows` in which the term `second` comes right after `first`, each as often as that is so.

        Args:
            first: The code of a term.
            second: The code of another one.
            rows: Rows that have terms; the cost grows with how many they have.
        """
        ends = self._ends.values
        starts = np.where(rows > 0, ends[rows - 1], 0)
        followed = ends[rows] - starts - 1  # all terms of a row but the last
        places = np.arange(int(followed.sum())) + np.repeat(starts - followed.cumsum() + followed, followed)
        here = self._codes.values[places] == np.uint32(first)
        here[here] = self._codes.values[places[here] + 1] == np.uint32(second)
        found: _Rows = np.repeat(rows, followed)[here]
        return found
