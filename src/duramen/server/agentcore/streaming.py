"""Streams of records: what AWS puts into Kinesis comes as server-sent events, or by POST to an address."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from weakref import WeakSet

import httpx
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from duramen.engine import MemoryEngine
from duramen.records.stream import Level, Told
from duramen.server.agentcore.failing import WireError, failed, invalid
from duramen.server.agentcore.kept import KeptMemory, load
from duramen.server.agentcore.metadata import written_metadata
from duramen.server.agentcore.serving import gone, memory_id
from duramen.server.banks import declares, doing, grant_of, memory_of
from duramen.shelf import Put
from duramen.strategies.resources import bank_of_resource
from duramen.tasks.task import Report, Task

DELIVER = "agentcore.records"
"""The type of the tasks that deliver events."""

_EVENTS = {
    "created": "MemoryRecordCreated",
    "updated": "MemoryRecordUpdated",
    "deleted": "MemoryRecordDeleted",
}
_SENT = ("duramen.agentcore.sent",)
_PAGE = 100
_LOOK_SECONDS = 0.25
_SIGN_OF_LIFE = 15.0
_PLACE = uuid.UUID("0b0f4b0c-6a0e-4d0f-9c55-7e3e54a6b5a1")


@asynccontextmanager
async def _delivering(app: FastAPI) -> AsyncIterator[None]:
    """Deliver the events of the memory that `app` serves, if its settings say where to."""
    engine, url = app.state.memory, app.state.settings.record_stream_url
    if url is not None and engine not in _begun:
        _begun.add(engine)
        Delivering(engine, url).begin()
    yield


_begun: WeakSet[MemoryEngine] = WeakSet()

ROUTER = APIRouter(tags=["AgentCore"], lifespan=_delivering)


async def follow(engine: MemoryEngine, kept: KeptMemory) -> None:
    """Let the records of a memory be streamed as `streamDeliveryResources` of it says, or not."""
    resources = kept.said.get("streamDeliveryResources", {}).get("resources", ())
    levels = [
        one.get("level", "METADATA_ONLY") for each in resources for one in each["kinesis"]["contentConfigurations"]
    ]
    level: Level | None = levels[0] if levels else None
    if level != await engine.record_stream.level(kept.resource):
        await engine.record_stream.follow(kept.resource, level)


@ROUTER.get(
    "/memories/{memoryId}/recordStream", operation_id="StreamMemoryRecords", dependencies=[Depends(declares("read"))]
)
async def stream(
    request: Request,
    memoryId: str,  # noqa: N803  as the service model calls it
    after: Annotated[int | None, Query(ge=0, description="The number of the last event that was seen.")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Send what becomes of the records of a memory, as server-sent events, for as long as the caller listens.

    Without `after`, or the header `Last-Event-ID`, only what happens from now on. Events are kept for 7 days.
    """
    engine, id = memory_of(request), memory_id(memoryId)
    resource = grant_of(request).bank(id, "read")
    try:
        async with doing(request, "read", resource):
            kept = await load(engine, resource)
            if kept is None:
                raise gone(id)
            level = await engine.record_stream.level(resource)
            if level is None:
                raise invalid("This memory has no streamDeliveryResources. Give it some with UpdateMemory.")
            if after is None and last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
                after = int(last_event_id)
            begin = await engine.record_stream.last(resource) if after is None else after
    except WireError as error:
        return failed(error)
    return StreamingResponse(_sent(engine, kept, level, begin), media_type="text/event-stream")


async def _sent(engine: MemoryEngine, kept: KeptMemory, level: Level, after: int) -> AsyncIterator[str]:
    yield _line("StreamingEnabled", after, {"eventType": "StreamingEnabled", "memoryId": kept.id})
    quiet = 0.0
    while not engine.closed:
        events = await engine.record_stream.events(kept.resource, after=after, limit=_PAGE)
        for told in events:
            body = await event_of(engine, kept, told, level)
            yield _line(body["memoryStreamEvent"]["eventType"], told.number, body["memoryStreamEvent"])
            after = told.number
        quiet = 0.0 if events else quiet + _LOOK_SECONDS
        if quiet >= _SIGN_OF_LIFE:
            quiet = 0.0
            yield ": still there\n\n"
        if not events:
            await asyncio.sleep(_LOOK_SECONDS)


def _line(name: str, number: int, event: Mapping[str, Any]) -> str:
    data = json.dumps({"memoryStreamEvent": event}, default=_written)
    return f"id: {number}\nevent: {name}\ndata: {data}\n\n"


def _written(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def event_of(engine: MemoryEngine, kept: KeptMemory, told: Told, level: Level) -> dict[str, Any]:
    """Return an event as it is handed on. What it tells of the record is as the record is now; nothing if it is gone."""
    event: dict[str, Any] = {
        "eventType": _EVENTS[told.happened],
        "eventTime": _written(told.at),
        "memoryId": kept.id,
        "memoryRecordId": told.id,
        "namespaces": [told.namespace] if told.namespace else [],
        "memoryStrategyId": told.strategy,
    }
    record = await engine.record_stream.record(told) if told.happened != "deleted" else None
    if record is not None:
        event["createdAt"] = record.created.timestamp()
        event["metadata"] = written_metadata(record.metadata) or {}
        if level == "FULL_CONTENT":
            event["memoryRecordText"] = record.text
    return {"memoryStreamEvent": event}


class Delivering:
    """Posts the events of all memories that are streamed to one address, in order, each at least once.

    Args:
        engine: The memory behind the server.
        url: Where to.
    """

    def __init__(self, engine: MemoryEngine, url: str) -> None:
        self._engine = engine
        self._url = url

    def begin(self) -> None:
        """Deliver from now on, in this process and every other that begins."""
        self._engine.tasks.register(
            DELIVER, self._deliver, attempts=10, backoff_seconds=(1, 5, 30, 300, 1800), waits=True
        )
        self._engine.record_stream.after_events(self._wanted)

    async def _wanted(self, resource: str) -> None:
        last = await self._engine.record_stream.last(resource)
        bank = bank_of_resource(resource, None, shared=True)
        task = str(uuid.uuid5(_PLACE, f"{resource} {last}"))
        await self._engine.tasks.submit(bank, DELIVER, {"resource": resource}, id=task, hidden=True, lane=DELIVER)

    async def _deliver(self, task: Task, report: Report) -> Mapping[str, Any]:
        engine, resource = self._engine, str(task.payload["resource"])
        kept, level = await load(engine, resource), await engine.record_stream.level(resource)
        sent = 0
        if kept is None or level is None:
            return {"sent": sent}
        (entry,) = await engine.shelf.get([(_SENT, resource)])
        after = 0 if entry is None else int(entry.value)
        async with httpx.AsyncClient(timeout=30) as client:
            while events := await engine.record_stream.events(resource, after=after, limit=_PAGE):
                for told in events:
                    body = json.dumps(await event_of(engine, kept, told, level), default=_written)
                    answer = await client.post(self._url, content=body, headers={"Content-Type": "application/json"})
                    answer.raise_for_status()
                    after, sent = told.number, sent + 1
                    await engine.shelf.write([Put(path=_SENT, key=resource, value=str(after).encode())])
                await report.progress("sending", sent)
        return {"sent": sent}
