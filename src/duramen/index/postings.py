"""The search terms of one bank: which rows have a term and how often, and BM25 over them."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column
from duramen.index.saved import Loaded, Parts, Streamed

Codes = Sequence[int] | npt.NDArray[np.uint32]
_Ints = npt.NDArray[np.int32]
_Floats = npt.NDArray[np.float32]

_TAIL = 256
"""Rows that may wait in the tail before they are made a table of their own."""

_LARGEST_MERGE = 2**19
"""Postings that are merged at most while somebody waits: about 10 ms."""

_DENSE = 6
"""A term in more than one of so many rows is scored over all rows, which costs less than going through its rows."""

_DENSE_FROM = 20_000
"""Rows of a bank from which that pays."""

_DENSE_HELD = 8
"""Terms of which that form is held."""

_NEGLIGIBLE = 1e-4
"""Share of what a query can score, up to which a term of a large bank is passed over: a name in all rows, say."""


_AT_ONCE = 2**21
"""Postings that are put in order at once when all are saved: more would need much memory."""

_ASKED = 4096
"""Terms whose frequency is remembered."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Postings of adjacent rows, sorted by code, then row: those of `codes[i]` are from `offsets[i]` on."""

    codes: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]
    rows: _Ints
    counts: _Floats
    mapped: bool = False

    @property
    def nbytes(self) -> int:
        return 0 if self.mapped else sum(array.nbytes for array in (self.codes, self.offsets, self.rows, self.counts))

    def span(self, code: int) -> tuple[int, int]:
        place = int(self.codes.searchsorted(np.uint32(code)))  # a plain int would make numpy convert the whole array
        if place == len(self.codes) or self.codes[place] != code:
            return 0, 0
        return int(self.offsets[place]), int(self.offsets[place + 1])

    def save(self) -> Parts:
        return {"codes": self.codes, "offsets": self.offsets, "rows": self.rows, "counts": self.counts}

    def kept(self, mask: npt.NDArray[np.bool_], renumbered: _Ints) -> _Table:
        kept = mask[self.rows]
        before = np.concatenate([[0], np.cumsum(kept)])[self.offsets]
        used = np.flatnonzero(np.diff(before))
        offsets = np.append(before[used], before[-1])
        return _Table(self.codes[used], offsets, renumbered[self.rows[kept]], self.counts[kept])


