"""Retains under way, on the memory's own loop, whatever becomes of the loop that began them."""

from __future__ import annotations

import concurrent.futures.thread  # before the exit hook is registered, so that the hook runs while pools still work
import threading
import time
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from duramen.errors import ClosedError, DuramenError
from duramen.portal import Portal
from duramen.turns.waiting import all_done

EXIT_SECONDS = 10.0
"""How long the end of the process waits for retains that are not on disk yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Retain:
    """A retain under way.

    Attributes:
        bank: Where to.
        acknowledged: Done when it is on disk, or will never be.
        settled: Done when it is searchable, or will not become so soon.
    """

    bank: str
    acknowledged: Future[None] = field(default_factory=Future)
    settled: Future[None] = field(default_factory=Future)


Ended = Callable[["BaseException | None"], None]
"""Called on the memory's thread, with what went wrong if it is not on disk."""


class Background:
    """Keeps hold of the retains that are under way. Safe to use from any thread and loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: set[Retain] = set()
        _all.add(self)

    def start(self, portal: Portal, retain: Retain, work: Coroutine[Any, Any, None], ended: Ended) -> None:
        """Run `work` on `portal` and call `ended` after it. `work` marks `retain` as acknowledged itself."""
        with self._lock:
            self._pending.add(retain)
        try:
            future = portal.submit(work)
        except (DuramenError, RuntimeError) as error:
            self._end(retain, error, ended)
        else:
            future.add_done_callback(lambda future: self._end(retain, _outcome(future), ended))

    async def acknowledged(self, bank: str) -> None:
        """Wait until every retain that was begun for `bank` is on disk or failed."""
        await all_done(retain.acknowledged for retain in self._snapshot() if retain.bank == bank)

    async def drain(self, seconds: float | None) -> int:
        """Wait until every retain is searchable or failed, for at most `seconds`; return how many are not."""
        await all_done((retain.settled for retain in self._snapshot()), seconds)
        return len(self._snapshot())

    def wait_for_disk(self, seconds: float) -> None:
        """Block until every retain is on disk or failed, for at most `seconds`."""
        concurrent.futures.wait([retain.acknowledged for retain in self._snapshot()], seconds)

    def _end(self, retain: Retain, error: BaseException | None, ended: Ended) -> None:
        ended(None if retain.acknowledged.done() else error)
        with self._lock:
            self._pending.discard(retain)
        for mark in (retain.acknowledged, retain.settled):
            if not mark.done():
                mark.set_result(None)

    def _snapshot(self) -> list[Retain]:
        with self._lock:
            return list(self._pending)


def _outcome(future: Future[None]) -> BaseException | None:
    return ClosedError("The memory was closed while it retained.") if future.cancelled() else future.exception()


_all: weakref.WeakSet[Background] = weakref.WeakSet()


def _wait_at_exit() -> None:
    deadline = time.monotonic() + EXIT_SECONDS
    for background in list(_all):
        background.wait_for_disk(max(0.0, deadline - time.monotonic()))


# Python ends its thread pools before it runs `atexit` callbacks, and a store writes through such pools; this hook,
# the private and earlier form of `atexit.register`, runs first. Where it is gone, `aclose` is all there is.
_register = getattr(threading, "_register_atexit", None)
if _register is not None:
    _register(_wait_at_exit)
