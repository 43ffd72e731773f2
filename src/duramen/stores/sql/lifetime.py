"""From the making of an open database to its end."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future

from duramen.errors import ClosedError


class Lifetime:
    """Is opened, used and ended in one process, from any thread and event loop.

    Args:
        shown: Names the database in messages.
        lost: What of it does not survive a fork.
    """

    def __init__(self, shown: str, lost: str) -> None:
        self._shown = shown
        self._lost = lost
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._closed = False
        self._opened: Future[None] = Future()
        self._ended: Future[None] = Future()
        for future in (self._opened, self._ended):
            future.set_running_or_notify_cancel()  # several may wait, and none of them may cancel it for the others

    @property
    def closed(self) -> bool:
        """Whether it has ended, or could not begin."""
        return self._closed

    def check(self) -> None:
        """Raise `ClosedError` unless it can be used, here. To be called before each use."""
        self._check_process()
        self._check_open()

    async def opened(self) -> None:
        """Wait until it can be used; raises what kept it from opening."""
        self._check_process()
        await asyncio.wrap_future(self._opened)

    async def aclose(self) -> None:
        """Finish what was begun, and let go of it."""
        self._check_process()
        with self._lock:
            begun, self._closed = not self._closed, True
            if begun:
                self._end()
        await asyncio.wrap_future(self._ended)

    def _end(self) -> None:
        """See to it that what was begun is finished and `_ended` is set, without waiting for that. Nothing begins more."""
        raise NotImplementedError

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise ClosedError(
                f"{self._shown} was opened before this process forked; neither threads nor {self._lost} survive a fork. "
                f"Make a new store in the child."
            )

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError(f"The store at {self._shown} was closed. Call `open()` before using it again.")
