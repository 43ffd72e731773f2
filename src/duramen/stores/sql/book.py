"""What strategies made in one bank, within one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from duramen.ledger import Record
from duramen.stores.revising import unmake
from duramen.stores.sql.common import now, version_of
from duramen.stores.sql.records import BITS, as_json, memory_of, span
from duramen.stores.sql.statements import Found, Statements
from duramen.stores.sql.told import record_of, record_parameters
from duramen.times import microseconds
from duramen.types import BankVersion, Indexed, Memory


class SQLBook:
    """A `Book`. The counters of its bank are written when it is closed.

    Args:
        sql: Writes, with a transaction under way.
        bank: The name of the bank, whose version is `version`.
    """

    def __init__(self, sql: Statements, bank: str, version: BankVersion) -> None:
        self._sql = sql
        self._bank = bank
        self._begun = version
        self._added = 0
        self._removed = 0
        self._embedder = version.embedder
        self._dimensions = version.dimensions

    @property
    def bank(self) -> str:
        return self._bank

    @property
    def version(self) -> BankVersion:
        begun = self._begun
        return BankVersion(
            begun.number,
            begun.last + self._added,
            begun.removals,
            self._embedder,
            self._dimensions,
            begun.made + self._added,
            begun.revised + self._removed,
        )

    def close(self) -> None:
        """Write the counters."""
        if self._added or self._removed:
            counted = {"added": self._added, "removed": self._removed}
            self._run("update_bank_made", {**counted, "embedder": self._embedder, "dimensions": self._dimensions})

    def find(self, memory: str) -> Memory | None:
        found = self._run("find_made", {"id": memory}).fetchone()
        return memory_of(self._bank, found) if found else None

    def add(self, indexed: Indexed, *, embedder: str) -> None:
        self._sql.keep([(self._next(), indexed)])
        self._embedder, self._dimensions = embedder, len(indexed.vector)

    def add_bare(self, memory: Memory) -> None:
        self._sql.keep_bare(self._next(), memory)

    def remove(self, memory: str) -> int:
        gone = self._run("delete_made", {"id": memory}).rowcount
        self._removed += gone
        return gone

    def supersede(self, memory: str, since: datetime | None) -> None:
        found = self._run("find_made", {"id": memory}).fetchone()
        if found is None:
            return
        self._sql.move(found[0], self._next(), None if since is None else microseconds(since))
        self._removed += 1

    def embed(self, indexed: Indexed, *, embedder: str) -> int:
        """Give a memory its vectors, under a new number; return 1, or 0 if it does not wait for them."""
        found = self._run("find_unembedded", {"id": indexed.memory.id}).fetchone()
        if found is None:
            return 0
        number, superseded = found
        self._sql.embed(number, self._next(), superseded, indexed)
        self._removed += 1
        self._embedder, self._dimensions = embedder, len(indexed.vector)
        return 1

    def sources(self, memory: str) -> list[str]:
        return [event for (event,) in self._run("sources_of", {"memory": memory}).fetchall()]

    def link(self, memory: str, events: Iterable[str]) -> tuple[str, ...]:
        pairs = [{"memory": memory, "event": event} for event in events]
        return tuple(pair["event"] for pair in pairs if self._run("add_source", pair).rowcount)

    def unlink(self, memory: str, events: Iterable[str] | None = None) -> None:
        if events is None:
            self._run("remove_sources", {"memory": memory})
            return
        for event in events:
            self._run("remove_source", {"memory": memory, "event": event})

    def made_from(self, events: Sequence[str]) -> list[str]:
        return [memory for (memory,) in self._run("made_from", {"events": list(events)}).fetchall()]

    def has_any(self, events: Sequence[str]) -> bool:
        return bool(self._run("any_event", {"events": list(events)}).fetchone()[0])

    def keep(self, record: Record) -> None:
        self._run("insert_revision", record_parameters(record))

    def record(self, number: int) -> Record | None:
        found = self._run("find_revision", {"number": number}).fetchone()
        return record_of(self._bank, found) if found else None

    def naming(self, memory: str) -> list[Record]:
        return self._records("list_revisions_of_memory", {"memory": memory, "after": 0, "limit": -1})

    def repetitions_undone(self, events: Sequence[str]) -> list[Record]:
        return self._records("undone_skips", {"events": list(events)})

    def drop(self, records: Iterable[Record]) -> None:
        for record in records:
            self._run("delete_revision", {"number": record.told.number})

    def mark_undone(self, number: int) -> None:
        self._run("mark_undone", {"number": number})

    def lose(self, events: Sequence[str]) -> None:
        given = list(events)
        for strategy, token, lost in self._run("leased_queues", {"now": now()}).fetchall():
            lease = {"strategy": strategy, "token": token, "events": given}
            if self._run("lease_has_any", lease).fetchone() == (1,):
                self._run("free_queue", {"strategy": strategy, "token": None})
            else:
                self._run("lose", {"strategy": strategy, "lost": as_json({*json.loads(lost), *events})})

    def interrupt(self, strategy: str) -> None:
        leased = self._run("leased_queues", {"now": now()}).fetchall()
        if any(strategy == one for one, _, _ in leased):
            self._run("free_queue", {"strategy": strategy, "token": None})
            self._run("drop_empty_queue", {"strategy": strategy})

    def drop_jobs(self, events: Sequence[str]) -> None:
        self._run("delete_jobs_of_events", {"events": list(events)})

    def think_again(self, strategy: str, events: Sequence[str]) -> None:
        due = {"strategy": strategy, "now": now()}
        if self._run("think_again", {**due, "events": list(events)}).rowcount:
            self._run("ready_queue", {"strategy": strategy, "due": due["now"]})

    def _run(self, query: str, parameters: Mapping[str, Any]) -> Found:
        asked = {"bank": self._begun.number, **span(self._begun.number), **parameters}
        return self._sql.run(query, asked)

    def _records(self, query: str, parameters: Mapping[str, Any]) -> list[Record]:
        return [record_of(self._bank, columns) for columns in self._run(query, parameters).fetchall()]

    def _next(self) -> int:
        self._added += 1
        return (self._begun.number << BITS) + self._begun.last + self._added


@contextmanager
def book_of(sql: Statements, bank: str) -> Iterator[SQLBook | None]:
    """Open the book of a bank, or None if there is no such bank, and write its counters in the end."""
    version = version_of(sql, bank)
    book = None if version is None else SQLBook(sql, bank, version)
    yield book
    if book is not None:
        book.close()


def unmake_on(sql: Statements, bank: str, events: Sequence[str], *, gone: bool = True) -> int:
    """Take away what strategies made of `events`; see `unmake`."""
    with book_of(sql, bank) as book:
        return unmake(book, events, gone=gone) if book is not None else 0
