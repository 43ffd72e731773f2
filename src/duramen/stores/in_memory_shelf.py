"""A shelf that lasts as long as its object: a dictionary, and its places in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from math import inf

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
    expiry,
)
from duramen.times import from_microseconds, microseconds


class InMemoryShelf:
    """Keeps entries in this process.

    Args:
        use: Held while something is read or written; raises `ClosedError` when that is over.
        clock: Tells the time that lifetimes go by.
    """

    def __init__(self, use: Callable[[], AbstractContextManager[None]], clock: Clock) -> None:
        self._use = use
        self._clock = clock
        self._entries: dict[Place, Entry] = {}
        self._places: list[Place] = []
        self._swept = 0
        self._soonest: float = inf

    async def write(self, changes: Sequence[Change]) -> None:
        check_changes(changes)
        with self._use():
            self.make(changes)

    def make(self, changes: Sequence[Change]) -> None:
        """Make `changes`, which were checked, while the lock is held."""
        if not changes:
            return
        now = microseconds(self._clock())
        for change in changes:
            if isinstance(change, Expect):
                entry = self._alive((change.path, change.key), now)
                check_expected(change, None if entry is None else entry.value)
        for change in changes:
            if isinstance(change, Put):
                self._put(change, now)
            elif isinstance(change, Touch):
                self._touch(change, now)
            elif isinstance(change, Remove):
                self._remove(change)
        self._sweep(now, SWEPT + len(changes))

    def adopt(self, entries: Sequence[Entry]) -> None:
        """Let `entries` stand with their own times, while the lock is held; those that expired are left out."""
        now = microseconds(self._clock())
        for entry in entries:
            if _is_expired(entry, now):
                continue
            if entry.place not in self._entries:
                insort(self._places, entry.place)
            self._entries[entry.place] = entry
            self._soonest = min(self._soonest, microseconds(entry.expires) if entry.expires else inf)

    def behind(self, after: Place | None) -> Iterator[Entry]:
        """Give what stands anywhere behind a place, in order, while the lock is held."""
        now = microseconds(self._clock())
        first = 0 if after is None else bisect_right(self._places, check_place(after))
        found = (self._alive(place, now) for place in self._places[first:])
        return (entry for entry in found if entry is not None)

    def expire(self, now: datetime) -> None:
        """Drop all that expired, while the lock is held; nothing is looked at before something may have."""
        if microseconds(now) < self._soonest:
            return
        left = {place: one for place, one in self._entries.items() if not _is_expired(one, microseconds(now))}
        self._places = [place for place in self._places if place in left]
        self._entries, self._swept = left, 0
        self._soonest = min((microseconds(one.expires) for one in left.values() if one.expires), default=inf)

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        wanted = [check_place(place) for place in places]
        with self._use():
            now = microseconds(self._clock())
            return [self._alive(place, now) for place in wanted]

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        path = check_path(path)
        behind = None if after is None else check_place(after)
        if limit is not None:
            check_limit(limit)
        with self._use():
            now = microseconds(self._clock())
            first, last = self._range(path, below)
            if behind is not None and reverse:
                last = min(last, bisect_left(self._places, behind))
            elif behind is not None:
                first = max(first, bisect_right(self._places, behind))
            places = self._places[first:last]
            found = (self._alive(place, now) for place in (reversed(places) if reverse else places))
            return list(islice((entry for entry in found if entry is not None), limit))

    async def paths(self, path: Path) -> list[Path]:
        path = check_path(path)
        with self._use():
            now = microseconds(self._clock())
            first, last = self._range(path, below=True)
            return list(dict.fromkeys(place[0] for place in self._places[first:last] if self._alive(place, now)))

    async def segments(self, path: Path, *, prefix: str = "") -> list[str]:
        path, prefix = check_path(path), check_prefix(prefix)
        with self._use():
            now = microseconds(self._clock())
            first, last = self._range(path, below=True)
            longer = (place for place in self._places[first:last] if len(place[0]) > len(path))
            found = dict.fromkeys(place[0][len(path)] for place in longer if self._alive(place, now))
            return [segment for segment in found if segment.startswith(prefix)]

    async def across(self, path: Path, segments: Collection[str], rest: Path = ()) -> list[Entry]:
        paths = check_across(path, segments, rest)
        with self._use():
            now = microseconds(self._clock())
            spans = (self._range(path, below=False) for path in paths)
            places = chain.from_iterable(self._places[first:last] for first, last in spans)
            return [entry for entry in (self._alive(place, now) for place in places) if entry is not None]

    def _alive(self, place: Place, now: int) -> Entry | None:
        entry = self._entries.get(place)
        return None if entry is None or _is_expired(entry, now) else entry

    def _range(self, path: Path, below: bool) -> tuple[int, int]:
        """Return where the places of `path` begin in the list, and where they end."""
        depth = len(path) if below else None
        first = bisect_left(self._places, (path, ""))
        return first, bisect_right(self._places, path, lo=first, key=lambda place: place[0][:depth])

    def _put(self, put: Put, now: int) -> None:
        place = tuple(put.path), put.key
        known = self._alive(place, now)
        if known is not None and put.keep:
            return
        moment, expires = from_microseconds(now), expiry(now, put.lifetime)
        self._soonest = min(self._soonest, inf if expires is None else expires)
        if place not in self._entries:
            insort(self._places, place)
        self._entries[place] = Entry(
            path=place[0],
            key=put.key,
            value=bytes(put.value),
            created=moment if known is None else known.created,
            updated=moment,
            expires=None if expires is None else from_microseconds(expires),
            lifetime=None if put.lifetime is None else float(put.lifetime),
        )

    def _touch(self, touch: Touch, now: int) -> None:
        place = tuple(touch.path), touch.key
        known = self._alive(place, now)
        expires = None if known is None else expiry(now, known.lifetime)
        if known is not None and expires is not None:
            self._soonest = min(self._soonest, expires)
            self._entries[place] = replace(known, expires=from_microseconds(expires))

    def _remove(self, remove: Remove) -> None:
        path = tuple(remove.path)
        if remove.key is None:
            first, last = self._range(path, remove.below)
        else:
            first = bisect_left(self._places, (path, remove.key))
            last = first + ((path, remove.key) in self._entries)
        for place in self._places[first:last]:
            del self._entries[place]
        del self._places[first:last]

    def _sweep(self, now: int, count: int) -> None:
        """Look at the next `count` places, from the first again behind the last, and drop what expired there."""
        start, all_seen = self._swept, self._swept + count >= len(self._places)
        seen = self._places[start : start + count]
        left = [place for place in seen if not _is_expired(self._entries[place], now)]
        for place in set(seen).difference(left):
            del self._entries[place]
        self._places[start : start + count] = left
        self._swept = 0 if all_seen else start + len(left)


def _is_expired(entry: Entry, now: int) -> bool:
    return entry.expires is not None and microseconds(entry.expires) <= now
