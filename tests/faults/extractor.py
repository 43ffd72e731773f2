"""Lets a slow strategy work through what was retained: the process that gets killed."""

from __future__ import annotations

import asyncio
import sys

from duramen.engine import MemoryEngine
from duramen.retain.worker import Pace
from duramen.strategies import Candidate, FunctionStrategy, Work
from tests.conftest import engine

PACE = Pace(lease_seconds=0.3, poll_seconds=0.05, linger_seconds=0.0)


async def facts(work: Work) -> list[Candidate]:
    """Make one memory of each event, slowly."""
    await asyncio.sleep(0.01 * len(work.events))
    return [
        Candidate(text=f"Known: {event.content}", kind="fact", sources=(event.id,), mentioned=event.mentioned)
        for event in work.events
    ]


def following(directory: str) -> MemoryEngine:
    """Open the memory with that strategy."""
    strategy = FunctionStrategy(name="facts", version="1", function=facts, namespace="/facts/{sessionId}/")
    return engine(directory, strategies=[strategy], pace=PACE)


async def work(directory: str) -> None:
    memory = following(directory)
    await memory.open()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
