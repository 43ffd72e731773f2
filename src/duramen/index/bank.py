"""The read model of one bank that the arms search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress, pairwise
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column, Labels
from duramen.index.names import Names
from duramen.index.neighbours import Neighbours
from duramen.index.postings import Postings
from duramen.index.vectors import Vectors
from duramen.types import KINDS, BankVersion, Row

_NEVER = int(np.iinfo(np.int64).max)
_KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}

_COLUMNS: Mapping[str, tuple[type[np.generic], Callable[[Row], int]]] = {
    "numbers": (np.int64, attrgetter("number")),
    "mentioned": (np.int64, attrgetter("mentioned")),
    "start": (np.int64, lambda row: row.occurred[0] if row.occurred else row.mentioned),
    "end": (np.int64, lambda row: row.occurred[1] if row.occurred else row.mentioned),
    "dated": (np.bool_, lambda row: row.occurred is not None),
    "superseded": (np.int64, lambda row: _NEVER if row.superseded is None else row.superseded),
    "kinds": (np.int8, lambda row: _KIND_CODES[row.kind]),
    "tokens": (np.int32, attrgetter("tokens")),
    "positions": (np.int32, attrgetter("position")),
}

_LABELS: Mapping[str, Callable[[Row], str | None]] = {
    "actors": attrgetter("actor"),
    "sessions": attrgetter("session"),
    "speakers": attrgetter("speaker"),
}

_TEXT = 120
"""Bytes of an id and an event id besides their characters."""


class _Keeps(Protocol):
    def keep(self, mask: npt.NDArray[np.bool_]) -> None: ...


class BankIndex:
    """All rows of one bank as arrays of one length, in order of row number.

    It equals one built anew after any mix of `extend` and `keep`. The arrays are read-only views, and a row's place in
    them holds only until the next `extend` or `keep`: whoever awaits anything in between goes on with row numbers.
    Not thread-safe: all use is on one event loop.

    Attributes:
        vectors: The vectors, to scan.
        terms: The search terms, to score by BM25.
        entities: The entities, folded.
        tags: The tags, as they are.
        ids: The memory id of each row.
        events: The event id of each row.
    """

    def __init__(self, version: BankVersion) -> None:
        self._version = version
        self.vectors = Vectors(version.dimensions)
        self.terms = Postings()
        self.entities = Names(fold=True)
        self.tags = Names(fold=False)
        self.ids: list[str] = []
        self.events: list[str] = []
        self._columns: dict[str, Column[Any]] = {name: Column(dtype) for name, (dtype, _) in _COLUMNS.items()}
        self._labels = {name: Labels() for name in _LABELS}
        self._neighbours = Neighbours()
        self._characters = 0

    @classmethod
    def build(cls, version: BankVersion, rows: Sequence[Row]) -> BankIndex:
        """Build the index of a bank from all its rows, by number."""
        index = cls(version)
        index.extend(rows, version)
        return index

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def version(self) -> BankVersion:
        """The state of the bank that this index shows."""
        return self._version

    @property
    def nbytes(self) -> int:
        """Bytes taken; those of strings are estimated."""
        columns = sum(column.nbytes for column in self._columns.values())
        labels = sum(label.nbytes for label in self._labels.values())
        parts = self.vectors.nbytes + self.terms.nbytes + self.entities.nbytes + self.tags.nbytes
        return columns + labels + parts + self._neighbours.nbytes + self._characters + _TEXT * len(self)

    def extend(self, rows: Sequence[Row], version: BankVersion) -> None:
        """Add new rows, by number.

        Raises:
            ValueError: A vector has not `version.dimensions` dimensions, the dimensions changed, or the numbers do
                not rise from those of the rows already there. Nothing was added.
        """
        self._check(rows, version)
        columns = {name: [read(row) for row in rows] for name, (_, read) in _COLUMNS.items()}
        for name, values in columns.items():
            self._columns[name].append(values)
        for name, label in _LABELS.items():
            self._labels[name].append(map(label, rows))
        self.ids.extend(row.id for row in rows)
        self.events.extend(row.event for row in rows)
        self._characters += sum(len(row.id) + len(row.event) for row in rows)
        self.vectors.append([row.vector for row in rows])
        self.terms.append([row.terms for row in rows])
        self.entities.append([row.entities for row in rows])
        self.tags.append([row.tags for row in rows])
        groups = [(row.event,) if row.session is None else row.session for row in rows]
        self._neighbours.append(groups, [row.position if row.session is None else row.mentioned for row in rows])
        self._version = version

    def keep(self, numbers: Sequence[int], version: BankVersion) -> None:
        """Drop all rows whose number is not among `numbers`; numbers without a row are passed over."""
        self._check((), version)
        mask = np.isin(self.numbers, np.asarray(numbers, dtype=np.int64), assume_unique=True)
        self._version = version
        if mask.all():
            return
        parts: list[_Keeps] = [self.vectors, self.terms, self.entities, self.tags, self._neighbours]
        parts += self._columns.values()
        parts += self._labels.values()
        for part in parts:
            part.keep(mask)
        self.ids = list(compress(self.ids, mask))
        self.events = list(compress(self.events, mask))
        self._characters = sum(map(len, self.ids)) + sum(map(len, self.events))

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """`Row.number`, rising."""
        return self._columns["numbers"].values

    @property
    def mentioned(self) -> npt.NDArray[np.int64]:
        """When it was said, in microseconds since 1970 UTC like the other times."""
        return self._columns["mentioned"].values

    @property
    def start(self) -> npt.NDArray[np.int64]:
        """When it began to be true; `mentioned` where that is not known."""
        return self._columns["start"].values

    @property
    def end(self) -> npt.NDArray[np.int64]:
        """Until when it was true, exclusive; `mentioned` where that is not known."""
        return self._columns["end"].values

    @property
    def dated(self) -> npt.NDArray[np.bool_]:
        """Whether it is known when it was true."""
        return self._columns["dated"].values

    @property
    def superseded(self) -> npt.NDArray[np.int64]:
        """Since when a newer memory holds instead; the largest int64 for a current one."""
        return self._columns["superseded"].values

    @property
    def kinds(self) -> npt.NDArray[np.int8]:
        """Place of the kind in `duramen.types.KINDS`."""
        return self._columns["kinds"].values

    @property
    def tokens(self) -> npt.NDArray[np.int32]:
        """Length of the text in tokens."""
        return self._columns["tokens"].values

    @property
    def positions(self) -> npt.NDArray[np.int32]:
        """Place among the memories of the same event."""
        return self._columns["positions"].values

    @property
    def tag_counts(self) -> npt.NDArray[np.int32]:
        """How many different tags it has."""
        return self.tags.lengths

    @property
    def actors(self) -> npt.NDArray[np.int32]:
        """Code of the actor; -1 for none, as for sessions and speakers."""
        return self._labels["actors"].codes

    @property
    def sessions(self) -> npt.NDArray[np.int32]:
        """Code of the session."""
        return self._labels["sessions"].codes

    @property
    def speakers(self) -> npt.NDArray[np.int32]:
        """Code of the speaker."""
        return self._labels["speakers"].codes

    def code_of_actor(self, actor: str) -> int:
        """Return the code of `actor` in `actors`, or -2, which no row has."""
        return self._labels["actors"].code_of(actor)

    def code_of_session(self, session: str) -> int:
        """Return the code of `session` in `sessions`, or -2, which no row has."""
        return self._labels["sessions"].code_of(session)

    def code_of_speaker(self, speaker: str) -> int:
        """Return the code of `speaker` in `speakers`, or -2, which no row has."""
        return self._labels["speakers"].code_of(speaker)

    @property
    def previous(self) -> npt.NDArray[np.int32]:
        """The row said just before in the same session, or -1; without a session, the piece before of the same event.

        Rows said at the same time follow each other by number.
        """
        return self._neighbours.previous()

    @property
    def next(self) -> npt.NDArray[np.int32]:
        """The row said just after in the same session, or -1; without a session, the next piece of the same event."""
        return self._neighbours.next()

    def _check(self, rows: Sequence[Row], version: BankVersion) -> None:
        if version.dimensions != self.vectors.dimensions:
            raise ValueError(f"an index of {self.vectors.dimensions} dimensions cannot show {version}; build it anew")
        self.vectors.check([row.vector for row in rows])
        last = int(self.numbers[-1]) if len(self) else 0
        numbers = [last, *(row.number for row in rows)]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            raise ValueError(f"row numbers must rise from {last}")
