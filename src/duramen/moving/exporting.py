"""Writing all that banks hold as lines of JSON."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike, fspath
from typing import IO, TypeVar

from duramen.desk import Desk
from duramen.errors import NotFoundError
from duramen.following import Progress
from duramen.identity import Bank, bank_name
from duramen.ledger import Record
from duramen.moving.files import written_whole
from duramen.moving.lines import (
    Line,
    line_of_entry,
    line_of_event,
    line_of_job,
    line_of_memory,
    line_of_record,
    written,
)
from duramen.moving.places import banks_on, entries_of, without_secrets
from duramen.moving.reaching import desk_of
from duramen.moving.reading import FORMAT, VERSION
from duramen.portal import on_own_loop
from duramen.protocols import Storage
from duramen.times import utc_now
from duramen.turns.source import AnyMemory
from duramen.types import Page, Selection
from duramen.version import __version__

T = TypeVar("T")

_AT_ONCE = 500
_MOST = 4 * 2**20  # bytes that are held back at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: how many lines of each kind, and the SHA-256 that names them."""

    banks: tuple[str, ...]
    lines: Mapping[str, int]
    sha256: str


async def export(
    memory: AnyMemory,
    banks: Sequence[Bank] | None,
    to: str | PathLike[str] | IO[bytes],
    *,
    secrets: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write all that `banks` hold to a file, so that `import_file` makes the same of it: in constant memory.

    Of each bank: its events in the order in which they were appended, what strategies made and did, what they have to do,
    and all that belongs to it on the shelf (documents, profile, sessions, tasks …). No vectors: they are made anew where it
    is imported, by the embedder there. Not told is what was forgotten.

    It is no snapshot: what is retained meanwhile may be missing, or there in parts.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` returned.
        banks: Which; all there are if None.
        to: A path (packed by gzip if it ends with `.gz`; "-" for the standard output), or an open binary file. At a
            path there is a file only when all is written.
        secrets: With secrets and headers of webhooks. Without, webhooks that had any are written as switched off.
        progress: Called with the events written, and how many there are.

    Raises:
        NotFoundError: There is no bank of that name.
        UnsupportedError: The memory is behind a server.
        StoreUnavailableError: The file cannot be written, or the store not be read.
    """
    names = None if banks is None else list(dict.fromkeys(map(bank_name, banks)))
    return await _Exporter(desk_of(memory), secrets=secrets, progress=progress).run(names, to)


class _Exporter:
    def __init__(self, desk: Desk, *, secrets: bool, progress: Progress | None) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._secrets = secrets
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._hashed = hashlib.sha256()
        self._held: list[bytes] = []
        self._size = 0

    @on_own_loop
    async def run(self, banks: Sequence[str] | None, to: str | PathLike[str] | IO[bytes]) -> Exported:
        await self._desk.life.worker()
        there = await self._there()
        names = sorted(there) if banks is None else banks
        for name in names:
            if name not in there:
                raise NotFoundError(f"There is no bank {name!r}. `duramen banks` lists those that there are.")
        total = sum(there[name] or 0 for name in names)
        with ExitStack() as stack:
            file = stack.enter_context(written_whole(fspath(to))) if isinstance(to, str | PathLike) else to
            await asyncio.to_thread(file.write, written(self._header()))
            async for line in self._lines(names, there):
                self._hold(line)
                if self._size >= _MOST:
                    await self._let_go(file, total)
            await self._let_go(file, total)
            end = {"is": "end", "lines": dict(self._counts), "sha256": self._hashed.hexdigest()}
            await asyncio.to_thread(file.write, written(end))
        return Exported(banks=tuple(names), lines=dict(self._counts), sha256=self._hashed.hexdigest())

    def _header(self) -> Line:
        return {
            "format": FORMAT,
            "version": VERSION,
            "duramen": __version__,
            "time": utc_now().isoformat(),
            "embedder": self._desk.parts.embedder.name,
        }

    async def _there(self) -> dict[str, int | None]:
        """Return the banks that there are, with how many events they have; None if nothing was retained in one."""
        there: dict[str, int | None] = dict.fromkeys(await banks_on(self._store.shelf))
        async for one in _all(lambda cursor: self._store.banks(cursor=cursor, limit=_AT_ONCE)):
            there[one.name] = one.events
        return there

    @property
    def _store(self) -> Storage:
        return self._desk.parts.store

    async def _lines(self, names: Sequence[str], there: Mapping[str, int | None]) -> AsyncIterator[Line]:
        for name in names:
            retained = there[name] is not None
            yield {"is": "bank", "bank": name, "retained": retained}
            if retained:
                async for line in self._said(name):
                    yield line
            async for entry in entries_of(self._store.shelf, name):
                yield line_of_entry(entry if self._secrets else without_secrets(entry))

    async def _said(self, bank: str) -> AsyncIterator[Line]:
        store = self._store
        async for event in _all(lambda cursor: store.appended(bank, cursor=cursor, limit=_AT_ONCE)):
            yield line_of_event(event)
        async for memory in _all(lambda cursor: store.made(bank, cursor=cursor, limit=_AT_ONCE)):
            yield line_of_memory(memory)
        cursor = None
        while True:
            page = await store.records(bank, cursor=cursor, limit=_AT_ONCE)
            rests = await self._rests(bank, page.items)
            for record in page.items:
                named = {record.told.memory, record.told.other} & rests.keys()
                yield line_of_record(record, {one: rests[str(one)] for one in sorted(map(str, named))})
            cursor = page.next
            if cursor is None:
                break
        async for job in _all(lambda cursor: store.jobs(bank, cursor=cursor, limit=_AT_ONCE)):
            yield line_of_job(job)

    async def _rests(self, bank: str, records: Sequence[Record]) -> dict[str, Sequence[str]]:
        """Return the sources of what `records` name that is not there."""
        named = {one for record in records for one in (record.told.memory, record.told.other) if one is not None}
        sources = await self._store.sources(bank, sorted(named))
        return {name: events for name, events in sources.items() if not await self._stands(bank, name)}

    async def _stands(self, bank: str, memory: str) -> bool:
        return bool((await self._store.memories(bank, Selection(memory=memory), cursor=None, limit=1)).items)

    def _hold(self, line: Line) -> None:
        raw = written(line)
        self._hashed.update(raw)
        self._counts[str(line["is"])] += 1
        self._held.append(raw)
        self._size += len(raw)

    async def _let_go(self, file: IO[bytes], total: int) -> None:
        await asyncio.to_thread(file.write, b"".join(self._held))
        self._held.clear()
        self._size = 0
        if self._progress is not None:
            self._progress(self._counts["event"], max(total, self._counts["event"]))


async def _all(listing: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    cursor: str | None = None
    while True:
        page = await listing(cursor)
        for one in page.items:
            yield one
        cursor = page.next
        if cursor is None:
            return
