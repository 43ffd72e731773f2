"""What the in-memory store keeps of one bank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from duramen.protocols import Lease
from duramen.stores.common import PENDING
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
class Bank:
    """The events and memories of one bank, with what finds them."""

    name: str
    number: int
    created: datetime
    embedder: str | None = None
    dimensions: int = 0
    last: int = 0
    removals: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    rows: dict[int, Indexed] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    made_of: dict[str, set[int]] = field(default_factory=dict)

    @property
    def version(self) -> BankVersion:
        """What an index of the bank checks itself by."""
        return BankVersion(self.number, self.last, self.removals, self.embedder, self.dimensions)

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
        """Take rows away for good."""
        gone = [self.rows.pop(number).memory for number in list(numbers)]
        for memory in gone:
            number = self.numbers.pop(memory.id)
            left = self.made_of[memory.event]
            left.discard(number)
            if not left:
                del self.made_of[memory.event]
        self.removals += len(gone)
        return gone

    def holding(self, lease: Lease, now: int) -> Entry | None:
        """Return the entry that `lease` still holds."""
        entry = self.entries.get(lease.event.id)
        held = entry is not None and entry.state == PENDING and entry.token == lease.token and entry.due > now
        return entry if held else None
