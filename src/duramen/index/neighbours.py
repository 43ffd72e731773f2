"""Which memory came just before and just after, in the same session or the same text."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column, Labels

_Rows = npt.NDArray[np.int32]

_FEW = 256
"""Up to so many rows are linked one by one as they come; more are sorted at once, when somebody asks."""


class Neighbours:
    """The order within each group of rows: by key, then by row.

    A row that belongs at the end of its group is linked at once. One that arrives late, or a change of what is kept,
    only marks the order as unknown; it is found anew when it is next asked for.
    """

    def __init__(self) -> None:
        self._groups = Labels()
        self._keys = Column(np.int64)
        self._previous = Column(np.int32)
        self._next = Column(np.int32)
        self._last: list[int] = []  # by group: its last row
        self._known = True

    @property
    def nbytes(self) -> int:
        """Bytes taken, estimated."""
        columns = (self._groups, self._keys, self._previous, self._next)
        return sum(column.nbytes for column in columns) + 40 * len(self._groups)

    def append(self, groups: Iterable[Hashable], keys: npt.ArrayLike) -> None:
        """Add rows, each with its group and the key it is ordered by there."""
        first = len(self._keys)
        self._groups.append(groups)
        self._keys.append(keys)
        added = self._groups.codes[first:]
        self._known = self._known and len(added) <= _FEW
        if self._known:
            unlinked = np.full(len(added), -1, dtype=np.int32)
            self._previous.append(unlinked)
            self._next.append(unlinked)
            self._known = all(self._link(row, group) for row, group in enumerate(added.tolist(), first))

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` is true, in order; those around a dropped row become neighbours."""
        self._groups.keep(mask)
        self._keys.keep(mask)
        self._known = False

    def previous(self) -> _Rows:
        """Return the row before each row, or -1."""
        self._settle()
        return self._previous.values

    def next(self) -> _Rows:
        """Return the row after each row, or -1."""
        self._settle()
        return self._next.values

    def _link(self, row: int, group: int) -> bool:
        """Link `row` as the last of its group; return whether that is its place."""
        if group == len(self._last):
            self._last.append(row)
            return True
        last = self._last[group]
        self._last[group] = row
        self._previous[row] = last
        self._next[last] = row
        return bool(self._keys.values[last] <= self._keys.values[row])

    def _settle(self) -> None:
        if self._known:
            return
        groups = self._groups.codes
        order = np.lexsort((self._keys.values, groups)).astype(np.int32)  # stable, so equal keys stay in order of row
        together = groups[order[1:]] == groups[order[:-1]]
        before, after = order[:-1][together], order[1:][together]
        previous = np.full(len(groups), -1, dtype=np.int32)
        following = np.full(len(groups), -1, dtype=np.int32)
        previous[after] = before
        following[before] = after
        self._previous.replace(previous)
        self._next.replace(following)
        ends = order[following[order] == -1]
        self._last = ends.tolist()  # `order` goes by group, and each group has one end
        self._known = True
