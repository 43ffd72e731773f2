"""A store that lasts as long as its object: for tests, notebooks and throw-away agents."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count

from duramen.errors import ClosedError
from duramen.protocols import Appended, Backlog, Lease
from duramen.selecting import cut, fits_event, fits_memory, selects_memories
from duramen.shelf import Change, Shelf
from duramen.status import Failure
from duramen.stores.common import (
    DONE,
    EARLIEST,
    FAILED,
    LATEST,
    PENDING,
    check_embedder,
    check_limit,
    digest_of,
    mark_of,
    page_of,
    place_in,
    row_of,
)
from duramen.stores.in_memory_adopting import InMemoryAdopting
from duramen.stores.in_memory_bank import Bank, Entry
from duramen.stores.in_memory_book import InMemoryBook
from duramen.stores.in_memory_copying import InMemoryCopying
from duramen.stores.in_memory_ledger import InMemoryLedger, make_job
from duramen.stores.in_memory_shelf import InMemoryShelf
from duramen.stores.placing import Clock, check_changes
from duramen.stores.revising import forget_made, forget_orphans, unmake
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import (
    BankSummary,
    BankVersion,
    Event,
    Forgotten,
    Indexed,
    Memory,
    Page,
    Row,
    Selection,
)


class InMemoryStore(InMemoryLedger, InMemoryAdopting, InMemoryCopying):
    """Keeps banks in this process, behind one lock. Closing it ends its use, not what it keeps: it may be reopened.

    Args:
        clock: Tells the time that lifetimes on the shelf go by.
    """

    def __init__(self, *, clock: Clock = utc_now) -> None:
        self._lock = threading.Lock()
        self._open = False
        self._banks: dict[str, Bank] = {}
        self._pending: dict[int, Entry] = {}
        self._given_up: dict[int, Entry] = {}
        self._order = 0
        self._made = 0
        self._job_numbers: Iterator[int] = count(1)
        self._record_numbers: Iterator[int] = count(1)
        self._marks: set[bytes] = set()
        self._shelf = InMemoryShelf(self._use, clock)

    @property
    def shelf(self) -> Shelf:
        return self._shelf

    async def open(self) -> None:
        self._open = True

    async def aclose(self) -> None:
        self._open = False

    async def append(
        self,
        bank: str,
        events: Sequence[Event],
        *,
        beyond: Sequence[str] = (),
        replayed: bool = False,
        strategies: Sequence[str] = (),
        shelved: Sequence[Change] = (),
    ) -> Appended:
        check_changes(shelved)
        with self._use():
            self._shelf.make(shelved)
            fresh = [event for event in events if not (replayed and self._is_forgotten(bank, event.id))]
            forgotten = len(events) - len(fresh)
            if not fresh and (not events or bank not in self._banks):
                return Appended(forgotten=forgotten)
            kept = self._banks.get(bank) or self._make(bank)
            replaced = repeated = 0
            for event in fresh:
                digest, known = digest_of(event), kept.entries.get(event.id)
                if known is not None and known.digest == digest:
                    repeated += 1
                    continue
                if known is not None:
                    self._remove_event(known)
                    unmake(self._book(kept), [event.id])
                    replaced += 1
                self._marks.discard(mark_of(bank, event.id))
                self._order += 1
                kept.entries[event.id] = entry = Entry(self._order, replace(event, bank=bank), digest)
                self._move(entry, PENDING)
                for strategy in dict.fromkeys(strategies):
                    make_job(kept, entry.event, strategy, next(self._job_numbers), _now())
            self._cut_off(kept, beyond)
            return Appended(replaced, repeated, forgotten)

    async def lease(self, *, limit: int, seconds: float, bank: str | None = None) -> Sequence[Lease]:
        with self._use():
            now, leases = _now(), list[Lease]()
            for order in sorted(self._pending):
                entry = self._pending[order]
                if len(leases) >= limit:
                    break
                if entry.due > now or bank not in (None, entry.event.bank):
                    continue
                entry.token, entry.due = secrets.token_hex(8), now + _span(seconds)
                entry.attempts += 1
                leases.append(Lease(entry.event, entry.attempts, entry.token))
            return leases

    async def renew(self, leases: Sequence[Lease], seconds: float) -> None:
        with self._use():
            now = _now()
            for lease in leases:
                if entry := self._held(lease, now):
                    entry.due = now + _span(seconds)

    async def fail(self, lease: Lease, reason: str, *, retry_at: datetime | None) -> None:
        with self._use():
            entry = self._held(lease, _now())
            if entry is None:
                return
            entry.reason = reason
            entry.due = microseconds(retry_at) if retry_at is not None else 0
            self._move(entry, PENDING if retry_at is not None else FAILED)

    async def backlog(self, bank: str | None = None) -> Backlog:
        with self._use():
            now = _now()
            pending = [entry for entry in self._pending.values() if bank in (None, entry.event.bank)]
            waiting = [entry.due for entry in pending if entry.token is None or entry.due <= now]
            return Backlog(
                pending=len(pending),
                failed=len(self._failed(bank)),
                oldest=min((entry.event.stored for entry in pending), default=None),
                due=from_microseconds(min(waiting)) if waiting else None,
            )

    async def failures(self, bank: str | None = None, *, limit: int = 100) -> Sequence[Failure]:
        with self._use():
            return [
                Failure(
                    bank=entry.event.bank,
                    event=entry.event.id,
                    key=entry.event.key,
                    reason=entry.reason,
                    attempts=entry.attempts,
                )
                for entry in self._failed(bank)[: max(0, limit)]
            ]

    async def retry(self, bank: str | None = None) -> int:
        with self._use():
            return self._wait_anew(self._failed(bank))

    async def requeue(self, bank: str) -> int:
        with self._use():
            kept = self._banks.get(bank)
            if kept is None:
                return 0
            kept.remove(kept.numbers.values())
            kept.bare.update(kept.made_numbers.values())
            kept.embedder, kept.dimensions = None, 0
            return self._wait_anew(kept.entries.values())

    async def put(self, leases: Sequence[Lease], memories: Sequence[Indexed], *, embedder: str) -> int:
        with self._use():
            bank = self._banks.get(leases[0].event.bank) if leases else None
            if bank is None:
                return 0
            check_embedder(bank.name, bank.version, embedder, memories)
            now = _now()
            held = {lease.event.id: entry for lease in leases if (entry := bank.holding(lease, now))}
            fresh = {one.memory.id: one for one in memories if one.memory.event in held}
            replaced = {number for event in held for number in bank.made_of.get(event, ())}
            bank.remove(replaced | {bank.numbers[id] for id in fresh if id in bank.numbers})
            for indexed in fresh.values():
                bank.add(indexed)
                bank.embedder, bank.dimensions = embedder, len(indexed.vector)
            for entry in held.values():
                self._move(entry, DONE)
            return len(held)

    async def version(self, bank: str) -> BankVersion | None:
        with self._use():
            kept = self._banks.get(bank)
            return kept.version if kept else None

    async def rows(self, bank: str, *, after: int = 0, made: bool = False) -> Sequence[Row]:
        with self._use():
            kept = self._banks.get(bank)
            rows = kept.rows_of(made=made) if kept else {}
            return [row_of(number, indexed) for number, indexed in rows.items() if number > after]

    async def numbers(self, bank: str, *, made: bool = False) -> Sequence[int]:
        with self._use():
            kept = self._banks.get(bank)
            return list(kept.rows_of(made=made)) if kept else []

    async def get(self, bank: str, numbers: Sequence[int]) -> Sequence[Memory]:
        with self._use():
            kept = self._banks.get(bank)
            found = [kept.memory(number) for number in numbers] if kept else []
            return [memory for memory in found if memory is not None]

    async def late(self, bank: str, numbers: Sequence[int]) -> Sequence[bytes]:
        with self._use():
            rows = self._rows(bank)
            bare = self._banks[bank].bare if bank in self._banks else ()
            return [rows[number].late if number in rows and number not in bare else b"" for number in numbers]

    async def memories(self, bank: str, selection: Selection, *, cursor: str | None, limit: int) -> Page[Memory]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "memories", (0,))
            found = [
                (number, self._banks[bank].with_sources(indexed.memory))
                for number, indexed in self._rows(bank).items()
                if number > int(after) and fits_memory(selection, indexed.memory)
            ]
            page = page_of(found, limit, "memories", lambda entry: (entry[0],))
            return Page(tuple(memory for _, memory in page.items), page.next)

    async def events(
        self, bank: str, selection: Selection, *, cursor: str | None, limit: int, newest: bool = False
    ) -> Page[Event]:
        with self._use():
            check_limit(limit)
            after = place_in(cursor, "events", (LATEST if newest else EARLIEST, ""))
            kept = self._banks.get(bank)
            found = [entry.event for entry in kept.entries.values()] if kept else []
            found = sorted((event for event in found if fits_event(selection, event)), key=_place, reverse=newest)
            left = [event for event in found if (_place(event) < after if newest else _place(event) > after)]
            return page_of(left, limit, "events", _place)

    async def banks(self, *, cursor: str | None, limit: int) -> Page[BankSummary]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "banks", ("",)) if cursor is not None else (None,)
            names = sorted(name for name in self._banks if after is None or name > str(after))
            found = [self._banks[name].summary for name in names[: limit + 1]]
            return page_of(found, limit, "banks", lambda summary: (summary.name,))

    async def forget(self, bank: str, selection: Selection, *, shelved: Sequence[Change] = ()) -> Forgotten:
        check_changes(shelved)
        with self._use():
            self._shelf.make(shelved)
            kept = self._banks.get(bank)
            if kept is None:
                return Forgotten(bank=bank)
            if selection == Selection():
                return self._forget_bank(kept)
            alone, book = selects_memories(selection), self._book(kept)
            entries = [] if alone else list(kept.entries.values())
            events = [self._forget_event(one) for one in entries if fits_event(selection, one.event)]
            memories = kept.remove({number for event in events for number in kept.made_of.get(event.id, ())})
            chosen = {n: one.memory for n, one in kept.rows.items() if fits_memory(selection, one.memory)}
            said = kept.remove([n for n, memory in chosen.items() if memory.strategy is None])
            lost, cut = self._cut_out(kept, said)
            made = forget_made(book, [one.id for one in chosen.values() if alone and one.strategy is not None])
            made += unmake(book, [event.id for event in events + lost]) + unmake(book, cut, gone=False)
            left = [one.memory for one in kept.rows.values() if fits_memory(selection, one.memory)]
            left = [memory for memory in left if memory.strategy is not None]
            made += forget_made(book, [one.id for one in left]) if alone else forget_orphans(book, left)
            return _forgotten(kept, memories + said, events + lost, made)

    def _forget_bank(self, kept: Bank) -> Forgotten:
        events = [self._forget_event(entry) for entry in list(kept.entries.values())]
        memories = [kept.rows[number].memory for number in kept.numbers.values()]
        return _forgotten(self._banks.pop(kept.name), memories, events, len(kept.made_numbers))

    @contextmanager
    def _use(self) -> Iterator[None]:
        with self._lock:
            if not self._open:
                raise ClosedError("This store is not open. Call `open()` first; after `aclose()`, open it anew.")
            yield

    def _make(self, name: str) -> Bank:
        self._made += 1
        self._banks[name] = Bank(name, self._made, utc_now())
        return self._banks[name]

    def _rows(self, bank: str) -> dict[int, Indexed]:
        kept = self._banks.get(bank)
        return kept.rows if kept else {}

    def _held(self, lease: Lease, now: int) -> Entry | None:
        bank = self._banks.get(lease.event.bank)
        return bank.holding(lease, now) if bank else None

    def _failed(self, bank: str | None) -> list[Entry]:
        return [entry for _, entry in sorted(self._given_up.items()) if bank in (None, entry.event.bank)]

    def _move(self, entry: Entry, state: int) -> None:
        """Change the state of `entry`, which ends its lease."""
        self._pending.pop(entry.order, None)
        self._given_up.pop(entry.order, None)
        entry.state, entry.token = state, None
        if state == PENDING:
            self._pending[entry.order] = entry
        elif state == FAILED:
            self._given_up[entry.order] = entry

    def _wait_anew(self, entries: Collection[Entry]) -> int:
        for entry in entries:
            entry.due, entry.attempts, entry.reason = 0, 0, ""
            self._move(entry, PENDING)
        return len(entries)

    def _remove_event(self, entry: Entry) -> Event:
        self._move(entry, DONE)
        return self._banks[entry.event.bank].entries.pop(entry.event.id).event

    def _forget_event(self, entry: Entry) -> Event:
        self._marks.add(mark_of(entry.event.bank, entry.event.id))
        return self._remove_event(entry)

    def _is_forgotten(self, bank: str, event: str) -> bool:
        """Tell whether the event was deleted by a forgetting, or text was cut out of it."""
        entry = self._banks[bank].entries.get(event) if bank in self._banks else None
        return mark_of(bank, event) in self._marks if entry is None else entry.digest is None

    def _cut_off(self, bank: Bank, beyond: Sequence[str]) -> None:
        """Take the ends of items away that were longer before."""
        for end in (bank.entries[id].event for id in beyond if id in bank.entries):
            later = [one for one in bank.entries.values() if one.event.key == end.key]
            for entry in [one for one in later if one.event.position >= end.position]:
                bank.remove(bank.made_of.get(self._remove_event(entry).id, ()))
                unmake(self._book(bank), [entry.event.id])

    def _cut_out(self, bank: Bank, memories: Iterable[Memory]) -> tuple[list[Event], list[str]]:
        """Take the events of forgotten `memories` away, or those texts out of the events that have others left.

        Returns:
            The events that are gone, and the ids of those that were cut.
        """
        gone: list[Event] = []
        cuts: dict[str, None] = {}
        for memory in memories:
            entry = bank.entries.get(memory.event)
            if entry is None:
                continue
            if memory.event not in bank.made_of:
                gone.append(self._forget_event(entry))
                continue
            entry.event = replace(entry.event, content=cut(entry.event.content, memory.text))
            entry.digest = None
            cuts[memory.event] = None
            if entry.state == PENDING and entry.token is not None:
                entry.due, entry.token = 0, None
        return gone, list(cuts)

    def _book(self, bank: Bank) -> InMemoryBook:
        return InMemoryBook(bank, self._record_numbers)


def _forgotten(bank: Bank, memories: Sequence[Memory], events: Sequence[Event], made: int) -> Forgotten:
    keys = {memory.key for memory in memories} | {event.key for event in events}
    return Forgotten(bank=bank.name, memories=len(memories) + made, events=len(events), keys=tuple(sorted(keys)))


def _place(event: Event) -> list[int | str]:
    return [microseconds(event.mentioned), event.id]


def _now() -> int:
    return microseconds(utc_now())


def _span(seconds: float) -> int:
    return round(seconds * 1e6)
