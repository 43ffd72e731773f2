"""What an index is when it is written down: named arrays, in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Streamed:
    """An array that is too large to have twice, made piece by piece while it is written.

    Attributes:
        dtype: What is in it.
        shape: The shape of one of its rows.
        pieces: Gives the pieces, each of some rows.
    """

    dtype: type[np.generic]
    shape: tuple[int, ...]
    pieces: Callable[[], Iterator[Array]]


Parts = Mapping[str, Union[Array, Streamed, Callable[[], "Parts"], "Parts"]]
"""Arrays by name, and groups of them, some of which are only made when they are needed: in a thread of their own."""


class Loaded:
    """Arrays as they were saved. Changing them changes nothing in a file.

    Args:
        arrays: By path, such as "names/ends": an array with room to grow, and how many of its rows are values.
        mapped: They lie in a file, and take no memory that counts.
        group: The path that names are read under.
    """

    def __init__(self, arrays: Mapping[str, tuple[Array, int]], *, mapped: bool, group: str = "") -> None:
        self._arrays = arrays
        self._group = group
        self.mapped = mapped

    @classmethod
    def of(cls, parts: Parts) -> Loaded:
        """Make the arrays of `parts` here, in memory."""
        arrays = {path: _whole(part) for path, part in flattened(parts)}
        return cls({path: (array, len(array)) for path, array in arrays.items()}, mapped=False)

    def __getitem__(self, name: str) -> Loaded:
        """Return a group, or an array, by name; a missing one is found out when it is read, by a KeyError."""
        return Loaded(self._arrays, mapped=self.mapped, group=f"{self._group}/{name}" if self._group else name)

    @property
    def room(self) -> Array:
        """The array with its room."""
        return self._arrays[self._group][0]

    @property
    def size(self) -> int:
        """How many rows of it are values."""
        return self._arrays[self._group][1]

    @property
    def values(self) -> Array:
        """The array without its room."""
        return self.room[: self.size]


def flattened(parts: Parts, group: str = "") -> Iterator[tuple[str, Array | Streamed]]:
    """Go through all arrays, with their paths."""
    for name, part in parts.items():
        path = f"{group}/{name}" if group else name
        if isinstance(part, np.ndarray | Streamed):
            yield path, part
        else:
            yield from flattened(part() if callable(part) else part, path)


def _whole(part: Array | Streamed) -> Array:
    if isinstance(part, Streamed):
        return np.concatenate([np.empty((0, *part.shape), part.dtype), *part.pieces()])
    return part.copy()
