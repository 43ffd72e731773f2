"""Where corrections of memories stand on the shelf, so that they go with what they are about."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from duramen.desk import place_of
from duramen.shelf import Change, Entry, Path, Remove, Shelf


def archive_path(bank: str) -> Path:
    """Return where what is invalid stands, each under the id of its memory."""
    return place_of(bank, "curation.archive")


def history_path(bank: str) -> Path:
    """Return where the history of memories stands, each under the id of their event."""
    return place_of(bank, "curation.history")


def loaded(entry: Entry) -> dict[str, Any]:
    """Read an entry of either."""
    found: dict[str, Any] = json.loads(entry.value)
    return found


async def removal(shelf: Shelf, bank: str, goes: Callable[[Mapping[str, Any]], bool]) -> list[Change]:
    """Return what removes the entries that `goes` says yes to, by the `of` of each.

    Args:
        shelf: Where they stand.
        bank: Whose they are.
        goes: Is given what tells whose an entry is: `document`, `event`, `key`, `session`, `actor`, `mentioned`.
    """
    changes: list[Change] = []
    for path in (archive_path(bank), history_path(bank)):
        found = await shelf.scan(path)
        changes += [Remove(path=path, key=entry.key) for entry in found if goes(loaded(entry)["of"])]
    return changes


async def of_document(shelf: Shelf, bank: str, document: str) -> list[Change]:
    """Return what removes all corrections of a document."""
    return await removal(shelf, bank, lambda of: of["document"] == document)
