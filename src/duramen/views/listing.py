"""Which memories a listing shows, and in which order: those of both indexes of a bank, the newest in the store first."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.protocols import Store
from duramen.recall.search import allowed
from duramen.types import Memory, Query

AT_ONCE = 500
"""Memories that are read at a time while a text is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a listing asks for.

    Attributes:
        query: Its filters; its text says nothing.
        text: What must be in the memory's own text, in any case.
        entity: A name that it must hold.
        ids: Those to choose from; None for all.
    """

    query: Query
    text: str | None = None
    entity: str | None = None
    ids: frozenset[str] | None = None


def chosen(indexes: Sequence[BankIndex], wanted: Wanted) -> list[int]:
    """Return the row numbers of what fits but for its text, the newest first."""
    numbers = [index.numbers[_mask(index, wanted)] for index in indexes]
    return np.sort(np.concatenate(numbers))[::-1].tolist() if numbers else []


async def fitting(store: Store, bank: str, numbers: Sequence[int], text: str) -> AsyncGenerator[Memory, None]:
    """Go through the memories of `numbers` that hold `text`, in order."""
    folded = text.casefold()
    for at in range(0, len(numbers), AT_ONCE):
        for memory in await store.get(bank, numbers[at : at + AT_ONCE]):
            if folded in memory.text.casefold():
                yield memory


def _mask(index: BankIndex, wanted: Wanted) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = np.ones(len(index), dtype=np.bool_)
    fits = allowed(index, wanted.query)
    if fits is not None:
        mask &= fits
    if wanted.entity is not None:
        named = np.zeros(len(index), dtype=np.bool_)
        named[index.entities.rows_of(wanted.entity)] = True
        mask &= named
    if wanted.ids is not None:
        ids = wanted.ids
        mask &= np.fromiter((id in ids for id in index.ids), dtype=np.bool_, count=len(index))
    return mask
