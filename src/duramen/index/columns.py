"""Columns that grow: one value per row of a bank, in numpy."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from duramen.index.saved import Loaded

Scalar = TypeVar("Scalar", bound=np.generic)


class Column(Generic[Scalar]):
    """One value per row. Appending costs only what is appended, because the room doubles when it runs out.

    Args:
        dtype: What is in it.
        room: Where the values lie, with room behind them; the array is the column's own from now on.
        size: How many of `room` are values; all if left out.
        mapped: `room` is a private mapping of a file, whose first values take no memory that counts.
    """

    def __init__(
        self,
        dtype: type[Scalar],
        room: npt.NDArray[Scalar] | None = None,
        *,
        size: int | None = None,
        mapped: bool = False,
    ) -> None:
        self._room: npt.NDArray[Scalar] = np.empty(0, dtype) if room is None else room
        self._show(len(self._room) if size is None else size)
        self._mapped = self._room[: len(self)].nbytes if mapped else 0

    @classmethod
    def load(cls, dtype: type[Scalar], loaded: Loaded) -> Column[Scalar]:
        """Take a column that was saved, where it lies."""
        return cls(dtype, loaded.room, size=loaded.size, mapped=loaded.mapped)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def nbytes(self) -> int:
        """Bytes taken, the room to grow included, and what lies in a file left out."""
        return (self.values if self._mapped else self._room).nbytes - self._mapped

    def append(self, values: npt.ArrayLike) -> None:
        """Add `values`, one per new row; `self.values` is a new view afterwards."""
        added = np.asarray(values, dtype=self._room.dtype)
        size = len(self) + len(added)
        if size > len(self._room):
            room = np.empty(max(size, 2 * len(self._room)), dtype=self._room.dtype)
            room[: len(self)] = self.values
            self._room, self._mapped = room, 0
        self._room[len(self) : size] = added
        self._show(size)

    def __setitem__(self, row: int, value: int) -> None:
        self._room[row] = value

    def _show(self, size: int) -> None:
        self.values = self._room[:size]
        """All values, read-only. A view: it neither grows nor shrinks with the column."""
        self.values.flags.writeable = False
