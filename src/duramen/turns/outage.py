"""Whether the memory answers: a line in the log when that changes, and no waiting again and again while it does not."""

from __future__ import annotations

import logging
import time


class Outage:
    """What one adapter knows of its memory's health. Safe to use from any thread.

    A warning is given once, and what goes wrong in the same way after it is logged at DEBUG, until that works again.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._troubles: set[str] = set()
        self._until = 0.0

    def warn(self, trouble: str, message: str, *values: object, error: BaseException | None = None) -> None:
        """Log what went wrong; `error` with its trace, if it is nothing that is to be expected."""
        level = logging.DEBUG if trouble in self._troubles else logging.WARNING
        self._troubles.add(trouble)
        self._log.log(level, message, *values, exc_info=error)

    def over(self, trouble: str) -> None:
        """Note that this works, again if it did not."""
        if trouble in self._troubles:
            self._troubles.discard(trouble)
            self._log.info("the memory works again (%s)", trouble)

    def rest(self, seconds: float) -> None:
        """Wait for nothing in the next `seconds`: the memory has just let a turn wait in vain."""
        self._until = time.monotonic() + seconds

    @property
    def resting(self) -> bool:
        """Whether nothing is to be waited for now."""
        return time.monotonic() < self._until
