"""Imports a file into a directory, to be killed: `python -m tests.moving.kill_import DIRECTORY FILE`."""

from __future__ import annotations

import asyncio
import sys
import time

from duramen.moving import import_file
from tests.conftest import engine


def slow(done: int, total: int) -> None:
    sys.stdout.write(f"{done}\n")
    sys.stdout.flush()
    time.sleep(0.05)


async def main(directory: str, path: str) -> None:
    async with engine(directory) as memory:
        await import_file(memory, path, progress=slow)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
