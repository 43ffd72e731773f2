"""The shelf in the same database as the banks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from duramen.errors import BadInputError
from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove, Touch
from duramen.stores.common import check_limit
from duramen.stores.placing import (
    SWEPT,
    Clock,
    check_across,
    check_changes,
    check_expected,
    check_path,
    check_place,
    check_prefix,
    erases,
    expiry,
)
from duramen.stores.sql.statements import HasDatabase, Homes, Statements
from duramen.times import from_microseconds, microseconds

_END_OF_SEGMENT = b"\0"
_BEHIND_ALL = b"\xff"
_NO_LIMIT = -1


class SQLShelf:
    """Keeps entries in the database of a store.

    A path is written as the UTF-8 of its segments, each with a NUL behind it: the bytes are in the order of the paths,
    and what begins with one path is one range.

    Args:
        store: Whose database; it is opened and closed there.
        clock: Tells the time that lifetimes go by.
        home_of: Tells where entries belong.
    """

    def __init__(self, store: HasDatabase, clock: Clock, home_of: Homes) -> None:
        self._store = store
        self._clock = clock
        self._home_of = home_of

    async def write(self, changes: Sequence[Change]) -> None:
        database = self._store.database
        check_changes(changes)
        given = tuple(changes)
        spread = [change.path for change in given if self._home(change) is None]
        found = [await self._homes_below(path) for path in spread]
        homes = dict.fromkeys(
            [*self.homes([change for change in given if self._home(change) is not None]), *chain(*found)]
        )
        if homes:
            await database.write(
                lambda sql: self.make(sql, given, list(homes)),
                homes=list(homes),
                compared=self.compared(given),
                erases=erases(given),
            )

    def homes(self, changes: Sequence[Change]) -> list[str]:
        """Return the homes of what is changed, each once.

        Raises:
            BadInputError: What lies below a path that is to be removed has several.
        """
        homes = [self._home(change) for change in changes]
        if None in homes:
            raise BadInputError(
                f"What lies below {changes[homes.index(None)].path!r} is kept in several places, and cannot be removed "
                f"together with a change of a bank. Remove it by itself; nothing was written."
            )
        return list(dict.fromkeys(home for home in homes if home is not None))

    def compared(self, changes: Sequence[Change]) -> list[str]:
        """Return the homes of what is expected to stand as it was read."""
        return self.homes([change for change in changes if isinstance(change, Expect)])

    def make(self, sql: Statements, changes: Sequence[Change], homes: Sequence[str] | None = None) -> None:
        """Make `changes`, which were checked, in the transaction under way, which is bound to `homes`."""
        homes = self.homes(changes) if homes is None else homes
        now = self._now()
        for change in changes:
            if isinstance(change, Expect):
                _check(sql, change, self._home(change), now)
        removed = 0
        for change in changes:
            home = self._home(change)
            removed += sum(_make(sql, change, one, now) for one in (homes if home is None else [home]))
        for home in homes:
            removed += sql.run("sweep_entries", {"home": home, "now": now, "limit": SWEPT + len(changes)}).rowcount
        if removed:
            sql.mark_erasure()

    def adopt(self, sql: Statements, entries: Sequence[Entry]) -> None:
        """Let `entries` stand with their own times, in the transaction under way; those that expired are left out."""
        now = self._now()
        sql.many(
            "put_entry_as_it_was",
            [
                {
                    "home": self._home_of(entry.path),
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

    def behind(self, sql: Statements, after: Place | None, limit: int) -> list[Entry]:
        """Return what stands anywhere behind a place, home by home, in the transaction under way."""
        path, key = after or ((), "")
        place = {"home": self._home_of(path) if path else "", "path": _written(path), "key": key}
        found = sql.run("list_all_entries", {**place, "now": self._now(), "limit": limit}).fetchall()
        return [_entry(columns) for columns in found]

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        database = self._store.database
        wanted = [
            {"home": self._home_of(path), "path": _written(path), "key": key} for path, key in map(check_place, places)
        ]
        homes = list(dict.fromkeys(str(place["home"]) for place in wanted))

        def read(sql: Statements) -> list[Entry | None]:
            now = self._now()
            found = [sql.run("get_entry", {**place, "now": now}).fetchone() for place in wanted]
            return [columns and _entry(columns) for columns in found]

        if not wanted:
            return []
        return await (database.peek if len(wanted) <= 1 else database.read)(read, homes=homes)

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
        home = self._home_of(path, below=below)
        asked = {"first": first[0], "first_key": first[1], "last": last[0], "last_key": last[1], "home": home}
        many = _NO_LIMIT if limit is None else limit
        query = f"scan_entries{'_back' if reverse else ''}{'' if home is not None else '_of_all'}"

        def read(sql: Statements) -> list[Entry]:
            found = sql.run(query, {**asked, "limit": many, "now": self._now()}).fetchall()
            return [_entry(columns) for columns in found]

        return await database.read(read, homes=[] if home is None else [home])

    async def paths(self, path: Path) -> list[Path]:
        database = self._store.database
        written = _written(check_path(path))
        home = self._home_of(path, below=True)
        asked = {"home": home, "path": written, "end": _end(written, below=True)}
        query = "shelf_paths" if home is not None else "shelf_paths_of_all"
        found = await database.read(
            lambda sql: sql.run(query, {**asked, "now": self._now()}).fetchall(), homes=[] if home is None else [home]
        )
        return [_path(written) for (written,) in found]

    async def segments(self, path: Path, *, prefix: str = "") -> list[str]:
        database = self._store.database
        written = _written(check_path(path))
        first = written + check_prefix(prefix).encode()
        home = self._home_of(path, below=True)
        asked = {"home": home, "length": len(written), "first": first, "end": first + _BEHIND_ALL}
        query = "shelf_segments" if home is not None else "shelf_segments_of_all"
        found = await database.read(
            lambda sql: sql.run(query, {**asked, "now": self._now()}).fetchall(), homes=[] if home is None else [home]
        )
        return [longer[len(written) : -len(_END_OF_SEGMENT)].decode() for (longer,) in found]

    async def across(self, path: Path, segments: Collection[str], rest: Path = ()) -> list[Entry]:
        database = self._store.database
        between = [one[len(path)] for one in check_across(path, segments, rest)]
        asked = {"before": _written(path), "segments": between, "behind": _END_OF_SEGMENT + _written(rest)}
        home = self._home_of(path, below=True)
        query = "entries_across" if home is not None else "entries_across_all"

        def read(sql: Statements) -> list[Entry]:
            found = sql.run(query, {**asked, "home": home, "now": self._now()}).fetchall()
            return [_entry(columns) for columns in found]

        return await database.read(read, homes=[] if home is None else [home])

    async def _homes_below(self, path: Path) -> list[str]:
        """Return the homes of what stands at a path and below it."""
        asked = {"path": _written(path), "end": _end(_written(path), below=True)}
        found = await self._store.database.read(lambda sql: sql.run("shelf_homes", asked).fetchall())
        return [home for (home,) in found]

    def _home(self, change: Change) -> str | None:
        return self._home_of(change.path, below=isinstance(change, Remove) and change.key is None and change.below)

    def _now(self) -> int:
        return microseconds(self._clock())


def _check(sql: Statements, expected: Expect, home: str | None, now: int) -> None:
    place = {"home": home, "path": _written(expected.path), "key": expected.key, "now": now}
    columns = sql.run("get_entry", place).fetchone()
    check_expected(expected, None if columns is None else _entry(columns).value)


def _make(sql: Statements, change: Change, home: str, now: int) -> int:
    """Make one change in one home; return how many entries it removed."""
    place = {"home": home, "path": _written(change.path), "key": change.key, "now": now}
    if isinstance(change, Put):
        value = {"value": bytes(change.value), "lifetime": change.lifetime, "keep": change.keep}
        sql.run("put_entry", {**place, **value, "expires": expiry(now, change.lifetime)})
    elif isinstance(change, Touch):
        found = sql.run("entry_lifetime", place).fetchone()
        if found is not None:
            sql.run("touch_entry", {**place, "expires": expiry(now, found[0])})
    elif isinstance(change, Remove) and change.key is not None:
        return sql.run("remove_entry", place).rowcount
    elif isinstance(change, Remove):
        whole = {"home": home, "path": _written(change.path), "end": _end(_written(change.path), change.below)}
        return sql.run("remove_entries", whole).rowcount
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
