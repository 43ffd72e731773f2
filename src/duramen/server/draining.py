"""The time that requests and memory have together to finish when the server is ended."""

from __future__ import annotations

import time

DRAINING = "duramen.draining"
"""Where the `Draining` of a server stands in the state of its lifespan, which its connections see too."""


class Draining:
    """Runs from the first time that it is asked.

    Args:
        seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None

    @property
    def begun(self) -> bool:
        """Whether it runs."""
        return self._until is not None

    def left(self) -> float:
        """Return how many seconds are left, 0 or more."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        return max(0.0, self._until - now)
