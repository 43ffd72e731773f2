"""The vectors of a large bank: scanned by what tells them apart most, then looked at one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from duramen.index.saved import Loaded, Parts, Streamed
from duramen.index.vectors import Matrix, Places

KEPT = 64
"""Dimensions of the short form, after a rotation that puts the ones in which a bank's vectors differ most first."""

BLOCK = 4096
"""Rows of a block of short forms: 1 MB, in one thread of BLAS. The fastest of the sizes tried."""

SAMPLE = 4096
"""Vectors that the rotation is fitted on."""

_LARGEST = np.float32(32767.0)

_RUNS = 64
"""Places of a bank that the sample is taken from: neighbours are alike."""

_TOGETHER = 128
"""Rows that are looked at together: so many vectors fit into the processor's cache."""

Codes = npt.NDArray[np.int16]
Reader = Callable[[int, int], tuple[Codes, Matrix]]
"""Gives the codes of the rows from one up to another, shape (rows, dimensions), and their scales."""


class CodedVectors:
    """Vectors in two forms: a short one of all rows to scan, and 16-bit integers to compute cosines from.

    Scanning the short form costs a sixth, and leaves out what lies in the other dimensions, about 0.03 either way for
    sentence embeddings. The integers are good to about 1e-5.

    Source:
        The rotation is that of principal components: Pearson, Philosophical Magazine 2 (11), 1901,
        https://doi.org/10.1080/14786440109462720
    """

    is_exact = False

    def __init__(self, basis: Matrix, mean: Matrix) -> None:
        self._basis = basis  # shape (kept, dimensions)
        self._mean = mean
        self._short: list[Matrix] = []  # blocks of shape (kept, BLOCK), the last partly filled
        self._codes: list[tuple[int, Codes, Matrix]] = []  # first row, codes of shape (rows, dimensions), scales
        self._size = 0
        self._mapped = 0

    @classmethod
    def load(cls, loaded: Loaded, size: int) -> CodedVectors:
        """Take vectors that were saved, where they lie."""
        vectors = cls(loaded["basis"].values, loaded["mean"].values)
        vectors._short = list(loaded["short"].values)
        if len(vectors._short):
            vectors._codes = [(0, loaded["codes"].values, loaded["scales"].values)]
        vectors._size = size
        vectors._mapped = vectors.nbytes if loaded.mapped else 0
        return vectors

    def save(self) -> Callable[[], Parts]:
        """Tell what to keep of the rows that are there now."""
        return saved(self._size, self.dimensions, self.coded_reader())

    def __len__(self) -> int:
        return self._size

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return len(self._mean)

    @property
    def nbytes(self) -> int:
        """Bytes taken, the room to grow included, and what lies in a file left out."""
        short = sum(block.nbytes for block in self._short)
        return short + sum(codes.nbytes + scales.nbytes for _, codes, scales in self._codes) - self._mapped

    def append(self, rows: Matrix) -> None:
        """Add vectors, shape (new rows, dimensions)."""
        done = 0
        while done < len(rows):
            used = self._size % BLOCK
            if not used:
                self._make_room()
            step = rows[done : done + BLOCK - used]
            self._short[-1][:, used : used + len(step)] = _shortened(step, self._basis, self._mean).T
            first, codes, scales = self._codes[-1]
            place = self._size - first
            codes[place : place + len(step)], scales[place : place + len(step)] = encoded(step)
            self._size += len(step)
            done += len(step)

    def kept(self, mask: npt.NDArray[np.bool_]) -> CodedVectors:
        """Return the vectors of the rows where `mask` is true, in order, by the same rotation."""
        kept = CodedVectors(self._basis, self._mean)
        read = self.coded_reader()
        for start in range(0, self._size, BLOCK):
            chosen = mask[start : start + BLOCK]
            codes, scales = read(start, start + len(chosen))
            kept.append(decoded(codes[chosen], scales[chosen]))
        return kept

    def coded_reader(self) -> Reader:
        """Return what gives the codes of the rows from one up to another, also after others have been added."""
        slabs = [*self._codes]

        def read(start: int, stop: int) -> tuple[Codes, Matrix]:
            parts = [
                (codes[max(0, start - first) : stop - first], scales[max(0, start - first) : stop - first])
                for first, codes, scales in slabs
                if first < stop and start < first + len(codes)
            ]
            return np.concatenate([codes for codes, _ in parts]), np.concatenate([scales for _, scales in parts])

        return read

    def scores(self, vector: Matrix) -> Matrix:
        """Return about the inner product of each row with `vector`; shape (rows,).

        Raises:
            ValueError: `vector` has another shape than (dimensions,).
        """
        self._check(vector)
        short, middle = self._basis @ vector, vector @ self._mean
        scores = np.empty(self._size, dtype=np.float32)
        for start, block in zip(range(0, self._size, BLOCK), self._short, strict=True):
            part = scores[start : start + BLOCK]
            np.matmul(short, block[:, : len(part)], out=part)
            part += middle
        return scores

    def exact(self, vector: Matrix, rows: Places) -> Matrix:
        """Return the inner product of some rows with `vector`, good to about 1e-5; shape of `rows`."""
        self._check(vector)
        found = np.empty(len(rows), dtype=np.float32)
        for first, codes, scales in self._codes:
            here = np.flatnonzero((rows >= first) & (rows < first + len(codes)))
            for start in range(0, len(here), _TOGETHER):
                some = here[start : start + _TOGETHER]
                places = rows[some] - first
                found[some] = (codes[places].astype(np.float32) @ vector) * scales[places]
        return found

    def _check(self, vector: Matrix) -> None:
        if vector.shape != (self.dimensions,):
            raise ValueError(f"a query of shape {vector.shape} for vectors of {self.dimensions} dimensions")

    def _make_room(self) -> None:
        self._short.append(np.empty((len(self._basis), BLOCK), dtype=np.float32))
        codes = np.empty((BLOCK, self.dimensions), dtype=np.int16)
        self._codes.append((self._size, codes, np.empty(BLOCK, dtype=np.float32)))


