"""One event loop in a thread of its own, which callers on any loop and on none hand their work to."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from duramen.errors import ClosedError

P = ParamSpec("P")
T = TypeVar("T")


class Portal:
    """Runs coroutines on its own loop, started at first use.

    The thread is a daemon: it never keeps a process alive, and what is acknowledged does not depend on it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._process = 0

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work` on the portal's loop from any loop. Cancelling here cancels there."""
        loop = self._running(work)
        if asyncio.get_running_loop() is loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work` from a thread without a loop, or with a busy one.

        Raises:
            RuntimeError: Called on the portal's own loop, which would wait for itself for ever.
        """
        loop = self._running(work)
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("The sync face was used inside the engine's own loop. Use `await` there.")
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `work` and return at once; it goes on whatever becomes of the caller's loop and thread."""
        return asyncio.run_coroutine_threadsafe(work, self._running(work))

    def stop(self) -> None:
        """End the loop and its thread. The portal starts anew when it is used again."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None or self._process != os.getpid():
            return
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join()

    def _running(self, work: Coroutine[Any, Any, object]) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is not None and self._process != os.getpid():
                work.close()
                raise ClosedError(
                    "This memory was opened before the process forked; threads and files do not survive a fork. "
                    "Call `duramen.open` in the child."
                )
            if self._loop is None:
                self._process = os.getpid()
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name=self._name, daemon=True)
                self._thread.start()
            return self._loop


class HasPortal(Protocol):
    """What owns a portal."""

    @property
    def portal(self) -> Portal:
        """The portal that its verbs run on."""


Owner = TypeVar("Owner", bound=HasPortal)


def on_own_loop(
    verb: Callable[Concatenate[Owner, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Owner, P], Coroutine[Any, Any, T]]:
    """Make an async method run on the portal of its object, whatever loop awaits it."""

    async def handed_over(self: Owner, /, *args: P.args, **options: P.kwargs) -> T:
        return await self.portal.run(verb(self, *args, **options))

    functools.update_wrapper(handed_over, verb)
    return handed_over


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()  # which does not wait for threads: one of them may hang in somebody else's part
