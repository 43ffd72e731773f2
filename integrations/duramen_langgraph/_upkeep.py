"""Copies, prunes and deletes what a saver kept. All of this runs on the loop of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from langgraph.checkpoint.serde.base import SerializerProtocol

from duramen.shelf import Change, Entry, Path, Place, Put, Remove, Shelf
from duramen_langgraph._checkpoints import (
    CHANNELS,
    CHECKPOINTS,
    KINDS,
    WRITES,
    Lane,
    Stored,
    checkpoint_of,
    metadata_of,
    stored_of,
)

BATCH = 64
"""Entries that are held in memory at once while a thread is read through or copied."""


@dataclass(frozen=True, slots=True)
class _Outline:
    """What deciding about a checkpoint takes.

    Attributes:
        values: Where the value of each channel stands, if it has one.
        deltas: The channels whose value has to be made from writes on its ancestors.
    """

    parent: str
    values: Mapping[str, Place]
    deltas: frozenset[str]


async def delete_threads(shelf: Shelf, threads: Collection[str]) -> None:
    """Delete all that was kept for `threads`, in one transaction."""
    await shelf.write([Remove(path=(kind, thread), below=True) for thread in threads for kind in KINDS])


async def keep_newest(shelf: Shelf, serde: SerializerProtocol, threads: Collection[str]) -> None:
    """Delete all but the newest checkpoint of each namespace, and what its delta channels need; a thread at a time."""
    for thread in threads:
        changes: list[Change] = []
        for path in await shelf.paths((CHECKPOINTS, thread)):
            lane = Lane(*path[1:])
            outlines = {stored.id: _outline(stored, serde) async for stored in _checkpoints(shelf, path)}
            changes += await _removal(shelf, lane, outlines, outlines.keys() - {max(outlines, default="")})
        if changes:
            await shelf.write(changes)


async def delete_runs(shelf: Shelf, serde: SerializerProtocol, runs: Collection[str]) -> None:
    """Delete the checkpoints whose metadata names one of `runs`, but for what a delta channel needs; all at once."""
    changes: list[Change] = []
    for path in await shelf.paths((CHECKPOINTS,)) if runs else ():
        doomed = {stored.id async for stored in _checkpoints(shelf, path) if _run(stored, serde) in runs}
        if doomed:
            lane = Lane(*path[1:])
            outlines = {stored.id: _outline(stored, serde) async for stored in _checkpoints(shelf, path)}
            changes += await _removal(shelf, lane, outlines, doomed)
    if changes:
        await shelf.write(changes)


async def copy_thread(shelf: Shelf, source: str, target: str) -> None:
    """Copy a thread. Its checkpoints come last and at once, so that none is ever seen without its values."""
    checkpoints = [entry async for entry in _entries(shelf, (CHECKPOINTS, source))]
    for kind in (CHANNELS, WRITES):
        batch: list[Change] = []
        async for entry in _entries(shelf, (kind, source)):
            batch.append(_copied(entry, target))
            if len(batch) == BATCH:
                await shelf.write(batch)
                batch = []
        await shelf.write(batch)
    await shelf.write([_copied(entry, target) for entry in checkpoints])


def _copied(entry: Entry, target: str) -> Put:
    kind, _, *rest = entry.path
    return Put(path=(kind, target, *rest), key=entry.key, value=entry.value)


async def _removal(shelf: Shelf, lane: Lane, outlines: Mapping[str, _Outline], doomed: Collection[str]) -> list[Change]:
    """Return what removes `doomed` with their writes, and with the values that no other checkpoint of the lane has."""
    gone = set(doomed) - await _needed(shelf, outlines, outlines.keys() - doomed)
    used = {place for id, outline in outlines.items() if id not in gone for place in outline.values.values()}
    unused = {place for id in gone if id in outlines for place in outlines[id].values.values()} - used
    changes: list[Change] = []
    for checkpoint in sorted(gone):
        changes += (Remove(path=lane.checkpoints, key=checkpoint), Remove(path=lane.writes(checkpoint)))
    changes += [Remove(path=path, key=key) for path, key in sorted(unused)]
    return changes


async def _needed(shelf: Shelf, outlines: Mapping[str, _Outline], kept: Iterable[str]) -> set[str]:
    """Return the ancestors that the delta channels of `kept` are made from: back to where each was stored whole."""
    needed: set[str] = set()
    for checkpoint in kept:
        walked, missing = {checkpoint}, set(outlines[checkpoint].deltas)
        ancestor = outlines[checkpoint].parent
        while missing and ancestor in outlines and ancestor not in walked:
            walked.add(ancestor)
            missing -= await _whole(shelf, outlines[ancestor], missing)
            ancestor = outlines[ancestor].parent
        needed |= walked
    return needed


async def _whole(shelf: Shelf, outline: _Outline, channels: Collection[str]) -> set[str]:
    """Return which of `channels` have a stored value here."""
    # Where langgraph counts writes since the last whole value there is none, and nothing need be read.
    named = [channel for channel in channels if channel in outline.values and channel not in outline.deltas]
    entries = await shelf.get([outline.values[channel] for channel in named])
    return {channel for channel, entry in zip(named, entries, strict=True) if entry is not None}


def _outline(stored: Stored, serde: SerializerProtocol) -> _Outline:
    versions = checkpoint_of(stored, serde)["channel_versions"]
    counters = _fields(stored, serde).get("counters_since_delta_snapshot") or {}
    places = {channel: stored.lane.value(channel, version) for channel, version in versions.items()}
    # A channel that has no version was never written, whatever is counted.
    return _Outline(stored.parent or "", places, frozenset(counters).intersection(versions))


def _run(stored: Stored, serde: SerializerProtocol) -> str | None:
    run = _fields(stored, serde).get("run_id")
    return None if run is None else str(run)


def _fields(stored: Stored, serde: SerializerProtocol) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], metadata_of(stored, serde))


async def _checkpoints(shelf: Shelf, path: Path) -> AsyncIterator[Stored]:
    async for entry in _entries(shelf, path):
        yield stored_of(entry)


async def _entries(shelf: Shelf, path: Path) -> AsyncIterator[Entry]:
    """Yield the entries at `path` and below, and let others use the loop between two batches."""
    after: Place | None = None
    while batch := await shelf.scan(path, below=True, after=after, limit=BATCH):
        for entry in batch:
            yield entry
        after = batch[-1].place
        await asyncio.sleep(0)
