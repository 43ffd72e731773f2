"""What strategies made in one bank of the in-memory store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from duramen.ledger import Record
from duramen.stores.common import PENDING
from duramen.stores.in_memory_bank import Bank
from duramen.times import microseconds, utc_now
from duramen.types import BankVersion, Indexed, Memory


class InMemoryBook:
    """A `Book`.

    Args:
        bank: Where.
        numbers: Gives each record its number.
    """

    def __init__(self, bank: Bank, numbers: Iterator[int]) -> None:
        self._kept = bank
        self._numbers = numbers

    @property
    def bank(self) -> str:
        return self._kept.name

    @property
    def version(self) -> BankVersion:
        return self._kept.version

    def find(self, memory: str) -> Memory | None:
        number = self._kept.made_numbers.get(memory)
        return None if number is None else self._kept.memory(number)

    def add(self, indexed: Indexed, *, embedder: str) -> None:
        self._kept.add_made(indexed)
        self._kept.embedder, self._kept.dimensions = embedder, len(indexed.vector)

    def add_bare(self, memory: Memory) -> None:
        self._kept.add_made(bare(memory), bare=True)

    def remove(self, memory: str) -> int:
        return 0 if self._kept.remove_made(memory) is None else 1

    def supersede(self, memory: str, since: datetime | None) -> None:
        bare = self._kept.made_numbers.get(memory) in self._kept.bare
        indexed = self._kept.remove_made(memory)
        if indexed is not None:
            self._kept.add_made(replace(indexed, memory=replace(indexed.memory, superseded=since)), bare=bare)

    def embed(self, indexed: Indexed, *, embedder: str) -> int:
        """Give a memory its vectors, under a new number; return 1, or 0 if it does not wait for them."""
        if self._kept.made_numbers.get(indexed.memory.id) not in self._kept.bare:
            return 0
        kept = self._kept.remove_made(indexed.memory.id)
        self.add(replace(indexed, memory=kept.memory if kept else indexed.memory), embedder=embedder)
        return 1

    def sources(self, memory: str) -> list[str]:
        return list(self._kept.sources.get(memory, ()))

    def link(self, memory: str, events: Iterable[str]) -> tuple[str, ...]:
        known = self._kept.sources.setdefault(memory, {})
        fresh = tuple(event for event in dict.fromkeys(events) if event not in known)
        known.update(dict.fromkeys(fresh))
        return fresh

    def unlink(self, memory: str, events: Iterable[str] | None = None) -> None:
        if events is None:
            self._kept.sources.pop(memory, None)
            return
        known = self._kept.sources.get(memory, {})
        for event in events:
            known.pop(event, None)

    def made_from(self, events: Sequence[str]) -> list[str]:
        wanted = set(events)
        return [memory for memory, sources in self._kept.sources.items() if not wanted.isdisjoint(sources)]

    def has_any(self, events: Sequence[str]) -> bool:
        return any(event in self._kept.entries for event in events)

    def keep(self, record: Record) -> None:
        number = next(self._numbers)
        self._kept.records[number] = replace(record, told=replace(record.told, number=number))

    def record(self, number: int) -> Record | None:
        return self._kept.records.get(number)

    def naming(self, memory: str) -> list[Record]:
        return [one for one in self._kept.records.values() if memory in (one.told.memory, one.told.other)]

    def repetitions_undone(self, events: Sequence[str]) -> list[Record]:
        undone = (one for one in self._kept.records.values() if one.told.undone and one.told.decision == "skip")
        return [one for one in undone if not set(events).isdisjoint(one.sources)]

    def drop(self, records: Iterable[Record]) -> None:
        for record in records:
            self._kept.records.pop(record.told.number, None)

    def mark_undone(self, number: int) -> None:
        record = self._kept.records[number]
        self._kept.records[number] = replace(record, told=replace(record.told, undone=True))

    def lose(self, events: Sequence[str]) -> None:
        now = _now()
        for strategy, queue in list(self._kept.queues.items()):
            jobs = (self._kept.jobs.get((strategy, event)) for event in events)
            if any(job is not None and self._kept.is_leased(job, now) for job in jobs):
                self._kept.end(strategy)
            else:
                queue.lost.update(events)

    def interrupt(self, strategy: str) -> None:
        self._kept.end(strategy)

    def drop_jobs(self, events: Sequence[str]) -> None:
        gone = set(events)
        for place in [place for place in self._kept.jobs if place[1] in gone]:
            del self._kept.jobs[place]

    def think_again(self, strategy: str, events: Sequence[str]) -> None:
        now = _now()  # one for all: jobs of one moment go by their numbers
        for event in events:
            job = self._kept.jobs.get((strategy, event))
            if job is not None and job.state != PENDING:
                job.begin_anew(now)


def bare(memory: Memory) -> Indexed:
    """Return a memory with nothing to search it by."""
    return Indexed(memory=memory, vector=np.zeros(0, dtype=np.float32), terms=np.zeros(0, dtype=np.uint32))


def _now() -> int:
    return microseconds(utc_now())
