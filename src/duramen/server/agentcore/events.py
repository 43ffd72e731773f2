"""Events: create, get and delete."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from duramen.errors import BadContentError, ChangedError
from duramen.records import homes
from duramen.server.agentcore import kept
from duramen.server.agentcore.failing import (
    MISMATCH,
    OTHER_SESSION,
    RESOURCE_CONFLICT,
    Field,
    WireError,
    invalid,
    missing,
)
from duramen.server.agentcore.payloads import metadata_of, namespace_variables, payload_of, session_for, shown
from duramen.server.agentcore.serving import Call, serves
from duramen.server.agentcore.tokens import KEPT_SECONDS, tokens_of
from duramen.sessions.events import MAIN, SessionEvent
from duramen.sessions.places import digest
from duramen.sessions.writing import TakenError
from duramen.shelf import Change, Expect, Put
from duramen.strategies.resources import bank_of_resource
from duramen.times import EPOCH

_SKIP = "SKIP"
_TRIES = 5  # before somebody is told that others are changing the memory
_ROOT = "branch.rootEventId"


@serves("CreateEvent", "retain")
async def create_event(call: Call) -> Mapping[str, Any]:
    """Append an event to a session. With a client token it is the first one that came with it, and its effects.

    A token names one event of its memory: in its session as long as the event is kept, and in the whole memory for a day.
    """
    for _ in range(_TRIES):
        with suppress(ChangedError):
            return await _created(call)
    return await _created(call)


async def _created(call: Call) -> Mapping[str, Any]:
    memory = await kept.called(call)
    given = call.params
    payload = payload_of(given["payload"])
    extract = given.get("extractionMode") != _SKIP
    variables = await namespace_variables(memory, given, payload, extract=extract)
    actor, token = given["actorId"], given.get("clientToken") or None
    session = given.get("sessionId") or session_of_token(call, actor, token)
    bank = bank_of_resource(call.resource, actor)
    branch = given.get("branch", {})
    claimed = await _claimed(call, token, actor, session)
    await homes.known(call.engine.shelf, call.resource, actor)
    try:
        event = await call.engine.sessions.append(
            bank,
            payload,
            actor=actor,
            session=session,
            at=given["eventTimestamp"],
            metadata=metadata_of(given),
            branch=branch.get("name"),
            root=branch.get("rootEventId"),
            key=None if token is None else f"token:{token}",
            expires_in=lifetime(memory),
            extract=extract,
            variables=variables,
            shelved=[standing(memory), *claimed],
        )
    except TakenError as error:
        raise _taken(error) from error
    except BadContentError as error:
        raise await _unkept(call, session, error) from error
    return {"event": shown(given["memoryId"], event, root=await _root(call, event))}


@serves("GetEvent", "read")
async def get_event(call: Call) -> Mapping[str, Any]:
    """Return an event of a session."""
    await kept.called(call)
    event = await call.engine.sessions.get(*_place(call, call.params["sessionId"]), call.params["eventId"])
    if event is None:
        raise await _gone(call)
    return {"event": shown(call.params["memoryId"], event, root=await _root(call, event))}


@serves("DeleteEvent", "forget")
async def delete_event(call: Call) -> Mapping[str, Any]:
    """Delete an event. What strategies made of it stays, as in AWS's service."""
    await kept.called(call)
    place = _place(call, call.params["sessionId"])
    if not await call.engine.sessions.delete(*place, call.params["eventId"], keep_memories=True):
        raise await _gone(call)
    return {"eventId": call.params["eventId"]}


def lifetime(memory: kept.KeptMemory) -> timedelta:
    """Return how long what is written now to a memory is kept."""
    return timedelta(days=memory.said["eventExpiryDuration"])


def standing(memory: kept.KeptMemory) -> Expect:
    """Return what keeps a write from being done behind the deletion of its memory, or a change of it."""
    return Expect(path=kept.MEMORIES, key=memory.resource, value=memory.version)


def session_of_token(call: Call, actor: str, token: str | None) -> str:
    """Return the id of a session for what came without one: another each time, but with a client token the same."""
    return session_for(call.resource, actor, token or secrets.token_hex(16))


def _place(call: Call, session: str) -> tuple[str, str, str]:
    actor = call.params["actorId"]
    return bank_of_resource(call.resource, actor), actor, session


async def _claimed(call: Call, token: str | None, actor: str, session: str) -> Sequence[Change]:
    """Return what keeps a client token for an event of this session; nothing if it is kept for one already.

    Raises:
        WireError: 400: it came with another session of the memory before.
    """
    if token is None:
        return []
    path, key, value = tokens_of(call, "CreateEvent"), digest(token), digest(actor, session).encode()
    (entry,) = await call.engine.shelf.get([(path, key)])
    if entry is None:
        return [
            Expect(path=path, key=key, value=None),
            Put(path=path, key=key, value=value, lifetime=KEPT_SECONDS),
        ]
    if entry.value != value:
        raise _mismatch()
    return []


def _mismatch() -> WireError:
    told = "The client token came with other parameters before. Send each event with a token of its own."
    return invalid(told, Field("clientToken", told), reason=MISMATCH)


def _taken(error: TakenError) -> WireError:
    if error.about == "key":
        return _mismatch()
    return invalid(str(error), Field(_ROOT, str(error)), reason=RESOURCE_CONFLICT)


async def _unkept(call: Call, session: str, error: BadContentError) -> WireError:
    """Return the error for an event that cannot be kept, in the words of the wire."""
    branch = call.params.get("branch", {})
    name, root = branch.get("name"), branch.get("rootEventId")
    if root is not None and name == MAIN:
        told = f"The branch {MAIN!r} begins with the session. Leave the root out, or name another branch."
        return invalid(f"{_ROOT}: {told}", Field(_ROOT, told))
    if root is not None and await _in_other(call, session, root):
        return _other_session(_ROOT, root)
    if name is not None and await _root_of(call, session, name) is None:
        if root is None:
            told = "The session has no branch of this name. Begin it with rootEventId, the event that it goes on from."
            return invalid(f"branch.name: {told}", Field("branch.name", told))
        if await call.engine.sessions.get(*_place(call, session), root) is None:
            told = "The session has no such event. A branch goes on from an event of its own session."
            return invalid(f"{_ROOT}: {told}", Field(_ROOT, told))
    if call.params["eventTimestamp"] < EPOCH:
        told = "Must be in 1970 or later."
        return invalid(f"eventTimestamp: {told}", Field("eventTimestamp", told))
    return invalid(str(error))


async def _gone(call: Call) -> WireError:
    id, session = call.params["eventId"], call.params["sessionId"]
    if await _in_other(call, session, id):
        return _other_session("eventId", id)
    return missing(f"Event not found: {id}")


async def _in_other(call: Call, session: str, id: str) -> bool:
    actor = call.params["actorId"]
    found = await call.engine.sessions.session_of(bank_of_resource(call.resource, actor), actor, id)
    return found is not None and found != session


def _other_session(name: str, id: str) -> WireError:
    told = f"The event {id} is in another session of the actor."
    return invalid(told, Field(name, told), reason=OTHER_SESSION)


async def _root(call: Call, event: SessionEvent) -> str | None:
    """Return where the branch of an event begins, if it does not tell itself."""
    if event.branch is None or event.root is not None:
        return None
    return await _root_of(call, event.session, event.branch)


async def _root_of(call: Call, session: str, branch: str) -> str | None:
    """Return where a branch of a session begins; None if there is no such branch."""
    branches = await call.engine.sessions.branches(*_place(call, session))
    return next((one.root for one in branches if one.name == branch), None)
