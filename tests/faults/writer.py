"""Retains without end, and says after each acknowledgement what was acknowledged: the process that gets killed."""

from __future__ import annotations

import asyncio
import sys

from duramen import Item
from tests.conftest import engine


async def write(directory: str, name: str) -> None:
    memory = engine(directory)
    await memory.open()
    say("ready")
    for number in range(1_000_000):
        keys = [f"{name}.{number}.{place}" for place in range(1 + number % 3)]
        await memory.retain("b", [Item(content=f"Item {key} was said.", key=key) for key in keys])
        say(*keys)


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2]))