class Postings:
    """Term codes to rows and frequencies.

    Rows are in tables, each of some adjacent rows and each smaller than the one before; the latest wait in a
    dictionary. Small tables are merged as they come, so that there are few; large ones only in `save`.
    """

    def __init__(self) -> None:
        self._tables: list[_Table] = []
        self._tabled = 0  # rows in tables
        self._waiting: list[npt.NDArray[np.uint32]] = []
        self._tail: dict[int, list[tuple[int, int]]] = {}  # by code: row and count
        self._lengths = Column(np.int32)
        self._total = 0
        self._frequencies: dict[int, int] = {}  # of terms that were asked for since the last change
        self._dense: OrderedDict[int, Column[np.float32]] = OrderedDict()

    @classmethod
    def load(cls, loaded: Loaded) -> Postings:
        """Take postings that were saved, where they lie."""
        postings = cls()
        codes, offsets, rows, counts = (loaded[name].values for name in ("codes", "offsets", "rows", "counts"))
        postings._tables = [_Table(codes, offsets, rows, counts, mapped=loaded.mapped)]
        postings._lengths = Column.load(np.int32, loaded["lengths"])
        postings._tabled = len(postings)
        postings._total = int(postings.lengths.sum(dtype=np.int64))
        return postings

    def save(self) -> Callable[[], Parts]:
        """Tell what to keep of it: all as one table."""
        tables, waiting, first, lengths = [*self._tables], [*self._waiting], self._tabled, self.lengths

        def parts() -> Parts:
            whole = [*tables, _table(waiting, first, lengths)] if waiting or not tables else tables
            return {**(whole[0].save() if len(whole) == 1 else _streamed(whole)), "lengths": lengths}

        return parts

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """How many terms each row has, repeats included; shape (rows,)."""
        return self._lengths.values

    @property
    def nbytes(self) -> int:
        """Bytes taken, without what lies in a file; those of the tail are estimated."""
        tables = sum(table.nbytes for table in self._tables) + sum(dense.nbytes for dense in self._dense.values())
        waiting = sum(codes.nbytes for codes in self._waiting)
        return tables + self._lengths.nbytes + 20 * waiting + 200 * len(self._tail)

    def append(self, terms_per_row: Sequence[npt.NDArray[np.uint32]]) -> None:
        """Add one array of codes per new row, with repeats."""
        if terms_per_row:
            lengths = np.fromiter(map(len, terms_per_row), dtype=np.int32, count=len(terms_per_row))
            self.append_flat(np.concatenate(terms_per_row), lengths)

    def append_flat(self, codes: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int32]) -> None:
        """Add the codes of all new rows, one row after the other, of which each has `lengths` codes."""
        first = len(self)
        self._frequencies.clear()
        self._lengths.append(lengths)
        self._total += len(codes)
        self._waiting.append(codes.astype(np.uint32, copy=False))
        if not self._tables or len(self) - self._tabled > _TAIL:
            self._make_table()
            return
        rows = np.repeat(np.arange(first, len(self)), lengths)
        for (code, row), count in Counter(zip(codes.tolist(), rows.tolist(), strict=True)).items():
            self._tail.setdefault(code, []).append((row, count))

    def kept(self, mask: npt.NDArray[np.bool_]) -> Postings:
        """Return the rows where `mask` is true, in order, and renumbered."""
        renumbered = np.cumsum(mask, dtype=np.int32) - np.int32(1)
        tables = [*self._tables, _table(self._waiting, self._tabled, self.lengths)] if self._waiting else self._tables
        kept = Postings()
        kept._lengths.append(self.lengths[mask])
        kept._total = int(kept.lengths.sum(dtype=np.int64))
        kept._tables = [table.kept(mask, renumbered) for table in tables]
        kept._tabled = len(kept)
        return kept

    def rows_of(self, code: int) -> npt.NDArray[np.int32]:
        """Return the rows that have the term, rising; empty for an unknown one."""
        runs = [rows for rows, _ in self._runs(code)]
        return np.concatenate(runs) if runs else np.empty(0, dtype=np.int32)

    def frequency(self, code: int) -> int:
        """Return how many rows have the term."""
        frequency = self._frequencies.get(code)
        if frequency is None:
            spans = (table.span(code) for table in self._tables)
            frequency = len(self._tail.get(code, ())) + sum(end - start for start, end in spans)
            if len(self._frequencies) >= _ASKED:
                self._frequencies.clear()
            self._frequencies[code] = frequency
        return frequency

    def scores(self, codes: Codes, *, k1: float = 1.2, b: float = 0.75) -> npt.NDArray[np.float32]:
        """Score every row against a query by BM25, with the statistics of this bank alone.

        In a bank of more than 20 000 rows, terms that add next to nothing are passed over.

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
        mean = self._total / max(1, len(self)) or 1.0
        base, slope = np.float32(k1 * (1.0 - b)), np.float32(k1 * b / mean)
        for code, weight in self._weights(codes, k1).items():
            if len(self) >= _DENSE_FROM and self.frequency(code) * _DENSE > len(self):
                _add_dense(scores, self._dense_counts(code), self.lengths, (base, slope, np.float32(weight)))
                continue
            for rows, counts in self._runs(code):
                places = rows.astype(np.intp)  # numpy is twice as slow with int32 as indices
                gain = self.lengths.take(places).astype(np.float32)
                gain *= slope
                gain += base
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
        return math.fsum(self.idf(code) * (k1 + 1.0) for code in distinct)

    def _weights(self, codes: Codes, k1: float) -> dict[int, float]:
        """Return what each term of the query scores at most, without those that count for nothing here."""
        times = Counter(np.asarray(codes, dtype=np.uint32).tolist())
        weights = {code: count * self.idf(code) * (k1 + 1.0) for code, count in times.items()}
        least = _NEGLIGIBLE * sum(weights.values()) if len(self) >= _DENSE_FROM else 0.0
        return {code: weight for code, weight in weights.items() if weight > least}

    def idf(self, code: int) -> float:
        """Return how telling a term is: above 0, the more the fewer rows have it; an unknown one is the most telling."""
        frequency = self.frequency(code)
        return math.log1p((len(self) - frequency + 0.5) / (frequency + 0.5))

    def _runs(self, code: int) -> Iterator[tuple[_Ints, _Floats]]:
        for table in self._tables:
            start, end = table.span(code)
            if end > start:
                yield table.rows[start:end], table.counts[start:end]
        if code in self._tail:
            pairs = np.array(self._tail[code], dtype=np.int32)
            yield pairs[:, 0], pairs[:, 1].astype(np.float32)

    def _dense_counts(self, code: int) -> _Floats:
        """Return how often each row has the term, shape (rows,)."""
        column = self._dense.setdefault(code, Column(np.float32))
        self._dense.move_to_end(code)
        while len(self._dense) > _DENSE_HELD:
            self._dense.popitem(last=False)
        known = len(column)
        if known < len(self):
            added = np.zeros(len(self) - known, dtype=np.float32)
            for rows, counts in self._runs(code):
                new = int(rows.searchsorted(np.int32(known)))
                added[rows[new:] - known] = counts[new:]
            column.append(added)
        return column.values

    def _make_table(self) -> None:
        """Make a table of what waits in the tail, and merge it with those before it that are not much larger."""
        if not self._waiting:
            return
        self._tables.append(_table(self._waiting, self._tabled, self.lengths))
        self._tabled = len(self)
        self._waiting, self._tail = [], {}
        while len(self._tables) > 1:
            before, last = (len(table.rows) for table in self._tables[-2:])
            if before > 4 * last or before + last > _LARGEST_MERGE:
                return
            self._tables[-2:] = [_merged(self._tables[-2:])]


def _add_dense(
    scores: _Floats, counts: _Floats, lengths: _Ints, parameters: tuple[np.float32, np.float32, np.float32]
) -> None:
    """Add the scores of a term by how often each row has it, in steps that stay in the processor's cache."""
    base, slope, weight = parameters
    for start in range(0, len(scores), _STEP):
        here = slice(start, start + _STEP)
        gain = lengths[here].astype(np.float32)
        gain *= slope
        gain += base
        gain += counts[here]
        np.divide(counts[here], gain, out=gain)
        gain *= weight
        scores[here] += gain


