"""Memories over HTTP: listed, looked at, corrected, and forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from fastapi import Query, Request

from duramen.curation import Invalidated
from duramen.engine import MemoryEngine
from duramen.errors import BadQueryError, ConflictError, NotFoundError
from duramen.server.banks import memory_of
from duramen.server.hindsight.listing import Axis, Filters, listed
from duramen.server.hindsight.routing import (
    BANK,
    Body,
    Forgets,
    Limit,
    Match,
    Offset,
    Read,
    Reply,
    Retained,
    Tags,
    router,
)
from duramen.server.hindsight.wire import fields_of, iso, kinds_of_type, result_of, row_of, type_of
from duramen.times import parse_time
from duramen.types import Kind, Memory

ROUTER = router("Memory")

_END = datetime.max.replace(tzinfo=timezone.utc)
_KIND: Mapping[str, Kind] = {"world": "fact", "experience": "experience"}


class Row(Reply):
    """A memory as it is listed; `entities` with commas between them."""

    id: str
    text: str = ""
    context: str = ""
    date: str = ""
    fact_type: str | None = None
    document_id: str | None = None
    mentioned_at: str | None = None
    occurred_start: str | None = None
    occurred_end: str | None = None
    entities: str = ""
    chunk_id: str | None = None
    proof_count: int = 1
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    consolidated_at: str | None = None
    consolidation_failed_at: str | None = None
    state: str = "valid"
    invalidation_reason: str | None = None
    invalidated_at: str | None = None
    edited_at: str | None = None
    updated_at: str | None = None
    source_memory_ids: list[str] | None = None


class Rows(Reply):
    """A page of memories; `total` counts all that fit."""

    items: list[Row]
    total: int
    limit: int
    offset: int


class Deleted(Reply):
    """What was deleted."""

    success: bool = True
    message: str | None = None
    deleted_count: int | None = None


class ObservationsDeleted(Reply):
    """How many observations were deleted."""

    deleted_count: int


class MemoryChange(Body):
    """What is to be changed of a memory; what is not named stays, and a time that is null is taken away."""

    text: str | None = None
    context: str | None = None
    occurred_start: str | None = None
    occurred_end: str | None = None
    mentioned_at: str | None = None
    fact_type: Literal["world", "experience"] | None = None
    entities: list[str] | None = None
    resolve_entities: bool | None = True
    state: Literal["valid", "invalidated"] | None = None
    reason: str | None = None


@ROUTER.get(f"{BANK}/memories/list", operation_id="list_memories", response_model=Rows)
async def list_memories(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    type: str | None = None,
    q: str | None = None,
    consolidation_state: Literal["failed", "pending", "done"] | None = None,
    state: Literal["valid", "invalidated"] | None = None,
    document_id: str | None = None,
    entity_id: str | None = None,
    tags: Tags = None,
    tags_match: Match = "any",
    time_field: Annotated[Axis | None, Query()] = None,
    start_date: str | None = None,
    end_date: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Rows:
    """Page through the memories of a bank, the newest first; with `time_field`, those that have that time, by it."""
    memory = memory_of(request)
    filters = Filters(
        kinds=None if type is None else kinds_of_type(type),
        q=q or None,
        tags=tags,
        tags_match=tags_match,
        document=document_id,
        entity=entity_id,
        axis=time_field,
        since=_time(start_date, "start_date"),
        before=_time(end_date, "end_date"),
    )
    if state == "invalidated":
        gone = [_gone(one) for one in await memory.curation.invalidated(bank.name) if filters.fits(one.memory)]
        return Rows(items=gone[offset : offset + limit], total=len(gone), limit=limit, offset=offset)
    if consolidation_state in ("failed", "pending"):
        return Rows(items=[], total=0, limit=limit, offset=offset)
    found, total = await listed(memory, bank.name, filters, limit, offset)
    return Rows(items=[Row(**row_of(one)) for one in found], total=total, limit=limit, offset=offset)


@ROUTER.get(f"{BANK}/memories/{{memory_id}}", operation_id="get_memory")
async def get_memory(request: Request, bank: Read, memory_id: str) -> dict[str, Any]:
    """Return a memory, also one that was invalidated."""
    memory = memory_of(request)
    found = await memory.views.get(bank.name, memory_id)
    if found is not None:
        shown = _shown(found)
        if found.strategy is not None:
            sources = await memory.observations.sources(bank.name, memory_id)
            shown["source_memory_ids"] = [one.id for one in sources]
            shown["source_memories"] = [result_of(one) for one in sources]
        return shown
    for one in await memory.curation.invalidated(bank.name):
        if one.memory.id == memory_id:
            return {
                **_shown(one.memory),
                "state": "invalidated",
                "invalidation_reason": one.reason or None,
                "invalidated_at": iso(one.at),
            }
    raise NotFoundError(f"There is no memory {memory_id!r} in this bank.")


@ROUTER.patch(f"{BANK}/memories/{{memory_id}}", operation_id="update_memory")
async def update_memory(request: Request, bank: Retained, memory_id: str, change: MemoryChange) -> dict[str, Any]:
    """Correct a memory, or say that it does not hold, or that it does after all. Observations cannot be corrected."""
    memory = memory_of(request)
    if change.mentioned_at is not None:
        raise ConflictError("When something was said is not changed. Retain it anew with its timestamp.")
    edited = change.named("text", "context", "entities", "fact_type", "occurred_start", "occurred_end")
    done: Memory | None = None
    if change.state == "valid":
        done = await memory.curation.restore(bank.name, memory_id)
    if any(value is not None for value in edited.values()) or "occurred_start" in edited or "occurred_end" in edited:
        done = await memory.curation.edit(
            bank.name,
            memory_id,
            text=change.text,
            context=change.context,
            entities=change.entities,
            kind=None if change.fact_type is None else _KIND[change.fact_type],
            occurred=_occurred(change),
        )
    if change.state == "invalidated":
        done = await memory.curation.invalidate(bank.name, memory_id, reason=change.reason or "")
        return {**_shown(done), "state": "invalidated", "invalidation_reason": change.reason}
    if done is None:
        raise BadQueryError("There is nothing to change. Name text, context, entities, fact_type, a time or state.")
    return _shown(done)


@ROUTER.delete(f"{BANK}/memories/{{memory_id}}", operation_id="delete_memory", response_model=Deleted)
async def delete_memory(request: Request, bank: Forgets, memory_id: str) -> Deleted:
    """Delete a memory for good, with the words that it was made from and all else that was made of those.

    Hindsight has no such route: there a memory can only be invalidated, and its text stays.
    """
    forgotten = await memory_of(request).forget(bank.name, memory=memory_id)
    if not forgotten.events and not forgotten.memories:
        raise NotFoundError(f"There is no memory {memory_id!r} in this bank.")
    return Deleted(message=f"Deleted {forgotten.memories} memories.", deleted_count=forgotten.memories)


@ROUTER.get(f"{BANK}/memories/{{memory_id}}/history", operation_id="get_observation_history")
async def get_history(request: Request, bank: Read, memory_id: str) -> list[dict[str, Any]]:
    """Return what became of a memory, the newest change first."""
    history = await memory_of(request).curation.history(bank.name, memory_id)
    return [_changed(one) for one in reversed(history)]


@ROUTER.delete(
    f"{BANK}/memories/{{memory_id}}/observations",
    operation_id="clear_memory_observations",
    response_model=ObservationsDeleted,
)
async def clear_memory_observations(request: Request, bank: Forgets, memory_id: str) -> ObservationsDeleted:
    """Delete the observations that rest on a memory."""
    memory = memory_of(request)
    return ObservationsDeleted(deleted_count=await memory.observations.clear_of(bank.name, memory_id))


@ROUTER.delete(f"{BANK}/memories", operation_id="clear_bank_memories", response_model=Deleted)
async def clear_memories(request: Request, bank: Forgets, type: str | None = None) -> Deleted:
    """Delete what a bank remembers, of one type or all of it; its profile stays."""
    memory = memory_of(request)
    if type is None:
        count = await _cleared(memory, bank.name)
    elif type == "observation":
        count = await memory.observations.clear(bank.name)
    else:
        count = 0
        found, _ = await listed(memory, bank.name, Filters(kinds=kinds_of_type(type)), 100_000, 0)
        for one in found:
            count += (await memory.forget(bank.name, memory=one.id)).memories
    return Deleted(message=f"Deleted {count} memories.", deleted_count=count)


async def _cleared(memory: MemoryEngine, bank: str) -> int:
    count = 0
    while True:
        documents, _ = await memory.documents.list(bank, limit=100)
        if not documents:
            break
        for document in documents:
            count += await memory.documents.delete(bank, document.id)
    return count + (await memory.forget(bank, before=_END)).memories


def _shown(memory: Memory) -> dict[str, Any]:
    return {
        **fields_of(memory),
        "type": type_of(memory.kind),
        "fact_type": type_of(memory.kind),
        "date": (memory.occurred.start if memory.occurred else memory.mentioned).isoformat(),
        "entities": list(memory.entities),
        "state": "valid",
        "history": [],
        "created_at": iso(memory.stored),
        "superseded_at": iso(memory.superseded),
    }


def _gone(one: Invalidated) -> Row:
    gone = {"state": "invalidated", "invalidation_reason": one.reason or None, "invalidated_at": iso(one.at)}
    return Row(**{**row_of(one.memory), **gone})


def _changed(entry: Mapping[str, Any]) -> dict[str, Any]:
    before = entry.get("before") or {}
    start, end = before.get("occurred") or (None, None)
    return {
        "changed_at": entry.get("at"),
        "action": entry.get("action"),
        "reason": entry.get("reason") or None,
        "previous_text": before.get("text"),
        "previous_tags": before.get("tags") or [],
        "previous_occurred_start": start,
        "previous_occurred_end": end,
        "previous_mentioned_at": before.get("mentioned"),
        "new_source_memory_ids": before.get("sources") or [],
    }


def _occurred(change: MemoryChange) -> tuple[datetime | None, datetime | None] | None:
    if not change.named("occurred_start", "occurred_end"):
        return None
    return _time(change.occurred_start, "occurred_start"), _time(change.occurred_end, "occurred_end")


def _time(text: str | None, name: str) -> datetime | None:
    return parse_time(text, BadQueryError, name) if text else None
