"""The bank indexes held in memory, each checked against the store whenever it is asked for."""

from __future__ import annotations

import asyncio
import logging
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

from duramen.bulk import BulkStore, Rows
from duramen.index.bank import BankIndex
from duramen.index.saved import Loaded, Parts
from duramen.index.segment import Segments, delete, is_earlier
from duramen.protocols import Store
from duramen.tenancy import of_tenant
from duramen.types import BankVersion, Row

log = logging.getLogger("duramen")

T = TypeVar("T")

MANY = 500
"""Rows above which a step would hold up the event loop for longer than about 20 ms."""

LARGE = 20_000
"""Memories up to which a bank is scanned exactly."""


class IndexCache:
    """Bank indexes, the least recently used leaving first.

    Those of large banks are also kept in files, from which they are there at once when they are next needed. Files are
    written in threads, some time after the bank was read. Not thread-safe: all use is on one event loop.

    Args:
        store: Where the banks are kept.
        max_bytes: How much all indexes may take together. The one asked for last stays even if it alone takes more.
            What lies in a file does not count.
        segments: Those files, or the directory for them, which all who open the store share; None to have none.
        large: Memories from which a bank is large: it gets a file, its vectors are coded, and it is read in pages of
            so many memories if the store can.
        made: Hold what strategies made, in the stead of what was retained word for word.
    """

    def __init__(
        self,
        store: Store,
        *,
        max_bytes: int = 512 * 2**20,
        segments: Segments | Path | None = None,
        large: int = LARGE,
        made: bool = False,
    ) -> None:
        self._store = store
        self._made = made
        self._max_bytes = max_bytes
        self._large = large
        self._segments = Segments(segments) if isinstance(segments, Path) else segments
        self._indexes: OrderedDict[str, BankIndex] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._nbytes = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopped = threading.Event()
        self._swept = segments is None
        self._writes = segments is not None
        self._next_sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many indexes are held."""
        return len(self._indexes)

    @property
    def nbytes(self) -> int:
        """Bytes that the indexes take together."""
        return self._nbytes

    async def get(self, bank: str, version: BankVersion | None = None) -> BankIndex | None:
        """Return an index that shows everything acknowledged before this call, or None if there is no such bank.

        The index is shared and follows the bank: see `BankIndex` for how long places of rows hold. Several calls at
        once for one bank share the work.

        Args:
            bank: Whose.
            version: How the bank stands, if that was read just now: what was acknowledged before then is shown.

        Raises:
            StoreError: The store could not be read. What is held stays as it was.
        """
        version = await self._version(bank) if version is None else self._seen_here(version)
        index = self._indexes.get(bank)
        if index is not None and index.version == version:
            self._indexes.move_to_end(bank)
            return index
        if not self._swept:
            self._begin_sweep()
        lock = self._locks.setdefault(bank, asyncio.Lock())
        async with lock:
            return await self._refresh(bank)

    def drop(self, bank: str) -> None:
        """Let go of the index of `bank`, if it is held."""
        if self._indexes.pop(bank, None) is not None:
            self._nbytes -= self._sizes.pop(bank)

    @asynccontextmanager
    async def forgetting(self, bank: str) -> AsyncIterator[None]:
        """See to it that nothing of what is removed from `bank` in the block is left in a file when it ends."""
        before = await self._version(bank)
        try:
            yield
        finally:  # a caller that has given up does not undo what is under way
            after = await self._version(bank)
            if before is not None and (after is None or not is_earlier(before, after)):
                await self._discard(before)
            if after is None:
                self.drop(bank)

    async def quiet(self) -> None:
        """Wait until no file is being written."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def aclose(self) -> None:
        """Give up the writing of files. Indexes may still be asked for; no more files are written."""
        self._stopped.set()
        if self._next_sweep is not None:
            self._next_sweep.cancel()
        await self.quiet()
        if self._segments is not None:
            await asyncio.to_thread(self._segments.close)

    async def _refresh(self, bank: str) -> BankIndex | None:
        index = self._indexes.get(bank)
        while True:
            # Asked for again under the lock: with the version from before it, another task's newer index would seem
            # to be ahead of the store.
            version = await self._version(bank)
            if index is not None and (version is None or not _continues(index.version, version)):
                await self._discard(index.version)
                index = None
            if version is None:
                self.drop(bank)
                return None
            if index is None and version.last >= self._large and self._segments is not None:
                index = await asyncio.to_thread(self._segments.load, bank, version)
            if index is None:
                index = BankIndex(replace(version, last=0))
            index = await self._read(bank, index, version)
            if index is not None:
                index = await self._settled(bank, index, version)
            if index is not None:
                self._hold(bank, index)
                return index

    async def _read(self, bank: str, index: BankIndex, version: BankVersion) -> BankIndex | None:
        """Read the rows that `index` lacks, page by page if the store can; None if they may be of a bank made anew."""
        is_held = index is self._indexes.get(bank)
        most = self._large
        while version.last > index.version.last and most == self._large:
            rows = await self._page(bank, index.version.last)
            most = len(rows)
            if not await self._is_same(bank, version):
                return None
            if is_held:
                await _extend(index, rows)
            else:
                index = await _threaded(most, partial(_grown, index, rows, self._large))
        return index

    async def _version(self, bank: str) -> BankVersion | None:
        """Return what changes with the rows held here."""
        version = await self._store.version(bank)
        return None if version is None else self._seen_here(version)

    def _seen_here(self, version: BankVersion) -> BankVersion:
        """Return a version as it changes with the rows that are held here."""
        if not (version.made or self._made):
            return version
        return replace(version, removals=version.revised if self._made else version.removals, made=0, revised=0)

    async def _is_same(self, bank: str, version: BankVersion) -> bool:
        now = await self._version(bank)
        return now is not None and _same_space(version, now)

    async def _page(self, bank: str, after: int) -> Sequence[Row] | Rows:
        if isinstance(self._store, BulkStore):
            return await self._store.bulk(bank, after=after, limit=self._large, made=self._made)
        return await self._store.rows(bank, after=after, made=self._made)

    async def _settled(self, bank: str, index: BankIndex, version: BankVersion) -> BankIndex | None:
        """Drop the rows that are gone and take on `version`; None if the index then has not the rows that it should."""
        version = replace(version, last=max(version.last, index.version.last))
        if version.removals == index.version.removals:
            index.seen(version)
            return index
        await self._discard(version)
        numbers = await self._store.numbers(bank, made=self._made)
        if not await self._is_same(bank, version):
            return None
        kept = await _threaded(len(index), partial(index.kept, numbers, version))
        return kept if len(kept) == bisect_right(numbers, version.last) else None

    def _hold(self, bank: str, index: BankIndex) -> None:
        self.drop(bank)
        self._indexes[bank] = index
        self._sizes[bank] = index.nbytes
        self._nbytes += self._sizes[bank]
        while self._nbytes > self._max_bytes and len(self) > 1:
            self.drop(next(iter(self._indexes)))
        is_written = index.is_mapped or not self._writes
        has_grown = len(index) - index.dense > max(self._large, index.dense) // 4
        if len(index) >= self._large and (has_grown or index.vectors.is_exact or not is_written):
            self._begin(bank, self._condense(bank, index))

    async def _condense(self, bank: str, index: BankIndex) -> None:
        """Put a dense form of `index` in its place, mapped if it can be."""
        version, parts = index.version, index.save()
        if self._segments is not None and self._writes:
            dense = await self._written(self._segments, bank, version, parts)
        else:
            dense = await asyncio.to_thread(lambda: BankIndex.load(version, Loaded.of(parts)))
        async with self._locks.setdefault(bank, asyncio.Lock()):
            held = self._indexes.get(bank)
            if dense is not None and held is not None and is_earlier(dense.version, held.version):
                self._hold(bank, dense)  # what came after it is read when it is next asked for

    async def _written(self, segments: Segments, bank: str, version: BankVersion, parts: Parts) -> BankIndex | None:
        path = await asyncio.to_thread(segments.write, bank, version, parts, self._stopped.is_set)
        if path is None:
            self._writes = False
            return None
        now = await self._version(bank)
        if now is None or not is_earlier(version, now):
            await asyncio.to_thread(delete, path)
            return None
        # Whoever removes anything from now on deletes this file, under the one name or the other.
        if not segments.publish(path, version):
            return None
        return await asyncio.to_thread(segments.load, bank, now)

    def _begin_sweep(self) -> None:
        self._swept = True
        with of_tenant(None):
            self._begin("", self._sweep())
            if self._segments is not None and self._segments.sweep_seconds is not None and not self._stopped.is_set():
                loop = asyncio.get_running_loop()
                self._next_sweep = loop.call_later(self._segments.sweep_seconds, self._begin_sweep)

    async def _sweep(self) -> None:
        """Delete the files of banks of which something was removed, by a process that had no time to do so or is elsewhere."""
        if self._segments is not None:
            for bank, version in await asyncio.to_thread(lambda segments: list(segments.left()), self._segments):
                now = await self._version(bank)
                if now is None or not is_earlier(version, now):
                    await asyncio.to_thread(self._segments.discard, version.number)

    async def _discard(self, version: BankVersion) -> None:
        if self._segments is not None and version.last >= self._large:
            await asyncio.to_thread(self._segments.discard, version.number)

    def _begin(self, name: str, work: Coroutine[None, None, None]) -> None:
        """Do `work` beside everything else, unless work of the same name is under way."""
        if name in self._tasks or self._stopped.is_set():
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[name] = task
        task.add_done_callback(partial(self._ended, name))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._tasks[name]
        if task.cancelled():
            self._stopped.set()
        elif (error := task.exception()) is not None:
            what = (
                f"the index of {name!r} could not be kept in a file"
                if name
                else "index files could not be looked through"
            )
            log.warning("%s: %s", what, error)


