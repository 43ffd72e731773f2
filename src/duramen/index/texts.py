"""A column of texts, in two arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column
from duramen.index.saved import Loaded, Parts


class Texts(Sequence[str]):
    """A column of texts: their UTF-8, one after the other, and where each ends."""

    def __init__(self, bytes_: Column[np.uint8] | None = None, ends: Column[np.int64] | None = None) -> None:
        self._bytes = Column(np.uint8) if bytes_ is None else bytes_
        self._ends = Column(np.int64) if ends is None else ends

    @classmethod
    def load(cls, loaded: Loaded) -> Texts:
        """Take texts that were saved, where they lie."""
        return cls(Column.load(np.uint8, loaded["bytes"]), Column.load(np.int64, loaded["ends"]))

    def save(self) -> Parts:
        """Tell what to keep of it."""
        return {"bytes": self._bytes.values, "ends": self._ends.values}

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[place] for place in range(*row.indices(len(self)))]
        ends = self._ends.values
        last = int(ends[row])
        place = int(row) % len(ends)
        first = int(ends[place - 1]) if place else 0
        return self._bytes.values[first:last].tobytes().decode("utf-8", "surrogatepass")

    def of(self, rows: npt.NDArray[np.intp]) -> list[str]:
        """Return the texts of some rows, in their order: faster than one by one."""
        ends = self._ends.values
        first = np.where(rows > 0, ends[rows - 1], 0).tolist() if len(rows) else []
        letters = self._bytes.values.data
        return [
            str(letters[start:end], "utf-8", "surrogatepass")
            for start, end in zip(first, ends[rows].tolist(), strict=True)
        ]

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        return self._bytes.nbytes + self._ends.nbytes

    def append(self, texts: Sequence[str]) -> None:
        """Add `texts`, one per new row."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        last = int(self._ends.values[-1]) if len(self) else 0
        self._bytes.append(np.frombuffer(b"".join(encoded), dtype=np.uint8))
        self._ends.append(last + np.cumsum(np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))))

    def kept(self, mask: npt.NDArray[np.bool_]) -> Texts:
        """Return the texts where `mask` is true, in order."""
        lengths = np.diff(self._ends.values, prepend=0)
        letters = self._bytes.values[np.repeat(mask, lengths)]
        return Texts(Column(np.uint8, letters), Column(np.int64, np.cumsum(lengths[mask])))
