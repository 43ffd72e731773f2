"""What belongs to a bank on the shelf: where it stands, what of it is told, and under which name it goes on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from duramen.desk import BANKS
from duramen.shelf import OF_BANKS, Change, Entry, Place, Shelf
from duramen.strategies.resources import RESOURCES, resource_of
from duramen.tasks.records import ENDED, TASKS, read

_PASSING = frozenset({"task_lanes", "server.files"})
"""What is of use only to the processes that work just now."""

_WEBHOOKS, _ARCHIVE = "webhooks", "curation.archive"
_SECRET = ("secret", "headers")
_AT_ONCE = 100


async def banks_on(shelf: Shelf) -> list[str]:
    """Return the banks of which anything stands on the shelf, in order."""
    found: set[str] = set()
    for first in OF_BANKS:
        found.update(await shelf.segments((first,)))
    return sorted(found)


async def entries_of(shelf: Shelf, bank: str) -> AsyncIterator[Entry]:
    """Yield what belongs to a bank on the shelf, in the order of places, the resource that it is of first."""
    resource = resource_of(bank)
    if resource is not None:
        for found in await shelf.get([(RESOURCES, resource)]):
            if found is not None:
                yield found
    for first in OF_BANKS:
        after: Place | None = None
        while entries := await shelf.scan((first, bank), below=True, after=after, limit=_AT_ONCE):
            for entry in entries:
                if not (first == BANKS and len(entry.path) > 2 and entry.path[2] in _PASSING):
                    yield entry
            after = entries[-1].place


def without_secrets(entry: Entry) -> Entry:
    """Return a webhook without what only its receiver is to know, and switched off if it had any; all else as it is."""
    if not _stands_at(entry, _WEBHOOKS):
        return entry

    def bare(webhook: dict[str, Any]) -> None:
        if any(webhook.get(name) for name in _SECRET):
            webhook.update({"secret": None, "headers": {}, "enabled": False})

    return _changed(entry, bare)


def renamed(entry: Entry, bank: str) -> Entry:
    """Return what belongs to a bank as it belongs to `bank`."""
    if entry.path[0] not in OF_BANKS or len(entry.path) < 2 or entry.path[1] == bank:
        return entry
    moved = replace(entry, path=(entry.path[0], bank, *entry.path[2:]))
    if not _stands_at(moved, _ARCHIVE):
        return moved

    def other(told: dict[str, Any]) -> None:
        for of in ("memory", "event"):
            told[of]["bank"] = bank

    return _changed(moved, other)


def belongs(entry: Entry, bank: str) -> bool:
    """Tell whether something is of that bank, or the resource that the bank is of: nothing else may be in a file."""
    path = entry.path
    of_bank = len(path) > 1 and path[0] in OF_BANKS and path[1] == bank
    return of_bank or (path == RESOURCES and entry.key == resource_of(bank))


def going_on(entry: Entry) -> list[Change]:
    """Return what lets a task that has not ended be done; nothing for all else."""
    if not _stands_at(entry, TASKS):
        return []
    record = read(entry)
    return [] if record.task.state in ENDED else [record.put_due()]


def _stands_at(entry: Entry, what: str) -> bool:
    return len(entry.path) == 3 and entry.path[0] == BANKS and entry.path[2] == what


def _changed(entry: Entry, change: Callable[[dict[str, Any]], None]) -> Entry:
    value = json.loads(entry.value)
    before = json.dumps(value)
    change(value)
    if json.dumps(value) == before:
        return entry
    return replace(entry, value=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
