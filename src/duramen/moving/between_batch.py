"""Pieces of one bank on their way: gathered, and given to the target in transactions of some megabytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from duramen.copying import CopiedEvent, CopiedMemory, CopyingStorage, Gone, Part, RowPlace, Standing, Taken
from duramen.ledger import Job, Record
from duramen.moving.between_notes import Note
from duramen.moving.between_parts import Copy, Piece, Sources
from duramen.shelf import Entry, Remove
from duramen.types import BankVersion

MOST_PIECES = 4000
MOST_BYTES = 8 * 2**20


@dataclass(slots=True)
class Changed:
    """How many pieces of each part were copied, and how many went."""

    copied: Counter[Part] = field(default_factory=Counter)
    gone: Counter[Part] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.copied.total() or self.gone.total())

    @property
    def all(self) -> Mapping[Part, int]:
        """How many pieces of each part in all."""
        return self.copied + self.gone


@dataclass(frozen=True, slots=True)
class Held:
    """A piece as the target holds it.

    Attributes:
        digest: Its own; `guarded` is what it adds to the sum of the bank, None for what expires by itself.
        handle: What names it when it goes.
    """

    digest: bytes
    guarded: bytes | None
    handle: str | int | tuple[str, str] | Remove


def held_of(piece: Piece) -> Held:
    """Return a piece as it is held. What is made from is named by its memory, and marks never go."""
    digest, copy = piece.digest, piece.copy
    if isinstance(copy, Entry):
        guarded = digest if copy.expires is None else None
        return Held(digest, guarded, Remove(path=copy.path, key=copy.key))
    if isinstance(copy, Record):
        return Held(digest, digest, copy.told.number)
    if isinstance(copy, Job):
        return Held(digest, digest, (copy.strategy, copy.event))
    if isinstance(copy, CopiedMemory):
        return Held(digest, digest, copy.place.number)
    return Held(digest, None if isinstance(copy, bytes) else digest, str(piece.key))


class Counters:
    """The counters of a bank at the target, in step with what it holds, and in the end those of the source.

    Args:
        created: When the bank was made.
        version: At the source.
        there: At the target; None if it is not there yet.
    """

    def __init__(self, created: datetime, version: BankVersion, there: BankVersion | None) -> None:
        self.stood = None if there is None else Standing(created=created, version=replace(there, number=0))
        self._created = created
        self._version = version
        self._last = 0 if there is None else there.last
        self._removals = 0 if there is None else there.removals
        self._revised = 0 if there is None else there.revised
        self._there: Counter[bool] = Counter()
        self._complete = False

    def hold(self, place: RowPlace) -> None:
        """Count a memory that is at the target, or comes there."""
        self._there[place.made] += 1
        self._last = max(self._last, place.number)

    def leave(self, place: RowPlace) -> None:
        """Count a memory that goes there."""
        self._there[place.made] -= 1
        if place.made:
            self._revised += 1
        else:
            self._removals += 1

    def complete(self) -> None:
        """All memories are there: count as the source does from now on."""
        self._complete = True
        self._last = max(self._last, self._version.last)

    @property
    def standing(self) -> Standing:
        """How the bank stands at the target."""
        missing = self._last - self._there[True] - self._there[False]
        at_source = self._complete and missing == self._version.removals + self._version.revised
        revised = self._version.revised if at_source else min(self._revised, missing)
        version = BankVersion(
            number=0,
            last=self._last,
            removals=missing - revised,
            embedder=self._version.embedder,
            dimensions=self._version.dimensions,
            made=self._there[True] + revised,
            revised=revised,
        )
        return Standing(created=self._created, version=version)


class Batch:
    """What is to be taken next.

    Args:
        target: Where to; None to count only.
        note: What tells where they came from; it is kept in step.
        counters: Of the bank, if anything was retained in it.
    """

    def __init__(self, target: CopyingStorage | None, note: Note, counters: Counters | None) -> None:
        self.changed = Changed()
        self._target = target
        self._note = note
        self._counters = counters
        self._stood = None if counters is None else counters.stood
        self._guard = note.guard
        self._begin()

    async def put(self, part: Part, piece: Piece, before: Held | None = None) -> None:
        """Let the target have a piece, in the stead of one that it held `before`."""
        self._guard += weight(held_of(piece).guarded) - (0 if before is None else weight(before.guarded))
        self.changed.copied[part] += 1
        if self._target is not None:
            self._gather(piece.copy)
            await self._flush_if_large()

    async def leave(self, part: Part, held: Held) -> None:
        """Let a piece go."""
        self._guard -= weight(held.guarded)
        self.changed.gone[part] += 1
        self._weighs(64)
        handle = held.handle
        if isinstance(handle, Remove):
            self._removes.append(handle)
        elif part == "sources":
            self._sources[str(handle)] = ()
        elif isinstance(handle, str):
            self._gone_events.append(handle)
        elif isinstance(handle, tuple):
            self._gone_jobs.append(handle)
        else:
            (self._gone_memories if part == "memories" else self._gone_records).append(handle)
        await self._flush_if_large()

    async def flush(self, *, always: bool = False) -> None:
        """Give the target what was gathered, in one transaction with the note."""
        standing = None if self._counters is None else self._counters.standing
        if self._target is None or not (always or self._pieces or standing != self._stood):
            return
        note, changes = self._note.at(self._guard).written()
        taken = Taken(
            standing=standing,
            gone=Gone(
                events=self._gone_events,
                memories=self._gone_memories,
                records=self._gone_records,
                jobs=self._gone_jobs,
            ),
            events=self._events,
            memories=self._memories,
            sources=self._sources,
            records=self._records,
            jobs=self._jobs,
            entries=self._entries,
            marks=self._marks,
        )
        await self._target.take(self._note.bank or "", taken, shelved=[*changes, *self._removes])
        self._note, self._stood = note, standing
        self._begin()

    async def _flush_if_large(self) -> None:
        if self._pieces >= MOST_PIECES or self._size >= MOST_BYTES:
            await self.flush()

    def _gather(self, copy: Copy) -> None:
        if isinstance(copy, CopiedEvent):
            self._events.append(copy)
            self._weighs(len(copy.event.content))
        elif isinstance(copy, CopiedMemory):
            self._memories.append(copy)
            self._weighs(copy.indexed.vector.nbytes + len(copy.indexed.late) + len(copy.indexed.memory.text))
        elif isinstance(copy, Sources):
            self._sources[copy.memory] = copy.events
            self._weighs(64 * len(copy.events))
        elif isinstance(copy, Record):
            self._records.append(copy)
            self._weighs(len(copy.told.text))
        elif isinstance(copy, Job):
            self._jobs.append(copy)
            self._weighs(len(copy.reason))
        elif isinstance(copy, Entry):
            self._entries.append(copy)
            self._weighs(len(copy.value))
        else:
            self._marks.append(copy)
            self._weighs(len(copy))

    def _weighs(self, size: int) -> None:
        self._pieces += 1
        self._size += size

    def _begin(self) -> None:
        self._pieces = self._size = 0
        self._events: list[CopiedEvent] = []
        self._memories: list[CopiedMemory] = []
        self._sources: dict[str, tuple[str, ...]] = {}
        self._records: list[Record] = []
        self._jobs: list[Job] = []
        self._entries: list[Entry] = []
        self._marks: list[bytes] = []
        self._gone_events: list[str] = []
        self._gone_memories: list[int] = []
        self._gone_records: list[int] = []
        self._gone_jobs: list[tuple[str, str]] = []
        self._removes: list[Remove] = []


def weight(digest: bytes | None) -> int:
    """Return what a digest adds to a sum."""
    return 0 if digest is None else int.from_bytes(digest, "little")
