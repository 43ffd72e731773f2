"""Many rows at once, field by field: what a store may offer beside `Store.rows`, for banks too large to read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from duramen.types import Claim, Kind, Row


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The fields of many `duramen.types.Row`, each as a sequence of one length, by rising number.

    Attributes:
        start: With `end`, the two of `Row.occurred`; None in both where that is.
        vectors: Shape (rows, dimensions).
        terms: The terms of all rows, one row after the other, of which each has as many as `lengths` says.
    """

    numbers: npt.NDArray[np.int64]
    ids: Sequence[str]
    kinds: Sequence[Kind]
    events: Sequence[str]
    positions: Sequence[int]
    actors: Sequence[str | None]
    sessions: Sequence[str | None]
    speakers: Sequence[str | None]
    mentioned: Sequence[int]
    start: Sequence[int | None]
    end: Sequence[int | None]
    superseded: Sequence[int | None]
    tags: Sequence[tuple[str, ...]]
    entities: Sequence[tuple[str, ...]]
    tokens: Sequence[int]
    vectors: npt.NDArray[np.float32]
    terms: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.int32]
    claims: Sequence[tuple[Claim, ...]]
    namespaces: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.numbers)

    def part(self, start: int, stop: int) -> Rows:
        """Return the rows from `start` up to `stop`."""
        given = {field.name: getattr(self, field.name)[start:stop] for field in fields(self) if field.name != "terms"}
        first = int(self.lengths[:start].sum())
        return Rows(terms=self.terms[first : first + int(given["lengths"].sum())], **given)


@runtime_checkable
class BulkStore(Protocol):
    """A store that reads many rows faster than one by one."""

    async def bulk(self, bank: str, *, after: int = 0, limit: int, made: bool = False) -> Rows:
        """Return the first `limit` rows of the bank numbered above `after`, by number; see `Store.rows`."""


def gathered(rows: Sequence[Row], dimensions: int) -> Rows:
    """Turn rows into their fields.

    Raises:
        ValueError: A vector has another shape than (dimensions,).
    """
    for row in rows:
        if row.vector.shape != (dimensions,):
            raise ValueError(f"a vector of shape {row.vector.shape} among vectors of shape {(dimensions,)}")
    vectors = np.empty((len(rows), dimensions), dtype=np.float32)
    if rows and dimensions:
        np.concatenate([row.vector for row in rows], out=vectors.reshape(-1))
    terms = [row.terms for row in rows]
    return Rows(
        numbers=np.array([row.number for row in rows], dtype=np.int64),
        ids=[row.id for row in rows],
        kinds=[row.kind for row in rows],
        events=[row.event for row in rows],
        positions=[row.position for row in rows],
        actors=[row.actor for row in rows],
        sessions=[row.session for row in rows],
        speakers=[row.speaker for row in rows],
        mentioned=[row.mentioned for row in rows],
        start=[row.occurred[0] if row.occurred else None for row in rows],
        end=[row.occurred[1] if row.occurred else None for row in rows],
        superseded=[row.superseded for row in rows],
        tags=[row.tags for row in rows],
        entities=[row.entities for row in rows],
        tokens=[row.tokens for row in rows],
        vectors=vectors,
        terms=np.concatenate(terms) if terms else np.empty(0, dtype=np.uint32),
        lengths=np.array([len(codes) for codes in terms], dtype=np.int32),
        claims=[row.claims for row in rows],
        namespaces=[row.namespace for row in rows],
    )
