"""Waiting with an end, for what belongs to others and for what goes on without us."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Coroutine, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from duramen.errors import ClosedError

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, or give it up after `seconds` without waiting until it has noticed.

    Raises:
        TimeoutError: It took longer.
        ClosedError: It was cancelled, but not by our caller: the memory was closed under it.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_take_note)
    try:
        finished, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
    if not finished:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    if task.cancelled():
        raise ClosedError("The memory was closed while it was asked.")
    return task.result()


async def all_done(futures: Iterable[Future[Any]], seconds: float | None = None) -> bool:
    """Wait until `futures` are done, for at most `seconds`; tell whether they are. They go on if we give up.

    `asyncio.wrap_future` would not do: giving up on that cancels the future for everybody.
    """
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Future[None]] = []
    for future in futures:
        waiting.append(loop.create_future())
        future.add_done_callback(functools.partial(_tell, loop, waiting[-1]))
    if waiting:
        await asyncio.wait(waiting, timeout=seconds)
    return all(one.done() for one in waiting)


def _tell(loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[None], _: Future[Any]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop that waited has ended
        loop.call_soon_threadsafe(_set, waiting)


def _set(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _take_note(task: asyncio.Task[Any]) -> None:
    """Read the outcome of what was given up, or asyncio complains that nobody did."""
    if not task.cancelled():
        task.exception()
