"""The text of a document when a chunk of it changes or goes."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

from duramen.documents.record import Part, Record

_LABELS = {"user": "User", "assistant": "Assistant"}


def with_part(record: Record, part: Part) -> Record:
    """Return `record` with `part` in the place of the chunk of its key, and in its text the words of it."""
    place = next(number for number, one in enumerate(record.parts) if one.key == part.key)
    old = record.parts[place]
    if old.text == part.text:
        return replace(record, parts=(*record.parts[:place], part, *record.parts[place + 1 :]))
    if old.start is None:
        return rewritten(record, [*record.parts[:place], part, *record.parts[place + 1 :]])
    text = record.text[: old.start] + part.text + record.text[old.start + len(old.text) :]
    by = len(part.text) - len(old.text)
    behind = [one if one.start is None else replace(one, start=one.start + by) for one in record.parts[place + 1 :]]
    return replace(record, text=text, parts=(*record.parts[:place], replace(part, start=old.start), *behind))


def without_parts(record: Record, keys: Collection[str]) -> Record:
    """Return `record` without the chunks of these keys: its text is put together from those that are left."""
    return rewritten(record, [part for part in record.parts if part.key not in keys])


def rewritten(record: Record, parts: list[Part]) -> Record:
    """Return `record` of these `parts` alone."""
    if record.form == "json":
        said = [{"role": part.role or "user", "content": part.text} for part in parts]
        bare = tuple(replace(part, start=None) for part in parts)
        return replace(record, text=json.dumps(said, ensure_ascii=False), parts=bare)
    text, placed = "", list[Part]()
    for part in parts:
        text += ("\n" if record.form == "lines" else "\n\n") if placed else ""
        text += f"{_LABELS.get(part.role, part.role)}: " if part.role is not None else ""
        placed.append(replace(part, start=len(text)))
        text += part.text
    return replace(record, text=text, parts=tuple(placed))
