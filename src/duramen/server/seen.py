"""What is known of a request on its way through the server: for logs, metrics and traces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from opentelemetry.trace import INVALID_SPAN, Span
from starlette.types import Scope

from duramen.server.caller import Verb

SEEN = "duramen.seen"


@dataclass(slots=True)
class Seen:
    """A request so far.

    Attributes:
        request_id: From the caller, or made.
        caller: The name of the caller's `Grant`.
        verb: What the route does.
        bank: The bank's mark in logs, never its name: names of banks hold names of people.
        span: The span of the verb, else of the request.
    """

    request_id: str = ""
    caller: str | None = None
    verb: Verb | None = None
    bank: str | None = None
    span: Span = field(default=INVALID_SPAN)


def seen(scope: Scope) -> Seen:
    """Return what is known of the request of `scope`; what nothing watches is not known at all."""
    found = scope.get(SEEN)
    return found if isinstance(found, Seen) else Seen()


def mark(bank: str) -> str:
    """Return what stands for a bank in logs and traces: the same for the same bank, and it does not tell its name.

    >>> mark("user:ada")
    '19d0191a4a07'
    """
    return hashlib.sha256(bank.encode("utf-8", "surrogatepass")).hexdigest()[:12]
