"""How the in-memory store tells and takes banks word for word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from duramen.copying import CopiedEvent, CopiedMemory, Gone, RowPlace, Standing, Taken
from duramen.ledger import Job
from duramen.shelf import Change, Entry, Place
from duramen.stores.common import JOB_STATES, PENDING, STATES, digest_of, mark_of
from duramen.stores.in_memory_adopting import CanMake, fill
from duramen.stores.in_memory_bank import Bank
from duramen.stores.in_memory_bank import Entry as Kept
from duramen.stores.in_memory_book import InMemoryBook, bare
from duramen.stores.in_memory_ledger import make_job
from duramen.stores.placing import check_changes
from duramen.times import from_microseconds, microseconds


class CanCopy(CanMake, Protocol):
    """What this needs of its store."""

    _order: int
    _marks: set[bytes]

    def _move(self, entry: Kept, state: int) -> None: ...


class InMemoryCopying:
    """The methods of `Copying`; see `InMemoryStore`."""

    async def copied_events(self: CanCopy, bank: str, *, after: int = 0, limit: int) -> Sequence[CopiedEvent]:
        with self._use():
            kept = self._banks.get(bank)
            entries = sorted(kept.entries.values(), key=lambda entry: entry.order) if kept else []
            return [_copied(entry) for entry in entries if entry.order > after][:limit]

    async def places(self: CanCopy, bank: str) -> Sequence[RowPlace]:
        with self._use():
            kept = self._banks.get(bank)
            return [_place(kept, number) for number in sorted(kept.rows)] if kept else []

    async def copied_memories(self: CanCopy, bank: str, numbers: Sequence[int]) -> Sequence[CopiedMemory]:
        with self._use():
            kept = self._banks.get(bank)
            return [_copied_memory(kept, number) for number in sorted(numbers) if number in kept.rows] if kept else []

    async def all_sources(self: CanCopy, bank: str, *, after: str = "", limit: int) -> Mapping[str, Sequence[str]]:
        with self._use():
            kept = self._banks.get(bank)
            known = sorted((one, tuple(events)) for one, events in kept.sources.items() if events) if kept else []
            return dict([one for one in known if one[0] > after][:limit])

    async def marks(self: CanCopy, *, after: bytes = b"", limit: int) -> Sequence[bytes]:
        with self._use():
            return sorted(mark for mark in self._marks if mark > after)[:limit]

    async def entries(self: CanCopy, *, after: Place | None = None, limit: int) -> Sequence[Entry]:
        with self._use():
            return list(islice(self._shelf.behind(after), limit))

    async def take(self: CanCopy, bank: str, taken: Taken, *, shelved: Sequence[Change] = ()) -> None:
        check_changes(shelved)
        with self._use():
            self._shelf.make(shelved)
            self._shelf.adopt(taken.entries)
            self._marks.update(taken.marks)
            if taken.standing is None:
                return
            kept = self._banks.get(bank) or self._make(bank)
            book = InMemoryBook(kept, self._record_numbers)
            _take_away(self, kept, taken.gone)
            for event in taken.events:
                _take_event(self, kept, event)
            for one in taken.memories:
                memory = replace(one.indexed.memory, bank=bank)
                kept.take(one.place.number, replace(one.indexed, memory=memory), bare=one.place.bare)
            for name, events in taken.sources.items():
                book.unlink(name)
                book.link(name, events)
            for record in taken.records:
                before = record.told.before and replace(record.told.before, bank=bank)
                book.keep(replace(record, told=replace(record.told, bank=bank, before=before)))
            for job in taken.jobs:
                _take_job(kept, job, self._job_numbers)
            _stand(kept, taken.standing)


def _copied(entry: Kept) -> CopiedEvent:
    waits = entry.state == PENDING and entry.token is None and entry.due > 0
    return CopiedEvent(
        number=entry.order,
        event=entry.event,
        state=STATES[entry.state],
        due=from_microseconds(entry.due) if waits else None,
        attempts=entry.attempts,
        reason=entry.reason,
        cut=entry.digest is None,
    )


def _copied_memory(kept: Bank, number: int) -> CopiedMemory:
    place, indexed = _place(kept, number), kept.rows[number]
    return CopiedMemory(place=place, indexed=bare(indexed.memory) if place.bare else indexed)


def _place(kept: Bank, number: int) -> RowPlace:
    return RowPlace(number, made=kept.rows[number].memory.strategy is not None, bare=number in kept.bare)


def _take_away(store: CanCopy, kept: Bank, gone: Gone) -> None:
    for id in gone.events:
        if id in kept.entries:
            store._remove_event(kept.entries[id])  # noqa: SLF001  a part of that store
    for number in gone.memories:
        kept.leave(number)
    for number in gone.records:
        kept.records.pop(number, None)
    for job in gone.jobs:
        kept.jobs.pop(job, None)


def _take_event(store: CanCopy, kept: Bank, copied: CopiedEvent) -> None:
    event = replace(copied.event, bank=kept.name)
    entry = kept.entries.get(event.id)
    if entry is None:
        store._order += 1  # noqa: SLF001  as above, and below
        entry = kept.entries[event.id] = Kept(store._order, event, None)  # noqa: SLF001
    store._marks.discard(mark_of(kept.name, event.id))  # noqa: SLF001
    entry.event, entry.digest = event, None if copied.cut else digest_of(event)
    store._move(entry, JOB_STATES[copied.state])  # noqa: SLF001
    entry.due = 0 if copied.due is None else microseconds(copied.due)
    entry.attempts, entry.reason = copied.attempts, copied.reason


def _take_job(kept: Bank, job: Job, numbers: Iterator[int]) -> None:
    entry = kept.entries.get(job.event)
    if entry is None:
        return
    if (job.strategy, job.event) not in kept.jobs:
        make_job(kept, entry.event, job.strategy, next(numbers), microseconds(job.created))
    made = kept.jobs[job.strategy, job.event]
    made.token = None
    made.event = replace(made.event, key=job.key, actor=job.actor, session=job.session, document=job.document)
    fill(kept, job)


def _stand(kept: Bank, standing: Standing) -> None:
    version = standing.version
    kept.created, kept.embedder, kept.dimensions = standing.created, version.embedder, version.dimensions
    kept.last, kept.removals, kept.made, kept.revised = version.last, version.removals, version.made, version.revised
