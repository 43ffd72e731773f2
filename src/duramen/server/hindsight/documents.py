"""Documents and their chunks over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request

from duramen.documents.reserved import plain
from duramen.documents.source import Chunk, Document
from duramen.engine import MemoryEngine
from duramen.errors import BadQueryError, NotFoundError
from duramen.server.banks import granted, memory_of
from duramen.server.caller import Grant
from duramen.server.hindsight.handlers import REPROCESS
from duramen.server.hindsight.retaining import all_tags
from duramen.server.hindsight.routing import (
    BANK,
    Body,
    Forgets,
    Limit,
    Managed,
    Match,
    Offset,
    Read,
    Reply,
    Retained,
    Tags,
    paged,
    router,
)
from duramen.server.hindsight.statistics import by_type
from duramen.strategies.observation_scopes import SCOPES
from duramen.times import parse_time

ROUTER = router("Documents")

CATCH_UP_SECONDS = 5.0
"""How long memories of what was just retained are waited for, before they are counted."""

_ACTIONS = {
    "append": "append",
    "retagged": "retag",
    "reprocessed": "reprocess",
    "edited": "fact_edited",
    "invalidated": "fact_invalidated",
    "restored": "fact_restored",
    "forgotten": "fact_deleted",
}
"""What was done to a document, in the words of the wire; all else is `retain`."""

PageLimit = Annotated[int, Query(ge=1, le=1000)]


class DocumentRow(Reply):
    """A document as it is listed."""

    id: str
    bank_id: str
    content_hash: str | None = None
    created_at: str
    updated_at: str
    text_length: int = 0
    memory_unit_count: int = 0
    retain_params: dict[str, Any] | None = None
    document_metadata: dict[str, Any] | None = None
    tags: list[str] | None = None


class DocumentRows(Reply):
    """A page of documents."""

    items: list[DocumentRow]
    total: int
    limit: int
    offset: int
    total_is_estimate: bool = False


class DocumentReply(Reply):
    """A document with its text."""

    id: str
    bank_id: str
    original_text: str | None
    content_hash: str | None
    created_at: str
    updated_at: str
    memory_unit_count: int
    nodes_by_fact_type: dict[str, int] | None = None
    tags: list[str] | None = None
    document_metadata: dict[str, Any] | None = None
    retain_params: dict[str, Any] | None = None
    observation_scopes: str | list[list[str]] | None = None


class DocumentChange(Body):
    """What is to be changed of a document."""

    tags: list[str] | None = None
    observation_scopes: str | list[list[str]] | None = None


class DocumentChanged(Reply):
    """It was."""

    success: bool = True


class DocumentDeleted(Reply):
    """It is gone, and its memories."""

    success: bool = True
    message: str
    document_id: str
    memory_units_deleted: int


class ChunkRow(Reply):
    """A piece of a document."""

    chunk_id: str
    document_id: str
    bank_id: str
    chunk_index: int
    chunk_text: str
    created_at: str


class ChunkRows(Reply):
    """A page of chunks, in order."""

    items: list[ChunkRow]
    total: int
    limit: int
    offset: int


class Reprocessed(Reply):
    """Its memories are being made anew."""

    success: bool = True
    operation_id: str
    items_count: int


class DocumentEvent(Reply):
    """What became of a document."""

    document_id: str
    kind: str
    created_at: str | None = None
    operation_id: str | None = None
    fact_id: str | None = None
    facts_added: int = 0
    facts_removed: int = 0


class DocumentEvents(Reply):
    """A page of what became of a document, the newest first."""

    document_id: str
    total: int
    limit: int
    offset: int
    items: list[DocumentEvent]


@ROUTER.get(f"{BANK}/documents", operation_id="list_documents", response_model=DocumentRows)
async def list_documents(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    q: str | None = None,
    tags: Tags = None,
    tags_match: Match = "any_strict",
    time_field: Annotated[Literal["created_at", "updated_at"] | None, Query()] = None,
    start_date: str | None = None,
    end_date: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> DocumentRows:
    """Page through the documents of a bank; `q` is a part of their ids."""
    memory = memory_of(request)
    await memory.flush(bank.name, seconds=CATCH_UP_SECONDS)
    since, before = _time(start_date, "start_date"), _time(end_date, "end_date")

    async def page(length: int, start: int) -> tuple[list[Document], int]:
        return await memory.documents.list(
            bank.name, q=q or None, tags=tags, tags_match=tags_match, limit=length, offset=start
        )

    if since is None and before is None:
        found, total = await paged(page, limit, offset)
    else:
        everything, _ = await paged(page, 100_000)
        fits = [one for one in everything if _in_time(one, time_field, since, before)]
        found, total = fits[offset : offset + limit], len(fits)
    rows = [await _row(memory, bank.asked, bank.name, one) for one in found]
    return DocumentRows(items=rows, total=total, limit=limit, offset=offset)


@ROUTER.get(f"{BANK}/documents/{{document_id}}/chunks", operation_id="list_document_chunks", response_model=ChunkRows)
async def list_chunks(
    request: Request, bank: Read, document_id: str, limit: PageLimit = 100, offset: Offset = 0
) -> ChunkRows:
    """Page through the chunks of a document."""
    memory = memory_of(request)
    await _document(memory, bank.name, document_id)
    found, total = await memory.documents.chunks(bank.name, document_id, limit=limit, offset=offset)
    return ChunkRows(items=[_chunk(one, bank.asked) for one in found], total=total, limit=limit, offset=offset)


@ROUTER.get(
    f"{BANK}/documents/{{document_id}}/history", operation_id="get_document_history", response_model=DocumentEvents
)
async def get_history(
    request: Request, bank: Read, document_id: str, limit: PageLimit = 100, offset: Offset = 0
) -> DocumentEvents:
    """Page through what became of a document."""
    memory = memory_of(request)
    await _document(memory, bank.name, document_id)
    history = [*reversed(await memory.documents.history(bank.name, document_id))]
    items = [_event(document_id, one) for one in history[offset : offset + limit]]
    return DocumentEvents(document_id=document_id, total=len(history), limit=limit, offset=offset, items=items)


@ROUTER.post(
    f"{BANK}/documents/{{document_id}}/reprocess", operation_id="reprocess_document", response_model=Reprocessed
)
async def reprocess(request: Request, bank: Retained, document_id: str) -> Reprocessed:
    """Make the memories of a document anew from its text, as an operation."""
    memory = memory_of(request)
    await _document(memory, bank.name, document_id)
    task = await memory.tasks.submit(bank.name, REPROCESS, {"document_id": document_id})
    return Reprocessed(operation_id=task.id, items_count=1)


@ROUTER.get(f"{BANK}/documents/{{document_id}}", operation_id="get_document", response_model=DocumentReply)
async def get_document(request: Request, bank: Read, document_id: str) -> DocumentReply:
    """Return a document with its text."""
    memory = memory_of(request)
    await memory.flush(bank.name, seconds=CATCH_UP_SECONDS)
    document = await _document(memory, bank.name, document_id)
    counts = by_type(await memory.documents.memories_of(bank.name, document_id))
    page = await memory.events(bank.name, document=document_id, limit=1)
    scopes = page.items[0].metadata.get(SCOPES) if page.items else None
    return DocumentReply(
        id=document.id,
        bank_id=bank.asked,
        original_text=document.text,
        content_hash=document.digest,
        created_at=document.created.isoformat(),
        updated_at=document.updated.isoformat(),
        memory_unit_count=sum(counts.values()),
        nodes_by_fact_type=counts,
        tags=list(document.tags),
        document_metadata=plain(document.metadata),
        retain_params=dict(document.retained),
        observation_scopes=None if scopes is None else json.loads(scopes),
    )


@ROUTER.patch(f"{BANK}/documents/{{document_id}}", operation_id="update_document", response_model=DocumentChanged)
async def update_document(request: Request, bank: Managed, document_id: str, change: DocumentChange) -> DocumentChanged:
    """Give a document other tags, and its memories with it."""
    if change.tags is None:
        raise BadQueryError("There is nothing to change. Give `tags`.")
    await memory_of(request).documents.retag(bank.name, document_id, all_tags("The document", change.tags))
    return DocumentChanged()


@ROUTER.delete(f"{BANK}/documents/{{document_id}}", operation_id="delete_document", response_model=DocumentDeleted)
async def delete_document(request: Request, bank: Forgets, document_id: str) -> DocumentDeleted:
    """Delete a document and all that was made of it, for good."""
    count = await memory_of(request).documents.delete(bank.name, document_id)
    return DocumentDeleted(
        message=f"Document {document_id!r} was deleted, with {count} memories.",
        document_id=document_id,
        memory_units_deleted=count,
    )


@ROUTER.get("/chunks/{chunk_id}", operation_id="get_chunk", response_model=ChunkRow)
async def get_chunk(request: Request, grant: Annotated[Grant, Depends(granted("read"))], chunk_id: str) -> ChunkRow:
    """Return a chunk of a bank that the caller may read."""
    memory = memory_of(request)
    cursor: str | None = None
    while True:
        banks = await memory.banks(cursor=cursor, limit=1000)
        for bank in banks.items:
            shown = grant.shown(bank.name)
            chunk = None if shown is None else await memory.documents.chunk(bank.name, chunk_id)
            if chunk is not None and shown is not None:
                return _chunk(chunk, shown)
        cursor = banks.next
        if cursor is None:
            raise NotFoundError(f"There is no chunk {chunk_id!r}.")


async def _document(memory: MemoryEngine, bank: str, document: str) -> Document:
    found = await memory.documents.get(bank, document)
    if found is None:
        raise NotFoundError(f"There is no document {document!r} in this bank.")
    return found


async def _row(memory: MemoryEngine, asked: str, bank: str, document: Document) -> DocumentRow:
    counts = await memory.documents.memories_of(bank, document.id)
    return DocumentRow(
        id=document.id,
        bank_id=asked,
        content_hash=document.digest,
        created_at=document.created.isoformat(),
        updated_at=document.updated.isoformat(),
        text_length=len(document.text),
        memory_unit_count=sum(counts.values()),
        retain_params=dict(document.retained),
        document_metadata=plain(document.metadata),
        tags=list(document.tags),
    )


def _chunk(chunk: Chunk, asked: str) -> ChunkRow:
    return ChunkRow(
        chunk_id=chunk.id,
        document_id=chunk.document,
        bank_id=asked,
        chunk_index=chunk.place,
        chunk_text=chunk.text,
        created_at=chunk.created.isoformat(),
    )


def _event(document: str, entry: Mapping[str, Any]) -> DocumentEvent:
    kind = _ACTIONS.get(str(entry.get("action")), "retain")
    return DocumentEvent(document_id=document, kind=kind, created_at=entry.get("at"))


def _in_time(document: Document, field: str | None, since: datetime | None, before: datetime | None) -> bool:
    at = document.updated if field == "updated_at" else document.created
    return (since is None or since <= at) and (before is None or at < before)


def _time(text: str | None, name: str) -> datetime | None:
    return parse_time(text, BadQueryError, name) if text else None
