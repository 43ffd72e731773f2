"""What a bank is made of, part by part and piece by piece, and a digest of each that is the same in every store."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, get_args

import numpy as np

from duramen.copying import CopiedEvent, CopiedMemory, CopyingStorage, Part, RowPlace
from duramen.desk import BANKS
from duramen.ledger import Job, Record
from duramen.moving.places import going_on
from duramen.shelf import OF_BANKS, Entry, Path, Place, Put
from duramen.strategies.resources import RESOURCES, resource_of
from duramen.times import microseconds
from duramen.types import Memory

PARTS: tuple[Part, ...] = get_args(Part)

MOVES = "duramen.moves"
"""Where it stands on the shelf of a target what was moved there, and from where."""

_PASSING = "task_lanes"
"""Which process works on a task just now: of no use elsewhere."""

_AT_ONCE = 2000
_MEMORIES_AT_ONCE = 500
_MARKS_AT_ONCE = 20_000

Copy: TypeAlias = "CopiedEvent | CopiedMemory | Sources | Record | Job | Entry | bytes"

Step: TypeAlias = Callable[[int], None]
"""Called with how many more pieces were looked at."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What one memory was made from."""

    memory: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a part: what names it there, its digest, and itself."""

    key: Hashable
    digest: bytes
    copy: Copy


def pieces(store: CopyingStorage, bank: str, part: Part) -> AsyncIterator[Piece]:
    """Yield all pieces of a part of a bank, in the order in which they are kept where that matters.

    Of a memory all that it is searched by is read; its place alone is quicker.
    """
    return _PIECES[part](store, bank)


async def memories(store: CopyingStorage, bank: str, numbers: list[int]) -> AsyncIterator[CopiedMemory]:
    """Yield the memories at these places that are still there."""
    for start in range(0, len(numbers), _MEMORIES_AT_ONCE):
        for one in await store.copied_memories(bank, numbers[start : start + _MEMORIES_AT_ONCE]):
            yield one


async def marks(store: CopyingStorage) -> AsyncIterator[bytes]:
    """Yield the marks of what was forgotten in any bank."""
    after = b""
    while found := await store.marks(after=after, limit=_MARKS_AT_ONCE):
        for mark in found:
            yield mark
        after = found[-1]


async def entries_of(store: CopyingStorage, bank: str) -> AsyncIterator[Entry]:
    """Yield what stands on the shelf for a bank."""
    for first in OF_BANKS:
        after: Place | None = None
        while entries := await store.shelf.scan((first, bank), below=True, after=after, limit=_AT_ONCE):
            for entry in entries:
                if not (first == BANKS and len(entry.path) > 2 and entry.path[2] == _PASSING):
                    yield entry
            after = entries[-1].place


async def entries_beside(store: CopyingStorage) -> AsyncIterator[Entry]:
    """Yield what stands on the shelf for no bank, but for what tells of moves."""
    after: Place | None = None
    while entries := await store.entries(after=after, limit=_AT_ONCE):
        for entry in entries:
            if not is_of_bank(entry.path) and entry.path[0] != MOVES:
                yield entry
        after = entries[-1].place


async def entries_with(store: CopyingStorage, bank: str) -> AsyncIterator[Entry]:
    """Yield what stands beside the banks and one of them needs: its resource, and when its tasks are due."""
    resource = resource_of(bank)
    wanted: list[Place] = [] if resource is None else [(RESOURCES, resource)]
    async for entry in entries_of(store, bank):
        if is_task(entry):
            wanted += [(change.path, change.key) for change in going_on(entry) if isinstance(change, Put)]
    for found in await store.shelf.get(wanted):
        if found is not None:
            yield found


def is_task(entry: Entry) -> bool:
    """Tell whether an entry says how a task stands."""
    return len(entry.path) == 3 and entry.path[0] == BANKS and entry.path[2] == "tasks"


def is_of_bank(path: Path) -> bool:
    """Tell whether what stands at a path on the shelf is a bank's."""
    return len(path) > 1 and path[0] in OF_BANKS


def digest(*parts: object) -> bytes:
    """Return 16 bytes that are the same for the same plain values, and hardly ever for others."""
    return hashlib.blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=16).digest()


def digest_of_event(copied: CopiedEvent) -> bytes:
    """Return the digest of an event with how far it is worked through."""
    event = copied.event
    return digest(
        (event.id, event.key, event.position, event.content, event.kind, event.actor, event.session, event.speaker),
        (event.document, microseconds(event.mentioned), _moment(event.occurred), microseconds(event.stored)),
        (_moment(event.expires), tuple(event.tags), _mapping(event.metadata), tuple(event.entities)),
        (copied.state, _moment(copied.due), copied.attempts, copied.reason, copied.cut),
    )


