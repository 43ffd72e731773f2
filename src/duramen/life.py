"""An engine's parts, and their life from the first verb to the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from dataclasses import dataclass, field
from typing import Protocol

from duramen.errors import ClosedError
from duramen.index.cache import IndexCache
from duramen.protocols import Embedder, Reranker, Storage
from duramen.recall.pipeline import RecallPipeline
from duramen.reflect.pipeline import ReflectPipeline
from duramen.retain.pipeline import RetainPipeline
from duramen.retain.worker import Pace, Worker

log = logging.getLogger("duramen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an engine is made of.

    Attributes:
        catch_up_seconds: How long a recall waits for what was retained before it and is not searchable yet; what is
            not ready by then is counted in `Recall.pending`.
    """

    address: str
    store: Storage
    embedder: Embedder
    indexes: IndexCache
    retain: RetainPipeline
    recall: RecallPipeline
    reflect: ReflectPipeline
    reranker: Reranker | None = None
    pace: Pace = field(default_factory=Pace)
    catch_up_seconds: float = 10.0


class Sender(Protocol):
    """Holds what is still to be retained."""

    async def send_all(self) -> int:
        """Try to retain it; return how much is still held. Runs on the engine's loop and raises nothing."""


class Life:
    """Opens the store and starts the worker when they are first needed, and ends both. Lives on the engine's loop."""

    def __init__(self, parts: Parts) -> None:
        self.closed = False
        self.senders: weakref.WeakSet[Sender] = weakref.WeakSet()
        self._ended = False
        self._parts = parts
        self._worker: Worker | None = None
        self._working: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def worker(self) -> Worker:
        """Return the worker, with the store open and the worker's loop running.

        Raises:
            ClosedError: The life is over.
            StoreError: The store cannot be opened.
        """
        if self._ended:
            raise ClosedError("This memory was closed. Open it again with `duramen.open`.")
        async with self._opening:
            if self._worker is None:
                await self._parts.store.open()
                self._worker = Worker(self._parts.store, self._parts.retain, self._parts.pace)
                self._working = asyncio.create_task(self._worker.run())
            return self._worker

    async def end(self, drain_seconds: float) -> None:
        """Work through what is pending, for at most `drain_seconds`, and close every part."""
        self.closed = True
        deadline = asyncio.get_running_loop().time() + drain_seconds
        for sender in list(self.senders):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(sender.send_all(), max(0.0, deadline - asyncio.get_running_loop().time()))
        self._ended = True
        if self._worker is None or self._working is None:
            return
        try:
            left = await self._worker.catch_up(
                None, max(0.0, deadline - asyncio.get_running_loop().time()), others=False
            )
            waiting = (await self._parts.store.backlog()).due is not None
            if left and (waiting or asyncio.get_running_loop().time() >= deadline):  # else others are at work on them
                log.warning("%d events stay pending; they are worked through when the store is next opened", left)
        finally:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working
            await self._worker.aclose(max(0.0, deadline - asyncio.get_running_loop().time()))
            await self._parts.indexes.aclose()
            await self._parts.store.aclose()
            with contextlib.suppress(asyncio.TimeoutError):  # it may be stuck in the very work that was given up
                await asyncio.wait_for(self._parts.embedder.aclose(), 1.0)
            if self._parts.reranker is not None:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._parts.reranker.aclose(), 1.0)
