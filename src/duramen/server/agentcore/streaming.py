"""Streams of records: what AWS puts into Kinesis comes as server-sent events, or by POST to an address."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
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
from duramen.errors import DuramenError
from duramen.records.stream import Level, Told
from duramen.server.agentcore.contents import content_of
from duramen.server.agentcore.failing import WireError, failed, invalid, wire_error
from duramen.server.agentcore.kept import KeptMemory, load
from duramen.server.agentcore.metadata import written_metadata
from duramen.server.agentcore.serving import gone, memory_id
from duramen.server.banks import declares, doing, grant_of, is_still_let_in, memory_of
from duramen.server.draining import DRAINING, Draining
from duramen.shelf import Put
from duramen.strategies.resources import bank_of_resource
from duramen.tasks.task import Report, Task
from duramen.times import utc_now

_log = logging.getLogger(__name__)

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
_LONGEST_SECONDS = 3600.0
_NUMBER = re.compile(r"[0-9]{1,20}")
_AROUND_SECONDS = 3600.0
_PLACE = uuid.UUID("0b0f4b0c-6a0e-4d0f-9c55-7e3e54a6b5a1")


@asynccontextmanager
async def _delivering(app: FastAPI) -> AsyncIterator[None]:
    """Deliver the events of the memory that `app` serves, if its settings say where to."""
    engine, url = app.state.memory, app.state.settings.record_stream_url
    if engine in _begun:
        yield
        return
    _begun.add(engine)
    delivering = None if url is None else Delivering(engine, url)
    if delivering is not None:
        delivering.begin()
    looking = asyncio.create_task(_looking_around(engine, delivering))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _looking_around(engine: MemoryEngine, delivering: Delivering | None) -> None:
    """Find what nobody noticed: what became of records just before a process ended, and those whose time is over."""
    while True:
        try:
            await engine.record_stream.look_around()
            if delivering is not None:
                await delivering.catch_up()
        except DuramenError as error:
            _log.warning("What became of records was not looked for: %s", type(error).__name__)
        await asyncio.sleep(_AROUND_SECONDS)


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

    Without `after`, or the header `Last-Event-ID`, only what happens from now on. Events are kept for 7 days. It ends after
    an hour, when the memory is streamed no more, when the caller's key is good no more, and when the server ends; whoever
    comes back with `Last-Event-ID` misses nothing.
    """
    engine, id = memory_of(request), memory_id(memoryId)
    try:
        resource = grant_of(request).bank(id, "read")
        async with doing(request, "read", resource):
            kept = await load(engine, resource)
            if kept is None:
                raise gone(id)
            if await engine.record_stream.level(resource) is None:
                raise invalid("This memory has no streamDeliveryResources. Give it some with UpdateMemory.")
            if after is None and last_event_id is not None and _NUMBER.fullmatch(last_event_id):
                after = int(last_event_id)
            begin = await engine.record_stream.last(resource) if after is None else after
    except WireError as error:
        return failed(error)
    except DuramenError as error:
        known = wire_error(error)
        if known is None:
            raise
        return failed(known)
    return StreamingResponse(
        _sent(request, kept, begin), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _sent(request: Request, kept: KeptMemory, after: int) -> AsyncIterator[str]:
    engine, began = memory_of(request), time.monotonic()
    alive = min(_SIGN_OF_LIFE, request.app.state.settings.request_seconds / 3)
    yield _line("StreamingEnabled", after, {"eventType": "StreamingEnabled", "memoryId": kept.id})
    last = time.monotonic()
    while not _over(request, began):
        events = await engine.record_stream.events(kept.resource, after=after, limit=_PAGE)
        for told in events:
            level = await _level(request, kept)
            if level is None:
                return
            body = await event_of(engine, kept, told, level)
            yield _line(body["memoryStreamEvent"]["eventType"], told.number, body["memoryStreamEvent"])
            after, last = told.number, time.monotonic()
        if time.monotonic() - last >= alive:
            if await _level(request, kept) is None:
                return
            yield ": still there\n\n"
            last = time.monotonic()
        if not events:
            await asyncio.sleep(min(_LOOK_SECONDS, alive))


async def _level(request: Request, kept: KeptMemory) -> Level | None:
    """Return what the caller may see of each record now; None if nothing any more."""
    if not await is_still_let_in(request):
        return None
    return await memory_of(request).record_stream.level(kept.resource)


def _over(request: Request, began: float) -> bool:
    """Whether a stream ends: the server does, or it is time to ask again whether the caller may listen."""
    draining = getattr(request.state, DRAINING, None)
    ending = isinstance(draining, Draining) and draining.begun
    return ending or memory_of(request).closed or time.monotonic() - began >= _LONGEST_SECONDS


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
            event["memoryRecordText"] = content_of(record)
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
            DELIVER, self._deliver, attempts=10, backoff_seconds=(1, 5, 30, 300, 1800), lease_seconds=10, waits=True
        )
        self._engine.record_stream.after_events(self._wanted)

    async def catch_up(self) -> None:
        """Deliver what was not when the process that was to do it ended, or gave up."""
        stream = self._engine.record_stream
        for resource in await stream.followed():
            if await self._sent(resource) < await stream.last(resource):
                await self._wanted(resource, again=utc_now().strftime("%Y%m%d%H"))

    async def _sent(self, resource: str) -> int:
        """Return the number of the last event of a resource that was delivered."""
        (entry,) = await self._engine.shelf.get([(_SENT, resource)])
        return 0 if entry is None else int(entry.value)

    async def _wanted(self, resource: str, *, again: str = "") -> None:
        last = await self._engine.record_stream.last(resource)
        bank = bank_of_resource(resource, None, shared=True)
        task = str(uuid.uuid5(_PLACE, f"{resource} {last} {again}"))
        await self._engine.tasks.submit(bank, DELIVER, {"resource": resource}, id=task, hidden=True, lane=DELIVER)

    async def _deliver(self, task: Task, report: Report) -> Mapping[str, Any]:
        engine, resource = self._engine, str(task.payload["resource"])
        kept, level = await load(engine, resource), await engine.record_stream.level(resource)
        sent = 0
        if kept is None or level is None:
            return {"sent": sent}
        after = await self._sent(resource)
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
