"""Listings of events, sessions and actors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from duramen.records import homes
from duramen.server.agentcore import kept
from duramen.server.agentcore.failing import Field, invalid
from duramen.server.agentcore.payloads import shown
from duramen.server.agentcore.serving import Call, serves
from duramen.sessions.events import SessionEvent, Where
from duramen.sessions.places import BEHIND_ALL, EVENTS, BadCursorError, cursor_of, digest, place_in
from duramen.shelf import Place
from duramen.strategies.resources import bank_of_resource

USUAL = 20
"""How many are on a page if nothing is said."""


@serves("ListEvents", "read")
async def list_events(call: Call) -> Mapping[str, Any]:
    """Page through the events of a session, newest first; those of one millisecond in reverse order of arrival."""
    await kept.called(call)
    given, asked = call.params, call.params.get("filter", {})
    branch, actor, session = asked.get("branch", {}), given["actorId"], given["sessionId"]
    bank = bank_of_resource(call.resource, actor)
    conditions = _conditions(asked.get("eventMetadata", ()))
    with told_as_token():
        page = await call.engine.sessions.events(
            bank,
            actor,
            session,
            branch=branch.get("name"),
            parents=branch.get("includeParentBranches", False),
            metadata=conditions,
            cursor=given.get("nextToken"),
            limit=given.get("maxResults", USUAL),
        )
    roots = await _roots(call, page.items)
    payloads = given.get("includePayloads", True)
    events = [
        shown(given["memoryId"], event, root=roots.get(event.branch or ""), payload=payloads) for event in page.items
    ]
    return {"events": events, "nextToken": page.next}


@serves("ListSessions", "read")
async def list_sessions(call: Call) -> Mapping[str, Any]:
    """Page through the sessions of an actor, by their ids. One without events is no session here, filter or not."""
    await kept.called(call)
    given = call.params
    with told_as_token():
        page = await call.engine.sessions.sessions(
            bank_of_resource(call.resource, given["actorId"]),
            given["actorId"],
            cursor=given.get("nextToken"),
            limit=given.get("maxResults", USUAL),
        )
    summaries = [{"sessionId": one.session, "actorId": one.actor, "createdAt": one.created} for one in page.items]
    return {"sessionSummaries": summaries, "nextToken": page.next}


@serves("ListActors", "read")
async def list_actors(call: Call) -> Mapping[str, Any]:
    """Page through the actors that have sessions, by their ids."""
    await kept.called(call)
    limit = call.params.get("maxResults", USUAL)
    listing = digest("agentcore.actors", call.resource)
    with told_as_token():
        last = place_in(call.params.get("nextToken"), listing)
    found: list[str] = []
    while len(found) <= limit:
        last = await _actor_behind(call, last)
        if last is None:
            break
        found.append(last)
    token = cursor_of(listing, found[limit - 1]) if len(found) > limit else None
    return {"actorSummaries": [{"actorId": actor} for actor in found[:limit]], "nextToken": token}


@contextmanager
def told_as_token() -> Iterator[None]:
    """Tell of a cursor that does not belong to a listing in the words of the wire."""
    try:
        yield
    except BadCursorError as error:
        told = "The token belongs to another listing, or to none. Leave it out for the first page."
        raise invalid(f"nextToken: {told}", Field("nextToken", told)) from error


async def _actor_behind(call: Call, last: str | None) -> str | None:
    """Return the actor of the memory behind `last` that has sessions, by the names of their banks; None if none has."""
    place: Place = ((EVENTS, homes.nobody(call.resource).removesuffix("shared")), "")
    if last is not None:
        place = ((EVENTS, bank_of_resource(call.resource, last), BEHIND_ALL), "")
    for entry in await call.engine.shelf.scan((EVENTS,), below=True, after=place, limit=1):
        _, bank, actor, _ = entry.path
        if bank == bank_of_resource(call.resource, actor):
            return actor
    return None


async def _roots(call: Call, events: Sequence[SessionEvent]) -> Mapping[str, str]:
    """Return where the branches of events of one session begin, if some event does not tell itself."""
    untold = [event for event in events if event.branch is not None and event.root is None]
    if not untold:
        return {}
    first = untold[0]
    branches = await call.engine.sessions.branches(first.bank, first.actor, first.session)
    return {one.name: one.root for one in branches}


def _conditions(given: Sequence[Mapping[str, Any]]) -> list[Where]:
    wrong = [
        Field(f"filter.eventMetadata.{place}.right", "Must be given with EQUALS_TO.")
        for place, one in enumerate(given)
        if one["operator"] == "EQUALS_TO" and "right" not in one
    ]
    if wrong:
        raise invalid(f"{wrong[0].name}: {wrong[0].message}", *wrong)
    return [_condition(one) for one in given]


def _condition(given: Mapping[str, Any]) -> Where:
    key, operator = given["left"]["metadataKey"], given["operator"]
    if operator == "EQUALS_TO":
        return Where(key, equals=given["right"]["metadataValue"]["stringValue"])
    return Where(key, exists=operator == "EXISTS")
