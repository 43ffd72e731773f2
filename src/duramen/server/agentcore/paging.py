"""Pages of what the control plane keeps by key: memories, and harnesses."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from duramen.identity import bank_of
from duramen.server.agentcore.failing import Field, invalid
from duramen.server.agentcore.serving import Call
from duramen.types import Identity

_READ_AT_ONCE = 200


class Keyed(Protocol):
    """What is kept: `id` is what callers know it by."""

    @property
    def id(self) -> str:
        """Its name on the wire."""


T = TypeVar("T", bound=Keyed)

Every = Callable[[str, int], Awaitable[Sequence[T]]]
"""Returns what is kept behind a key, in the order of keys, at most so many."""


async def page_of(
    call: Call, operation: str, usual: int, every: Every[T], key: Callable[[T], str]
) -> tuple[list[T], str | None]:
    """Return what the caller may see of a page, by key, and the token of the next page; None behind the last.

    A token goes on behind the last one shown, whatever is deleted meanwhile.

    Args:
        call: Its `maxResults` and `nextToken` say which page.
        operation: The listing that the token is for.
        usual: How many are on a page if nothing is said.
        every: See above.
        key: Of something kept.

    Raises:
        WireError: 400: the token is of another listing or caller, or none.
    """
    limit = call.params.get("maxResults", usual)
    start = _start(call)
    found: list[T] = []
    after: str | None = _after(call, operation, start)
    while after is not None and len(found) <= limit:
        read = await every(after, _READ_AT_ONCE)
        after = key(read[-1]) if len(read) == _READ_AT_ONCE and key(read[-1]).startswith(start) else None
        found += [one for one in read if call.grant.shown(key(one)) == one.id]
    token = _token(operation, start, key(found[limit - 1])) if len(found) > limit else None
    return found[:limit], token


def _start(call: Call) -> str:
    """Return what the keys of the caller's begin with."""
    tenant = call.grant.tenant
    return "" if tenant is None else f"tenant:{bank_of(Identity(user=tenant)).removeprefix('user:')}:bank:"


def _token(operation: str, start: str, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([operation, start, last]).encode()).decode()


def _after(call: Call, operation: str, start: str) -> str:
    """Return the key that the page begins behind."""
    token = call.params.get("nextToken")
    if token is None:
        return start
    try:
        given, of, last = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        if given != operation or of != start or not last.startswith(start) or "\0" in last:
            raise ValueError("It is of another listing.")
        last.encode()
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError):
        told = "Is none that this listing gave. Begin anew without one."
        raise invalid(f"nextToken: {told}", Field("nextToken", told)) from None
    return str(last)
