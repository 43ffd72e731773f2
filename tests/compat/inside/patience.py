"""A pytest plugin for suites that were written for the cloud, where a memory is made in minutes: `-p patience`.

A test that sleeps goes on when the server at `$COMPAT_METRICS` has nothing left to do, but not before a third of a second,
and never later than it asked for. Only the standard library is needed, since it runs in the suites' own environment.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
import urllib.request
from typing import Any

LEAST = 0.3

_WAITING = re.compile(r"^duramen_(?:events|jobs)_pending(?:{[^}]*})? (\S+)$", re.MULTILINE)

_sleep = time.sleep
_sleep_async = asyncio.sleep


def idle(metrics: str) -> bool:
    """Whether the server has made all memories of what it was told."""
    with urllib.request.urlopen(metrics, timeout=30) as answer:
        figures = _WAITING.findall(answer.read().decode())
    if not figures:
        raise RuntimeError(f"{metrics} does not say what waits")
    return not any(map(float, figures))


def sleep(seconds: float, /) -> None:
    """Sleep until the server is idle, at least `LEAST` and at most `seconds`."""
    begin = time.monotonic()
    _sleep(min(seconds, LEAST))
    while time.monotonic() - begin < seconds and not idle(os.environ["COMPAT_METRICS"]):
        _sleep(0.05)


async def sleep_async(delay: float, result: Any = None) -> Any:
    """Do what `sleep` does, without holding up the loop."""
    if delay <= LEAST:
        return await _sleep_async(delay, result)
    await asyncio.to_thread(sleep, delay)
    return result


def pytest_configure() -> None:
    """Be patient from here on."""
    time.sleep = sleep  # type: ignore[assignment]  # of what can be used as a number
    asyncio.sleep = sleep_async
