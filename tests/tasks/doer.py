"""Submits tasks and does them: the process that gets killed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from duramen import MemoryEngine
from duramen.shelf import Put
from duramen.tasks import Report, Task, Tasks
from tests.conftest import engine
from tests.tasks.workers import COUNTERS, desk_of

BANKS = ("user:ada", "user:bob", "user:eve")
TYPE = "count"


class Counts:
    """Adds one to the counter of the task and to that of its bank, in its last transaction.

    Nothing guards what it read before but the task's own lease: were two at it at once, a count would be wrong.
    """

    def __init__(self, memory: MemoryEngine) -> None:
        self._shelf = memory.shelf

    async def __call__(self, task: Task, report: Report) -> Mapping[str, Any]:
        await report.progress("reading")
        places = [(COUNTERS, task.id), (COUNTERS, task.bank)]
        counts = [0 if entry is None else int(entry.value) for entry in await self._shelf.get(places)]
        await asyncio.sleep(0.02)
        puts = [
            Put(path=path, key=key, value=str(n + 1).encode()) for (path, key), n in zip(places, counts, strict=True)
        ]
        await self._shelf.write([*puts, *report.finishing({"count": counts[0] + 1})])
        await asyncio.sleep(0.01)
        return {}


def counting(memory: MemoryEngine) -> Tasks:
    """Return tasks with that handler."""
    tasks = Tasks(desk_of(memory))
    tasks.register(TYPE, Counts(memory), attempts=1000, backoff_seconds=(0.01,), lease_seconds=0.5)
    return tasks


async def do(directory: str) -> None:
    async with engine(directory) as memory:
        tasks = counting(memory)
        memory.portal.submit(tasks.run())
        say("ready")
        for n in range(10_000):
            task = await tasks.submit(BANKS[n % len(BANKS)], TYPE, {"n": n})
            say(f"{task.bank} {task.id}")
            await asyncio.sleep(0.03)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(do(sys.argv[1]))
