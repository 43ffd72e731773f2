"""How a store over SQL tells and takes banks word for word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from duramen.copying import CopiedEvent, CopiedMemory, RowPlace, Standing, Taken
from duramen.ledger import Record
from duramen.shelf import Change, Entry, Place, Touch
from duramen.stores.common import JOB_STATES, STATES, mark_of
from duramen.stores.placing import check_changes, erases
from duramen.stores.sql.adopting import MANY, CanAdopt
from duramen.stores.sql.common import one, version_of
from duramen.stores.sql.journal import ANYWHERE, make_bank
from duramen.stores.sql.ledger import ready_behind
from duramen.stores.sql.records import BITS, claims_of, event_of, event_parameters, in_bank, memory_of, span
from duramen.stores.sql.statements import HasDatabase, Statements
from duramen.stores.sql.told import job_parameters, record_parameters
from duramen.times import from_microseconds, microseconds
from duramen.types import Indexed


class CanCopy(CanAdopt, Protocol):
    """What this needs of its store."""

    def entries_behind(self, sql: Statements, after: Place | None, limit: int) -> list[Entry]:
        """Return what stands on the shelf anywhere, in the transaction under way."""


class SQLCopying:
    """The methods of `Copying`; see `SQLStore`."""

    async def copied_events(self: HasDatabase, bank: str, *, after: int = 0, limit: int) -> Sequence[CopiedEvent]:
        def read(sql: Statements) -> list[CopiedEvent]:
            version = version_of(sql, bank)
            if version is None:
                return []
            many = one(sql, "has_many_events", {"bank": version.number, "many": MANY})
            asked = {"bank": version.number, "after": after, "limit": limit}
            found = sql.run("list_many_copied" if many else "list_few_copied", asked).fetchall()
            return [_event_of(bank, columns) for columns in found]

        return await self.database.read(read, bank=bank)

    async def places(self: HasDatabase, bank: str) -> Sequence[RowPlace]:
        def read(sql: Statements) -> list[RowPlace]:
            version = version_of(sql, bank)
            found = [] if version is None else sql.run("list_places", span(version.number)).fetchall()
            return [RowPlace(in_bank(number), bool(made), bool(bare)) for number, made, bare in found]

        return await self.database.read(read, bank=bank)

    async def copied_memories(self: HasDatabase, bank: str, numbers: Sequence[int]) -> Sequence[CopiedMemory]:
        def read(sql: Statements) -> list[CopiedMemory]:
            version = version_of(sql, bank)
            if version is None:
                return []
            asked = {**span(version.number), "numbers": list(numbers)}
            return [_memory_of(bank, columns) for columns in sql.run("copied_memories", asked).fetchall()]

        return await self.database.read(read, bank=bank)

    async def all_sources(self: HasDatabase, bank: str, *, after: str = "", limit: int) -> Mapping[str, Sequence[str]]:
        def read(sql: Statements) -> dict[str, list[str]]:
            version = version_of(sql, bank)
            asked = {"bank": version and version.number, "after": after, "limit": limit}
            known: dict[str, list[str]] = {}
            for memory, event in [] if version is None else sql.run("list_sources", asked).fetchall():
                known.setdefault(memory, []).append(event)
            return known

        return await self.database.read(read, bank=bank)

    async def marks(self: HasDatabase, *, after: bytes = b"", limit: int) -> Sequence[bytes]:
        asked = {"after": after, "limit": limit}
        found = await self.database.read(lambda sql: sql.run("list_marks", asked).fetchall())
        return [bytes(digest) for (digest,) in found]

    async def entries(self: CanCopy, *, after: Place | None = None, limit: int) -> Sequence[Entry]:
        return await self.database.read(lambda sql: self.entries_behind(sql, after, limit))

    async def take(self: CanCopy, bank: str, taken: Taken, *, shelved: Sequence[Change] = ()) -> None:
        check_changes(shelved)

        def take(sql: Statements) -> None:
            self.shelve(sql, shelved)
            self.shelve_as_it_was(sql, taken.entries)
            sql.many("put_mark", [{"home": ANYWHERE, "digest": mark} for mark in taken.marks])
            if taken.standing is not None:
                _take(sql, bank, taken, taken.standing)

        homes = self.homes([*shelved, *(Touch(path=entry.path, key=entry.key) for entry in taken.entries)])
        away = taken.gone.events or taken.gone.memories
        await self.database.write(
            take,
            bank=bank if taken.standing is not None else None,
            homes=[*homes, ANYWHERE],
            compared=self.compared(shelved),
            erases=bool(away) or erases(shelved),
        )


def _event_of(bank: str, columns: tuple[Any, ...]) -> CopiedEvent:
    """Read `copied_columns`."""
    number, state, due, attempts, reason, cut = columns[:6]
    return CopiedEvent(
        number=number,
        event=event_of(bank, columns[6:]),
        state=STATES[state],
        due=from_microseconds(due) if due else None,
        attempts=attempts,
        reason=reason,
        cut=bool(cut),
    )


def _memory_of(bank: str, columns: tuple[Any, ...]) -> CopiedMemory:
    vector, terms, claims, codes, *rest = columns
    memory = memory_of(bank, tuple(rest))
    return CopiedMemory(
        place=RowPlace(in_bank(rest[0]), made=memory.strategy is not None, bare=vector is None),
        indexed=Indexed(
            memory=memory,
            vector=np.frombuffer(vector or b"", dtype="<f4"),
            terms=np.frombuffer(terms or b"", dtype="<u4"),
            claims=claims_of(claims or b""),
            late=codes or b"",
        ),
    )


def _take(sql: Statements, bank: str, taken: Taken, standing: Standing) -> None:
    version = version_of(sql, bank)
    number = make_bank(sql, bank) if version is None else version.number
    of_bank: dict[str, Any] = {"bank": number, **span(number)}
    gone = taken.gone
    sql.many("take_job_away", [{**of_bank, "strategy": strategy, "event": event} for strategy, event in gone.jobs])
    sql.many("take_event_away", [{**of_bank, "id": event} for event in gone.events])
    sql.many("delete_memory", [{**of_bank, "number": (number << BITS) + place} for place in gone.memories])
    sql.many("delete_revision", [{**of_bank, "number": record} for record in gone.records])
    if taken.events:
        first = one(sql, "first_number", of_bank)
        events = [{**_event_parameters(event), "number": first + place} for place, event in enumerate(taken.events)]
        sql.many("put_event", [{**of_bank, **event} for event in events])
    marks = [{"home": ANYWHERE, "digest": mark_of(bank, copied.event.id)} for copied in taken.events]
    for asked, query in (("any_marks", "unmark_forgotten"), ("any_marks_anywhere", "unmark_anywhere")):
        if marks and one(sql, asked, marks[0]):
            sql.many(query, marks)
    rows = [((number << BITS) + row.place.number, row) for row in taken.memories]
    sql.keep([(place, row.indexed) for place, row in rows if not row.place.bare])
    for place, row in rows:
        if row.place.bare:
            sql.keep_bare(place, row.indexed.memory)
    sql.many("remove_sources", [{**of_bank, "memory": memory} for memory in taken.sources])
    rests = [(memory, event) for memory, events in taken.sources.items() for event in events]
    sql.many("add_source", [{**of_bank, "memory": memory, "event": event} for memory, event in rests])
    sql.many("put_revision", [{**of_bank, **_record_parameters(record)} for record in taken.records])
    sql.many("put_job", [{**of_bank, **job_parameters(job)} for job in taken.jobs])
    _ready_queues(sql, number, taken)
    sql.run("let_bank_stand", {**of_bank, **_standing_parameters(standing)})
    if gone.events or gone.memories:
        sql.mark_erasure()


def _ready_queues(sql: Statements, bank: int, taken: Taken) -> None:
    """Say when the queues are to be looked at: for their jobs, or for events that the journal is done with there."""
    if taken.jobs or taken.gone.jobs:
        sql.run("ready_queues_anew", {"bank": bank})
    elif taken.events:
        ready_behind(sql, bank, [copied.event.id for copied in taken.events])


def _event_parameters(copied: CopiedEvent) -> dict[str, Any]:
    columns = event_parameters(copied.event)
    return {
        **columns,
        "digest": None if copied.cut else columns["digest"],
        "state": JOB_STATES[copied.state],
        "due": 0 if copied.due is None else microseconds(copied.due),
        "attempts": copied.attempts,
        "reason": copied.reason,
    }


def _record_parameters(record: Record) -> dict[str, Any]:
    return {**record_parameters(record), "undone": record.told.undone}


def _standing_parameters(standing: Standing) -> dict[str, Any]:
    version = standing.version
    return {
        "created": microseconds(standing.created),
        "embedder": version.embedder,
        "dimensions": version.dimensions,
        "last": version.last,
        "removals": version.removals,
        "made": version.made,
        "revised": version.revised,
    }
