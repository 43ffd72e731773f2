"""Writing what was decided from what was read, and deciding anew when somebody was faster."""

from __future__ import annotations

import asyncio
import contextlib
import random
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from duramen.errors import ChangedError, StoreUnavailableError

T = TypeVar("T")

TRIES = 50
"""How often something is decided anew before it is given up."""

_LONGEST_PAUSE = 0.1  # seconds


async def until_unchanged(attempt: Callable[[], Awaitable[T]], what: str) -> T:
    """Return what `attempt` returns, which is called again whenever it raises `ChangedError`, after a short pause.

    Raises:
        StoreUnavailableError: `what` was changed by others all the time.
    """
    for tries in range(TRIES - 1):
        with contextlib.suppress(ChangedError):
            return await attempt()
        await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.002 * 2**tries)))
    try:
        return await attempt()
    except ChangedError as error:
        raise StoreUnavailableError(
            f"{what} was changed by others {TRIES} times while this was to be written. Nothing was; try again later."
        ) from error


class Alone:
    """Lets those of this process wait for each other, so that they need not try again.

    Nothing rests on it: what other processes do is found out by `Expect`.
    """

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[tuple[str, str], asyncio.Lock] = weakref.WeakValueDictionary()

    @asynccontextmanager
    async def __call__(self, bank: str, names: Iterable[str]) -> AsyncIterator[None]:
        """Hold what these `names` of a bank stand for."""
        async with contextlib.AsyncExitStack() as stack:
            for name in sorted(set(names)):
                await stack.enter_async_context(self._locks.setdefault((bank, name), asyncio.Lock()))
            yield
