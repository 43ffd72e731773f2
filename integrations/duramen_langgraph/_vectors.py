"""The vectors of an item as bytes on the shelf, and ranking by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from duramen.shelf import Entry

Matrix = npt.NDArray[np.float32]

_NUMBER = np.dtype("<f4")
_FORMAT = b"\x01"


def space_of(model: str, dimensions: int) -> bytes:
    """Return what the vectors of one model begin with on the shelf, and those of no other."""
    name = f"{dimensions} {model}".encode(errors="replace")
    return _FORMAT + len(name).to_bytes(4, "big") + name


def packed_rows(space: bytes, rows: Matrix) -> bytes:
    """Return the rows of one item, one for each text that was indexed."""
    return space + rows.astype(_NUMBER).tobytes()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Items by likeness, best first, as it is far cheaper to keep for many of which few are wanted.

    Attributes:
        entries: Those with vectors that could be compared.
        scores: Of each of them.
        order: Their numbers, best first.
    """

    entries: Sequence[Entry]
    scores: Matrix
    order: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.entries)

    def part(self, first: int, last: int | None = None) -> list[tuple[Entry, float]]:
        """Return the items with their scores from one rank to before another."""
        return [(self.entries[number], float(self.scores[number])) for number in self.order[first:last]]


def ranked(entries: Sequence[Entry], space: bytes, query: Matrix) -> Ranking:
    """Rank items by the best of their vectors: cosine similarity to `query`, in [-1, 1].

    Ties keep the order of `entries`. Vectors of another model are left out, for they cannot be compared.
    """
    head, width = len(space), query.shape[0] * _NUMBER.itemsize
    ours = [entry for entry in entries if entry.value.startswith(space)]
    if not ours:
        return Ranking((), np.empty(0, np.float32), np.empty(0, np.intp))
    rows = np.frombuffer(b"".join([memoryview(entry.value)[head:] for entry in ours]), dtype=_NUMBER)
    starts = np.cumsum([0, *((len(entry.value) - head) // width for entry in ours[:-1])])
    scores = np.clip(np.maximum.reduceat(rows.reshape(-1, query.shape[0]) @ query, starts), -1.0, 1.0)
    return Ranking(ours, scores, np.argsort(-scores, kind="stable"))