def encoder(read: Callable[[int, int], Matrix]) -> Reader:
    """Turn what gives vectors into what gives their codes."""
    return lambda start, stop: encoded(read(start, stop))


def encoded(rows: Matrix) -> tuple[Codes, Matrix]:
    """Return vectors as integers, each with the scale that its integers are to be multiplied with."""
    scales = np.abs(rows).max(axis=1, initial=0.0) / _LARGEST
    codes = np.rint(rows / np.where(scales > 0.0, scales, np.float32(1.0))[:, None]).astype(np.int16)
    return codes, scales


def decoded(codes: Codes, scales: Matrix) -> Matrix:
    """Return the vectors that `encoded` was given, nearly."""
    rows: Matrix = codes * scales[:, None]
    return rows


def saved(size: int, dimensions: int, read: Reader) -> Callable[[], Parts]:
    """Tell what to keep of vectors, in both forms, with a rotation fitted on them; to be called in a thread."""

    def parts() -> Parts:
        basis, mean = _fitted(size, dimensions, read)
        starts = range(0, size, BLOCK)

        def short() -> Iterator[Matrix]:
            for start in starts:
                block = np.zeros((1, len(basis), BLOCK), dtype=np.float32)
                rows = decoded(*read(start, min(start + BLOCK, size)))
                block[0, :, : len(rows)] = _shortened(rows, basis, mean).T
                yield block

        def padded(which: int) -> Iterator[npt.NDArray[Any]]:
            for start in starts:
                rows = read(start, min(start + BLOCK, size))[which]
                yield np.concatenate([rows, np.zeros((BLOCK - len(rows), *rows.shape[1:]), rows.dtype)])

        return {
            "basis": basis,
            "mean": mean,
            "short": Streamed(np.float32, (len(basis), BLOCK), short),
            "codes": Streamed(np.int16, (dimensions,), lambda: padded(0)),
            "scales": Streamed(np.float32, (), lambda: padded(1)),
        }

    return parts


def _fitted(size: int, dimensions: int, read: Reader) -> tuple[Matrix, Matrix]:
    """Fit the rotation on vectors from all over the bank."""
    run = max(1, SAMPLE // _RUNS)
    starts = np.linspace(0, max(0, size - run), _RUNS).astype(np.int64).tolist()
    places = sorted(set(starts))
    sample = np.concatenate([decoded(*read(start, min(start + run, size))) for start in places], dtype=np.float64)
    mean = sample.mean(axis=0)
    centred = sample - mean
    _, directions = np.linalg.eigh(centred.T @ centred)  # by rising variance
    basis = directions[:, ::-1][:, : min(KEPT, dimensions)].T
    return np.ascontiguousarray(basis, dtype=np.float32), mean.astype(np.float32)


def _shortened(rows: Matrix, basis: Matrix, mean: Matrix) -> Matrix:
    short: Matrix = np.matmul(rows - mean, basis.T, dtype=np.float32)
    return short