def digest_of_memory(copied: CopiedMemory) -> bytes:
    """Return the digest of a memory at its place, with all that it is searched by."""
    indexed, place = copied.indexed, copied.place
    hashed = hashlib.blake2b(digest_size=16)
    said = (place.number, place.bare, *_told(indexed.memory))
    hashed.update(repr(said).encode(errors="surrogatepass"))
    for raw in (
        np.asarray(indexed.vector, dtype="<f4").tobytes(),
        np.asarray(indexed.terms, dtype="<u4").tobytes(),
        repr([(one.slot, one.value, bool(one.ends), one.statement) for one in indexed.claims]).encode(),
        bytes(indexed.late),
    ):
        hashed.update(len(raw).to_bytes(8, "little"))
        hashed.update(raw)
    return hashed.digest()


def digest_of_place(place: RowPlace) -> bytes:
    """Return the digest of where a memory stands, and whether it waits for vectors."""
    return digest("place", place.number, place.made, place.bare)


def digest_of_record(record: Record) -> bytes:
    """Return the digest of a record by whatever number."""
    told = record.told
    return digest(
        (told.strategy, told.version, told.decision, told.memory, told.other, told.text, told.reason),
        (microseconds(told.at), told.undone, _moment(record.since), tuple(record.sources), tuple(record.added)),
        None if told.before is None else (*_told(told.before), tuple(told.before.sources)),
    )


def digest_of_job(job: Job) -> bytes:
    """Return the digest of a job."""
    return digest(
        (job.strategy, job.event, job.key, job.actor, job.session, job.document, job.state, job.version, job.attempts),
        (job.reason, microseconds(job.created), microseconds(job.due), _moment(job.finished)),
    )


def digest_of_entry(entry: Entry) -> bytes:
    """Return the digest of what stands on a shelf, with its times."""
    return digest(
        (tuple(entry.path), entry.key, hashlib.blake2b(entry.value, digest_size=16).digest()),
        (microseconds(entry.created), microseconds(entry.updated), _moment(entry.expires)),
        None if entry.lifetime is None else float(entry.lifetime),
    )


def _told(memory: Memory) -> tuple[object, ...]:
    occurred = memory.occurred
    return (
        (memory.id, memory.text, memory.kind, memory.event, memory.key, memory.position, memory.actor),
        (memory.session, memory.speaker, memory.document, microseconds(memory.mentioned)),
        None if occurred is None else (microseconds(occurred.start), microseconds(occurred.end)),
        (microseconds(memory.stored), _moment(memory.superseded), tuple(memory.tags), _mapping(memory.metadata)),
        (tuple(memory.entities), memory.tokens, memory.strategy, memory.namespace),
        json.dumps(memory.details, sort_keys=True) if memory.details else "",
    )


def _moment(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def _mapping(mapping: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(mapping.items())) if mapping else ()


async def _events(store: CopyingStorage, bank: str) -> AsyncIterator[Piece]:
    after = 0
    while found := await store.copied_events(bank, after=after, limit=_AT_ONCE):
        for one in found:
            yield Piece(one.event.id, digest_of_event(one), one)
        after = found[-1].number


async def _memories(store: CopyingStorage, bank: str) -> AsyncIterator[Piece]:
    async for one in memories(store, bank, [place.number for place in await store.places(bank)]):
        yield Piece(one.place.number, digest_of_memory(one), one)


async def _sources(store: CopyingStorage, bank: str) -> AsyncIterator[Piece]:
    after = ""
    while found := await store.all_sources(bank, after=after, limit=_AT_ONCE):
        for after, events in found.items():
            one = Sources(after, tuple(events))
            yield Piece(after, digest(one.memory, one.events), one)


async def _records(store: CopyingStorage, bank: str) -> AsyncIterator[Piece]:
    cursor: str | None = None
    alike: Counter[bytes] = Counter()
    while True:
        page = await store.records(bank, cursor=cursor, limit=_AT_ONCE)
        for one in page.items:
            said = digest_of_record(one)
            alike[said] += 1
            yield Piece((said, alike[said]), said, one)
        cursor = page.next
        if cursor is None:
            return


async def _jobs(store: CopyingStorage, bank: str) -> AsyncIterator[Piece]:
    cursor: str | None = None
    while True:
        page = await store.jobs(bank, cursor=cursor, limit=_AT_ONCE)
        for one in page.items:
            yield Piece((one.strategy, one.event), digest_of_job(one), one)
        cursor = page.next
        if cursor is None:
            return


async def _entries(store: CopyingStorage, bank: str) -> AsyncIterator[Piece]:
    async for entry in entries_of(store, bank):
        yield Piece(entry.place, digest_of_entry(entry), entry)


_PIECES: Mapping[Part, Callable[[CopyingStorage, str], AsyncIterator[Piece]]] = {
    "events": _events,
    "memories": _memories,
    "sources": _sources,
    "records": _records,
    "jobs": _jobs,
    "entries": _entries,
}
"""By part how its pieces are read; marks are of no bank."""
