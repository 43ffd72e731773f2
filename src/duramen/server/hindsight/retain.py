"""Retaining over HTTP: at once, or as an operation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from fastapi import Request

from duramen.documents.source import Source
from duramen.engine import MemoryEngine
from duramen.errors import BadContentError, ConflictError
from duramen.server.banks import AskedBank, Refused, memory_of
from duramen.server.hindsight.handlers import ATTEMPTS, RETAIN, chunk_size, retained_events
from duramen.server.hindsight.retaining import RetainReply, RetainRequest, TokenUsage, check, sources_of
from duramen.server.hindsight.routing import BANK, Retained, router
from duramen.tasks.content import Content
from duramen.tasks.task import Task

ROUTER = router("Memory")

WAIT_SECONDS = 240.0
"""How long a request waits for an operation that it wants done at once."""


@ROUTER.post(f"{BANK}/memories", operation_id="retain_memories", response_model=RetainReply)
async def retain(request: Request, bank: Retained, asked: RetainRequest) -> RetainReply:
    """Keep what is sent; when this returns it is on disk, and a recall waits a moment for it.

    With `async` it is an operation, which is on disk as well, and is done in a while. An `operation_id` makes either of
    them one thing, however often it is sent.
    """
    memory = memory_of(request)
    sources = sources_of(asked.items, asked.document_tags)
    reply = RetainReply(bank_id=bank.asked, items_count=len(sources), async_=bool(asked.async_))
    if not asked.async_ and asked.operation_id is None:
        await memory.portal.run(_kept(memory, bank, sources))
        return reply.model_copy(update={"usage": TokenUsage()})
    content = await asyncio.to_thread(check, bank.name, sources)
    task = await _submitted(memory, bank, asked, content)
    if asked.async_:
        return reply.model_copy(update={"operation_id": task.id, "operation_ids": [task.id]})
    await _done(memory, task)
    return reply.model_copy(update={"operation_id": task.id, "usage": TokenUsage()})


async def _kept(memory: MemoryEngine, bank: AskedBank, sources: Sequence[Source]) -> None:
    """Keep `sources`. On the engine's own loop."""
    told = await retained_events(memory, bank.name, sources, shown=bank.asked)
    size = await chunk_size(memory, bank.name)
    await memory.documents.retain(bank.name, sources, shelved=told, chunk_characters=size)
    if told:
        memory.tasks.wake()


async def _submitted(memory: MemoryEngine, bank: AskedBank, asked: RetainRequest, content: Content) -> Task:
    payload = {
        "items": [item.model_dump(mode="json", exclude_unset=True) for item in asked.items],
        "document_tags": asked.document_tags,
        "bank_id": bank.asked,
    }
    id = None if asked.operation_id is None else _uuid(asked.operation_id)
    return await memory.tasks.submit(bank.name, RETAIN, payload, id=id, total=len(asked.items), content=content)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise BadContentError(f"`operation_id` is {text[:100]!r}. Give a UUID. Nothing was retained.") from None


async def _done(memory: MemoryEngine, task: Task) -> None:
    if task.state == "failed":  # from an earlier sending; this one wants it done
        task = await memory.tasks.retry(task.bank, task.id)
    ended = await memory.tasks.wait(task.bank, task.id, seconds=WAIT_SECONDS)
    if ended.state in ("pending", "processing"):
        raise Refused(504, f"It is kept as operation {task.id}, and is not done yet. Ask for that operation.")
    if ended.state == "cancelled":
        raise ConflictError(f"Operation {task.id} was cancelled. Send it with another id. Nothing was retained.")
    if ended.state != "completed" and ended.attempts < ATTEMPTS:  # given up at once: it will not be better
        raise BadContentError(f"Operation {task.id} {ended.state}: {ended.reason}")
    if ended.state != "completed":
        raise Refused(500, f"Operation {task.id} {ended.state}: {ended.reason}")
