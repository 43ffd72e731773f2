"""Columns that grow: one value per row of a bank, in numpy."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Scalar = TypeVar("Scalar", bound=np.generic)


class Column(Generic[Scalar]):
    """One value per row. Appending costs only what is appended, because the room doubles when it runs out."""

    def __init__(self, dtype: type[Scalar]) -> None:
        self._room: npt.NDArray[Scalar] = np.empty(0, dtype)
        self._show(0)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def nbytes(self) -> int:
        """Bytes taken, the room to grow included."""
        return self._room.nbytes

    def append(self, values: npt.ArrayLike) -> None:
        """Add `values`, one per new row; `self.values` is a new view afterwards."""
        added = np.asarray(values, dtype=self._room.dtype)
        size = len(self) + len(added)
        if size > len(self._room):
            room = np.empty(max(size, 2 * len(self._room)), dtype=self._room.dtype)
            room[: len(self)] = self.values
            self._room = room
        self._room[len(self) : size] = added
        self._show(size)

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` is true, in order."""
        self.replace(self.values[mask])

    def replace(self, values: npt.NDArray[Scalar]) -> None:
        """Take `values` as the whole column. The array is the column's own from now on."""
        self._room = values
        self._show(len(values))

    def __setitem__(self, row: int, value: int) -> None:
        self._room[row] = value

    def _show(self, size: int) -> None:
        self.values = self._room[:size]
        """All values, read-only. A view: it neither grows nor shrinks with the column."""
        self.values.flags.writeable = False


class Labels:
    """A column of names, kept as codes from 0 in the order of first appearance; -1 where there is none."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self._column = Column(np.int32)

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """One code per row."""
        return self._column.values

    @property
    def nbytes(self) -> int:
        """Bytes taken; those of the names are estimated."""
        return self._column.nbytes + 200 * len(self._codes)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._codes)

    def code_of(self, name: Hashable) -> int:
        """Return the code of `name`, or -2, which no row has."""
        return self._codes.get(name, -2)

    def append(self, names: Iterable[Hashable | None]) -> None:
        """Add the name of each new row, or None."""
        codes = self._codes
        self._column.append([-1 if name is None else codes.setdefault(name, len(codes)) for name in names])

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` is true and forget the names that only the others had."""
        codes = self.codes[mask]
        named = np.flatnonzero(codes >= 0)
        first = np.full(len(self._codes), len(codes), dtype=np.int64)
        first[codes[named][::-1]] = named[::-1]  # of repeated indices the last one counts, so: the first row
        used = np.flatnonzero(first < len(codes))
        used = used[np.argsort(first[used])]
        renumbered = np.full(len(self._codes) + 1, -1, dtype=np.int32)  # one more, so that -1 stays -1
        renumbered[used] = np.arange(len(used))
        names = list(self._codes)
        self._codes = {names[code]: place for place, code in enumerate(used.tolist())}
        self._column.replace(renumbered[codes])
