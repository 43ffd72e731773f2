"""What is done as operations of the server: the handlers of its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duramen.documents.chunking import LEAST, MOST
from duramen.documents.source import Source
from duramen.engine import MemoryEngine
from duramen.errors import BadContentError
from duramen.server.hindsight.moving import Movers
from duramen.server.hindsight.retaining import RetainItem, sources_of
from duramen.shelf import Change
from duramen.tasks.errors import PermanentError
from duramen.tasks.task import Report, Task

RETAIN = "retain"
REPROCESS = "reprocess_document"
RETAINED = "retain.completed"

ATTEMPTS = 3
"""How often it is tried to retain what an operation was given."""

LEASE_SECONDS = 15.0
"""How long what is retained by operations in a bank waits when the process that was at one of them has died."""


class Handlers:
    """Does the tasks that this server submits, in whichever process comes to them."""

    def __init__(self, memory: MemoryEngine) -> None:
        self._memory = memory

    def register(self) -> None:
        """Let the tasks of this engine be done here."""
        self._memory.tasks.register(
            RETAIN, self.retain, attempts=ATTEMPTS, drops=("items",), lease_seconds=LEASE_SECONDS
        )
        self._memory.tasks.register(REPROCESS, self.reprocess)
        Movers(self._memory).register()

    async def retain(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Retain the items of a request; that it is done is written with them, so that it is done once."""
        items = [RetainItem.model_validate(item) for item in task.payload["items"]]
        sources = sources_of(items, task.payload.get("document_tags"), now=task.created)
        result = {"items_count": len(items), "document_ids": [one.document for one in sources if one.document]}
        told = await retained_events(
            self._memory, task.bank, sources, operation=task.id, shown=task.payload.get("bank_id")
        )
        size = await chunk_size(self._memory, task.bank)
        shelved = [*report.finishing(result), *told]
        try:
            await self._memory.documents.retain(task.bank, sources, shelved=shelved, chunk_characters=size)
        except BadContentError as error:
            raise PermanentError(str(error)) from error  # it will not be better when it is tried again
        return result

    async def reprocess(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Make the memories of a document anew; doing that twice is no harm."""
        done = await self._memory.documents.reprocess(task.bank, str(task.payload["document_id"]))
        return {"items_count": len(done.events)}


async def chunk_size(memory: MemoryEngine, bank: str) -> int:
    """Return how many characters a chunk of `bank` has at most."""
    size = (await memory.profiles.resolved(bank))["retain_chunk_size"]
    return max(LEAST, min(MOST, int(size)))


async def retained_events(
    memory: MemoryEngine,
    bank: str,
    sources: Sequence[Source],
    *,
    operation: str | None = None,
    shown: str | None = None,
) -> list[Change]:
    """Return what tells webhooks that `sources` were retained in `bank`, which those outside know as `shown`.

    It is for the transaction in which they are.
    """
    hooks, _ = await memory.webhooks.list(bank, limit=1000)
    if not any(hook.enabled and RETAINED in hook.events for hook in hooks):
        return []
    told: list[Change] = []
    for source in sources:
        data = {"document_id": source.document, "tags": list(source.tags)}
        told += await memory.webhooks.firing(bank, RETAINED, data, operation=operation, shown=shown)
    return told
