"""Client tokens: what is sent again is not done again, and gets the answer that the first one got."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from duramen.errors import ChangedError
from duramen.server.agentcore.failing import MISMATCH, conflict, invalid
from duramen.server.agentcore.service import operations
from duramen.server.agentcore.serving import Call
from duramen.server.agentcore.writing import written
from duramen.shelf import Entry, Expect, Path, Put, Remove

TOKENS: Path = ("duramen.agentcore.tokens",)

KEPT_SECONDS = 24 * 60 * 60
_WORKING_SECONDS = 60.0
_POLLS, _POLL_SECONDS = 200, 0.05

_TOKEN = "clientToken"

Work = Callable[[], Awaitable[Mapping[str, Any]]]


async def once(call: Call, operation: str, work: Work) -> Mapping[str, Any]:
    """Return what `work` returns, or what it returned when the same call was made before with the same client token.

    Tokens are of one memory (or of a tenant, where there is no memory yet) and one operation, and are kept for a day.
    Work that raises is as if it had never been asked for.

    Args:
        call: Its `clientToken` is looked at; without one, the work is just done.
        operation: Its name in the service model.
        work: Done once; returns the output of the operation.

    Raises:
        WireError: 400: the token came with other parameters before. 409: the first call is still being worked on.
        ChangedError: Nothing was done, because of others at the same time.
    """
    token = call.params.get(_TOKEN)
    if not token:
        return await work()
    path, digest = tokens_of(call, operation), _digest(call.params)
    claim = _value(digest, None)
    for _ in range(_POLLS):
        (entry,) = await call.engine.shelf.get([(path, token)])
        if entry is not None:
            found = _answered(entry, digest)
            if found is not None:
                return found
            await asyncio.sleep(_POLL_SECONDS)
            continue
        try:
            await call.engine.shelf.write(
                [
                    Expect(path=path, key=token, value=None),
                    Put(path=path, key=token, value=claim, lifetime=_WORKING_SECONDS),
                ]
            )
        except ChangedError:
            continue
        return await _worked(call, operation, work, (path, token, digest))
    raise conflict("The same request is being worked on. Try again.")


def tokens_of(call: Call, operation: str) -> Path:
    """Return where the tokens of an operation are kept: those of the memory called, or of the caller's tenant."""
    if call.resource:
        return (*TOKENS, "memory", call.resource, operation)
    owner = ("server",) if call.grant.tenant is None else ("tenant", call.grant.tenant)
    return (*TOKENS, *owner, operation)


def forgotten(resource: str) -> Remove:
    """Return the change that lets go of all tokens of a memory."""
    return Remove(path=(*TOKENS, "memory", resource), below=True)


async def _worked(call: Call, operation: str, work: Work, place: tuple[Path, str, str]) -> Mapping[str, Any]:
    path, token, digest = place
    try:
        result = await work()
    except BaseException:
        await call.engine.shelf.write([Remove(path=path, key=token)])
        raise
    shape = operations()[operation].output
    answer: Mapping[str, Any] = {} if shape is None else written(shape, result)
    value = _value(digest, answer)
    await call.engine.shelf.write([Put(path=path, key=token, value=value, lifetime=KEPT_SECONDS)])
    return answer


def _answered(entry: Entry, digest: str) -> Mapping[str, Any] | None:
    found = json.loads(entry.value)
    if found["digest"] != digest:
        raise invalid(
            f"The {_TOKEN} came with other parameters before. Send each request with a token of its own.",
            reason=MISMATCH,
        )
    answer: Mapping[str, Any] | None = found["answer"]
    return answer


def _value(digest: str, answer: Mapping[str, Any] | None) -> bytes:
    return json.dumps({"digest": digest, "answer": answer}).encode()


def _digest(params: Mapping[str, Any]) -> str:
    said = {name: value for name, value in params.items() if name != _TOKEN}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=_told).encode()).hexdigest()


def _told(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
