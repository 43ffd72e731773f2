"""A process of its own that appends to a document, one source after the other.

Arguments: the directory, what to call itself, how many. It says `ready`, waits for a line, and then writes the number of
each source once it is acknowledged.
"""

from __future__ import annotations

import asyncio
import sys

from duramen.documents import Documents, Source
from tests.conftest import engine


async def main(directory: str, name: str, count: int) -> None:
    async with engine(directory) as memory:
        documents = Documents(memory._desk)
        await memory.flush()
        _say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(count):
            source = Source(content=f"{name} said {number}.", document="doc", mode="append")
            await documents.retain("bank", [source])
            _say(str(number))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
