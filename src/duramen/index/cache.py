"""The bank indexes held in memory, each checked against the store whenever it is asked for."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

from duramen.index.bank import BankIndex
from duramen.protocols import Store
from duramen.types import BankVersion, Row

_MANY = 2000
"""Rows above which a step would hold up the event loop for longer than about 20 ms."""


class IndexCache:
    """Bank indexes, the least recently used leaving first.

    Not thread-safe: all use is on one event loop.

    Args:
        store: Where the banks are kept.
        max_bytes: How much all indexes may take together. The one asked for last stays even if it alone takes more.
    """

    def __init__(self, store: Store, *, max_bytes: int = 512 * 2**20) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._indexes: OrderedDict[str, BankIndex] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._nbytes = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """Return how many indexes are held."""
        return len(self._indexes)

    @property
    def nbytes(self) -> int:
        """Bytes that the indexes take together."""
        return self._nbytes

    async def get(self, bank: str) -> BankIndex | None:
        """Return an index that shows everything acknowledged before this call, or None if there is no such bank.

        The index is shared and follows the bank: see `BankIndex` for how long places of rows hold. Several calls at
        once for one bank share the work.

        Raises:
            StoreError: The store could not be read. What is held stays as it was.
        """
        version = await self._store.version(bank)
        index = self._indexes.get(bank)
        if index is not None and index.version == version:
            self._indexes.move_to_end(bank)
            return index
        lock = self._locks.setdefault(bank, asyncio.Lock())
        async with lock:
            return await self._refresh(bank)

    def drop(self, bank: str) -> None:
        """Let go of the index of `bank`, if it is held."""
        if self._indexes.pop(bank, None) is not None:
            self._nbytes -= self._sizes.pop(bank)

    async def _refresh(self, bank: str) -> BankIndex | None:
        index = self._indexes.get(bank)
        while True:
            # Asked for again under the lock: with the version from before it, another task's newer index would seem
            # to be ahead of the store.
            version = await self._store.version(bank)
            if version is None:
                self.drop(bank)
                return None
            if index is not None and not _continues(index.version, version):
                index = None
            rows, numbers = await self._load(bank, index, version)
            after = await self._store.version(bank)
            if after is None or not _same_space(version, after):
                continue  # the bank was made anew between the reads, and what was read may be of either
            if index is None:
                index = await _build(version, rows)
                break
            await _extend(index, rows)
            if _settle(index, numbers, version):
                break
            index = None
        self._hold(bank, index)
        return index

    async def _load(
        self, bank: str, index: BankIndex | None, version: BankVersion
    ) -> tuple[Sequence[Row], Sequence[int] | None]:
        """Read what the index lacks: the rows, and the numbers that are left if any were removed."""
        if index is None:
            return await self._store.rows(bank), None
        known = index.version
        rows = await self._store.rows(bank, after=known.last) if version.last > known.last else ()
        numbers = await self._store.numbers(bank) if version.removals > known.removals else None
        return rows, numbers

    def _hold(self, bank: str, index: BankIndex) -> None:
        self.drop(bank)
        self._indexes[bank] = index
        self._sizes[bank] = index.nbytes
        self._nbytes += self._sizes[bank]
        while self._nbytes > self._max_bytes and len(self) > 1:
            self.drop(next(iter(self._indexes)))


async def _build(version: BankVersion, rows: Sequence[Row]) -> BankIndex:
    version = _seen(version, rows)
    if len(rows) > _MANY:
        return await asyncio.to_thread(BankIndex.build, version, rows)
    return BankIndex.build(version, rows)


async def _extend(index: BankIndex, rows: Sequence[Row]) -> None:
    """Add `rows` in steps, between which others may run and see a part of what is new."""
    for start in range(0, len(rows), _MANY):
        if start:
            await asyncio.sleep(0)
        step = rows[start : start + _MANY]
        index.extend(step, _seen(index.version, step))


def _settle(index: BankIndex, numbers: Sequence[int] | None, version: BankVersion) -> bool:
    """Drop the rows that are gone and take on `version`; return whether the index then has as many rows as it should."""
    version = replace(version, last=max(version.last, index.version.last))
    if numbers is None:
        index.extend((), version)
        return True
    index.keep(numbers, version)
    return len(index) == bisect_right(numbers, version.last)


def _seen(version: BankVersion, rows: Sequence[Row]) -> BankVersion:
    """Return what is known of the bank after reading `rows`, having read `version` before them.

    The rows may be newer than the version. Numbers are given out in order, so all up to the last row's are seen, and
    asking for those again would give them twice. Removals may have been seen or not; the older count makes the next
    call look, which does no harm. No later version may be taken instead: it could speak of rows that were not read.
    """
    return replace(version, last=max(version.last, rows[-1].number)) if rows else version


def _continues(known: BankVersion, version: BankVersion) -> bool:
    """Return whether `version` is a later state of the same bank; a restored backup, say, goes back."""
    return _same_space(known, version) and version.last >= known.last and version.removals >= known.removals


def _same_space(one: BankVersion, other: BankVersion) -> bool:
    return (one.number, one.embedder, one.dimensions) == (other.number, other.embedder, other.dimensions)
