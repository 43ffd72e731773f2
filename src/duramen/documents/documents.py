"""The verbs of documents."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from duramen.desk import Desk
from duramen.documents import curated
from duramen.documents.chunking import DEFAULT_CHARACTERS, check_size
from duramen.documents.loose import loose_chunks, loose_document, loose_events, remade, with_tags
from duramen.documents.planning import Plan, plan
from duramen.documents.reading import Reading, check_id, checked_tags, read
from duramen.documents.record import (
    Record,
    expected,
    head_of,
    history_path,
    places,
    record_of,
    records_path,
    removal,
    writing,
)
from duramen.documents.source import Chunk, Document, Documented, Source
from duramen.documents.tagged import tagged
from duramen.documents.writing import Alone, until_unchanged
from duramen.errors import BadContentError, BadQueryError, ChangedError, NotFoundError, ProcessingError
from duramen.identity import Bank, bank_name
from duramen.naming import word_id
from duramen.portal import on_own_loop
from duramen.protocols import Storage
from duramen.shelf import Change, Entry, Expect
from duramen.tasks import forgetting as tasks
from duramen.times import utc_now
from duramen.types import Event, Kind, Selection, TagsMatch

_PAGE = 1000

_Documents: TypeAlias = "list[Document]"  # in the class, `list` is a verb
_Chunks: TypeAlias = "list[Chunk]"
_Ids: TypeAlias = "list[str]"
_Records: TypeAlias = "list[Record]"
_Told: TypeAlias = "list[dict[str, Any]]"


class Documents:
    """Documents of an engine: kept whole, in chunks, each of which is an event that memories are made of.

    A document and its chunks change together, in one transaction. Any number of processes may write to one document at
    the same time: nothing of what was acknowledged is lost.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._alone = Alone()

    @on_own_loop
    async def retain(
        self,
        bank: Bank,
        sources: Sequence[Source],
        *,
        wait: bool = False,
        shelved: Sequence[Change] = (),
        chunk_characters: int | None = None,
    ) -> Documented:
        """Keep `sources`, all or none; when this returns, they are on disk, and the next recall finds them.

        Of a document that was there before, the chunks that the new text has too stay as they are, with their memories
        and all that strategies made of them, and with their times, unless another `occurred` is given: then it is
        theirs. Chunks that are gone go with all that was made of them. Tags, metadata, entities and context are those of
        the source that a chunk was last given in; a document that was appended to has the tags and the metadata of all
        of its sources. Several sources of one call with one document are one after the other. Blocks of recalled
        memories are left out. What was appended twice is there twice.

        Args:
            bank: Where to; created at first use.
            sources: What to keep.
            wait: Return only when memories were made of it, also by strategies.
            shelved: Changes of the shelf to be made in the same transaction.
            chunk_characters: The longest chunk of a text, 100 to 100 000; 3000 if None. A message is one chunk.

        Raises:
            BadContentError: One of them cannot be kept as it is; nothing was kept.
            ChangedError: An `Expect` of `shelved` does not hold.
            StoreUnavailableError: It could not be kept, or others changed the documents all the time; nothing was kept.
            EmbedderMismatchError: The bank belongs to another embedder.
            ProcessingError: Only with `wait`: it is kept, but no memory could be made of it.
        """
        name, size = bank_name(bank), DEFAULT_CHARACTERS if chunk_characters is None else chunk_characters
        check_size(size)
        readings = await asyncio.to_thread(_read_all, name, sources, size)
        documents = tuple(reading.document for reading in readings)
        async with self._alone(name, documents):
            done = await until_unchanged(lambda: self._retained(name, readings, shelved), "A document")
        if isinstance(done, ChangedError):
            raise done
        if wait:
            await self._waited(name, done)
        return _documented(name, documents, done)

    @on_own_loop
    async def get(self, bank: Bank, document: str) -> Document | None:
        """Return a document, or None if there is none.

        Of one that was not given whole, but as `document` of a plain `MemoryEngine.retain`, the text is that of its
        events, with blank lines between them.
        """
        name = bank_name(bank)
        record = await self._record(name, check_id(document))
        if record is not None:
            return record.document()
        events = await loose_events(await self._store(), name, document)
        return loose_document(document, name, events) if events else None

    @on_own_loop
    async def list(
        self,
        bank: Bank,
        *,
        q: str | None = None,
        tags: Sequence[str] | None = None,
        tags_match: TagsMatch = "any_strict",
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[_Documents, int]:
        """Return a page of the documents, the newest change first, and how many there are in all.

        Only those that were given whole; what a plain `MemoryEngine.retain` says to be of a document is found by `get`.

        Args:
            bank: Where to look.
            q: Only those with this in their id, in whatever case.
            tags: Only those that these select; see `tagged`.
            tags_match: How.
            limit: At most this many, 1 or more.
            offset: So many are passed over, 0 or more.
        """
        _check_page(limit, offset)
        name, wanted, shelf = bank_name(bank), (q or "").casefold(), await self._desk.shelf()
        found = [
            (entry.key, head)
            for entry in await shelf.scan(records_path(name))
            if wanted in entry.key.casefold() and tagged((head := head_of(entry))["tags"], tags, tags_match)
        ]
        found.sort(key=lambda one: (-one[1]["updated"], one[0]))
        page = await self._records(name, [id for id, _ in found[offset : offset + limit]])
        return [record.document() for record in page], len(found)

    @on_own_loop
    async def chunks(self, bank: Bank, document: str, *, limit: int = 100, offset: int = 0) -> tuple[_Chunks, int]:
        """Return a page of the chunks of a document, in order, and how many there are in all.

        Raises:
            NotFoundError: There is no such document.
        """
        _check_page(limit, offset)
        name = bank_name(bank)
        record = await self._record(name, check_id(document))
        if record is None:
            chunks = loose_chunks(document, name, await loose_events(await self._store(), name, document))
            if not chunks:
                raise _missing(document)
            return [*chunks[offset : offset + limit]], len(chunks)
        places = range(len(record.parts))[offset : offset + limit]
        return [record.chunk(place) for place in places], len(record.parts)

    @on_own_loop
    async def chunk(self, bank: Bank, chunk_id: str) -> Chunk | None:
        """Return a chunk by its id, which is that of its event; None if there is none in a document given whole."""
        name, shelf = bank_name(bank), await self._desk.shelf()
        selection = Selection(memory=word_id(chunk_id, 0))
        memories = await self._desk.parts.store.memories(name, selection, cursor=None, limit=1)
        likely = [memory.document for memory in memories.items if memory.document is not None]
        # Of a chunk that no memory was made of yet, or not at its beginning, all documents are asked.
        found = likely or [
            entry.key for entry in await shelf.scan(records_path(name)) if chunk_id in head_of(entry)["chunks"]
        ]
        for record in await self._records(name, found[:1]):
            for place, part in enumerate(record.parts):
                if part.id == chunk_id:
                    return record.chunk(place)
        return None

    @on_own_loop
    async def retag(self, bank: Bank, document: str, tags: Sequence[str]) -> Document:
        """Give a document these tags, and the memories of it; strategies think over again what they made of them.

        Raises:
            BadContentError: These cannot be tags.
            NotFoundError: There is no such document.
        """
        name, wanted = bank_name(bank), checked_tags(tags)

        def changed(record: Record) -> Record:
            parts = tuple(replace(part, about=replace(part.about, tags=wanted)) for part in record.parts)
            return replace(record, parts=parts, tags=wanted)

        async with self._alone(name, [check_id(document)]):
            await self._changed(name, document, "retagged", changed, with_tags(wanted))
        found = await self.get(name, document)
        if found is None:
            raise _missing(document)
        return found

    @on_own_loop
    async def reprocess(self, bank: Bank, document: str) -> Documented:
        """Make the memories of a document anew, and let strategies think over again what they made of it.

        Its chunks keep their ids, and until the new memories are there the old ones are recalled.

        Raises:
            NotFoundError: There is no such document.
        """
        name = bank_name(bank)

        def changed(record: Record) -> Record:
            return replace(record, parts=tuple(replace(part, made=part.made + 1) for part in record.parts))

        async with self._alone(name, [check_id(document)]):
            events = await self._changed(name, document, "reprocessed", changed, remade)
        return Documented(bank=name, documents=(document,), events=tuple(event.id for event in events))

    @on_own_loop
    async def delete(self, bank: Bank, document: str) -> int:
        """Delete a document, with its memories, what was made of them, and its history; return how many memories.

        Raises:
            NotFoundError: There is no such document.
        """
        name = bank_name(bank)
        check_id(document)
        async with self._desk.parts.indexes.forgetting(name):
            deleted = await until_unchanged(lambda: self._deleted(name, document), "The document")
        await self._desk.forgotten(name)
        return deleted

    @on_own_loop
    async def memories_of(self, bank: Bank, document: str) -> dict[Kind, int]:
        """Count the memories of a document, by kind, also those that strategies made of it alone."""
        name, store = bank_name(bank), await self._store()
        counts: Counter[Kind] = Counter()
        cursor = None
        while True:
            page = await store.memories(name, Selection(document=check_id(document)), cursor=cursor, limit=_PAGE)
            counts.update(memory.kind for memory in page.items)
            cursor = page.next
            if cursor is None:
                return dict(counts)

    @on_own_loop
    async def history(self, bank: Bank, document: str) -> _Told:
        """Return what was done to a document, oldest first: its last 100 changes, without any text.

        Each has `at` (ISO 8601), `action` (created, replace, append, retagged, reprocessed, edited, forgotten …), and as it
        was then its `digest`, its length in `characters` and how many `chunks` it had.
        """
        shelf = await self._desk.shelf()
        return [head_of(entry) for entry in await shelf.scan(history_path(bank_name(bank), check_id(document)))]

    async def _retained(
        self, bank: str, readings: Sequence[Reading], shelved: Sequence[Change]
    ) -> Sequence[Plan] | ChangedError:
        """Write what `readings` make of documents as they are now; return the error if `shelved` is in the way."""
        grouped: dict[str, list[Reading]] = {}
        for reading in readings:
            grouped.setdefault(reading.document, []).append(reading)
        entries, now = await self._entries(bank, [*grouped]), utc_now()
        plans = [
            plan(record_of(bank, *entries[document]), group, bank=bank, now=now) for document, group in grouped.items()
        ]
        changes = [change for one in plans for change in _change(one.record, entries[one.record.id][0], one.action)]
        fresh = [one for one in plans if one.action == "created" and grouped[one.record.id][0].mode == "replace"]
        loose = [id for one in fresh for id in await self._loose(bank, one.record)]
        try:
            await self._desk.append(
                bank,
                [event for one in plans for event in one.events],
                beyond=[*(id for one in plans for id in one.beyond), *loose],
                shelved=[*changes, *shelved],
            )
        except ChangedError as error:
            if (
                any(isinstance(change, Expect) for change in shelved)
                and await self._entries(bank, [*grouped]) == entries
            ):
                return error
            raise
        return plans

    async def _loose(self, bank: str, record: Record) -> Sequence[str]:
        """Return the ids of the events of a plain `retain` whose place a document takes that is given for the first time."""
        selection = Selection(document=record.id, strategy="")
        page = await self._desk.parts.store.memories(bank, selection, cursor=None, limit=_PAGE)
        return [*({memory.event for memory in page.items} - {part.id for part in record.parts})]

    async def _changed(
        self,
        bank: str,
        document: str,
        action: str,
        change: Callable[[Record], Record],
        change_loose: Callable[[Event], Event],
    ) -> Sequence[Event]:
        """Write what `change` makes of a document, and append its events anew; return those."""

        async def attempt() -> Sequence[Event]:
            entries = (await self._entries(bank, [document]))[document]
            record = record_of(bank, *entries)
            known = {part.id for part in record.parts} if record is not None else set()
            loose = await loose_events(await self._store(), bank, document, known)
            events = [change_loose(event) for event in loose]
            changes: Sequence[Change] = ()
            if record is not None:
                made = replace(change(record), updated=utc_now())
                events += [made.event(part) for part in made.parts if not part.out]
                changes = _change(made, entries[0], action)
            elif not events:
                raise _missing(document)
            await self._desk.append(bank, events, shelved=changes)
            return events

        return await until_unchanged(attempt, f"The document {document!r}")

    async def _deleted(self, bank: str, document: str) -> int:
        shelf = await self._desk.shelf()
        held = await tasks.selected(shelf, bank, Selection(document=document))
        head, _ = (await self._entries(bank, [document]))[document]
        changes = [*held, expected(bank, document, head), *removal(bank, document)]
        changes += await curated.of_document(shelf, bank, document)
        forgotten = await self._desk.parts.store.forget(bank, Selection(document=document), shelved=changes)
        if head is None and not forgotten.events and not forgotten.memories and not tasks.waited(held):
            raise _missing(document)
        return forgotten.memories

    async def _store(self) -> Storage:
        await self._desk.life.worker()
        return self._desk.parts.store

    async def _record(self, bank: str, document: str) -> Record | None:
        return next(iter(await self._records(bank, [document])), None)

    async def _records(self, bank: str, documents: Sequence[str]) -> _Records:
        entries = await self._entries(bank, documents)
        found = [record_of(bank, *entries[document]) for document in documents]
        return [record for record in found if record is not None]

    async def _entries(self, bank: str, documents: Sequence[str]) -> dict[str, tuple[Entry | None, Entry | None]]:
        """Return what stands on the shelf of each of these documents, at one moment."""
        shelf = await self._desk.shelf()
        found = await shelf.get([place for document in documents for place in places(bank, document)])
        return {document: (found[2 * at], found[2 * at + 1]) for at, document in enumerate(documents)}

    async def _waited(self, bank: str, plans: Sequence[Plan]) -> None:
        await (await self._desk.life.worker()).catch_up(bank, None)
        ids = {id for one in plans for id in one.changed}
        for failure in await self._desk.parts.store.failures(bank):
            if failure.event in ids:
                raise ProcessingError(bank, failure.key, failure.reason)
        await (await self._desk.life.strategists()).catch_up(bank, None)


def _read_all(bank: str, sources: Sequence[Source], characters: int) -> Sequence[Reading]:
    given: object = sources
    if isinstance(given, str | Source) or not all(isinstance(source, Source) for source in sources):
        raise BadContentError("Give a list of `duramen.documents.Source`. Nothing was retained.")
    now = utc_now()
    return [read(bank, source, now=now, characters=characters) for source in sources]


def _change(record: Record, entry: Entry | None, action: str) -> Sequence[Change]:
    return [expected(record.bank, record.id, entry), *writing(record, action)]


def _documented(bank: str, documents: tuple[str, ...], plans: Sequence[Plan]) -> Documented:
    return Documented(
        bank=bank,
        documents=documents,
        events=tuple(id for one in plans for id in one.changed),
        kept=sum(one.kept for one in plans),
        removed=sum(one.removed for one in plans),
    )


def _missing(document: str) -> NotFoundError:
    return NotFoundError(
        f"There is no document {document!r} in this bank. `documents.list` lists those that there are. Nothing was changed."
    )


def _check_page(limit: int, offset: int) -> None:
    if limit < 1 or offset < 0:
        raise BadQueryError(
            f"`limit` is {limit} and `offset` {offset}. A page holds 1 entry or more, and begins at 0 or later."
        )
