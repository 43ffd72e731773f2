"""What becomes of the records of a memory resource, one event after the other, for whoever follows it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from duramen.desk import Desk
from duramen.errors import BadQueryError, ChangedError
from duramen.portal import on_own_loop
from duramen.records.homes import mark
from duramen.records.keeping import filed_of, id_of
from duramen.records.record import Filed
from duramen.records.table import Row, Tables
from duramen.shelf import Change, Entry, Expect, Path, Put, Remove, Shelf
from duramen.strategies.resources import resource_of
from duramen.times import EPOCH, parse_time, utc_now

Happened = Literal["created", "updated", "deleted"]
Level = Literal["METADATA_ONLY", "FULL_CONTENT"]

FOLLOWED: Path = ("duramen.records.followed",)
"""The resources whose records are followed, by name."""

KEPT_DAYS = 7
_AGAIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that happened to a record.

    Attributes:
        number: Names it in its resource, rising by one.
        bank: Where the record is, or was; so are `namespace` and `strategy`.
        id: Of the record.
        at: When that was noticed.
    """

    number: int
    happened: Happened
    bank: str
    id: str
    namespace: str
    strategy: str | None
    at: datetime


class RecordStream:
    """Notices what becomes of records, however it came about: by hand, by strategies, forgotten or expired.

    What a bank has is compared with what was told of it last, and both change in one transaction, so that each change is
    told once, in an order that all processes agree on. Two changes between two looks are told as one. Events are kept
    for 7 days and hold no text: that is looked up when it is handed on, so that what was forgotten since is not.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._tables = Tables(desk.parts.store)
        self._follow: list[Callable[[str], Awaitable[object]]] = []

    def after_events(self, follow: Callable[[str], Awaitable[object]]) -> None:
        """Let `follow` be awaited with the name of a resource, after this process kept events of it."""
        self._follow.append(follow)

    @on_own_loop
    async def follow(self, resource: str, level: Level | None) -> None:
        """Follow the records of a resource from now on, or no more if `level` is None.

        Args:
            resource: Its name.
            level: What those who follow it are to see of each record.
        """
        if level is not None and level not in get_args(Level):
            raise BadQueryError(f"{level!r} is no level. Give one of {', '.join(get_args(Level))}, or None.")
        shelf = await self._desk.shelf()
        if level is None:
            await shelf.write([Remove(path=FOLLOWED, key=resource), *_everything(resource)])
        else:
            await shelf.write([Put(path=FOLLOWED, key=resource, value=level.encode())])

    @on_own_loop
    async def level(self, resource: str) -> Level | None:
        """Return how a resource is followed; None if it is not."""
        (entry,) = await (await self._desk.shelf()).get([(FOLLOWED, resource)])
        found = None if entry is None else entry.value.decode()
        return next((level for level in get_args(Level) if level == found), None)

    @on_own_loop
    async def look(self, bank: str) -> int:
        """See what became of the records of a bank, and keep it as events; return how many. Cheap if nobody follows."""
        resource = resource_of(bank)
        if resource is None or await self.level(resource) is None:
            return 0
        shelf = await self._desk.shelf()
        for _ in range(_AGAIN):
            with suppress(ChangedError):  # another process looked meanwhile
                found = await self._looked(shelf, resource, bank)
                for follow in self._follow if found else ():
                    await follow(resource)
                return found
        return 0

    @on_own_loop
    async def events(self, resource: str, *, after: int = 0, limit: int = 100) -> list[Told]:
        """Return what happened in a resource behind the event of number `after`, in order, at most `limit`."""
        shelf = await self._desk.shelf()
        place = (_events(resource), _key(after))
        return [_read(entry) for entry in await shelf.scan(_events(resource), after=place, limit=limit)]

    @on_own_loop
    async def last(self, resource: str) -> int:
        """Return the number of the last event of a resource; 0 if there was none."""
        (entry,) = await (await self._desk.shelf()).get([_counter(resource)])
        return 0 if entry is None else int(entry.value)

    @on_own_loop
    async def record(self, told: Told) -> Filed | None:
        """Return the record of an event as it is now; None if it is gone."""
        for row in await self._tables.rows(told.bank):
            if _id(row, told.bank) == told.id and row.shown(utc_now()):
                found = await self._desk.parts.store.get(told.bank, [row.number])
                return filed_of(found[0]) if found else None
        return None

    async def _looked(self, shelf: Shelf, resource: str, bank: str) -> int:
        counter, seen = await shelf.get([_counter(resource), _seen(resource, bank)])
        before: Mapping[str, Sequence[Any]] = {} if seen is None else json.loads(seen.value)
        now = utc_now()
        rows = [row for row in await self._tables.rows(bank) if row.shown(now)]
        there = {_id(row, bank): [row.number, row.namespace, row.strategy] for row in rows}
        number = 0 if counter is None else int(counter.value)
        told = [
            _put(resource, replace(one, number=number + place, bank=bank, at=now))
            for place, one in enumerate(_differences(before, there), 1)
        ]
        if not told:
            return 0
        path, key = _seen(resource, bank)
        await shelf.write(
            [
                _expected(counter, *_counter(resource)),
                _expected(seen, path, key),
                Put(path=_counter(resource)[0], key=resource, value=str(number + len(told)).encode()),
                Put(path=path, key=key, value=json.dumps(there).encode()) if there else Remove(path=path, key=key),
                *told,
            ]
        )
        return len(told)


def _id(row: Row, bank: str) -> str:
    return id_of(row.id, row.own.mark or mark(bank))


def _differences(before: Mapping[str, Sequence[Any]], now: Mapping[str, Sequence[Any]]) -> Iterator[Told]:
    """Go through what happened between two looks at a bank: by id, the row's number, namespace and strategy."""
    happened: list[tuple[Happened, str, Sequence[Any]]] = []
    happened += [("deleted", id, one) for id, one in before.items() if id not in now]
    happened += [("created", id, one) for id, one in now.items() if id not in before]
    happened += [("updated", id, one) for id, one in now.items() if id in before and list(before[id]) != list(one)]
    for what, id, (_, namespace, strategy) in happened:
        yield Told(number=0, happened=what, bank="", id=id, namespace=namespace, strategy=strategy, at=EPOCH)


def _expected(entry: Entry | None, path: Path, key: str) -> Expect:
    return Expect(path=path, key=key, value=None if entry is None else entry.value)


def _counter(resource: str) -> tuple[Path, str]:
    return ("duramen.records.last",), resource


def _seen(resource: str, bank: str) -> tuple[Path, str]:
    return ("duramen.records.seen", resource), bank


def _events(resource: str) -> Path:
    return ("duramen.records.events", resource)


def _everything(resource: str) -> list[Remove]:
    """Return what removes the events of a resource, and what was seen of it; the numbers go on."""
    return [Remove(path=_events(resource)), Remove(path=_seen(resource, "")[0])]


def _key(number: int) -> str:
    return f"{number:020d}"


def _put(resource: str, told: Told) -> Change:
    value = [told.happened, told.bank, told.id, told.namespace, told.strategy, told.at.isoformat()]
    return Put(
        path=_events(resource),
        key=_key(told.number),
        value=json.dumps(value).encode(),
        lifetime=KEPT_DAYS * 86_400.0,
    )


def _read(entry: Entry) -> Told:
    happened, bank, id, namespace, strategy, at = json.loads(entry.value)
    return Told(
        number=int(entry.key),
        happened=happened,
        bank=bank,
        id=id,
        namespace=namespace,
        strategy=strategy,
        at=parse_time(at, BadQueryError, "at"),
    )
