"""How much each bank may take of the server, so that one does not slow down all others.

Counted in each worker by itself: with four workers a bank may take up to four times as much.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from duramen.server.errors import Refused

QUEUE_SECONDS = 2.0
"""How long a request waits for others of its bank to finish."""


class BankLimits:
    """Counts what banks take.

    Args:
        rate: Requests a minute for each bank; None for as many as come.
        concurrency: Requests at a time for each bank; None likewise.
        queue_seconds: How long one more than that waits.
    """

    def __init__(self, rate: int | None, concurrency: int | None, queue_seconds: float = QUEUE_SECONDS) -> None:
        self._rate = RateLimitItemPerMinute(rate) if rate is not None else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage()) if rate is not None else None
        self._concurrency = concurrency
        self._queue_seconds = queue_seconds
        self._slots: dict[str, _Slots] = {}

    @asynccontextmanager
    async def taking(self, bank: str) -> AsyncIterator[None]:
        """Take a request's share of what `bank` may have.

        Raises:
            Refused: 429: it has taken all of it. `Retry-After` says when there is more.
        """
        self._count(bank)
        if self._concurrency is None:
            yield
            return
        slots = self._slots.setdefault(bank, _Slots(self._concurrency))
        slots.wanted += 1
        try:
            await self._wait(slots)
            try:
                yield
            finally:
                slots.free.release()
        finally:
            slots.wanted -= 1
            if slots.wanted == 0:
                self._slots.pop(bank, None)

    def _count(self, bank: str) -> None:
        if self._limiter is None or self._rate is None or self._limiter.hit(self._rate, bank):
            return
        reset = self._limiter.get_window_stats(self._rate, bank).reset_time
        wait = max(1, math.ceil(reset - time.time()))
        raise Refused(
            429, "This bank has used up its requests for this minute. Try again later.", {"Retry-After": str(wait)}
        )

    async def _wait(self, slots: _Slots) -> None:
        acquiring = asyncio.ensure_future(slots.free.acquire())
        acquired = False
        try:
            await asyncio.wait((acquiring,), timeout=self._queue_seconds)
            acquired = acquiring.done()
        finally:
            if not acquired:  # or only just now, when nobody wants it any more
                acquiring.add_done_callback(lambda late: None if late.cancelled() else slots.free.release())
                acquiring.cancel()
        if not acquired:
            raise Refused(429, "This bank has as many requests at work as it may. Try again.", {"Retry-After": "1"})


class _Slots:
    """The free slots of a bank, and how many requests want or have one."""

    def __init__(self, concurrency: int) -> None:
        self.free = asyncio.Semaphore(concurrency)
        self.wanted = 0
