"""Deleting for good: what is selected, and everything made of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from duramen.stores.common import cut, mark_of, selects_memories
from duramen.stores.sqlite.erasing import mark
from duramen.stores.sqlite.journal import version_of
from duramen.stores.sqlite.queries import SQL
from duramen.stores.sqlite.records import memory_of, selection_parameters, span
from duramen.types import Forgotten, Memory, Selection

_NO_LIMIT = -1


def forget(connection: sqlite3.Connection, bank: str, selection: Selection) -> Forgotten:
    """Delete what `selection` says. See `Store.forget`."""
    version = version_of(connection, bank)
    if version is None:
        return Forgotten(bank=bank)
    if selection == Selection():
        return _forget_bank(connection, bank, version.number)
    events, removed = [], 0
    if not selects_memories(selection):
        asked = {"bank": version.number, **selection_parameters(selection)}
        events = connection.execute(SQL["forget_events"], asked).fetchall()
        _mark_forgotten(connection, bank, [event for event, _ in events])
        removed = connection.executemany(
            SQL["delete_memories_of_event"], [{"event": event, **span(version.number)} for event, _ in events]
        ).rowcount
    keys = {key for _, key in events}
    chosen = select_memories(connection, bank, version.number, selection)
    connection.executemany(SQL["delete_memory"], [{"number": number, **span(version.number)} for number, _ in chosen])
    keys |= {memory.key for _, memory in chosen}
    lost = _cut_out(connection, version.number, [memory for _, memory in chosen])
    removed = max(0, removed) + len(chosen)
    if removed or events:
        mark(connection)
    connection.execute(SQL["count_removed"], {"bank": version.number, "removed": removed})
    return Forgotten(bank=bank, memories=removed, events=len(events) + len(lost), keys=tuple(sorted({*keys, *lost})))


def select_memories(
    connection: sqlite3.Connection,
    bank: str,
    number: int,
    selection: Selection,
    *,
    after: int = 0,
    limit: int = _NO_LIMIT,
) -> list[tuple[int, Memory]]:
    """Return the selected memories behind the place `after`, oldest first, with their row numbers."""
    if selection.memory is not None:
        query = SQL["list_memories_by_id"]
    elif selection.document is not None:
        query = SQL["list_memories_of_document"]
    elif selection.session is not None:
        query = SQL["list_memories_of_session"]
    elif selection.actor is not None:
        query = SQL["list_memories_of_actor"]
    else:
        query = SQL["list_memories"]
    asked = {**selection_parameters(selection), **span(number, after), "limit": limit}
    return [(found[0], memory_of(bank, found)) for found in connection.execute(query, asked).fetchall()]


def _forget_bank(connection: sqlite3.Connection, bank: str, number: int) -> Forgotten:
    mark(connection)
    asked = {"bank": number, **span(number)}
    keys = [key for (key,) in connection.execute(SQL["keys"], asked).fetchall()]
    memories = connection.execute(SQL["delete_memories"], asked).rowcount
    events = connection.execute(SQL["delete_events"], asked).fetchall()
    _mark_forgotten(connection, bank, [event for (event,) in events])
    connection.execute(SQL["delete_bank"], asked)
    return Forgotten(bank=bank, memories=memories, events=len(events), keys=tuple(sorted(keys)))


def _mark_forgotten(connection: sqlite3.Connection, bank: str, events: Sequence[str]) -> None:
    """Remember deleted events by a hash, so that a replay does not bring them back."""
    connection.executemany(SQL["mark_forgotten"], [{"digest": mark_of(bank, event)} for event in events])


def _cut_out(connection: sqlite3.Connection, bank: int, memories: Sequence[Memory]) -> list[str]:
    """Delete the events of forgotten `memories`, or cut those texts out of the events that have other memories.

    Returns:
        The keys of the deleted events.
    """
    keys: list[str] = []
    for memory in memories:
        asked = {"bank": bank, "id": memory.event, "event": memory.event, **span(bank)}
        found = connection.execute(SQL["event_content"], asked).fetchone()
        if found is None:
            continue
        if connection.execute(SQL["has_memories"], asked).fetchone() == (1,):
            connection.execute(SQL["cut_event"], {**asked, "content": cut(found[0], memory.text)})
        else:
            keys += [key for (key,) in connection.execute(SQL["delete_event"], asked).fetchall()]
            _mark_forgotten(connection, memory.bank, [memory.event])
    return keys
