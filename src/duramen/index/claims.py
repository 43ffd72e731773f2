"""Since when what a memory claims is no longer so, because a later memory claims otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from duramen.index.saved import Loaded, Parts
from duramen.types import Claim

_Rows = npt.NDArray[np.int64]
_Times = npt.NDArray[np.int64]

NEVER = int(np.iinfo(np.int64).max)
"""The end of what is still so."""

_End: TypeAlias = tuple[int, int]
"""When something ends, and the row that says so."""

_OPEN: _End = (NEVER, -1)

_DTYPE = np.dtype([("row", "<i4"), ("slot", "<u4"), ("value", "<u4"), ("ends", "?"), ("statement", "u1")])


class Contradicted(NamedTuple):
    """Rows that a later one contradicts, rising; since when, in microseconds; and which row is the first to do so."""

    rows: _Rows
    since: _Times
    by: _Rows


class Claims:
    """The claims of a bank, and the rows that later ones contradict.

    Which those are follows from the claims and the times they were mentioned alone: nothing is kept of it, the order in
    which memories arrived does not matter, and when the later memory is forgotten, the earlier one holds again.
    """

    def __init__(self) -> None:
        self._claims: npt.NDArray[Any] = np.empty(0, _DTYPE)
        self._size = 0
        self._found: Contradicted | None = None
        self._whole: _Times | None = None

    @classmethod
    def load(cls, loaded: Loaded, size: int) -> Claims:
        """Take claims that were saved, of `size` rows."""
        claims = cls()
        claims._claims = loaded["claims"].values.view(_DTYPE).reshape(-1)
        claims._size = size
        return claims

    def save(self) -> Callable[[], Parts]:
        """Tell what to keep of them."""
        kept = self._claims
        return lambda: {"claims": kept.view(np.uint8)}

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._size

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        derived = [*(self._found or ()), *([] if self._whole is None else [self._whole])]
        return int(self._claims.nbytes + sum(array.nbytes for array in derived))

    def append(self, claims_per_row: Sequence[Sequence[Claim]]) -> None:
        """Add the claims of each new row."""
        added = [
            (row, claim.slot, claim.value, claim.ends, claim.statement)
            for row, claims in enumerate(claims_per_row, self._size)
            for claim in claims
        ]
        self._size += len(claims_per_row)
        if added:
            self._claims = np.concatenate([self._claims, np.array(added, _DTYPE)])
            self._found = self._whole = None

    def kept(self, mask: npt.NDArray[np.bool_]) -> Claims:
        """Return the claims of the rows where `mask` is true, renumbered."""
        kept = Claims()
        kept._claims = self._claims[mask[self._claims["row"]]]
        kept._claims["row"] = (np.cumsum(mask) - 1)[kept._claims["row"]]
        kept._size = int(np.count_nonzero(mask))
        return kept

    def contradicted(self, mentioned: _Times) -> Contradicted:
        """Find the rows that a later one contradicts.

        Args:
            mentioned: When each row was mentioned; of rows mentioned at once the one behind is the later.
        """
        if self._found is None:
            ends = _ends_of_rows(self._claims, mentioned)
            rows = sorted(ends)
            columns = (rows, [ends[row][0] for row in rows], [ends[row][1] for row in rows])
            self._found = Contradicted(*(np.array(column, dtype=np.int64) for column in columns))
        return self._found

    def end_of(self, row: int, mentioned: _Times) -> int:
        """Return since when `row` is contradicted, `NEVER` if it is not."""
        rows, since, _ = self.contradicted(mentioned)
        place = int(rows.searchsorted(row))
        return int(since[place]) if place < len(rows) and rows[place] == row else NEVER

    def until(self, mentioned: _Times, stored: _Times) -> _Times:
        """Return `stored`, the ends that are known of each row otherwise, with earlier ones where it is contradicted."""
        rows, since, _ = self.contradicted(mentioned)
        if not len(rows):
            return stored
        if self._whole is None or len(self._whole) != len(stored):
            self._whole = stored.copy()
            self._whole[rows] = np.minimum(stored[rows], since)
            self._whole.flags.writeable = False
        return self._whole


def _ends_of_rows(claims: npt.NDArray[Any], mentioned: _Times) -> dict[int, _End]:
    """Return how each contradicted row ends: it holds as long as one of its statements does."""
    ends = _ends_of_claims(claims, mentioned)
    touched = {int(claims["row"][place]) for place in ends}
    among = np.flatnonzero(np.isin(claims["row"], list(touched)))
    statements: dict[tuple[int, int], _End] = {}
    endings: dict[tuple[int, int], _End] = {}
    for place, (row, _, _, ended, statement) in zip(among.tolist(), claims[among].tolist(), strict=True):
        found = endings if ended else statements
        found[row, statement] = min(ends.get(place, _OPEN), found.get((row, statement), _OPEN))
    says_more = {row for row, _ in statements}
    statements |= {key: end for key, end in endings.items() if key[0] not in says_more}
    rows: dict[int, _End] = {}
    for (row, _), end in statements.items():
        rows[row] = max(end, rows.get(row, end))
    return {row: end for row, end in rows.items() if end != _OPEN}


def _ends_of_claims(claims: npt.NDArray[Any], mentioned: _Times) -> dict[int, _End]:
    """Return how claims end that a later one contradicts, by their place."""
    ends: dict[int, _End] = {}
    _, slots, counts = np.unique(claims["slot"], return_inverse=True, return_counts=True)
    disputed = np.flatnonzero(counts[slots] > 1)
    rows = claims["row"][disputed]
    places = disputed[np.lexsort((rows, mentioned[rows], slots[disputed]))][::-1]
    slots, rows = slots[places], claims["row"][places]
    columns = (places, claims["value"][places], claims["ends"][places])
    every = list(zip(*(column.tolist() for column in columns), strict=True))
    slot, later = -1, _Later()
    for start, stop in pairwise([*_starts(slots, rows), len(every)]):
        if slots[start] != slot:
            slot, later = slots[start], _Later()
        # what one row says does not contradict itself, so all of it is looked up before any is added
        said = every[start:stop]
        found = ((place, later.end_of(value, ended=ended)) for place, value, ended in said)
        ends.update((place, end) for place, end in found if end != _OPEN)
        here = int(mentioned[rows[start]]), int(rows[start])
        for _, value, ended in said:
            later.add(here, value, ended=ended)
    return ends


def _starts(*columns: npt.NDArray[Any]) -> list[int]:
    """Return where another combination of values begins."""
    changes = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return [0, *(np.flatnonzero(changes) + 1).tolist()] if len(columns[0]) else []


@dataclass(slots=True)
class _Later:
    """What a slot's later claims say, gathered from the last to the first: the nearest of each sort.

    Attributes:
        value: What the nearest one says, from `since`.
        other: The nearest that says anything else than `value`.
    """

    value: int = 0
    since: _End = _OPEN
    other: _End = _OPEN
    of_value: dict[int, _End] = field(default_factory=dict)
    ended: dict[int, _End] = field(default_factory=dict)

    def end_of(self, value: int, *, ended: bool) -> _End:
        """Return what later contradicts first that `value` holds, or that it has ended."""
        if ended:
            return self.of_value.get(value, _OPEN)
        replaced = self.since if value != self.value else self.other
        return min(replaced, self.ended.get(value, _OPEN), self.ended.get(0, _OPEN))

    def add(self, here: _End, value: int, *, ended: bool) -> None:
        """Take in a claim that is not later than those already here."""
        if ended:
            self.ended[value] = here
            return
        if value != self.value:
            self.value, self.other = value, self.since
        self.since = self.of_value[value] = here
