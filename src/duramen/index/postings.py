"""The search terms of one bank: which rows have a term and how often, and BM25 over them."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column

Codes = Sequence[int] | npt.NDArray[np.uint32]
_Ints = npt.NDArray[np.int32]
_Floats = npt.NDArray[np.float32]

_TAIL = 1024
"""Rows that may wait in the tail; more in a large bank, where merging costs more."""


class Postings:
    """Term codes to rows and frequencies.

    Most rows are in one table sorted by code, then row. The latest wait in a dictionary, since adding to the sorted
    table costs as much as copying it; they are merged when they are many.
    """

    def __init__(self) -> None:
        self._codes = np.empty(0, dtype=np.uint32)
        self._offsets = np.zeros(1, dtype=np.int64)
        self._rows: _Ints = np.empty(0, dtype=np.int32)
        self._counts: _Floats = np.empty(0, dtype=np.float32)
        self._merged = 0  # rows in the sorted table
        self._waiting: list[npt.NDArray[np.uint32]] = []
        self._tail: dict[int, array[int]] = {}  # by code: row, count, row, count, ...
        self._lengths = Column(np.int32)
        self._norms: dict[tuple[float, float], _Floats] = {}

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """How many terms each row has, repeats included; shape (rows,)."""
        return self._lengths.values

    @property
    def nbytes(self) -> int:
        """Bytes taken; those of the tail are estimated."""
        table = self._codes.nbytes + self._offsets.nbytes + self._rows.nbytes + self._counts.nbytes
        waiting = sum(codes.nbytes for codes in self._waiting)
        return table + 2 * self._lengths.nbytes + 4 * waiting + 200 * len(self._tail)

    def append(self, terms_per_row: Sequence[npt.NDArray[np.uint32]]) -> None:
        """Add one array of codes per new row, with repeats."""
        if terms_per_row:
            lengths = np.fromiter(map(len, terms_per_row), dtype=np.int32, count=len(terms_per_row))
            self.append_flat(np.concatenate(terms_per_row), lengths)

    def append_flat(self, codes: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int32]) -> None:
        """Add the codes of all new rows, one row after the other, of which each has `lengths` codes."""
        first, table_was_empty = len(self), self._merged == 0
        self._lengths.append(lengths)
        self._norms.clear()
        self._waiting.append(codes.astype(np.uint32, copy=False))
        if table_was_empty or len(self) - self._merged > max(_TAIL, self._merged // 10):
            self._merge()
            return
        rows = np.repeat(np.arange(first, len(self)), lengths)
        for (code, row), count in Counter(zip(codes.tolist(), rows.tolist(), strict=True)).items():
            self._tail.setdefault(code, array("i")).extend((row, count))

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` is true, in order, and renumber them."""
        self._merge()
        renumbered = np.cumsum(mask, dtype=np.int32) - np.int32(1)
        kept = mask[self._rows]
        before = np.concatenate([[0], np.cumsum(kept)])[self._offsets]
        used = np.flatnonzero(np.diff(before))
        self._codes = self._codes[used]
        self._offsets = np.append(before[used], before[-1])
        self._rows = renumbered[self._rows[kept]]
        self._counts = self._counts[kept]
        self._lengths.keep(mask)
        self._merged = len(self)
        self._norms.clear()

    def rows_of(self, code: int) -> npt.NDArray[np.int32]:
        """Return the rows that have the term, rising; empty for an unknown one."""
        runs = [rows for rows, _ in self._runs(code)]
        return np.concatenate(runs) if runs else np.empty(0, dtype=np.int32)

    def frequency(self, code: int) -> int:
        """Return how many rows have the term."""
        start, end = self._span(code)
        return end - start + len(self._tail.get(code, ())) // 2

    def scores(self, codes: Codes, *, k1: float = 1.2, b: float = 0.75) -> npt.NDArray[np.float32]:
        """Score every row against a query by BM25, with the statistics of this bank alone.

        Args:
            codes: Terms of the query; a repeated one counts as often. Unknown ones add nothing.
            k1: How much repeats of a term in a row count, 0 or more.
            b: How much longer rows are held back, in [0, 1].

        Returns:
            0 for rows without any of the terms; shape (rows,).

        Source:
            Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009, with the never negative idf of
            Lucene: log(1 + (rows - df + 0.5) / (df + 0.5)).
        """
        scores = np.zeros(len(self), dtype=np.float32)
        norm = self._norm(k1, b)
        for code, times in Counter(np.asarray(codes, dtype=np.uint32).tolist()).items():
            weight = times * self._idf(code) * (k1 + 1.0)
            for rows, counts in self._runs(code):
                places = rows.astype(np.intp)  # numpy is twice as slow with int32 as indices
                gain = norm.take(places)
                gain += counts
                np.divide(counts, gain, out=gain)
                gain *= weight
                scores[places] += gain  # a row is there once per term
        return scores

    def ceiling(self, codes: Codes, *, k1: float = 1.2) -> float:
        """Return what a row would score that has each distinct term of `codes` without end: above any real score.

        That holds for a query without repeats; unknown terms count, as the rarest.
        """
        distinct = set(np.asarray(codes, dtype=np.uint32).tolist())
        return math.fsum(self._idf(code) * (k1 + 1.0) for code in distinct)

    def _idf(self, code: int) -> float:
        frequency = self.frequency(code)
        return math.log1p((len(self) - frequency + 0.5) / (frequency + 0.5))

    def _norm(self, k1: float, b: float) -> _Floats:
        if (k1, b) not in self._norms:
            lengths = self.lengths.astype(np.float32)
            mean = float(np.sum(self.lengths, dtype=np.int64)) / max(1, len(self)) or 1.0
            self._norms[k1, b] = k1 * (1.0 - b) + (k1 * b / mean) * lengths
        return self._norms[k1, b]

    def _span(self, code: int) -> tuple[int, int]:
        place = int(self._codes.searchsorted(np.uint32(code)))  # a plain int would make numpy convert the whole array
        if place == len(self._codes) or self._codes[place] != code:
            return 0, 0
        return int(self._offsets[place]), int(self._offsets[place + 1])

    def _runs(self, code: int) -> Iterator[tuple[_Ints, _Floats]]:
        start, end = self._span(code)
        if end > start:
            yield self._rows[start:end], self._counts[start:end]
        if code in self._tail:
            pairs = np.array(self._tail[code], dtype=np.int32).reshape(-1, 2)
            yield pairs[:, 0], pairs[:, 1].astype(np.float32)

    def _merge(self) -> None:
        """Bring what waits in the tail into the sorted table: one pass over the table, without sorting it again."""
        if not self._waiting:
            return
        rows = np.repeat(np.arange(self._merged, len(self), dtype=np.uint64), self.lengths[self._merged :])
        keys = np.concatenate(self._waiting).astype(np.uint64) << np.uint64(32) | rows
        keys.sort()
        starts = _starts(keys)
        counts = np.diff(starts, append=len(keys))
        keys = keys[starts]
        codes = (keys >> np.uint64(32)).astype(np.uint32)
        places = self._offsets[self._codes.searchsorted(codes, side="right")]
        self._rows = np.insert(self._rows, places, keys.astype(np.uint32).astype(np.int32))
        self._counts = np.insert(self._counts, places, counts.astype(np.float32))
        codes = np.insert(np.repeat(self._codes, np.diff(self._offsets)), places, codes)
        starts = _starts(codes)
        self._codes, self._offsets = codes[starts], np.append(starts, len(codes))
        self._merged = len(self)
        self._waiting, self._tail = [], {}


def _starts(values: npt.NDArray[np.uint32] | npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return where each run of equal values begins."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
