"""The read model of one bank that the arms search."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, TypeVar
from zlib import crc32

import numpy as np
import numpy.typing as npt

from duramen.bulk import Rows, gathered
from duramen.index.claims import NEVER, Claims
from duramen.index.coded import CodedVectors, encoder, saved
from duramen.index.columns import Column
from duramen.index.names import Names
from duramen.index.neighbours import Neighbours
from duramen.index.order import Order
from duramen.index.postings import Postings
from duramen.index.saved import Loaded, Parts
from duramen.index.texts import Texts
from duramen.index.vectors import Vectors
from duramen.index.vocabulary import Labels, Vocabulary, fingerprint
from duramen.namespaces import within
from duramen.times import from_microseconds
from duramen.types import KINDS, BankVersion, Row

Scalar = TypeVar("Scalar", bound=np.generic)

_KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}


def _starts(rows: Rows) -> list[int]:
    return [said if start is None else start for start, said in zip(rows.start, rows.mentioned, strict=True)]


def _ends(rows: Rows) -> list[int]:
    return [said if end is None else end for end, said in zip(rows.end, rows.mentioned, strict=True)]


_COLUMNS: Mapping[str, tuple[type[np.generic], Callable[[Rows], npt.ArrayLike]]] = {
    "numbers": (np.int64, lambda rows: rows.numbers),
    "mentioned": (np.int64, lambda rows: rows.mentioned),
    "start": (np.int64, _starts),
    "end": (np.int64, _ends),
    "dated": (np.bool_, lambda rows: [start is not None for start in rows.start]),
    "superseded": (np.int64, lambda rows: [NEVER if moment is None else moment for moment in rows.superseded]),
    "kinds": (np.int8, lambda rows: [_KIND_CODES[kind] for kind in rows.kinds]),
}

_LABELS: Mapping[str, Callable[[Rows], Sequence[str | None]]] = {
    "actors": lambda rows: rows.actors,
    "sessions": lambda rows: rows.sessions,
    "speakers": lambda rows: rows.speakers,
    "namespaces": lambda rows: rows.namespaces,
}


class BankIndex:
    """All rows of one bank as arrays of one length, in order of row number.

    It equals one built anew after any mix of `extend`, `kept`, `save` and `load`, but for what `vectors.scores` of a
    large bank leaves out. The arrays are read-only views. It only grows: a row keeps its place in it for good, and
    what is forgotten makes another index. Not thread-safe: what changes it is on one event loop.

    Attributes:
        vectors: The vectors, to scan.
        terms: The search terms, to score by BM25.
        order: The order of the search terms, to find phrases in.
        entities: The entities, folded.
        tags: The tags, as they are.
        claims: What the memories claim that later ones may contradict.
        ids: The memory id of each row.
        dense: How many of the rows, the first ones, were there when it was last brought into its dense form.
        is_mapped: That form lies in a file.
    """

    def __init__(self, version: BankVersion) -> None:
        self._version = version
        self.vectors: Vectors | CodedVectors = Vectors(version.dimensions)
        self.terms = Postings()
        self.order = Order()
        self.entities = Names(fold=True)
        self.tags = Names(fold=False)
        self.claims = Claims()
        self.ids = Texts()
        self.dense = 0
        self.is_mapped = False
        self._columns: dict[str, Column[Any]] = {name: Column(dtype) for name, (dtype, _) in _COLUMNS.items()}
        self._labels = {name: Labels() for name in _LABELS}
        self._neighbours = Neighbours()
        self._derived: dict[str, Column[Any]] = {}

    @classmethod
    def build(cls, version: BankVersion, rows: Sequence[Row] | Rows) -> BankIndex:
        """Build the index of a bank from all its rows, by number."""
        index = cls(version)
        index.extend(rows, version)
        return index

    @classmethod
    def load(cls, version: BankVersion, loaded: Loaded) -> BankIndex:
        """Take an index that was saved, where its arrays lie."""
        index = cls(version)
        index.ids = Texts.load(loaded["ids"])
        index.dense, index.is_mapped = len(index.ids), loaded.mapped
        index.vectors = CodedVectors.load(loaded["vectors"], len(index.ids))
        index.terms = Postings.load(loaded["terms"])
        index.order = Order.load(loaded["order"])
        index.entities = Names.load(loaded["entities"], fold=True)
        index.tags = Names.load(loaded["tags"], fold=False)
        index.claims = Claims.load(loaded["claims"], len(index.ids))
        index._columns = {name: Column.load(dtype, loaded[name]) for name, (dtype, _) in _COLUMNS.items()}
        index._labels = {name: Labels.load(loaded[name]) for name in _LABELS}
        index._neighbours = Neighbours.load(loaded["neighbours"])
        return index

    def save(self) -> Parts:
        """Tell what to keep of the rows that are there now, in a dense form. Quick: the work is in reading the parts.

        They may be read in a thread while the index is extended.
        """
        vectors = self.vectors
        read = vectors.coded_reader() if isinstance(vectors, CodedVectors) else encoder(vectors.reader())
        return {
            "ids": self.ids.save(),
            "vectors": saved(len(self), vectors.dimensions, read),
            "terms": self.terms.save(),
            "order": self.order.save(),
            "entities": self.entities.save(),
            "tags": self.tags.save(),
            "claims": self.claims.save(),
            **{name: column.values for name, column in self._columns.items()},
            **{name: labels.save() for name, labels in self._labels.items()},
            "neighbours": self._neighbours.save(),
        }

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def version(self) -> BankVersion:
        """The state of the bank that this index shows."""
        return self._version

    @property
    def nbytes(self) -> int:
        """Bytes taken, without what lies in a file; those of names are estimated."""
        columns = sum(column.nbytes for column in (*self._columns.values(), *self._derived.values()))
        labels = sum(label.nbytes for label in self._labels.values())
        parts = self.vectors.nbytes + self.terms.nbytes + self.entities.nbytes + self.tags.nbytes + self.claims.nbytes
        return columns + labels + parts + self.order.nbytes + self._neighbours.nbytes + self.ids.nbytes

    def extend(self, rows: Sequence[Row] | Rows, version: BankVersion) -> None:
        """Add new rows, by number.

        Raises:
            ValueError: A vector has not `version.dimensions` dimensions, the dimensions changed, or the numbers do
                not rise from those of the rows already there. Nothing was added.
        """
        if not isinstance(rows, Rows):
            rows = gathered(rows, self.vectors.dimensions)
        self._check(rows, version)
        for name, (_, read) in _COLUMNS.items():
            self._columns[name].append(read(rows))
        for name, read_names in _LABELS.items():
            self._labels[name].append(read_names(rows))
        self.ids.append(rows.ids)
        self.vectors.append(rows.vectors)
        self.terms.append_flat(rows.terms, rows.lengths)
        self.order.append_flat(rows.terms, rows.lengths)
        self.entities.append(rows.entities)
        self.tags.append(rows.tags)
        self.claims.append(rows.claims)
        self._neighbours.append(*_groups(rows))
        self._version = version

    def kept(self, numbers: Sequence[int], version: BankVersion) -> BankIndex:
        """Return an index without the rows whose number is not among `numbers`; numbers without a row are passed over.

        Nothing of the rows left out is in it. This index stays as it is.

        Raises:
            ValueError: The dimensions changed.
        """
        self._check_space(version)
        mask = np.isin(self.numbers, np.asarray(numbers, dtype=np.int64), assume_unique=True)
        kept = BankIndex(version)
        kept.vectors = self.vectors.kept(mask)
        kept.terms, kept.entities, kept.tags = self.terms.kept(mask), self.entities.kept(mask), self.tags.kept(mask)
        kept.order = self.order.kept(mask)
        kept.ids, kept.claims = self.ids.kept(mask), self.claims.kept(mask)
        kept.dense = int(np.count_nonzero(mask[: self.dense]))
        kept._columns = {name: Column(dtype, self._columns[name].values[mask]) for name, (dtype, _) in _COLUMNS.items()}
        kept._labels = {name: labels.kept(mask) for name, labels in self._labels.items()}
        kept._neighbours = self._neighbours.kept(mask)
        return kept

    def seen(self, version: BankVersion) -> None:
        """Take on a version that brings no other rows.

        Raises:
            ValueError: The dimensions changed.
        """
        self._check_space(version)
        self._version = version

    def derived(self, name: str, dtype: type[Scalar], make: Callable[[int], npt.ArrayLike]) -> npt.NDArray[Scalar]:
        """Return a column that somebody makes of others, each row by itself, and that is made once.

        Args:
            name: What it is known by.
            dtype: What is in it.
            make: Returns the values of the rows from the given one on.
        """
        column = self._derived.setdefault(name, Column(dtype))
        if len(column) < len(self):
            column.append(make(len(column)))
        return column.values

    def settle(self) -> None:
        """Find the order of neighbours, if it is not known; otherwise that is done when somebody asks for it."""
        self._neighbours.settle()

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
        """Since when a newer memory holds instead, kept or following from claims; the largest int64 for a current one."""
        return self.claims.until(self.mentioned, self._columns["superseded"].values)

    def superseded_at(self, row: int) -> datetime | None:
        """Return since when a newer memory holds instead of that in `row`; None while it is current."""
        moment = min(int(self._columns["superseded"].values[row]), self.claims.end_of(row, self.mentioned))
        return None if moment == NEVER else from_microseconds(moment)

    @property
    def kinds(self) -> npt.NDArray[np.int8]:
        """Place of the kind in `duramen.types.KINDS`."""
        return self._columns["kinds"].values

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

    @property
    def namespaces(self) -> npt.NDArray[np.int32]:
        """Code of the namespace; -1 for what was retained word for word."""
        return self._labels["namespaces"].codes

    @property
    def speaker_names(self) -> Vocabulary:
        """The names of the speakers, by code."""
        return self._labels["speakers"].names

    @property
    def session_count(self) -> int:
        """How many sessions there are; each has a code below this."""
        return len(self._labels["sessions"])

    def code_of_actor(self, actor: str) -> int:
        """Return the code of `actor` in `actors`, or -2, which no row has."""
        return self._labels["actors"].code_of(actor)

    def code_of_session(self, session: str) -> int:
        """Return the code of `session` in `sessions`, or -2, which no row has."""
        return self._labels["sessions"].code_of(session)

    def code_of_namespace(self, namespace: str) -> int:
        """Return the code of `namespace` in `namespaces`, or -2, which no row has."""
        return self._labels["namespaces"].code_of(namespace)

    def filed_within(self, namespaces: Collection[str]) -> npt.NDArray[np.bool_]:
        """Return which rows are filed at one of `namespaces` or below, shape (rows,)."""
        labels = self._labels["namespaces"]
        wanted = [any(within(labels.names[code], above) for above in namespaces) for code in range(len(labels))]
        return np.array([*wanted, False])[labels.codes]

    def named(self, ids: Set[str]) -> npt.NDArray[np.bool_]:
        """Return which rows are of the memories with these ids, shape (rows,)."""
        sums = self.derived("ids", np.uint32, lambda first: _sums(self.ids.of(np.arange(first, len(self)))))
        mask = np.isin(sums, np.array(_sums(ids), dtype=np.uint32))
        rows = np.flatnonzero(mask)  # two ids may have one sum
        mask[rows] = [id in ids for id in self.ids.of(rows)]
        return mask

    def speaker_of(self, row: int) -> str | None:
        """Return the speaker of a row."""
        return self._labels["speakers"].name_of(row)

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

    def _check_space(self, version: BankVersion) -> None:
        if version.dimensions != self.vectors.dimensions:
            raise ValueError(f"an index of {self.vectors.dimensions} dimensions cannot show {version}; build it anew")

    def _check(self, rows: Rows, version: BankVersion) -> None:
        self._check_space(version)
        if len(rows) and rows.vectors.shape != (len(rows), version.dimensions):
            raise ValueError(f"vectors of shape {rows.vectors.shape} for {len(rows)} rows of {version}")
        last = int(self.numbers[-1]) if len(self) else 0
        if (np.diff(rows.numbers, prepend=last) <= 0).any():
            raise ValueError(f"row numbers must rise from {last}")


def _sums(ids: Iterable[str]) -> list[int]:
    return [crc32(id.encode("utf-8", "surrogatepass")) for id in ids]


def _groups(rows: Rows) -> tuple[list[int], list[int]]:
    """Return for each row the 64 bits that name its session, or else its event, and the key it is ordered by there."""
    named: dict[tuple[str, str], int] = {}
    groups, keys = [], []
    for session, event, said, position in zip(rows.sessions, rows.events, rows.mentioned, rows.positions, strict=True):
        name = ("event", event) if session is None else ("session", session)
        if name not in named:
            named[name] = fingerprint("\0".join(name))
        groups.append(named[name])
        keys.append(position if session is None else said)
    return groups, keys
