"""Retains into a journal and says what was acknowledged: the process that gets killed.

python -m tests.client.retainer ADDRESS JOURNAL PREFIX
"""

from __future__ import annotations

import asyncio
import sys

import duramen


async def work(address: str, journal: str, prefix: str) -> None:
    memory = duramen.open(address, journal=journal, timeout=5)
    for number in range(10_000):
        text = f"{prefix}-{number}"
        await memory.retain("b", text, key=f"key-{number % 7}-{text}")
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
