"""The verbs of correcting memories."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duramen.curation.archive import (
    Archived,
    Invalidated,
    archived,
    archived_memory,
    corrected,
    corrections,
    state_of,
)
from duramen.curation.editing import Edit, Span, edit_of, marks_before, place_in, put_back
from duramen.desk import Desk
from duramen.documents.holding import Held, held
from duramen.documents.record import places
from duramen.documents.writing import Alone, until_unchanged
from duramen.errors import ConflictError, NotFoundError
from duramen.identity import Bank, bank_name
from duramen.ledger import Revised
from duramen.portal import on_own_loop
from duramen.protocols import Storage
from duramen.selecting import FORGOTTEN, cut
from duramen.shelf import Change, Shelf
from duramen.times import utc_now
from duramen.types import Event, Kind, Memory, Selection

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class _Target:
    """A memory that is to be corrected, where its words stand, and the chunk that its event is, if it is one."""

    memory: Memory
    event: Event
    span: Span
    chunk: Held | None


class Curation:
    """Corrects what was retained word for word. What strategies made of it is thought over again.

    Every correction changes the event that the memory is made from, and the document that the event is a chunk of, in one
    transaction: it outlasts a reembedding. What was before is kept, until memory, event, document or bank are forgotten.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._alone = Alone()

    @on_own_loop
    async def edit(  # noqa: PLR0913  each is one thing that can be corrected
        self,
        bank: Bank,
        memory_id: str,
        *,
        text: str | None = None,
        context: str | None = None,
        occurred: tuple[datetime | None, datetime | None] | None = None,
        kind: Kind | None = None,
        entities: Sequence[str] | None = None,
    ) -> Memory:
        """Let a memory say something else from now on; return it as it is then. What is left out stays.

        The text of an event that is long is several memories. Its context, its names, its kind and when it occurred are
        those of all of them. A text that becomes much longer or shorter may be cut otherwise than before: then the memory
        that is returned is the one that holds the new words.

        Args:
            bank: Where it is.
            memory_id: Which.
            text: What it says.
            context: What it is about; "" for nothing.
            occurred: When it was true, from and until; (None, None) if that is not known.
            kind: `fact` or `experience`.
            entities: Names that are known to be in it, beside those that are found.

        Raises:
            NotFoundError: There is no such memory.
            ConflictError: A strategy made it, or it is invalid.
            BadContentError: It cannot be kept like that.
        """
        name, edit = bank_name(bank), edit_of(text, context, occurred, kind, entities)

        async def attempt() -> Memory:
            target = await self._target(name, memory_id)
            if target.chunk is None:
                event, changes = edit.event(target.event, target.span), list[Change]()
            else:
                part = edit.part(target.chunk.part, target.span)
                event, changes = target.chunk.record.event(part), [*target.chunk.changes(part, "edited")]
            if event == target.event:
                return target.memory
            changes += await self._told(target.memory, event, "edit", "")
            await self._desk.append(name, [event], shelved=changes)
            return _edited(target.memory, edit)

        async with self._alone(name, ["edit"]):
            edited = await until_unchanged(attempt, "The memory")
        return await self._made(name, edited)

    @on_own_loop
    async def invalidate(self, bank: Bank, memory_id: str, *, reason: str = "") -> Memory:
        """Let a memory be found by nothing any more, until it is restored; return it as it was. Twice is once.

        Raises:
            NotFoundError: There is no such memory.
            ConflictError: A strategy made it.
        """
        name = bank_name(bank)

        async def attempt() -> Memory:
            store = await self._store()
            known = await archived_memory(store.shelf, name, memory_id)
            if known is not None and await self._found(name, memory_id) is None:
                return known.memory
            target = await self._target(name, memory_id)
            await self._invalidate(store, known, target, reason)
            return target.memory

        async with self._alone(name, ["edit"]), self._desk.parts.indexes.forgetting(name):
            return await until_unchanged(attempt, "The memory")

    @on_own_loop
    async def restore(self, bank: Bank, memory_id: str) -> Memory:
        """Let a memory that was declared invalid be found again; return it. One that is valid stays so.

        Raises:
            NotFoundError: There is no such memory, valid or not.
            ConflictError: What it was a part of says something else by now, or is gone.
        """
        name = bank_name(bank)

        async def attempt() -> Memory:
            store = await self._store()
            known = await archived_memory(store.shelf, name, memory_id)
            if known is None:
                return await self._memory(name, memory_id)
            await self._restore(store, name, known)
            return known.memory

        async with self._alone(name, ["edit"]):
            restored = await until_unchanged(attempt, "The memory")
        return await self._made(name, restored)

    @on_own_loop
    async def invalidated(self, bank: Bank) -> list[Invalidated]:
        """Return what is invalid, what is so the longest first."""
        shelf = await self._desk.shelf()
        found = await archived(shelf, bank_name(bank))
        return [Invalidated(memory=one.memory, reason=one.reason, at=one.at) for one in found]

    @on_own_loop
    async def history(self, bank: Bank, memory_id: str) -> list[dict[str, Any]]:
        """Return what was done to a memory, oldest first: corrections, and what strategies did that made it.

        Each has `at` (ISO 8601), `action` (edit, invalidate, restore; add, update, supersede, skip), `before` (what it was,
        with `text`, and of a correction `kind`, `context`, `occurred` and `entities`; empty if there was nothing) and
        `reason`.

        Raises:
            NotFoundError: There is no such memory, and there was none that anything is known of.
        """
        name, store = bank_name(bank), await self._store()
        page = await store.memories(name, Selection(memory=memory_id), cursor=None, limit=1)
        event = page.items[0].event if page.items and page.items[0].strategy is None else None
        told = [
            {key: value for key, value in one.items() if key != "memory"}
            for one in await corrections(store.shelf, name, memory_id, event)
        ]
        told += [_revision(one) for one in await self._revisions(name, memory_id)]
        if not told and not page.items:
            raise _missing(memory_id)
        return sorted(told, key=lambda one: datetime.fromisoformat(one["at"]))

    async def _invalidate(self, store: Storage, known: Archived | None, target: _Target, reason: str) -> None:
        memory, event = target.memory, target.event
        mark = marks_before(event.content, event.content.find(memory.text))
        entry = None if known is None else known.entry
        fresh = Archived(memory=memory, event=event, mark=mark, reason=reason, at=utc_now(), entry=entry)
        changes = [*fresh.put(), *await self._told(memory, event, "invalidate", reason)]
        for one in await archived(store.shelf, event.bank, event=event.id):
            if one.memory.id != memory.id and one.mark >= mark:
                changes += one.moved(1).put()
        if target.chunk is not None:
            content = cut(event.content, memory.text)
            out = not content.replace(FORGOTTEN, "").strip()
            changes += target.chunk.changes(replace(target.chunk.part, content=content, out=out), "invalidated")
        await store.forget(event.bank, Selection(memory=memory.id), shelved=changes)
        await self._desk.forgotten(event.bank)

    async def _restore(self, store: Storage, bank: str, known: Archived) -> None:
        memory = known.memory
        others = [one for one in await archived(store.shelf, bank, event=memory.event) if one.memory.id != memory.id]
        chunk = await held(store.shelf, bank, memory.document, memory.event)
        there = await self._event(bank, memory)
        content = _content_now(there, chunk, [*others, known])
        back = put_back(content, known.mark, memory.text)
        if there is not None and back == content and memory.text in content:  # retained again meanwhile
            await store.shelf.write(known.remove())
            return
        orphan = chunk is None and there is None and await _is_given_whole(store.shelf, bank, memory.document)
        if back == content or orphan:
            raise ConflictError(
                f"What the memory {memory.id!r} was a part of says something else by now. Retain what is right again. "
                f"Nothing was changed."
            )
        changes: list[Change] = [*known.remove()]
        for one in others:
            changes += one.moved(-1).put() if one.mark > known.mark else ()
        if chunk is not None:
            whole = None if back == chunk.part.text else back
            part = replace(chunk.part, content=whole, out=False)
            event, changes = chunk.record.event(part), [*changes, *chunk.changes(part, "restored")]
        else:
            event = replace(there or known.event, content=back)
        changes += await self._told(memory, event, "restore", "")
        await self._desk.append(bank, [event], shelved=changes)

    async def _target(self, bank: str, memory_id: str) -> _Target:
        """Return a memory that can be corrected; wait for one whose event has changed and is not worked through yet."""
        for _ in range(2):
            memory = await self._memory(bank, memory_id)
            if memory.strategy is not None:
                raise ConflictError(
                    f"The memory {memory_id!r} was made by the strategy {memory.strategy!r}. Correct what it was made from: "
                    f"its `sources`; or forget it. Nothing was changed."
                )
            chunk = await held(await self._desk.shelf(), bank, memory.document, memory.event)
            event = await self._event(bank, memory) if chunk is None else chunk.record.event(chunk.part)
            if event is not None:
                pieces = await asyncio.to_thread(self._desk.parts.retain.split, event.content)
                span = place_in(event.content, memory, pieces)
                if span is not None:
                    return _Target(memory, event, span, chunk)
            await self._caught_up(bank)
        raise ConflictError(f"The memory {memory_id!r} is being made anew. Try again later. Nothing was changed.")

    async def _memory(self, bank: str, memory_id: str) -> Memory:
        found = await self._found(bank, memory_id)
        if found is not None:
            return found
        if await archived_memory(await self._desk.shelf(), bank, memory_id) is not None:
            raise ConflictError(f"The memory {memory_id!r} is invalid. Restore it first. Nothing was changed.")
        raise _missing(memory_id)

    async def _found(self, bank: str, memory_id: str) -> Memory | None:
        store = await self._store()
        page = await store.memories(bank, Selection(memory=memory_id), cursor=None, limit=1)
        return page.items[0] if page.items else None

    async def _event(self, bank: str, memory: Memory) -> Event | None:
        store, cursor = await self._store(), None
        while True:
            page = await store.events(bank, _beside(memory), cursor=cursor, limit=_PAGE)
            for event in page.items:
                if event.id == memory.event:
                    return event
            cursor = page.next
            if cursor is None:
                return None

    async def _told(self, memory: Memory, event: Event, action: str, reason: str) -> Sequence[Change]:
        told = {
            "at": utc_now().isoformat(),
            "action": action,
            "memory": memory.id,
            "before": state_of(memory),
            "reason": reason,
        }
        return await corrected(await self._desk.shelf(), event, told)

    async def _made(self, bank: str, wanted: Memory) -> Memory:
        """Return what became of a correction, when it is worked through; else what will."""
        await self._caught_up(bank)
        found = await self._found(bank, wanted.id)
        if found is not None and wanted.text in found.text:
            return found
        store = await self._store()
        page = await store.memories(bank, _beside(wanted), cursor=None, limit=_PAGE)
        holding = (one for one in page.items if one.event == wanted.event and wanted.text in one.text)
        return next(holding, wanted)

    async def _revisions(self, bank: str, memory_id: str) -> Sequence[Revised]:
        store, cursor, found = await self._store(), None, list[Revised]()
        while True:
            page = await store.revisions(bank, memory=memory_id, cursor=cursor, limit=_PAGE)
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    async def _caught_up(self, bank: str) -> None:
        worker = await self._desk.life.worker()
        await worker.catch_up(bank, self._desk.parts.catch_up_seconds)

    async def _store(self) -> Storage:
        await self._desk.life.worker()
        return self._desk.parts.store


