"""Which memory came just before and just after, in the same session or the same text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column
from duramen.index.saved import Loaded, Parts

_Rows = npt.NDArray[np.int32]

_FEW = 2000
"""Up to so many rows are linked one by one as they come; more are sorted at once, when somebody asks."""

_FAR = 500
"""Rows that a late one is moved past; if there are more, all are sorted."""


class Neighbours:
    """The order within each group of rows: by key, then by row.

    Groups are named by 64 bits, which two of a bank have in common by accident once in millions of large banks.
    """

    def __init__(self) -> None:
        self._groups = Column(np.uint64)
        self._keys = Column(np.int64)
        self._previous = Column(np.int32)
        self._next = Column(np.int32)
        self._ends: tuple[npt.NDArray[np.uint64], _Rows] = (np.empty(0, np.uint64), np.empty(0, np.int32))
        self._last: dict[int, int] = {}  # by group: its last row, where `_ends` does not know it
        self._known = True

    @classmethod
    def load(cls, loaded: Loaded) -> Neighbours:
        """Take neighbours that were saved, where they lie."""
        neighbours = cls()
        neighbours._groups = Column.load(np.uint64, loaded["groups"])
        neighbours._keys = Column.load(np.int64, loaded["keys"])
        neighbours._previous = Column.load(np.int32, loaded["previous"])
        neighbours._next = Column.load(np.int32, loaded["next"])
        neighbours._ends = (loaded["ends"]["groups"].values, loaded["ends"]["rows"].values)
        return neighbours

    def save(self) -> Callable[[], Parts]:
        """Tell what to keep of it: the order is found anew, since rows that are added later change it."""
        groups, keys = self._groups.values, self._keys.values

        def parts() -> Parts:
            previous, following, (named, rows) = _ordered(groups, keys)
            ends: Parts = {"groups": named, "rows": rows}
            return {"groups": groups, "keys": keys, "previous": previous, "next": following, "ends": ends}

        return parts

    @property
    def nbytes(self) -> int:
        """Bytes taken, estimated."""
        columns = sum(column.nbytes for column in (self._groups, self._keys, self._previous, self._next))
        return columns + 12 * len(self._ends[0]) + 100 * len(self._last)

    def append(self, groups: Sequence[int], keys: npt.ArrayLike) -> None:
        """Add rows, each with the 64 bits that name its group, and the key it is ordered by there."""
        first = len(self._keys)
        self._groups.append(np.array(groups, dtype=np.uint64))
        self._keys.append(keys)
        self._known = self._known and len(groups) <= _FEW
        if self._known:
            unlinked = np.full(len(groups), -1, dtype=np.int32)
            self._previous.append(unlinked)
            self._next.append(unlinked)
            self._known = all(self._link(row, group) for row, group in enumerate(groups, first))

    def kept(self, mask: npt.NDArray[np.bool_]) -> Neighbours:
        """Return the rows where `mask` is true, in order; those around a dropped row become neighbours."""
        kept = Neighbours()
        kept._groups = Column(np.uint64, self._groups.values[mask])
        kept._keys = Column(np.int64, self._keys.values[mask])
        kept._known = False
        return kept

    def previous(self) -> _Rows:
        """Return the row before each row, or -1."""
        self.settle()
        return self._previous.values

    def next(self) -> _Rows:
        """Return the row after each row, or -1."""
        self.settle()
        return self._next.values

    def settle(self) -> None:
        """Find the order, if it is not known."""
        if not self._known:
            previous, following, self._ends = _ordered(self._groups.values, self._keys.values)
            self._previous, self._next = Column(np.int32, previous), Column(np.int32, following)
            self._last = {}
            self._known = True

    def _link(self, row: int, group: int) -> bool:
        """Put `row` into its place in its group: behind all of its key and below; return whether that was near."""
        last, steps = self._last_of(group), 0
        keys, before = self._keys.values, self._previous.values
        key, after = keys[row], -1
        while last >= 0 and keys[last] > key:
            last, after, steps = int(before[last]), last, steps + 1
            if steps > _FAR:
                return False
        if last >= 0:
            self._previous[row] = last
            self._next[last] = row
        if after >= 0:
            self._next[row] = after
            self._previous[after] = row
        else:
            self._last[group] = row
        return True

    def _last_of(self, group: int) -> int:
        last = self._last.get(group)
        if last is None:
            groups, rows = self._ends
            place = int(groups.searchsorted(np.uint64(group)))
            last = int(rows[place]) if place < len(groups) and groups[place] == group else -1
        return last


def _ordered(
    groups: npt.NDArray[np.uint64], keys: npt.NDArray[np.int64]
) -> tuple[_Rows, _Rows, tuple[npt.NDArray[np.uint64], _Rows]]:
    """Return the row before and after each row, and the last row of each group, by group."""
    order = np.lexsort((keys, groups)).astype(np.int32)  # stable, so equal keys stay in order of row
    together = groups[order[1:]] == groups[order[:-1]]
    before, after = order[:-1][together], order[1:][together]
    previous = np.full(len(groups), -1, dtype=np.int32)
    following = np.full(len(groups), -1, dtype=np.int32)
    previous[after] = before
    following[before] = after
    ends = order[following[order] == -1]
    return previous, following, (groups[ends], ends)
