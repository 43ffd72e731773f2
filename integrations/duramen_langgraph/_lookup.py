"""Finds checkpoints on the shelf. All of this runs on the loop of the engine, where the shelf answers without a hop."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol

from duramen.shelf import Entry, Path, Place, Shelf
from duramen_langgraph._checkpoints import (
    CHECKPOINTS,
    Found,
    Lane,
    Stored,
    Typed,
    Write,
    checkpoint_of,
    matches,
    metadata_of,
    stored_of,
    value_of,
    write_of,
)

PAGE = 64
"""Checkpoints read ahead by a listing, over all its lanes together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a listing looks for.

    Attributes:
        thread: One thread; None for all.
        namespace: One namespace of it; None for all.
        id: One checkpoint; None for all.
        before: Only what is older than the checkpoint with this id.
        wanted: Fields of the metadata with their values.
        limit: At most this many; None for all.
    """

    thread: str | None
    namespace: str | None
    id: str | None
    before: str | None
    wanted: Mapping[str, Any]
    limit: int | None


@dataclass(slots=True)
class _Head:
    """The newest checkpoint of a lane that was not listed yet, and what was read behind it."""

    first: Entry
    rest: deque[Entry] = field(default_factory=deque)

    def __lt__(self, other: _Head) -> bool:
        return self.first.key > other.first.key


class Listing:
    """Checkpoints, newest first over all lanes, read page by page as they are asked for."""

    def __init__(self, shelf: Shelf, serde: SerializerProtocol, asked: Asked) -> None:
        self._shelf = shelf
        self._serde = serde
        self._asked = asked
        self._left = asked.limit
        self._page = PAGE
        self._heads: list[_Head] | None = None
        self._emptied: Place | None = None  # the lane to read on in, and behind which key, if more is asked for

    async def next(self) -> Found | None:
        """Return the next checkpoint; None when there are no more."""
        if self._left is not None and self._left <= 0:
            return None
        while (entry := await self._newest()) is not None:
            stored = stored_of(entry)
            if self._asked.wanted and not matches(metadata_of(stored, self._serde), self._asked.wanted):
                continue
            found = await complete(self._shelf, self._serde, stored)
            if found is not None:
                self._left = None if self._left is None else self._left - 1
                return found
        return None

    async def _begin(self) -> list[_Head]:
        asked = self._asked
        if asked.thread is None:
            paths = await self._shelf.paths((CHECKPOINTS,))
        elif asked.namespace is None:
            paths = await self._shelf.paths((CHECKPOINTS, asked.thread))
        else:
            paths = [Lane(asked.thread, asked.namespace).checkpoints]
        self._page = max(1, PAGE // max(1, len(paths)))
        if asked.limit is not None and not asked.wanted:
            self._page = min(self._page, asked.limit)
        heads = [head for path in paths if (head := await self._head(path, asked.before)) is not None]
        heapq.heapify(heads)
        return heads

    async def _head(self, path: Path, before: str | None) -> _Head | None:
        if self._asked.id is not None:
            (entry,) = await self._shelf.get([(path, self._asked.id)])
            return None if entry is None or (before is not None and entry.key >= before) else _Head(entry)
        after = None if before is None else (path, before)
        entries = deque(await self._shelf.scan(path, after=after, reverse=True, limit=self._page))
        return _Head(entries.popleft(), entries) if entries else None

    async def _newest(self) -> Entry | None:
        if self._heads is None:
            self._heads = await self._begin()
        if self._emptied is not None:
            head = await self._head(*self._emptied)
            self._emptied = None
            if head is not None:
                heapq.heappush(self._heads, head)
        if not self._heads:
            return None
        head = heapq.heappop(self._heads)
        if head.rest:
            heapq.heappush(self._heads, _Head(head.rest.popleft(), head.rest))
        elif self._asked.id is None:
            self._emptied = head.first.place
        return head.first


async def newest(shelf: Shelf, lane: Lane, checkpoint: str | None) -> Stored | None:
    """Return the checkpoint with this id, or the newest of the lane without one; None if there is none."""
    if checkpoint is None:
        entries: Sequence[Entry | None] = await shelf.scan(lane.checkpoints, reverse=True, limit=1)
    else:
        entries = await shelf.get([(lane.checkpoints, checkpoint)])
    entry = entries[0] if entries else None
    return None if entry is None else stored_of(entry)


async def find(shelf: Shelf, serde: SerializerProtocol, lane: Lane, checkpoint: str | None) -> Found | None:
    """Return the checkpoint with this id, or the newest, with all that belongs to it; None if there is none."""
    while (stored := await newest(shelf, lane, checkpoint)) is not None:
        found = await complete(shelf, serde, stored)
        if found is not None:
            return found
    return None


async def complete(shelf: Shelf, serde: SerializerProtocol, stored: Stored) -> Found | None:
    """Add its values and pending writes to a checkpoint; None if it was deleted meanwhile."""
    writes = await writes_of(shelf, stored)
    checkpoint = checkpoint_of(stored, serde)
    channels = checkpoint["channel_versions"]
    places = [stored.lane.value(channel, version) for channel, version in channels.items()]
    # In one snapshot with the checkpoint itself: values go only when it does, so none of them can be missing.
    *values, still = await shelf.get([*places, stored.place])
    if still is None:
        return None
    there = [(channel, value_of(entry)) for channel, entry in zip(channels, values, strict=True) if entry is not None]
    return Found(stored, checkpoint, there, writes)


async def writes_of(shelf: Shelf, stored: Stored) -> list[Write]:
    """Return the pending writes of a checkpoint, in the order in which its super-step applies them."""
    return sorted(write_of(entry) for entry in await shelf.scan(stored.lane.writes(stored.id)))


@dataclass(slots=True)
class History:
    """What a delta channel was made of: the last value that was stored whole, and the writes since, oldest first."""

    writes: list[Write] = field(default_factory=list)
    seed: Typed | None = None


async def histories(
    shelf: Shelf, serde: SerializerProtocol, target: Stored | None, channels: Collection[str]
) -> dict[str, History]:
    """Walk the ancestors of `target`, once for all channels, until each has a stored value or there are no more."""
    told = {channel: History() for channel in channels}
    sought, seen = set(told), {target.id if target else None}
    ancestor = await _parent(shelf, target, seen)
    while ancestor is not None and sought:
        seen.add(ancestor.id)
        versions = checkpoint_of(ancestor, serde)["channel_versions"]
        named = [channel for channel in sought if channel in versions]
        values = await shelf.get([ancestor.lane.value(channel, versions[channel]) for channel in named])
        for write in reversed(await writes_of(shelf, ancestor)):
            if write.channel in sought:
                told[write.channel].writes.append(write)
        for channel, entry in zip(named, values, strict=True):
            if entry is not None:
                told[channel].seed = value_of(entry)
                sought.discard(channel)
        ancestor = await _parent(shelf, ancestor, seen)
    for history in told.values():
        history.writes.reverse()
    return told


async def _parent(shelf: Shelf, stored: Stored | None, seen: Collection[str | None]) -> Stored | None:
    if stored is None or stored.parent is None or stored.parent in seen:
        return None
    return await newest(shelf, stored.lane, stored.parent)