def _beside(memory: Memory) -> Selection:
    """Select what is of the same item."""
    return Selection(key=memory.key, document=memory.document, session=memory.session, actor=memory.actor, strategy="")


def _edited(memory: Memory, edit: Edit) -> Memory:
    return replace(
        memory,
        text=memory.text if edit.text is None else edit.text,
        kind=memory.kind if edit.kind is None else edit.kind,
    )


def _content_now(there: Event | None, chunk: Held | None, invalid: Sequence[Archived]) -> str:
    """Return what is left of an event some of whose memories are `invalid`."""
    if chunk is not None:
        return chunk.part.text if chunk.part.content is None else chunk.part.content
    if there is not None:
        return there.content
    last = max(invalid, key=lambda one: one.at)
    return cut(last.event.content, last.memory.text)


async def _is_given_whole(shelf: Shelf, bank: str, document: str | None) -> bool:
    if document is None:
        return False
    head, _ = await shelf.get(places(bank, document))
    return head is not None


def _revision(revised: Revised) -> dict[str, Any]:
    before = revised.before
    return {
        "at": revised.at.isoformat(),
        "action": revised.decision,
        "before": {} if before is None else state_of(before),
        "reason": revised.reason,
    }


def _missing(memory_id: str) -> NotFoundError:
    return NotFoundError(f"There is no memory {memory_id!r} in this bank. Nothing was changed.")
