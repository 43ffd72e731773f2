"""What the in-memory store keeps of one bank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from duramen.ledger import Job, Record
from duramen.protocols import Lease
from duramen.stores.common import JOB_STATES, PENDING
from duramen.times import from_microseconds
from duramen.types import BankSummary, BankVersion, Event, Indexed, Memory


@dataclass(slots=True)
class Entry:
    """An event in the journal. `order` rises with every append; a leased entry is due when its lease runs out."""

    order: int
    event: Event
    digest: bytes | None
    state: int = PENDING
    due: int = 0
    token: str | None = None
    attempts: int = 0
    reason: str = ""


@dataclass(slots=True)
class KeptJob:
    """A job of the ledger, for an event as it was appended, without its content. `order` rises with every job; times are microseconds.

    Attributes:
        token: Of its last lease: it is leased if that is the lease of its queue.
    """

    order: int
    strategy: str
    event: Event
    created: int
    due: int
    state: int = PENDING
    token: str | None = None
    attempts: int = 0
    reason: str = ""
    version: str = ""
    finished: int | None = None

    @property
    def told(self) -> Job:
        """The job as it is told."""
        event = self.event
        return Job(
            bank=event.bank,
            strategy=self.strategy,
            event=event.id,
            key=event.key,
            actor=event.actor,
            session=event.session,
            document=event.document,
            state=_JOB_STATES[self.state],
            version=self.version,
            attempts=self.attempts,
            reason=self.reason,
            created=from_microseconds(self.created),
            due=from_microseconds(self.due),
            finished=None if self.finished is None else from_microseconds(self.finished),
        )

    def begin_anew(self, now: int) -> None:
        """Make it pending, due now."""
        self.state, self.due, self.token, self.attempts = PENDING, now, None, 0
        self.reason, self.version, self.finished = "", "", None


@dataclass(slots=True)
class Queue:
    """The lease of the jobs of one strategy: until when, and which events are not what they were when it began."""

    token: str
    until: int
    lost: set[str] = field(default_factory=set)


_JOB_STATES = {state: name for name, state in JOB_STATES.items()}


@dataclass(slots=True)
class Bank:
    """The events and memories of one bank, with what finds them; and what strategies made, do and did."""

    name: str
    number: int
    created: datetime
    embedder: str | None = None
    dimensions: int = 0
    last: int = 0
    removals: int = 0
    made: int = 0
    revised: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    rows: dict[int, Indexed] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    made_of: dict[str, set[int]] = field(default_factory=dict)
    made_numbers: dict[str, int] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)
    sources: dict[str, dict[str, None]] = field(default_factory=dict)
    jobs: dict[tuple[str, str], KeptJob] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)

    @property
    def version(self) -> BankVersion:
        """What an index of the bank checks itself by."""
        kept = self.number, self.last, self.removals, self.embedder, self.dimensions
        return BankVersion(*kept, made=self.made, revised=self.revised)

    @property
    def summary(self) -> BankSummary:
        """How much it holds."""
        return BankSummary(
            name=self.name,
            memories=len(self.rows),
            events=len(self.entries),
            pending=sum(entry.state == PENDING for entry in self.entries.values()),
            created=self.created,
            embedder=self.embedder,
        )

    def add(self, indexed: Indexed) -> None:
        """Give the memory the next number. Its id must be free."""
        self.last += 1
        self.rows[self.last] = indexed
        self.numbers[indexed.memory.id] = self.last
        self.made_of.setdefault(indexed.memory.event, set()).add(self.last)

    def remove(self, numbers: Iterable[int]) -> list[Memory]:
        """Take rows away for good that no strategy made."""
        gone = [self.rows.pop(number).memory for number in list(numbers)]
        for memory in gone:
            number = self.numbers.pop(memory.id)
            left = self.made_of[memory.event]
            left.discard(number)
            if not left:
                del self.made_of[memory.event]
        self.removals += len(gone)
        return gone

    def add_made(self, indexed: Indexed, *, bare: bool = False) -> None:
        """Give a memory that a strategy made the next number; `bare` ones wait for their vectors."""
        self.last += 1
        self.made += 1
        self.rows[self.last] = indexed
        self.made_numbers[indexed.memory.id] = self.last
        if bare:
            self.bare.add(self.last)

    def remove_made(self, memory: str) -> Indexed | None:
        """Take a memory away that a strategy made; return it, if it was there."""
        number = self.made_numbers.pop(memory, None)
        if number is None:
            return None
        self.revised += 1
        self.bare.discard(number)
        return self.rows.pop(number)

    def take(self, number: int, indexed: Indexed, *, bare: bool) -> None:
        """Let a memory stand at a place that is free; the counters are set apart from it."""
        memory = indexed.memory
        behind = not self.rows or number > next(reversed(self.rows))
        self.rows[number] = indexed
        if not behind:
            self.rows = dict(sorted(self.rows.items()))
        if memory.strategy is not None:
            self.made_numbers[memory.id] = number
        else:
            self.numbers[memory.id] = number
            self.made_of.setdefault(memory.event, set()).add(number)
        if bare:
            self.bare.add(number)

    def leave(self, number: int) -> None:
        """Take away what stands at a place, if anything does."""
        if number not in self.rows:
            return
        memory = self.rows[number].memory
        if memory.strategy is not None:
            self.remove_made(memory.id)
        else:
            self.remove([number])

    def memory(self, number: int) -> Memory | None:
        """Return the memory of this row number, if there is one, with its sources as they are now."""
        indexed = self.rows.get(number)
        return None if indexed is None else self.with_sources(indexed.memory)

    def with_sources(self, memory: Memory) -> Memory:
        """Return `memory` with its sources as they are now."""
        return memory if memory.strategy is None else replace(memory, sources=tuple(self.sources.get(memory.id, ())))

    def rows_of(self, *, made: bool) -> dict[int, Indexed]:
        """Return what strategies made and has vectors, or what was retained word for word, by number."""
        return {
            number: indexed
            for number, indexed in self.rows.items()
            if (indexed.memory.strategy is not None) == made and number not in self.bare
        }

    def holding(self, lease: Lease, now: int) -> Entry | None:
        """Return the entry that `lease` still holds."""
        entry = self.entries.get(lease.event.id)
        held = entry is not None and entry.state == PENDING and entry.token == lease.token and entry.due > now
        return entry if held else None

    def is_leased(self, job: KeptJob, now: int) -> bool:
        """Tell whether somebody has a job."""
        queue = self.queues.get(job.strategy)
        return queue is not None and queue.until > now and queue.token == job.token

    def end(self, strategy: str, token: str | None = None) -> None:
        """End the lease of a queue, unless jobs of the lease `token` are left."""
        jobs = [job for job in self.jobs.values() if job.strategy == strategy and job.state == PENDING]
        if token is None or all(job.token != token for job in jobs):
            self.queues.pop(strategy, None)
