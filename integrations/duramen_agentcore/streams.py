"""A turn that is spoken chunk by chunk, to a reader who may leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from duramen.turns.waiting import all_done
from duramen_agentcore.background import Retain

PAUSE_SECONDS = 2.0
"""How long a reader may leave a chunk before what was said so far is retained."""

Keep = Callable[[Sequence[object], bool], Awaitable["Retain | None"]]
"""Begins to retain the chunks, as a turn that is complete or not; the later replaces the earlier."""


class Stream:
    """Passes the chunks of an agent through, and has the turn retained at its end.

    Servers do not always close a stream whose reader has gone: AgentCore's lets go of it, and Python closes it when it
    next looks for garbage, if ever. So when nobody asks for the next chunk, what was said so far is retained; should
    the reader come back, the whole replaces it.
    """

    def __init__(self, chunks: AsyncGenerator[Any, None], keep: Keep, patience: float) -> None:
        self._chunks = chunks
        self._keep = keep
        self._patience = patience
        self._heard: list[object] = []
        self._kept = 0
        self._keeping: list[asyncio.Task[None]] = []
        self._last: Retain | None = None

    async def pass_through(self) -> AsyncGenerator[Any, None]:
        """Yield the chunks. What the agent raises is raised, and nothing more of the turn is retained."""
        loop = asyncio.get_running_loop()
        try:
            async for chunk in self._chunks:
                self._heard.append(chunk)
                pause = loop.call_later(PAUSE_SECONDS, self._paused)
                try:
                    yield chunk
                finally:
                    pause.cancel()
        except (GeneratorExit, asyncio.CancelledError):
            await self.keep_so_far()
            raise
        finally:
            await self._chunks.aclose()
        if self._last is not None:
            await all_done([self._last.acknowledged], self._patience)
        await self._keep(self._heard, True)

    async def keep_so_far(self) -> None:
        """Begin to retain what was said so far, unless that was done already."""
        if self._kept < len(self._heard):
            self._kept = len(self._heard)
            self._last = await self._keep(self._heard[: self._kept], False)

    def _paused(self) -> None:
        self._keeping.append(asyncio.ensure_future(self.keep_so_far()))
