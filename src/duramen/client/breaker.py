"""A circuit breaker: while a server is away, its callers are told so at once instead of waiting one after the other.

Written here because it is this small: the libraries for it bring stores shared over Redis, listeners or decorators, and
none of them lets a server's own `Retry-After` decide how long to rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_REST = 15.0
"""Seconds between two probes at most, unless the server asks for more."""


class Breaker:
    """Lets requests through until `after` have failed in a row; then none for `seconds`, and then one as a probe.

    Each probe that fails doubles the rest, up to `LONGEST_REST`. Lives on one loop.

    Args:
        after: How many failures in a row open it, 1 or more.
        seconds: How long it rests at first, above 0.
        clock: Tells the time, in seconds that only rise.
    """

    def __init__(self, *, after: int = 5, seconds: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._after = after
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._rest = seconds
        self._until: float | None = None
        self._probing = False

    def refusal(self) -> float | None:
        """Return None if a request may be sent, whose end is then to be told; else the seconds until the next probe."""
        if self._until is None:
            return None
        left = self._until - self._clock()
        if left > 0 or self._probing:
            return max(0.0, left)
        self._probing = True
        return None

    def succeeded(self) -> None:
        """The server answered."""
        self._failures = 0
        self._rest = self._seconds
        self._until = None
        self._probing = False

    def failed(self) -> None:
        """The server did not answer, or could not do its work."""
        self._failures += 1
        if self._probing:
            self._rest = min(2 * self._rest, LONGEST_REST)
        self._probing = False
        if self._failures >= self._after:
            self._until = self._clock() + self._rest

    def left(self) -> None:
        """The request was given up before its end, which says nothing."""
        self._probing = False

    def rest(self, seconds: float) -> None:
        """Let nothing through for so long: the server asked for it."""
        self._probing = False
        self._until = max(self._until or 0.0, self._clock() + seconds)
