"""What goes from the shelf when something is forgotten: whole sessions, or events of them with what belongs to those."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from duramen.sessions.events import SessionEvent
from duramen.sessions.listing import Asked, branches_of, events_of
from duramen.sessions.places import (
    BRANCHES,
    EVENTS,
    KEYS,
    branches_path,
    digest,
    everything,
    everything_of,
    is_id,
    keys_path,
    read,
)
from duramen.shelf import Path, Remove, Shelf
from duramen.types import Selection


async def selected(shelf: Shelf, bank: str, selection: Selection) -> list[Remove]:
    """Return what removes from the shelf what `selection` selects of the sessions of a bank.

    By actor and session whole sessions go, and all with no condition at all; by `key`, which is the id of an event, and
    by `before` the events that fit. By `memory` and `document` nothing does: no event of a session has one.
    """
    if selection == Selection():
        return everything_of(bank)
    if selection.memory is not None or selection.document is not None:
        return []
    if selection.key is None and selection.before is None:
        if selection.actor is not None:
            end = () if selection.session is None else (selection.session,)
            return everything((EVENTS, bank, selection.actor, *end))
        return [change for path in await _paths(shelf, bank, selection) for change in everything(path)]
    if selection.key is not None and not is_id(selection.key):
        return []
    changes: list[Remove] = []
    for path in await _paths(shelf, bank, selection):
        async with aclosing(_fitting(shelf, path, selection)) as events:
            changes += await removal(shelf, path, [event async for event in events])
    return changes


async def removal(shelf: Shelf, path: Path, events: Sequence[SessionEvent]) -> list[Remove]:
    """Return what removes `events` of the session at `path`, with their keys and the branches that nothing is left on."""
    changes = [Remove(path=path, key=event.id) for event in events]
    changes += [Remove(path=keys_path(path), key=digest(event.key)) for event in events if event.key is not None]
    if any(event.branch is not None for event in events):
        gone = {event.id for event in events}
        changes += [Remove(path=branches_path(path), key=name) for name in await _left_empty(shelf, path, gone)]
    return changes


async def _paths(shelf: Shelf, bank: str, selection: Selection) -> list[Path]:
    """Return the paths of the events of the sessions that fit, also of those of which only keys or branches are left."""
    found = [path[1:] for first in (EVENTS, KEYS, BRANCHES) for path in await shelf.paths((first, bank))]
    return [
        (EVENTS, *path)
        for path in dict.fromkeys(found)
        if selection.actor in (None, path[1]) and selection.session in (None, path[2])
    ]


async def _fitting(shelf: Shelf, path: Path, selection: Selection) -> AsyncGenerator[SessionEvent, None]:
    if selection.key is not None:
        for entry in await shelf.get([(path, selection.key)]):
            if entry is not None and (selection.before is None or read(entry).at < selection.before):
                yield read(entry)
        return
    async with aclosing(events_of(shelf, Asked(path=path, oldest_first=True))) as events:
        async for event in events:
            if selection.before is not None and event.at >= selection.before:
                return
            yield event


async def _left_empty(shelf: Shelf, path: Path, gone: set[str]) -> list[str]:
    """Return the branches on which nothing is left without the events `gone`, nor on any that branches off them."""
    branches = await branches_of(shelf, path)
    async with aclosing(events_of(shelf, Asked(path=path))) as events:
        used = {event.branch async for event in events if event.id not in gone}
    kept: set[str] = set()
    for name in used:
        while name in branches and name not in kept:
            kept.add(name)
            name = branches[name].parent
    return [name for name in branches if name not in kept]
