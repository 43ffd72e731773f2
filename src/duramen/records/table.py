"""What is known of the records of each bank without their texts, for filters and listings."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary

from duramen.namespaces import within
from duramen.protocols import Storage
from duramen.records.conditions import hold
from duramen.records.keeping import Own, own_of, searched
from duramen.records.record import Where
from duramen.times import microseconds
from duramen.types import BankVersion, Memory

MOST_ROWS = 200_000
"""Rows of all tables together that are held; of those asked for longest ago the tables are let go."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One record.

    Attributes:
        number: Where the store has it.
        superseded: Another holds instead.
    """

    number: int
    id: str
    namespace: str
    strategy: str | None
    superseded: bool
    own: Own

    @property
    def order(self) -> tuple[int, str]:
        """What records of a bank are listed by, the newest first."""
        return (-microseconds(self.own.created), self.id)

    def shown(self, now: datetime) -> bool:
        """Whether it is to be seen."""
        return not self.superseded and not self.expired(now)

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.own.expires is not None and self.own.expires <= now

    def fits(self, where: Where, paths: Sequence[str]) -> bool:
        """Tell whether `where` means it, `paths` being where it stands in this bank."""
        if where.exact:
            there = not self.own.loose and self.namespace in paths
        else:
            there = any(within(self.namespace, path) for path in paths)
        return (
            there
            and (where.strategy is None or where.strategy == self.strategy)
            and (not where.conditions or hold(where.conditions, searched(self.own)))
        )


@dataclass(slots=True)
class Table:
    """The records of one bank, as they were at a version of it; `rows` in the order of listings."""

    version: BankVersion
    by_number: dict[int, Row] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()


class Tables:
    """The tables of the banks asked for last, each brought up to date by what changed since.

    Args:
        store: Where the banks are.
        most_rows: How many rows are held.
    """

    def __init__(self, store: Storage, most_rows: int = MOST_ROWS) -> None:
        self._store = store
        self._most = most_rows
        self._held: OrderedDict[str, Table] = OrderedDict()
        self._count = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def held(self) -> int:
        """How many rows are held."""
        return self._count

    async def rows(self, bank: str) -> tuple[Row, ...]:
        """Return the records of a bank as they are now, in the order of listings: the newest created first."""
        version = await self._store.version(bank)
        if version is None:
            self._drop(bank)
            return ()
        if version.made == version.revised:
            return ()
        lock = self._locks.get(bank)
        if lock is None:
            self._locks[bank] = lock = asyncio.Lock()
        async with lock:
            return await self._current(bank)

    async def _current(self, bank: str) -> tuple[Row, ...]:
        while True:
            version = await self._store.version(bank)
            if version is None:
                self._drop(bank)
                return ()
            table = self._held.get(bank)
            if table is not None and _same(table.version, version):
                self._held.move_to_end(bank)
                return table.rows
            known = table.by_number if table is not None and table.version.number == version.number else {}
            read = await self._read(bank, known)
            if read is not None and await self._store.version(bank) == version:
                ordered = tuple(sorted(read.values(), key=lambda row: row.order))
                self._hold(bank, Table(version, read, ordered))
                return ordered

    async def _read(self, bank: str, known: dict[int, Row]) -> dict[int, Row] | None:
        """Return all rows, of which `known` are not read again; None if something changed meanwhile."""
        numbers = await self._store.numbers(bank, made=True)
        missing = [number for number in numbers if number not in known]
        rows = {number: known[number] for number in numbers if number in known}
        for at in range(0, len(missing), _AT_ONCE):
            some = missing[at : at + _AT_ONCE]
            memories = await self._store.get(bank, some)
            if len(memories) != len(some):
                return None
            rows.update({number: _row(number, memory) for number, memory in zip(some, memories, strict=True)})
        return rows

    def _hold(self, bank: str, table: Table) -> None:
        self._drop(bank)
        self._held[bank] = table
        self._count += len(table.rows)
        while self._count > self._most and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    def _drop(self, bank: str) -> None:
        table = self._held.pop(bank, None)
        if table is not None:
            self._count -= len(table.rows)


def _same(held: BankVersion, now: BankVersion) -> bool:
    return (held.number, held.made, held.revised) == (now.number, now.made, now.revised)


def _row(number: int, memory: Memory) -> Row:
    superseded = memory.superseded is not None
    return Row(number, memory.id, memory.namespace or "/", memory.strategy, superseded, own_of(memory))
