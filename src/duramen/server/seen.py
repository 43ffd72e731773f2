"""What is known of a request on its way through the server: for logs, metrics and traces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from opentelemetry.trace import INVALID_SPAN, Span
from starlette.types import Scope

from duramen.server.caller import Verb

SEEN = "duramen.seen"

_current: ContextVar[Seen | None] = ContextVar("seen", default=None)


@dataclass(slots=True)
class Seen:
    """A request so far.

    Attributes:
        request_id: From the caller, or made.
        caller: The name of the caller's `Grant`.
        verb: What the route does.
        bank: The bank's mark in logs, never its name: names of banks hold names of people.
        name: The bank's name, and `action` the operation there, for its own audit trail.
        span: The span of the verb, else of the request.
    """

    request_id: str = ""
    caller: str | None = None
    verb: Verb | None = None
    bank: str | None = None
    name: str | None = None
    action: str = ""
    span: Span = field(default=INVALID_SPAN)


def seen(scope: Scope) -> Seen:
    """Return what is known of the request of `scope`; what nothing watches is not known at all."""
    found = scope.get(SEEN)
    return found if isinstance(found, Seen) else Seen()


@contextmanager
def seeing(request: Seen) -> Iterator[None]:
    """Make `request` the one for which all is done that is done in the block, also in other threads."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Seen | None:
    """Return the request for which something is being done; None for what is done in the background."""
    return _current.get()


def mark(bank: str) -> str:
    """Return what stands for a bank in logs and traces: the same for the same bank, and it does not tell its name.

    >>> mark("user:ada")
    '19d0191a4a07'
    """
    return hashlib.sha256(bank.encode("utf-8", "surrogatepass")).hexdigest()[:12]
