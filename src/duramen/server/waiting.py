"""Waiting for at most so long."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """Await `work` for at most `seconds`.

    `asyncio.wait_for` does so too, but before Python 3.12 it forgets that it was cancelled when that and the result come
    together.

    Raises:
        asyncio.TimeoutError: It takes longer; it is cancelled then.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task,), timeout=seconds)
    finally:
        finished = task.done()
        if not finished:
            task.cancel()
    if not finished:
        raise asyncio.TimeoutError
    return task.result()
