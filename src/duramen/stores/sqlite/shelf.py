"""The shelf over the same SQLite file as the banks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove, Touch
from duramen.stores.common import check_limit
from duramen.stores.placing import SWEPT, Clock, check_changes, check_expected, check_path, check_place, erases, expiry
from duramen.stores.sqlite.common import HasDatabase
from duramen.stores.sqlite.erasing import mark
from duramen.stores.sqlite.queries import SQL
from duramen.times import from_microseconds, microseconds

_END_OF_SEGMENT = b"\0"
_BEHIND_ALL = b"\xff"
_NO_LIMIT = -1


class SQLiteShelf:
    """Keeps entries in the database of a store.

    A path is written as the UTF-8 of its segments, each with a NUL behind it: the bytes are in the order of the paths,
    and what begins with one path is one range.

    Args:
        store: Whose database; it is opened and closed there.
        clock: Tells the time that lifetimes go by.
    """

    def __init__(self, store: HasDatabase, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def write(self, changes: Sequence[Change]) -> None:
        database = self._store.database
        check_changes(changes)
        given = tuple(changes)
        await database.write(lambda connection: self.make(connection, given), erases=erases(given))

    def make(self, connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
        """Make `changes`, which were checked, in the transaction under way."""
        now = self._now()
        for change in changes:
            if isinstance(change, Expect):
                _check(connection, change, now)
        removed = sum(_make(connection, change, now) for change in changes)
        removed += connection.execute(SQL["sweep_entries"], {"now": now, "limit": SWEPT + len(changes)}).rowcount
        if removed:
            mark(connection)

    def adopt(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        """Let `entries` stand with their own times, in the transaction under way; those that expired are left out."""
        now = self._now()
        connection.executemany(
            SQL["put_entry_as_it_was"],
            [
                {
                    "path": _written(entry.path),
                    "key": entry.key,
                    "value": entry.value,
                    "created": microseconds(entry.created),
                    "updated": microseconds(entry.updated),
                    "expires": None if entry.expires is None else microseconds(entry.expires),
                    "lifetime": entry.lifetime,
                }
                for entry in entries
                if entry.expires is None or microseconds(entry.expires) > now
            ],
        )

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        database = self._store.database
        wanted = [{"path": _written(path), "key": key} for path, key in map(check_place, places)]

        def read(connection: sqlite3.Connection) -> list[Entry | None]:
            now = self._now()
            with _snapshot(connection):
                found = [connection.execute(SQL["get_entry"], {**place, "now": now}).fetchone() for place in wanted]
            return [columns and _entry(columns) for columns in found]

        return database.inline(read) if len(wanted) <= 1 else await database.read(read)

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        database = self._store.database
        if limit is not None:
            check_limit(limit)
        written = _written(check_path(path))
        first, last = (written, ""), (_end(written, below), "")
        if after is not None and reverse:
            last = min(last, (_written(check_place(after)[0]), after[1]))
        elif after is not None:
            first = max(first, (_written(check_place(after)[0]), after[1] + "\0"))  # the next key that there could be
        asked = {"first": first[0], "first_key": first[1], "last": last[0], "last_key": last[1]}
        many = _NO_LIMIT if limit is None else limit
        query = SQL["scan_entries_back" if reverse else "scan_entries"]

        def read(connection: sqlite3.Connection) -> list[Entry]:
            found = connection.execute(query, {**asked, "limit": many, "now": self._now()})
            return [_entry(columns) for columns in found]

        return await database.read(read)

    async def paths(self, path: Path) -> list[Path]:
        database = self._store.database
        written = _written(check_path(path))
        asked = {"path": written, "end": _end(written, below=True)}
        found = await database.read(
            lambda connection: connection.execute(SQL["shelf_paths"], {**asked, "now": self._now()}).fetchall()
        )
        return [_path(written) for (written,) in found]

    def _now(self) -> int:
        return microseconds(self._clock())


def _check(connection: sqlite3.Connection, expected: Expect, now: int) -> None:
    place = {"path": _written(expected.path), "key": expected.key, "now": now}
    columns = connection.execute(SQL["get_entry"], place).fetchone()
    check_expected(expected, None if columns is None else _entry(columns).value)


def _make(connection: sqlite3.Connection, change: Change, now: int) -> int:
    """Make one change; return how many entries it removed."""
    place = {"path": _written(change.path), "key": change.key, "now": now}
    if isinstance(change, Put):
        value = {"value": bytes(change.value), "lifetime": change.lifetime, "keep": change.keep}
        connection.execute(SQL["put_entry"], {**place, **value, "expires": expiry(now, change.lifetime)})
    elif isinstance(change, Touch):
        found = connection.execute(SQL["entry_lifetime"], place).fetchone()
        if found is not None:
            connection.execute(SQL["touch_entry"], {**place, "expires": expiry(now, found[0])})
    elif isinstance(change, Remove) and change.key is not None:
        return connection.execute(SQL["remove_entry"], place).rowcount
    elif isinstance(change, Remove):
        whole = {"path": _written(change.path), "end": _end(_written(change.path), change.below)}
        return connection.execute(SQL["remove_entries"], whole).rowcount
    return 0


def _written(path: Path) -> bytes:
    return b"".join(segment.encode() + _END_OF_SEGMENT for segment in path)


@lru_cache(maxsize=1024)
def _path(written: bytes) -> Path:
    return tuple(written.decode().split("\0")[:-1])


def _end(written: bytes, below: bool) -> bytes:
    """Return what is behind all places at a path and, with `below`, those below it, and before all others."""
    return written + (_BEHIND_ALL if below else _END_OF_SEGMENT)


def _entry(columns: tuple[Any, ...]) -> Entry:
    """Read `entry_columns`."""
    path, key, value, created, updated, expires, lifetime = columns
    return Entry(
        path=_path(path),
        key=key,
        value=value,
        created=from_microseconds(created),
        updated=from_microseconds(updated),
        expires=None if expires is None else from_microseconds(expires),
        lifetime=lifetime,
    )


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all that is read within be of the same moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
