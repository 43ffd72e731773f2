"""Takes what is retained to the server, in order and in requests of a bounded size."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from duramen.client.names import document_of, safe, segment
from duramen.client.transport import Transport
from duramen.client.wire import Outgoing
from duramen.errors import NotFoundError

MOST_ITEMS = 100
"""Items of one request."""

MOST_BYTES = 1_000_000
"""Bytes of one request; a longer item goes alone."""

_TRIMMING = 8  # requests at once

BANKS = "/v1/default/banks"


class Courier:
    """Knows how a server is written to.

    Args:
        transport: The way there.
        background: Whether the server may acknowledge what it has queued, instead of what it has worked through.
    """

    def __init__(self, transport: Transport, *, background: bool = False) -> None:
        self.transport = transport
        self.ours = False
        self._background = background
        self._version: Mapping[str, Any] | None = None
        self._asking = asyncio.Lock()
        self.operations: dict[str, set[str]] = {}

    async def learn(self) -> Mapping[str, Any]:
        """Return what the server says of itself; asked once."""
        async with self._asking:
            if self._version is None:
                try:
                    said = await self.transport.ask("GET", "/version")
                except NotFoundError:
                    said = {}
                self._version = said if isinstance(said, Mapping) else {}
                self.ours = "duramen" in self._version or "duramen" in str(self._version.get("api_version"))
        return self._version

    async def path(self, bank: str, *rest: str) -> str:
        """Return the path of what belongs to `bank`."""
        await self.learn()
        name = bank if self.ours else safe(bank)
        return "/".join((BANKS, segment(name), *map(segment, rest)))

    async def deliver(self, bank: str, sent: Sequence[Outgoing], told: Callable[[int], None]) -> None:
        """Send all of it, in order; call `told` with how many items are there, after each request.

        Raises:
            StoreUnavailableError: The server is away. What was told of is there; the rest may be sent again.
            BadInputError: The server does not take one of a request.
        """
        done = 0
        for part in parts_of(sent):
            if part[0].item is None:
                await self.trim(bank, part)
            else:
                await self.post(bank, [one.item for one in part if one.item is not None])
                done += len(part)
                told(done)

    async def post(self, bank: str, items: Sequence[Mapping[str, Any]], *, operation: str | None = None) -> None:
        """Send items in one request; a server of ours does what has the id of an `operation` once, however often sent."""
        await self.learn()
        body: dict[str, Any] = {"items": items, "async": self._background}
        if self._background or (operation is not None and self.ours):
            # Not of the content: what was forgotten may be retained again, and is no repetition then.
            body["operation_id"] = operation or str(uuid.uuid4())
        reply = await self.transport.ask("POST", await self.path(bank, "memories"), body=body, patient=True)
        if self._background and isinstance(reply, Mapping):
            started = [reply.get("operation_id"), *(reply.get("operation_ids") or ())]
            self.operations.setdefault(bank, set()).update(str(one) for one in started if one)

    async def trim(self, bank: str, trims: Sequence[Outgoing]) -> None:
        """Delete the documents of what items were before and are no more."""
        for start in range(0, len(trims), _TRIMMING):
            some = trims[start : start + _TRIMMING]
            await asyncio.gather(*(self.delete(bank, str(one.trim), one.beyond) for one in some))

    async def delete(self, bank: str, key: str, position: int = 0) -> tuple[int, int]:
        """Delete the documents of the events of an item from `position` on; return how many, and of how many memories."""
        documents = memories = 0
        while True:
            try:
                memories += await self.delete_document(bank, document_of(key, position))
            except NotFoundError:
                return documents, memories
            documents += 1
            position += 1

    async def delete_document(self, bank: str, document: str) -> int:
        """Delete a document; return of how many memories it was.

        Raises:
            NotFoundError: There is none.
        """
        reply = await self.transport.ask("DELETE", await self.path(bank, "documents", document))
        return int((reply or {}).get("memory_units_deleted") or 0)


def parts_of(sent: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield requests: items together up to the bounds, and trims together, in order."""
    part: list[Outgoing] = []
    size = 0
    for one in sent:
        length = len(json.dumps(one.item)) if one.item is not None else 0
        full = len(part) == MOST_ITEMS or (part and size + length > MOST_BYTES)
        if part and (full or (part[0].item is None) != (one.item is None)):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part
