"""What goes from the shelf of documents when something is forgotten: whole documents, or chunks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from duramen.documents.record import (
    Part,
    Record,
    abouts_of,
    expected,
    head_of,
    history_path,
    places,
    record_of,
    records_path,
    removal,
    writing,
)
from duramen.documents.reserved import plain
from duramen.documents.rewriting import with_part, without_parts
from duramen.naming import event_id
from duramen.selecting import FORGOTTEN, cut
from duramen.selecting import fits_event as fits
from duramen.shelf import Change, Entry, Remove, Shelf
from duramen.times import microseconds, utc_now
from duramen.types import Memory, Selection


async def selected(shelf: Shelf, bank: str, selection: Selection, *, memory: Memory | None = None) -> list[Change]:
    """Return what takes off the shelf what `selection` selects of the documents of a bank.

    A document of which all chunks go, goes. One that loses some loses their text: it is put together from the chunks that
    are left. One that loses a single memory loses the words of it. What changes a document stands behind an `Expect`, so
    that nothing that is appended meanwhile is lost: on `ChangedError` ask again.

    Args:
        shelf: Where they stand.
        bank: Where from.
        selection: What is forgotten. Of kinds, strategies and namespaces no document knows anything.
        memory: The memory that `selection.memory` names, if there is one.
    """
    if selection == Selection():
        changes: list[Change] = []
        for entry in await shelf.scan(records_path(bank)):
            changes += removal(bank, entry.key)
        return changes
    if selection.memory is not None:
        words = memory is not None and memory.strategy is None and memory.document is not None
        return await _without_words(shelf, bank, memory) if words and memory is not None else []
    if selection.kinds is not None or selection.strategy is not None or selection.namespace is not None:
        return []
    if selection.document is not None:
        return await _lessened(shelf, bank, selection.document, selection)
    found = [entry.key for entry in await shelf.scan(records_path(bank)) if _may_fit(selection, head_of(entry))]
    return [change for document in found for change in await _lessened(shelf, bank, document, selection)]


async def _lessened(shelf: Shelf, bank: str, document: str, selection: Selection) -> list[Change]:
    head, body = await shelf.get(places(bank, document))
    record = record_of(bank, head, body)
    if record is None:
        return []
    gone = {part.key for part in record.parts if fits(selection, record.event(part))}
    if len(gone) == len(record.parts):
        return removal(bank, document)
    if not gone:
        return []
    return _written(without_parts(record, gone), head)


async def _without_words(shelf: Shelf, bank: str, memory: Memory) -> list[Change]:
    document = memory.document or ""
    head, body = await shelf.get(places(bank, document))
    record = record_of(bank, head, body)
    part = None if record is None else next((one for one in record.parts if one.id == memory.event), None)
    if record is None or part is None:
        return []
    left = _cut(part, memory.text)
    if left is None and len(record.parts) == 1:
        return [expected(bank, document, head), *removal(bank, document)]
    lessened = without_parts(record, {part.key}) if left is None else with_part(record, left)
    return _written(lessened, head)


def _written(record: Record, entry: Entry | None) -> list[Change]:
    """Return what writes a document that is less than it was: with nothing that only what is gone had, and no history."""
    tags, metadata = set[str](), dict[str, str]()
    for part in record.parts:
        tags |= {*part.about.tags}
        metadata |= plain(part.about.metadata)
    made = replace(record, tags=tuple(sorted(tags)), metadata=metadata, retained={}, updated=utc_now())
    removed = Remove(path=history_path(record.bank, record.id))
    return [expected(record.bank, record.id, entry), removed, *writing(made, "forgotten")]


def _cut(part: Part, text: str) -> Part | None:
    """Return a chunk without the words of a memory; None if nothing is left of it."""
    words, content = cut(part.text, text), None if part.content is None else cut(part.content, text)
    if not words.replace(FORGOTTEN, "").strip():
        return None
    return replace(part, text=words, content=content)


def _may_fit(selection: Selection, head: Mapping[str, Any]) -> bool:
    return (
        (selection.key is None or event_id(selection.key, 0) in head["chunks"])
        and (selection.before is None or head["first"] < microseconds(selection.before))
        and any(
            selection.session in (None, about.session)
            and selection.actor in (None, about.actor)
            and (selection.tags is None or selection.tags.issubset(about.tags))
            for about in abouts_of(head)
        )
    )
