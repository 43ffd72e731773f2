"""What a delivery says, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a webhook is told.

    Attributes:
        delivery: Names this delivery, on each attempt.
        happened: Names the event, to whichever webhooks it goes.
    """

    event: str
    delivery: str
    happened: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of an attempt.

    Attributes:
        status: What the server answered; None if it did not.
        error: Why it failed; empty if the server took it.
        final: It would be of no use to try again.
    """

    status: int | None = None
    error: str = ""
    final: bool = False
