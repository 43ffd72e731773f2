"""Tasks that are done in the background, on each store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from duramen import MemoryEngine
from duramen.desk import Desk
from duramen.tasks import Report, Task, Tasks

BANK = "user:ada"
COUNTERS = ("counters",)

Waits = Callable[[], Awaitable[object]]


def desk_of(memory: MemoryEngine) -> Desk:
    return memory._desk


@asynccontextmanager
async def working(tasks: Tasks) -> AsyncIterator[Tasks]:
    """Let `tasks` be done meanwhile."""
    running = tasks.portal.submit(tasks.run())
    try:
        yield tasks
    finally:
        await tasks.drain(5.0)
        await asyncio.wrap_future(running)


class Noting:
    """A handler that notes the payloads it was given, and fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.seen: list[Mapping[str, Any]] = []
        self._failures = list(failures)

    async def __call__(self, task: Task, report: Report) -> Mapping[str, Any]:
        self.seen.append(task.payload)
        if self._failures:
            raise self._failures.pop(0)
        return {"attempt": task.attempts}


class Holding:
    """A handler that works until it is told to go on, and notes how many work at once."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.stopped: list[str] = []
        self.most = 0

    async def __call__(self, task: Task, report: Report) -> Mapping[str, Any]:
        name = str(task.payload["name"])
        self.begun.append(name)
        self.most = max(self.most, len(self.begun) - len(self.ended) - len(self.stopped))
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.stopped.append(name)
            raise
        self.ended.append(name)
        return {}

    async def until_begun(self, names: Sequence[str]) -> None:
        await until(lambda: set(names) <= set(self.begun))

    def release(self, tasks: Tasks) -> None:
        """Let all of them go on."""

        async def release() -> None:
            self.go_on.set()

        tasks.portal.call(release())


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, "it did not come about"
        await asyncio.sleep(0.01)
