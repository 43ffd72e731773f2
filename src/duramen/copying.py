"""What a store tells and takes of a bank word for word, so that a bank can be carried to another kind of store.

Export and import carry what a bank says; this carries how it stands: rows under their places with all that they are
searched by, events with how far they are worked through, and what was forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from duramen.ledger import Job, JobState, Record
from duramen.protocols import Storage
from duramen.shelf import Change, Entry, Place
from duramen.types import BankVersion, Event, Indexed

Part: TypeAlias = Literal["events", "memories", "sources", "records", "jobs", "entries", "marks"]
"""What a bank is made of, and what stands beside the banks: entries and marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedEvent:
    """An event as it stands in a journal.

    Attributes:
        number: Rises in the order of appending.
        due: When it may be leased; None for at once, and for what is not pending. One that is leased is told as due.
        cut: Text was cut out of it.
    """

    number: int
    event: Event
    state: JobState = "pending"
    due: datetime | None = None
    attempts: int = 0
    reason: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a memory stands in its bank: `Row.number`, whether a strategy made it, and whether it waits for vectors."""

    number: int
    made: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CopiedMemory:
    """A memory at its place. Its `sources` are told apart from it; the arrays of one that waits for vectors are empty."""

    place: RowPlace
    indexed: Indexed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a bank stands: when it was made, and its counters. The number of the bank is each store's own."""

    created: datetime
    version: BankVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What is no longer there: ids of events, places of memories, numbers of records, strategy and event of jobs."""

    events: Sequence[str] = ()
    memories: Sequence[int] = ()
    records: Sequence[int] = ()
    jobs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a bank is given, as it stands elsewhere.

    Attributes:
        standing: How the bank stands then; None if it is not to be made or changed, and only `entries` and `marks` are
            given.
        gone: Taken away first.
        events: One whose id is there stays in its place; others come to the end. They are forgotten no more.
        memories: Under their places, which are free.
        sources: By the id of a memory all that it rests on, in order; nothing if it is empty.
        records: In order; they get new numbers.
        jobs: Of events that are there. One that is there stays in its place.
        entries: In the stead of what stands there, with their own times; those that expired are left out.
        marks: Of what was forgotten, in whatever bank.
    """

    standing: Standing | None = None
    gone: Gone = field(default_factory=Gone)
    events: Sequence[CopiedEvent] = ()
    memories: Sequence[CopiedMemory] = ()
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    records: Sequence[Record] = ()
    jobs: Sequence[Job] = ()
    entries: Sequence[Entry] = ()
    marks: Sequence[bytes] = ()


@runtime_checkable
class Copying(Protocol):
    """What a store can beside `Storage` that banks can be moved from and to. Listings of unknown banks are empty."""

    async def copied_events(self, bank: str, *, after: int = 0, limit: int) -> Sequence[CopiedEvent]:
        """Return events numbered above `after`, in order."""

    async def places(self, bank: str) -> Sequence[RowPlace]:
        """Return the places of all memories of the bank, rising. What stands at a place is never another memory."""

    async def copied_memories(self, bank: str, numbers: Sequence[int]) -> Sequence[CopiedMemory]:
        """Return the memories at these places, rising, leaving out those that are gone."""

    async def all_sources(self, bank: str, *, after: str = "", limit: int) -> Mapping[str, Sequence[str]]:
        """Return what memories were made from, of at most `limit` whose id is behind `after`, in the order of ids."""

    async def marks(self, *, after: bytes = b"", limit: int) -> Sequence[bytes]:
        """Return the marks of what was forgotten in any bank, behind `after`, in order."""

    async def entries(self, *, after: Place | None = None, limit: int) -> Sequence[Entry]:
        """Return what stands on the shelf anywhere, behind `after`, in an order of the store's own."""

    async def take(self, bank: str, taken: Taken, *, shelved: Sequence[Change] = ()) -> None:
        """Let a bank stand as another does, in one transaction with the changes `shelved`, which come first.

        Raises `ChangedError`; then nothing was done. The same thing twice is one, but for `memories` and `records`.
        """


class CopyingStorage(Storage, Copying, Protocol):
    """A store that banks can be moved from and to."""
