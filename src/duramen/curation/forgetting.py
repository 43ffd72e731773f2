"""What goes of corrections when something is forgotten: what memories were before, and what is invalid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duramen.curation.archive import archived_memory
from duramen.documents.curated import archive_path, history_path, loaded, removal
from duramen.protocols import Storage
from duramen.shelf import Change, Remove, Shelf
from duramen.times import microseconds
from duramen.types import Memory, Selection


async def selected(shelf: Shelf, bank: str, selection: Selection) -> list[Change]:
    """Return what removes the corrections of all that `selection` selects in a bank.

    With a single memory goes all that was corrected of its event: one memory may have become another by it.
    """
    if selection == Selection():
        return [Remove(path=archive_path(bank)), Remove(path=history_path(bank))]
    if selection.memory is not None:
        return await _of_memory(shelf, bank, selection.memory)
    if selection.kinds is not None or selection.strategy is not None or selection.namespace is not None:
        return []
    return await removal(shelf, bank, lambda of: _fits(selection, of))


async def named(store: Storage, bank: str, memory: str) -> Memory | None:
    """Return the memory of this id, also if it is invalid: see `memory` of `duramen.documents.forgetting.selected`."""
    page = await store.memories(bank, Selection(memory=memory), cursor=None, limit=1)
    if page.items:
        return page.items[0]
    kept = await archived_memory(store.shelf, bank, memory)
    return None if kept is None else kept.memory


async def _of_memory(shelf: Shelf, bank: str, memory: str) -> list[Change]:
    changes: list[Change] = [Remove(path=archive_path(bank), key=memory)]
    for entry in await shelf.scan(history_path(bank)):
        if any(one["memory"] == memory for one in loaded(entry)["told"]):
            changes.append(Remove(path=history_path(bank), key=entry.key))  # noqa: PERF401  of two kinds of changes
    return changes


def _fits(selection: Selection, of: Mapping[str, Any]) -> bool:
    return (
        selection.key in (None, of["key"])
        and selection.document in (None, of["document"])
        and selection.session in (None, of["session"])
        and selection.actor in (None, of["actor"])
        and (selection.before is None or of["mentioned"] < microseconds(selection.before))
        and (selection.since is None or of["mentioned"] >= microseconds(selection.since))
    )
