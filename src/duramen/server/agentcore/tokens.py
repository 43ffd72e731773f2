"""Client tokens: what is sent again is not done again, and gets the answer that the first one got."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duramen.errors import ChangedError, DuramenError
from duramen.server.agentcore.failing import MISMATCH, WireError, conflict, invalid
from duramen.server.agentcore.service import operations
from duramen.server.agentcore.serving import Call
from duramen.server.agentcore.writing import written
from duramen.shelf import Change, Expect, Path, Put, Remove, Shelf

TOKENS: Path = ("duramen.agentcore.tokens",)

KEPT_SECONDS = 24 * 60 * 60
_WORKING_SECONDS = 60.0
_POLLS, _POLL_SECONDS = 200, 0.05

_TOKEN = "clientToken"

Work = Callable[[], Awaitable[Mapping[str, Any]]]

Noted = Callable[[Mapping[str, Any]], Sequence[Change]]
"""Given the output of an operation, returns the changes that note it as the answer to its client token."""


async def once(call: Call, operation: str, work: Work) -> Mapping[str, Any]:
    """Return what `work` returns, or what it returned when the same call was made before with the same client token.

    Tokens are of one memory (or of the callers who reach the same, where there is no memory yet) and one operation, and are
    kept for a day.
    Work that raises is as if it had never been asked for. When the process ends in the middle, nobody knows how far it
    came: sent again a minute later, it is done again. `once_in_one` is for what is one transaction.

    Args:
        call: Its `clientToken` is looked at; without one, the work is just done.
        operation: Its name in the service model.
        work: Done once; returns the output of the operation.

    Raises:
        WireError: 400: the token came with other parameters before. 409: the first call is still being worked on.
        ChangedError: Nothing was done, because of others at the same time.
    """
    place = _Token.of(call, operation)
    if place is None:
        return await work()
    for _ in range(_POLLS):
        claimed, found = await place.read()
        if found is not None:
            return found
        if claimed:
            await asyncio.sleep(_POLL_SECONDS)
            continue
        try:
            await call.engine.shelf.write(place.noting(None, _WORKING_SECONDS))
        except ChangedError:
            continue
        return await _worked(place, work)
    raise conflict("The same request is being worked on. Try again.")


async def once_in_one(
    call: Call, operation: str, work: Callable[[Noted], Awaitable[Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """Return what `work` returns, or what it returned before, as `once` does, also if the process ends in the middle.

    Args:
        call: As for `once`.
        operation: As for `once`.
        work: Does all that it does in one transaction, together with the changes that it is given a function for: they
            note its answer, and fail with `ChangedError` if another call with this token came first.

    Raises:
        WireError: 400: the token came with other parameters before. Whatever `work` raises.
    """
    place = _Token.of(call, operation)
    if place is None:
        return await work(lambda _: ())
    _, found = await place.read()
    if found is not None:
        return found
    try:
        return await work(lambda result: place.noting(result, KEPT_SECONDS))
    except (WireError, DuramenError):
        # It may have failed for what its twin has just done.
        _, found = await place.read()
        if found is None:
            raise
        return found


def tokens_of(call: Call, operation: str) -> Path:
    """Return where the tokens of an operation are kept: those of the memory called, or of the callers who reach the same.

    An answer is shown to nobody who could not have got it. Those of its deletion outlive a memory.
    """
    if call.resource and operation != "DeleteMemory":
        return (*TOKENS, "memory", call.resource, operation)
    grant = call.grant
    reach = json.dumps([grant.tenant, grant.user, grant.agent, grant.banks])
    return (*TOKENS, "reach", reach, operation)


def forgotten(resource: str) -> Remove:
    """Return the change that lets go of all tokens of a memory."""
    return Remove(path=(*TOKENS, "memory", resource), below=True)


@dataclass(frozen=True, slots=True)
class _Token:
    """A client token as it came with a call: where it is kept, and what it stands for."""

    shelf: Shelf
    operation: str
    path: Path
    key: str
    digest: str

    @staticmethod
    def of(call: Call, operation: str) -> _Token | None:
        """Return the token of a call; None if it has none."""
        token = call.params.get(_TOKEN)
        if not token:
            return None
        return _Token(call.engine.shelf, operation, tokens_of(call, operation), token, _digest(call.params))

    async def read(self) -> tuple[bool, Mapping[str, Any] | None]:
        """Return whether the token came before, and what was answered, or None as long as that is being worked on.

        Raises:
            WireError: 400: it came with other parameters.
        """
        (entry,) = await self.shelf.get([(self.path, self.key)])
        if entry is None:
            return False, None
        found = json.loads(entry.value)
        if found["digest"] != self.digest:
            raise invalid(
                f"The {_TOKEN} came with other parameters before. Send each request with a token of its own.",
                reason=MISMATCH,
            )
        answer: Mapping[str, Any] | None = found["answer"]
        return True, answer

    def noting(self, result: Mapping[str, Any] | None, seconds: float) -> list[Change]:
        """Return the changes that note the token, if nobody did yet, with the output of the operation if there is one."""
        return [Expect(path=self.path, key=self.key, value=None), self.put(result, seconds)]

    def put(self, result: Mapping[str, Any] | None, seconds: float) -> Put:
        """Return the change that notes the token, whatever stands there."""
        shape = operations()[self.operation].output
        answer = None if result is None else {} if shape is None else written(shape, result)
        value = json.dumps({"digest": self.digest, "answer": answer}).encode()
        return Put(path=self.path, key=self.key, value=value, lifetime=seconds)


async def _worked(place: _Token, work: Work) -> Mapping[str, Any]:
    try:
        result = await work()
    except BaseException:  # cancelled, too: what is sent again is to be done, not waited for
        await place.shelf.write([Remove(path=place.path, key=place.key)])
        raise
    await place.shelf.write([place.put(result, KEPT_SECONDS)])
    return result


def _digest(params: Mapping[str, Any]) -> str:
    said = {name: value for name, value in params.items() if name != _TOKEN}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=_told).encode()).hexdigest()


def _told(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
