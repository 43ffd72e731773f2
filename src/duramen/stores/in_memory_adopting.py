"""How the in-memory store tells and takes what is moved from store to store, or put by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from duramen.ledger import Adopted, Filing, Job, Record
from duramen.shelf import Change
from duramen.stores import filing
from duramen.stores.adopting import adopt, makes_bank
from duramen.stores.common import JOB_STATES, check_embedder, check_limit, page_of, place_in
from duramen.stores.in_memory_bank import Bank
from duramen.stores.in_memory_book import InMemoryBook
from duramen.stores.in_memory_ledger import HasBanks, make_job
from duramen.stores.placing import check_changes
from duramen.times import microseconds
from duramen.types import BankVersion, Event, Indexed, Memory, Page

NEW = BankVersion(number=0, last=0, removals=0, embedder=None, dimensions=0)
"""The version of a bank that is not there yet."""


class CanMake(HasBanks, Protocol):
    """What this needs of its store."""

    def _make(self, name: str) -> Bank: ...


class InMemoryAdopting:
    """The methods of `Journal` and `Ledger` that are about moving, and putting by hand; see `InMemoryStore`."""

    async def appended(self: HasBanks, bank: str, *, cursor: str | None, limit: int) -> Page[Event]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "appended", (0,))
            kept = self._banks.get(bank)
            entries = sorted(kept.entries.values(), key=lambda entry: entry.order) if kept else []
            found = [entry for entry in entries if entry.order > int(after)]
            page = page_of(found, limit, "appended", lambda entry: (entry.order,))
            return Page(tuple(entry.event for entry in page.items), page.next)

    async def made(self: HasBanks, bank: str, *, cursor: str | None, limit: int) -> Page[Memory]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "made", (0,))
            kept = self._banks.get(bank)
            found = sorted(number for number in kept.made_numbers.values() if number > int(after)) if kept else []
            page = page_of(found, limit, "made", lambda number: (number,))
            memories = [kept.memory(number) for number in page.items] if kept else []
            return Page(tuple(memory for memory in memories if memory is not None), page.next)

    async def records(self: HasBanks, bank: str, *, cursor: str | None = None, limit: int = 100) -> Page[Record]:
        with self._use():
            check_limit(limit)
            (after,) = place_in(cursor, "revisions", (0,))
            kept = self._banks.get(bank)
            found = [record for number, record in kept.records.items() if number > int(after)] if kept else []
            return page_of(found, limit, "revisions", lambda record: (record.told.number,))

    async def sources(self: HasBanks, bank: str, memories: Sequence[str]) -> Mapping[str, Sequence[str]]:
        with self._use():
            kept = self._banks.get(bank)
            known = kept.sources if kept else {}
            return {memory: tuple(known[memory]) for memory in memories if known.get(memory)}

    async def adopt(
        self: CanMake, bank: str, adopted: Adopted, *, embedder: str, shelved: Sequence[Change] = ()
    ) -> int:
        check_changes(shelved)
        with self._use():
            known = self._banks.get(bank)
            if known is not None:
                check_embedder(bank, known.version, embedder, adopted.memories)
            self._shelf.make(shelved)
            self._shelf.adopt(adopted.entries)
            if not makes_bank(adopted):
                return 0
            kept = known or self._make(bank)
            count = adopt(InMemoryBook(kept, self._record_numbers), adopted, embedder=embedder)
            for job in adopted.jobs:
                entry = kept.entries.get(job.event)
                if entry is not None and (job.strategy, job.event) not in kept.jobs:
                    make_job(kept, entry.event, job.strategy, next(self._job_numbers), microseconds(job.created))
                    fill(kept, job)
            return count

    async def file(
        self: CanMake,
        bank: str,
        filed: Sequence[Indexed],
        removed: Sequence[str] = (),
        *,
        embedder: str,
        shelved: Sequence[Change] = (),
        there: Sequence[Memory] = (),
    ) -> Filing:
        filing.check_filed(filed)
        check_changes(shelved)
        with self._use():
            kept = self._banks.get(bank)
            if filed:
                check_embedder(bank, kept.version if kept else NEW, embedder, filed)
            filing.check_there(InMemoryBook(kept, self._record_numbers) if kept else None, there)
            self._shelf.make(shelved)
            if kept is None and filing.makes_bank(filed):
                kept = self._make(bank)
            if kept is None:
                return Filing()
            return filing.file(InMemoryBook(kept, self._record_numbers), filed, removed, embedder=embedder)


def fill(kept: Bank, job: Job) -> None:
    """Let a job that is there stand as `job` does."""
    made = kept.jobs[job.strategy, job.event]
    made.state, made.due, made.attempts = JOB_STATES[job.state], microseconds(job.due), job.attempts
    made.version, made.reason, made.created = job.version, job.reason, microseconds(job.created)
    made.finished = None if job.finished is None else microseconds(job.finished)
