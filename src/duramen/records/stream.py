"""What becomes of the records of a memory resource, one event after the other, for whoever follows it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from duramen.desk import Desk
from duramen.errors import BadQueryError, ChangedError
from duramen.portal import on_own_loop
from duramen.records.homes import all_banks, mark
from duramen.records.keeping import filed_of, id_of
from duramen.records.record import Filed
from duramen.records.table import Row, Tables
from duramen.shelf import Change, Entry, Expect, Path, Put, Remove, Shelf
from duramen.strategies.resources import resource_of
from duramen.times import microseconds, parse_time, utc_now

Happened = Literal["created", "updated", "deleted"]
Level = Literal["METADATA_ONLY", "FULL_CONTENT"]

FOLLOWED: Path = ("duramen.records.followed",)
"""The resources whose records are followed, by name."""

KEPT_DAYS = 7
_AGAIN = 20
_BANKS_HELD = 16


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
    told once, in an order that all processes agree on. Two changes between two looks are told as one. A process that ends
    before it looked, and time that passes, leave something to be noticed by `look_around`. Events are kept for 7 days and
    hold no text: that is looked up when it is handed on, so that what was forgotten since is not.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._tables = Tables(desk.parts.store)
        self._follow: list[Callable[[str], Awaitable[object]]] = []
        self._held: dict[tuple[str, str], tuple[bytes, Mapping[int, _Was]]] = {}

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
    async def look_around(self) -> int:
        """Look at every bank of what is followed in which something may have become of records unseen; return how much."""
        shelf = await self._desk.shelf()
        found = 0
        for entry in await shelf.scan(FOLLOWED):
            async for bank in all_banks(shelf, entry.key):
                if await self._overdue(shelf, entry.key, bank):
                    found += await self.look(bank)
        return found

    @on_own_loop
    async def followed(self) -> list[str]:
        """Return the names of the resources that are followed."""
        return [entry.key for entry in await (await self._desk.shelf()).scan(FOLLOWED)]

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
        own, now = mark(told.bank), utc_now()
        for row in await self._tables.rows(told.bank):
            if id_of(row.id, row.own.mark or own) == told.id and row.shown(now):
                found = await self._desk.parts.store.get(told.bank, [row.number])
                return filed_of(found[0]) if found else None
        return None

    async def _overdue(self, shelf: Shelf, resource: str, bank: str) -> bool:
        """Whether a bank changed since it was looked at, or some record of it has expired."""
        (seen,) = await shelf.get([_seen(resource, bank)])
        version = await self._version(bank)
        if seen is None:
            return version is not None and version[1] != version[2]
        kept = json.loads(seen.value)
        return kept["version"] != version or (kept["until"] is not None and kept["until"] <= microseconds(utc_now()))

    async def _version(self, bank: str) -> list[int] | None:
        version = await self._desk.parts.store.version(bank)
        return None if version is None else [version.number, version.made, version.revised]

    async def _looked(self, shelf: Shelf, resource: str, bank: str) -> int:
        counter, seen = await shelf.get([_counter(resource), _seen(resource, bank)])
        before = await self._before(shelf, resource, bank, seen)
        version, now = await self._version(bank), utc_now()
        rows = {row.number: row for row in await self._tables.rows(bank) if row.shown(now)}
        stays = before.keys() & rows.keys() if _is_of(seen, version) else set()  # a bank made anew counts rows anew
        come = {number: _was(row, bank) for number, row in rows.items() if number not in stays}
        number = 0 if counter is None else int(counter.value)
        told = list(_differences([one for row, one in before.items() if row not in stays], come.values()))
        if not told:
            return 0
        last = number + len(told)
        ends = [microseconds(row.own.expires) for row in rows.values() if row.own.expires is not None]
        kept = json.dumps({"version": version, "until": min(ends, default=None), "last": last}).encode()
        path, key = _seen(resource, bank)
        await shelf.write(
            [
                _expected(counter, *_counter(resource)),
                _expected(seen, path, key),
                Put(path=_counter(resource)[0], key=resource, value=str(last).encode()),
                Put(path=path, key=key, value=kept) if rows else Remove(path=path, key=key),
                *(_remembered(_seen_in(resource, bank), *one) for one in told),
                *(
                    _put(resource, place, bank, happened, one, now)
                    for place, (happened, one) in enumerate(told, number + 1)
                ),
            ]
        )
        if len(self._held) >= _BANKS_HELD:
            self._held.clear()
        self._held[resource, bank] = (kept, {row: before[row] for row in stays} | come)
        return len(told)

    async def _before(self, shelf: Shelf, resource: str, bank: str, seen: Entry | None) -> Mapping[int, _Was]:
        """Return what was told of a bank last, by the numbers of its rows."""
        if seen is None:
            return {}
        held = self._held.get((resource, bank))
        if held is not None and held[0] == seen.value:
            return held[1]
        found = [_Was(entry.key, *json.loads(entry.value)) for entry in await shelf.scan(_seen_in(resource, bank))]
        return {one.row: one for one in found}


@dataclass(frozen=True, slots=True)
class _Was:
    """A record as it was when it was looked at. One that changes has another row."""

    id: str
    row: int
    namespace: str
    strategy: str | None


def _is_of(seen: Entry | None, version: Sequence[int] | None) -> bool:
    """Whether the bank that was looked at is the one that is there."""
    kept = None if seen is None else json.loads(seen.value)["version"]
    return kept is not None and version is not None and bool(kept[0] == version[0])


def _was(row: Row, bank: str) -> _Was:
    return _Was(id_of(row.id, row.own.mark or mark(bank)), row.number, row.namespace, row.strategy)


def _differences(gone: Collection[_Was], come: Collection[_Was]) -> Iterator[tuple[Happened, _Was]]:
    """Go through what happened between two looks at a bank, in the order of the rows, what is deleted first."""
    before, now = {one.id for one in gone}, {one.id for one in come}
    for one in sorted(gone, key=lambda one: one.row):
        if one.id not in now:
            yield "deleted", one
    for one in sorted(come, key=lambda one: one.row):
        yield ("updated" if one.id in before else "created"), one


def _remembered(path: Path, happened: Happened, one: _Was) -> Change:
    if happened == "deleted":
        return Remove(path=path, key=one.id)
    return Put(path=path, key=one.id, value=json.dumps([one.row, one.namespace, one.strategy]).encode())


def _expected(entry: Entry | None, path: Path, key: str) -> Expect:
    return Expect(path=path, key=key, value=None if entry is None else entry.value)


def _counter(resource: str) -> tuple[Path, str]:
    return ("duramen.records.last",), resource


def _seen(resource: str, bank: str) -> tuple[Path, str]:
    return ("duramen.records.seen", resource), bank


def _seen_in(resource: str, bank: str) -> Path:
    return (*_seen(resource, bank)[0], bank)


def _events(resource: str) -> Path:
    return ("duramen.records.events", resource)


def _everything(resource: str) -> list[Remove]:
    """Return what removes the events of a resource, and what was seen of it; the numbers go on."""
    return [Remove(path=_events(resource)), Remove(path=_seen(resource, "")[0], below=True)]


def _key(number: int) -> str:
    return f"{number:020d}"


def _put(resource: str, number: int, bank: str, happened: Happened, one: _Was, at: datetime) -> Change:
    value = [happened, bank, one.id, one.namespace, one.strategy, at.isoformat()]
    return Put(
        path=_events(resource),
        key=_key(number),
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