_STEP = 2**15


def _table(waiting: Sequence[npt.NDArray[np.uint32]], first: int, lengths: npt.NDArray[np.int32]) -> _Table:
    """Sort the codes of the rows from `first` on."""
    rows = np.repeat(np.arange(first, len(lengths), dtype=np.uint64), lengths[first:])
    keys = np.concatenate([np.empty(0, np.uint32), *waiting]).astype(np.uint64) << np.uint64(32) | rows
    keys.sort()
    starts = _starts(keys)
    counts = np.diff(starts, append=len(keys)).astype(np.float32)
    keys = keys[starts]
    codes = (keys >> np.uint64(32)).astype(np.uint32)
    heads = _starts(codes)
    rows_sorted = keys.astype(np.uint32).astype(np.int32)
    return _Table(codes[heads], np.append(heads, len(codes)), rows_sorted, counts)


def _merged(tables: Sequence[_Table]) -> _Table:
    """Make one table of several, each of later rows than the one before."""
    if len(tables) == 1:
        return tables[0]
    codes = np.concatenate([np.repeat(table.codes, np.diff(table.offsets)) for table in tables])
    order = np.argsort(codes, kind="stable")  # within a code, the rows rise from table to table
    codes = codes[order]
    heads = _starts(codes)
    rows = np.concatenate([table.rows for table in tables])[order]
    counts = np.concatenate([table.counts for table in tables])[order]
    return _Table(codes[heads], np.append(heads, len(codes)), rows, counts)


def _streamed(tables: Sequence[_Table]) -> Parts:
    """Tell what one table of several would be, of which only some codes at a time are put together."""
    codes = np.unique(np.concatenate([table.codes for table in tables]))
    sizes = np.zeros(len(codes), dtype=np.int64)
    for table in tables:
        sizes[codes.searchsorted(table.codes)] += np.diff(table.offsets)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    cuts = offsets.searchsorted(np.arange(0, int(offsets[-1]), _AT_ONCE)[1:]).tolist()
    spans = list(pairwise(sorted({0, len(codes), *(cut for cut in cuts if cut < len(codes))})))

    def merged() -> Iterator[_Table]:
        for first, last in spans:
            yield _merged([_between(table, codes[first], codes[last - 1]) for table in tables])

    return {
        "codes": codes,
        "offsets": offsets,
        "rows": Streamed(np.int32, (), lambda: (table.rows for table in merged())),
        "counts": Streamed(np.float32, (), lambda: (table.counts for table in merged())),
    }


def _between(table: _Table, first: np.uint32, last: np.uint32) -> _Table:
    """Return the part of a table from one code to another, both included."""
    start, stop = int(table.codes.searchsorted(first)), int(table.codes.searchsorted(last, side="right"))
    begin, end = int(table.offsets[start]), int(table.offsets[stop])
    offsets = table.offsets[start : stop + 1] - begin
    return _Table(table.codes[start:stop], offsets, table.rows[begin:end], table.counts[begin:end])


def _starts(values: npt.NDArray[np.uint32] | npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return where each run of equal values begins."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
