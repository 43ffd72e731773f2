"""What is invalid, and what memories were before they were corrected, as it stands on the shelf."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duramen.documents.curated import archive_path, history_path, loaded
from duramen.documents.reserved import context_of
from duramen.shelf import Change, Entry, Expect, Put, Remove, Shelf
from duramen.times import microseconds
from duramen.types import Event, Interval, Memory

HISTORY = 100
"""So many corrections of an event are remembered."""

_TIMES = ("mentioned", "occurred", "stored", "superseded", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidated:
    """A memory that is invalid: it is found by nothing, and can be had back. `at` is since when."""

    memory: Memory
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What can be had back.

    Attributes:
        event: The event of the memory as it was just before.
        mark: How many other memories are cut out of that event before the place of this one.
        entry: How it was read; None if it is new.
    """

    memory: Memory
    event: Event
    mark: int
    reason: str
    at: datetime
    entry: Entry | None = None

    def put(self) -> Sequence[Change]:
        """Return what writes it, if nobody changed it since it was read."""
        told = {
            "of": whose(self.event),
            "memory": _told(self.memory),
            "event": _told(self.event),
            "mark": self.mark,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }
        path = archive_path(self.event.bank)
        return [self._expected(), Put(path=path, key=self.memory.id, value=dumped(told))]

    def remove(self) -> Sequence[Change]:
        """Return what removes it, if nobody changed it since it was read."""
        return [self._expected(), Remove(path=archive_path(self.event.bank), key=self.memory.id)]

    def moved(self, by: int) -> Archived:
        """Return it with another mark."""
        return replace(self, mark=self.mark + by)

    def _expected(self) -> Expect:
        value = None if self.entry is None else self.entry.value
        return Expect(path=archive_path(self.event.bank), key=self.memory.id, value=value)


async def archived(shelf: Shelf, bank: str, *, event: str | None = None) -> list[Archived]:
    """Return what is invalid in a bank, or of one event, the longest first."""
    found = [(entry, loaded(entry)) for entry in await shelf.scan(archive_path(bank))]
    read = [_read(entry, told) for entry, told in found if event in (None, told["of"]["event"])]
    return sorted(read, key=lambda one: (one.at, one.memory.id))


async def archived_memory(shelf: Shelf, bank: str, memory: str) -> Archived | None:
    """Return a memory that is invalid."""
    (entry,) = await shelf.get([(archive_path(bank), memory)])
    return None if entry is None else _read(entry, loaded(entry))


async def corrected(shelf: Shelf, event: Event, told: Mapping[str, Any]) -> Sequence[Change]:
    """Return what adds `told` to the history of an event, if nobody else does so meanwhile."""
    path = history_path(event.bank)
    (entry,) = await shelf.get([(path, event.id)])
    before = [] if entry is None else loaded(entry)["told"]
    value = dumped({"of": whose(event), "told": [*before, dict(told)][-HISTORY:]})
    return [
        Expect(path=path, key=event.id, value=None if entry is None else entry.value),
        Put(path=path, key=event.id, value=value),
    ]


async def corrections(shelf: Shelf, bank: str, memory: str, event: str | None) -> list[dict[str, Any]]:
    """Return what was told of a memory, oldest first; of one that is gone, `event` may be None."""
    path = history_path(bank)
    entries = await shelf.get([(path, event)]) if event is not None else await shelf.scan(path)
    told = [one for entry in entries if entry is not None for one in loaded(entry)["told"]]
    return [one for one in told if one["memory"] == memory]


def state_of(memory: Memory) -> dict[str, Any]:
    """Return what can be corrected of a memory, as it is."""
    occurred = memory.occurred
    return {
        "text": memory.text,
        "kind": memory.kind,
        "context": context_of(memory.metadata),
        "occurred": None if occurred is None else [occurred.start.isoformat(), occurred.end.isoformat()],
        "entities": list(memory.entities),
    }


def whose(event: Event) -> dict[str, Any]:
    """Return what tells with what else it goes."""
    return {
        "event": event.id,
        "key": event.key,
        "document": event.document,
        "session": event.session,
        "actor": event.actor,
        "mentioned": microseconds(event.mentioned),
    }


def dumped(value: Mapping[str, Any]) -> bytes:
    """Write an entry."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_written).encode()


def _written(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Interval):
        return [value.start.isoformat(), value.end.isoformat()]
    return dict(value) if isinstance(value, Mapping) else str(value)


def _told(of: Memory | Event) -> dict[str, Any]:
    return {field.name: getattr(of, field.name) for field in dataclasses.fields(of)}


def _read(entry: Entry, told: Mapping[str, Any]) -> Archived:
    return Archived(
        memory=Memory(**_fields(told["memory"])),
        event=Event(**_fields(told["event"])),
        mark=told["mark"],
        reason=told["reason"],
        at=datetime.fromisoformat(told["at"]),
        entry=entry,
    )


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(told)
    for name in _TIMES:
        value = fields.get(name)
        if isinstance(value, list):
            fields[name] = Interval(*map(datetime.fromisoformat, value))
        elif value is not None:
            fields[name] = datetime.fromisoformat(value)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
