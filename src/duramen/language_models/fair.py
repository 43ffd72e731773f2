"""A number of slots that those who wait for one get in turn."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairSlots:
    """Lets so many go on at once. A slot that becomes free goes to the next bank in turn, not to the next call.

    So a bank with a thousand calls waiting holds another one up by one call at most. For one event loop.

    Args:
        slots: 1 or more.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def taken(self, bank: str) -> AsyncIterator[None]:
        """Wait for a slot, and hold it."""
        await self._take(bank)
        try:
            yield
        finally:
            self._give()

    async def _take(self, bank: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(bank, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._give()  # it was our turn at the very moment that we were cancelled
            raise

    def _give(self) -> None:
        while self._waiting:
            bank, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[bank] = turns  # behind all others
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
