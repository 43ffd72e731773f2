"""Extraction jobs: what strategies could not make memories of, and their next attempt."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from duramen.ledger import Job
from duramen.naming import event_id
from duramen.records import homes
from duramen.server.agentcore import kept
from duramen.server.agentcore.failing import missing
from duramen.server.agentcore.listings import USUAL, told_as_token
from duramen.server.agentcore.serving import Call, serves
from duramen.server.agentcore.tokens import once
from duramen.sessions.places import cursor_of, digest, place_in
from duramen.sessions.spoken import spoken_places
from duramen.strategies.resources import bank_of_resource

_AT_ONCE = 1000
_TOGETHER = 16
_PREFIX = "job-"
_FAILED = "FAILED"
_MOST = 100  # messages of one event


@dataclass(frozen=True, slots=True, order=True)
class _Name:
    """What a job is about: all that a strategy failed to work through of one session."""

    actor: str
    session: str
    strategy: str

    @property
    def id(self) -> str:
        """Its id, from which it can be told again."""
        told = json.dumps([self.actor, self.session, self.strategy]).encode()
        return _PREFIX + base64.urlsafe_b64encode(told).decode().rstrip("=")


@dataclass(slots=True)
class _Failed:
    """What failed, in the order in which it came."""

    name: _Name
    jobs: list[Job] = field(default_factory=list)


@serves("ListMemoryExtractionJobs", "read")
async def list_jobs(call: Call) -> Mapping[str, Any]:
    """Page through what failed: for each actor, session and strategy one job."""
    await kept.called(call)
    limit, asked = call.params.get("maxResults", USUAL), call.params.get("filter", {})
    listing = digest("agentcore.jobs", call.resource, asked)
    with told_as_token():
        token = place_in(call.params.get("nextToken"), listing)
    after = None if token is None else _read(token)
    found: list[_Failed] = []
    async for one in _failed(call, asked, after):
        found.append(one)
        if len(found) > limit:
            break
    told = [await _told(call, one) for one in found[:limit]]
    return {"jobs": told, "nextToken": cursor_of(listing, found[limit - 1].name.id) if len(found) > limit else None}


@serves("StartMemoryExtractionJob", "retain")
async def start_job(call: Call) -> Mapping[str, Any]:
    """Let a strategy try again what failed, with all else that it failed to work through for the actor."""
    await kept.called(call)
    job = call.params["extractionJob"]["jobId"]

    async def started() -> Mapping[str, Any]:
        name = _read(job)
        if name is None or not await _of_actor(call, name.actor, name.strategy, name.session):
            raise missing(f"Extraction job not found, or it did not fail: {job}")
        await call.engine.retry_jobs(bank_of_resource(call.resource, name.actor), strategy=name.strategy)
        return {"jobId": job}

    return await once(call, "StartMemoryExtractionJob", started)


async def _failed(call: Call, asked: Mapping[str, str], after: _Name | None) -> AsyncIterator[_Failed]:
    async for actors in _actors(call, asked.get("actorId"), after):
        for jobs in await asyncio.gather(
            *(_of_actor(call, actor, asked.get("strategyId"), asked.get("sessionId")) for actor in actors)
        ):
            for name in sorted(jobs):
                if after is None or name > after:
                    yield jobs[name]


async def _actors(call: Call, only: str | None, after: _Name | None) -> AsyncIterator[list[str]]:
    """Go through the actors that may have failed jobs, a few at a time, from that of `after` on."""
    if (await call.engine.status()).jobs_failed == 0:
        return
    if only is not None:
        yield [only]
        return
    last = None if after is None else after.actor
    if last is not None:
        yield [last]
    while True:
        some = await homes.actors(call.engine.shelf, call.resource, after=last, limit=_AT_ONCE)
        for place in range(0, len(some), _TOGETHER):
            yield some[place : place + _TOGETHER]
        if len(some) < _AT_ONCE:
            return
        last = some[-1]


async def _of_actor(call: Call, actor: str, strategy: str | None, session: str | None) -> dict[_Name, _Failed]:
    found: dict[_Name, _Failed] = {}
    bank, cursor = bank_of_resource(call.resource, actor), None
    while True:
        page = await call.engine.jobs(bank, strategy=strategy, state="failed", cursor=cursor, limit=_AT_ONCE)
        for job in page.items:
            if session in (None, job.session):
                name = _Name(actor, job.session or "", job.strategy)
                found.setdefault(name, _Failed(name)).jobs.append(job)
        cursor = page.next
        if cursor is None:
            return found


async def _told(call: Call, failed: _Failed) -> dict[str, Any]:
    places: dict[str, Mapping[str, int]] = {}
    for key in dict.fromkeys(job.key for job in failed.jobs):
        places[key] = await _places(call, failed.name, key)
    messages = [{"eventId": job.key, "messageIndex": places[job.key].get(job.event, 0)} for job in failed.jobs]
    return {
        "jobID": failed.name.id,
        "messages": {"messagesList": messages},
        "status": _FAILED,
        "failureReason": failed.jobs[-1].reason,
        "strategyId": failed.name.strategy,
        "sessionId": failed.name.session or None,
        "actorId": failed.name.actor,
    }


async def _places(call: Call, name: _Name, key: str) -> Mapping[str, int]:
    """Return where in the payload of an event each message is that is remembered, by the id it has in its bank."""
    event = None
    if name.session:
        event = await call.engine.sessions.get(
            bank_of_resource(call.resource, name.actor), name.actor, name.session, key
        )
    places = range(_MOST) if event is None else spoken_places(event.payload)
    return {event_id(key, position): place for position, place in enumerate(places)}


def _read(id: str) -> _Name | None:
    """Return what an id of a job names; None if it is none."""
    told = id.removeprefix(_PREFIX)
    try:
        parts = json.loads(base64.b64decode(told + "=" * (-len(told) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    fits = isinstance(parts, list) and len(parts) == 3 and all(isinstance(part, str) for part in parts)
    name = _Name(*parts) if fits else None
    return name if name is not None and name.id == id and name.actor.strip() else None
