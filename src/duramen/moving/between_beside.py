"""One pass over what stands beside the banks: the shelf of frameworks and servers, and the marks of what was forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Mapping

from duramen.copying import CopyingStorage, Taken
from duramen.errors import ConflictError
from duramen.moving.between_batch import Batch, Changed, Held, held_of, weight
from duramen.moving.between_notes import Note, note_of
from duramen.moving.between_parts import Piece, digest_of_entry, entries_beside, entries_with, marks


async def pass_beside(
    source: CopyingStorage, target: CopyingStorage, *, name: str, writes: bool, shelf: bool
) -> Changed:
    """Bring what stands beside the banks at the target up to the source: marks, and with `shelf` entries.

    Raises:
        ConflictError: Something else stands beside the banks of the target.
    """
    note = await note_of(target, None) or Note(bank=None, source=name)
    held = {one.key: held_of(one) async for one in beside(target)} if shelf else {}
    if shelf:
        await _check(source, note, held, name)
        note = note.at(sum(weight(one.guarded) for one in held.values()))
    note = Note(bank=None, source=name, guard=note.guard, raw=note.raw)
    batch = Batch(target if writes else None, note, None)
    known = {mark async for mark in marks(target)}
    async for mark in marks(source):
        if mark not in known:
            await batch.put("marks", Piece(mark, mark, mark))
    if shelf:
        async for piece in beside(source):
            before = held.pop(piece.key, None)
            if before is None or before.digest != piece.digest:
                await batch.put("entries", piece, before)
        for one in held.values():
            await batch.leave("entries", one)
    await batch.flush(always=shelf and note.raw is None)
    return batch.changed


async def pass_with(source: CopyingStorage, target: CopyingStorage, bank: str, *, name: str, writes: bool) -> Changed:
    """Let a bank that is moved without the rest of the shelf find what it needs there, where nothing stands yet."""
    batch = Batch(None, Note(bank=bank, source=name), None)
    missing = []
    async for entry in entries_with(source, bank):
        if await target.shelf.get([entry.place]) == [None]:
            missing.append(entry)
            await batch.put("entries", Piece(entry.place, digest_of_entry(entry), entry))
    if writes and missing:
        await target.take(bank, Taken(entries=missing))
    return batch.changed


async def beside(store: CopyingStorage) -> AsyncIterator[Piece]:
    """Yield what stands on the shelf for no bank."""
    async for entry in entries_beside(store):
        yield Piece(entry.place, digest_of_entry(entry), entry)


async def _check(source: CopyingStorage, note: Note, held: Mapping[Hashable, Held], name: str) -> None:
    found = note.at(sum(weight(one.guarded) for one in held.values())).guard
    if not held or (note.raw is not None and note.source == name and found == note.guard):
        return
    theirs = {key: one.digest for key, one in held.items()}
    async for piece in beside(source):
        if theirs.get(piece.key) == piece.digest:
            del theirs[piece.key]
    for place in theirs:
        raise ConflictError(
            f"Beside the banks other things stand at the target than at the source, such as {place!r}. They were not "
            f"moved from there, or were changed since. Nothing of them was changed. Move the banks alone, with "
            f"`--no-shelf`."
        )