async def _threaded(rows: int, work: Callable[[], T]) -> T:
    """Do work on so many rows, in a thread if there are many."""
    return await asyncio.to_thread(work) if rows > MANY else work()


def _grown(index: BankIndex, rows: Sequence[Row] | Rows, large: int) -> BankIndex:
    """Return an index that nobody else has yet with `rows` added."""
    index.extend(rows, _seen(index.version, rows))
    if len(index) >= large and index.vectors.is_exact:
        index = BankIndex.load(index.version, Loaded.of(index.save()))
    index.settle()
    return index


async def _extend(index: BankIndex, rows: Sequence[Row] | Rows) -> None:
    """Add `rows` in steps, between which others may run and see a part of what is new."""
    for start in range(0, len(rows), MANY):
        if start:
            await asyncio.sleep(0)
        step = rows.part(start, start + MANY) if isinstance(rows, Rows) else rows[start : start + MANY]
        index.extend(step, _seen(index.version, step))


def _seen(version: BankVersion, rows: Sequence[Row] | Rows) -> BankVersion:
    """Return what is known of the bank after reading `rows`, having read `version` before them.

    The rows may be newer than the version. Numbers are given out in order, so all up to the last row's are seen, and
    asking for those again would give them twice. Removals may have been seen or not; the older count makes the next
    call look, which does no harm. No later version may be taken instead: it could speak of rows that were not read.
    """
    if not len(rows):
        return version
    last = int(rows.numbers[-1]) if isinstance(rows, Rows) else rows[-1].number
    return replace(version, last=max(version.last, last))


def _continues(known: BankVersion, version: BankVersion) -> bool:
    """Return whether `version` is a later state of the same bank; a restored backup, say, goes back."""
    return _same_space(known, version) and version.last >= known.last and version.removals >= known.removals


def _same_space(one: BankVersion, other: BankVersion) -> bool:
    return (one.number, one.embedder, one.dimensions) == (other.number, other.embedder, other.dimensions)
