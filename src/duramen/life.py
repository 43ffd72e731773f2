"""An engine's parts, and their life from the first verb to the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from duramen.errors import ClosedError
from duramen.index.cache import IndexCache
from duramen.jobs.runner import Runner
from duramen.jobs.worker import JobWorker
from duramen.language_model import LanguageModel
from duramen.protocols import Embedder, Reranker, Storage, Waking
from duramen.recall.beside import RecallBoth
from duramen.reflect.pipeline import ReflectPipeline
from duramen.retain.pipeline import RetainPipeline
from duramen.retain.worker import Pace, Worker
from duramen.status import Tally
from duramen.strategies.book import StrategyBook
from duramen.tenancy import of_tenant

log = logging.getLogger("duramen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an engine is made of.

    Attributes:
        indexes: Those of what was retained word for word; `made_indexes` are for what strategies made.
        book: Knows the strategies of each bank, and `runner` lets them work.
        model: The language model, if there is one.
        webhook_hosts: Hosts, addresses and networks that webhooks may go to though they are not public.
        catch_up_seconds: How long a recall waits for what was retained before it and is not searchable yet; what is
            not ready by then is counted in `Recall.pending`.
    """

    address: str
    store: Storage
    embedder: Embedder
    indexes: IndexCache
    made_indexes: IndexCache
    retain: RetainPipeline
    recall: RecallBoth
    reflect: ReflectPipeline
    book: StrategyBook
    runner: Runner
    model: LanguageModel | None = None
    reranker: Reranker | None = None
    pace: Pace = field(default_factory=Pace)
    webhook_hosts: Collection[str] = ()
    catch_up_seconds: float = 10.0


class Sender(Protocol):
    """Holds what is still to be retained."""

    async def send_all(self) -> int:
        """Try to retain it; return how much is still held. Runs on the engine's loop and raises nothing."""


class Background(Protocol):
    """Works on its own while a memory is open."""

    async def run(self) -> None:
        """Work until cancelled or drained; raises nothing otherwise."""

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, and finish what is under way within `seconds`."""


class Life:
    """Opens the store and starts the workers when they are first needed, and ends them. Lives on the engine's loop."""

    def __init__(self, parts: Parts, tally: Tally) -> None:
        self.closed = False
        self.senders: weakref.WeakSet[Sender] = weakref.WeakSet()
        self.background: list[Background] = []
        self._ended = False
        self._parts = parts
        self._worker: Worker | None = None
        self._strategists = JobWorker(parts.store, parts.runner, parts.book, parts.pace, tally)
        self._working: list[asyncio.Task[None]] = []
        self._followers: list[Callable[[str], Awaitable[object]]] = []
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
                with of_tenant(None):  # whoever comes first, the work in the background is for all
                    await self._begin()
            assert self._worker is not None
            return self._worker

    async def _begin(self) -> None:
        await self._parts.store.open()
        self._worker = Worker(self._parts.store, self._parts.retain, self._parts.pace)
        self._worker.after = self._strategists.wake
        if not self._parts.pace.background:
            return
        self._hear(self._worker)
        works = (self._worker.run(), self._strategists.run(), *(one.run() for one in self.background))
        self._working = [asyncio.create_task(work) for work in works]

    def _hear(self, worker: Worker) -> None:
        """Let the worker be woken by what other processes append, if the store hears of it."""
        if isinstance(self._parts.store, Waking):
            loop = asyncio.get_running_loop()

            def wake() -> None:
                with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody is to be woken
                    loop.call_soon_threadsafe(worker.wake)

            self._parts.store.when_appended(wake)

    def after_revising(self, follow: Callable[[str], Awaitable[object]]) -> None:
        """Let `follow` be awaited with the name of a bank, after strategies changed something in it."""
        self._followers.append(follow)
        self._strategists.after = self._revised

    async def _revised(self, bank: str) -> None:
        for follow in self._followers:
            await follow(bank)

    async def strategists(self) -> JobWorker:
        """Return the worker of strategies, with the store open; see `worker`."""
        await self.worker()
        return self._strategists

    async def end(self, drain_seconds: float) -> None:
        """Work through what is pending, for at most `drain_seconds`, and close every part."""
        self.closed = True
        deadline = asyncio.get_running_loop().time() + drain_seconds
        for sender in list(self.senders):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(sender.send_all(), max(0.0, deadline - asyncio.get_running_loop().time()))
        if self._worker is not None:
            for one in self.background:
                await one.drain(max(0.0, deadline - asyncio.get_running_loop().time()))
        self._ended = True
        if self._worker is None:
            return
        try:
            await self._drained(self._worker, deadline)
        finally:
            for task in self._working:
                task.cancel()
            await asyncio.gather(*self._working, return_exceptions=True)
            await self._worker.aclose(max(0.0, deadline - asyncio.get_running_loop().time()))
            await self._parts.indexes.aclose()
            await self._parts.made_indexes.aclose()
            await self._parts.store.aclose()
            for part in (self._parts.embedder, self._parts.reranker, self._parts.model):
                if part is not None:  # it may be stuck in the very work that was given up
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(part.aclose(), 1.0)

    async def _drained(self, worker: Worker, deadline: float) -> None:
        """Work through what is pending until `deadline`, and say what is not done then; nothing if others work."""
        if not self._parts.pace.background:
            return
        left = await worker.catch_up(None, max(0.0, deadline - asyncio.get_running_loop().time()), others=False)
        waiting = (await self._parts.store.backlog()).due is not None
        if left and (waiting or asyncio.get_running_loop().time() >= deadline):  # else others are at work on them
            log.warning("%d events stay pending; they are worked through when the store is next opened", left)
        jobs = await self._strategists.catch_up(None, max(0.0, deadline - asyncio.get_running_loop().time()))
        if jobs.pending:
            log.warning("%d jobs of strategies stay pending; they are done when the store is next opened", jobs.pending)
