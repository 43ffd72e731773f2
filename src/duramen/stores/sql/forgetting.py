"""Deleting for good: what is selected, and everything made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duramen.selecting import cut, selects_memories
from duramen.stores.common import mark_of
from duramen.stores.revising import forget_made, forget_orphans, unmake
from duramen.stores.sql.book import book_of
from duramen.stores.sql.common import version_of
from duramen.stores.sql.journal import delete_memories_of
from duramen.stores.sql.records import memory_of, selection_parameters, span
from duramen.stores.sql.statements import Statements
from duramen.types import Forgotten, Memory, Selection

_NO_LIMIT = -1


def forget(sql: Statements, bank: str, selection: Selection) -> Forgotten:
    """Delete what `selection` says. See `Store.forget`."""
    version = version_of(sql, bank)
    if version is None:
        return Forgotten(bank=bank)
    if selection == Selection():
        return _forget_bank(sql, bank, version.number)
    alone = selects_memories(selection)
    events = [] if alone else _forget_events(sql, bank, version.number, selection)
    gone = [event for event, _ in events]
    removed = delete_memories_of(sql, version.number, gone)
    chosen = select_memories(sql, bank, version.number, selection if alone else replace(selection, strategy=""))
    said = [(number, memory) for number, memory in chosen if memory.strategy is None]
    sql.many("delete_memory", [{"number": number, **span(version.number)} for number, _ in said])
    sql.run("count_removed", {"bank": version.number, "removed": len(said)})
    lost, cut = _cut_out(sql, version.number, [memory for _, memory in said])
    with book_of(sql, bank) as book:
        if book is not None:
            removed += forget_made(book, [memory.id for _, memory in chosen if memory.strategy is not None])
            removed += unmake(book, [*gone, *lost]) + unmake(book, cut, gone=False)
            found = [memory for _, memory in select_memories(sql, bank, version.number, selection)]
            left = [memory for memory in found if memory.strategy is not None]
            removed += forget_made(book, [one.id for one in left]) if alone else forget_orphans(book, left)
    removed += len(said)
    if removed or events:
        sql.mark_erasure()
    keys = {key for _, key in events} | {memory.key for _, memory in said} | set(lost.values())
    return Forgotten(bank=bank, memories=removed, events=len(events) + len(lost), keys=tuple(sorted(keys)))


def _forget_events(sql: Statements, bank: str, number: int, selection: Selection) -> list[tuple[str, str]]:
    """Delete the selected events; return the id and the key of each."""
    events = sql.run("forget_events", {"bank": number, **selection_parameters(selection)}).fetchall()
    _mark_forgotten(sql, bank, [event for event, _ in events])
    return events


def select_memories(
    sql: Statements,
    bank: str,
    number: int,
    selection: Selection,
    *,
    after: int = 0,
    limit: int = _NO_LIMIT,
) -> list[tuple[int, Memory]]:
    """Return the selected memories behind the place `after`, oldest first, with their row numbers."""
    if selection.memory is not None:
        query = "list_memories_by_id"
    elif selection.namespace is not None:
        query = "list_memories_filed"
    elif selection.strategy:
        query = "list_memories_made"
    elif selection.document is not None:
        query = "list_memories_of_document"
    elif selection.session is not None:
        query = "list_memories_of_session"
    elif selection.actor is not None:
        query = "list_memories_of_actor"
    else:
        query = "list_memories"
    asked = {**selection_parameters(selection), **span(number, after), "limit": limit}
    return [(found[0], memory_of(bank, found)) for found in sql.run(query, asked).fetchall()]


def _forget_bank(sql: Statements, bank: str, number: int) -> Forgotten:
    sql.mark_erasure()
    asked = {"bank": number, **span(number)}
    keys = [key for (key,) in sql.run("keys", asked).fetchall()]
    memories = sql.run("delete_memories", asked).rowcount
    events = sql.run("delete_events", asked).fetchall()
    _mark_forgotten(sql, bank, [event for (event,) in events])
    for query in ("delete_jobs", "delete_queues", "delete_sources", "delete_revisions", "delete_bank"):
        sql.run(query, asked)
    return Forgotten(bank=bank, memories=memories, events=len(events), keys=tuple(sorted(keys)))


def _mark_forgotten(sql: Statements, bank: str, events: Sequence[str]) -> None:
    """Remember deleted events by a hash, so that a replay does not bring them back."""
    sql.many("mark_forgotten", [{"digest": mark_of(bank, event)} for event in events])


def _cut_out(sql: Statements, bank: int, memories: Sequence[Memory]) -> tuple[dict[str, str], list[str]]:
    """Delete the events of forgotten `memories`, or cut those texts out of the events that have other memories.

    Returns:
        The keys of the deleted events by their ids, and the ids of those that were cut.
    """
    keys: dict[str, str] = {}
    cuts: dict[str, None] = {}
    for memory in memories:
        asked = {"bank": bank, "id": memory.event, "event": memory.event, **span(bank)}
        found = sql.run("event_content", asked).fetchone()
        if found is None:
            continue
        if sql.run("has_memories", asked).fetchone() == (1,):
            sql.run("cut_event", {**asked, "content": cut(found[0], memory.text)})
            cuts[memory.event] = None
        else:
            ((keys[memory.event],),) = sql.run("delete_event", asked).fetchall()
            _mark_forgotten(sql, memory.bank, [memory.event])
    return keys, list(cuts)
