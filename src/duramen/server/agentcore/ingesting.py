"""Ingestion: what is remembered for long, with no event of a session."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from duramen.naming import digest
from duramen.records import homes
from duramen.server.agentcore import kept
from duramen.server.agentcore.events import lifetime, session_of_token
from duramen.server.agentcore.failing import Field, WireError, invalid
from duramen.server.agentcore.payloads import MAX_JSON, metadata_of, namespace_variables, payload_of, size_of
from duramen.server.agentcore.serving import Call, serves
from duramen.server.agentcore.tokens import once
from duramen.sessions.events import SessionEvent
from duramen.sessions.spoken import item_of
from duramen.strategies.resources import bank_of_resource
from duramen.times import utc_now

_PAYLOAD = "source.inline.payload"


@serves("IngestData", "retain")
async def ingest_data(call: Call) -> Mapping[str, Any]:
    """Let strategies make memories of what is sent. It is in no session's events, and stands as long as one would."""
    memory = await kept.called(call)
    given = call.params
    sent = given["source"]["inline"]["payload"]
    if size_of(sent) > MAX_JSON:
        told = f"Must have at most {MAX_JSON:,} bytes as JSON. Ingest it in parts."
        raise invalid(f"{_PAYLOAD}: {told}", Field(_PAYLOAD, told))
    payload = payload_of(sent, _PAYLOAD)
    variables = await namespace_variables(memory, given, payload)
    actor, token = given["actorId"], given.get("clientToken") or secrets.token_hex(16)
    session = given.get("sessionId") or session_of_token(call, actor, token)
    bank = bank_of_resource(call.resource, actor)
    as_event = SessionEvent(
        id=f"ingested:{digest(actor, session, token)}",  # the same if a call is repeated before its token is kept
        bank=bank,
        actor=actor,
        session=session,
        at=given["contentTimestamp"],
        payload=tuple(payload),
        metadata=metadata_of(given),
        expires=utc_now() + lifetime(memory),
        variables=variables,
    )

    async def ingested() -> Mapping[str, Any]:
        item = item_of(as_event, as_event.at)
        if item is not None:
            await homes.known(call.engine.shelf, call.resource, actor)
            await call.engine.retain(bank, [item])
            await _still_there(call, bank)
        return {"sessionId": session}

    return await once(call, "IngestData", ingested)


async def _still_there(call: Call, bank: str) -> None:
    """Take back what was written to a memory that was deleted meanwhile."""
    try:
        await kept.called(call)
    except WireError:
        await call.engine.forget(bank, everything=True)
        raise
