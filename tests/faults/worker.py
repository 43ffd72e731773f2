"""Works through what others retained, with short leases: the process that gets killed."""

from __future__ import annotations

import asyncio
import sys

from duramen.retain.worker import Pace
from tests.conftest import engine

PACE = Pace(lease_seconds=0.5, poll_seconds=0.05, linger_seconds=0.0)


async def work(address: str) -> None:
    async with engine(address, pace=PACE):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
