"""A worker in a process of its own, over a store that others use as well.

Argument: the address. It says `ready`, and then does what each line asks for, `[verb, arguments, options]` in JSON, and
writes what came of it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from duramen import MemoryEngine
from duramen.types import Item
from tests.conftest import engine


class Worker:
    """Such a process, as its parent has it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert self.told() == "ready"

    def begin(self, verb: str, *arguments: Any, **options: Any) -> None:
        """Ask for something, without waiting for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([verb, arguments, options]) + "\n")
        self._process.stdin.flush()

    def told(self) -> Any:
        """Return what came of what was asked for."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the worker ended"
        return json.loads(line)

    def do(self, verb: str, *arguments: Any, **options: Any) -> Any:
        self.begin(verb, *arguments, **options)
        return self.told()


@contextmanager
def worker(address: str) -> Iterator[Worker]:
    """Have a worker for as long as the block takes."""
    command = [sys.executable, "-m", "tests.index.worker_process", address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Worker(process)
        finally:
            process.kill()


async def recalled(memory: MemoryEngine, bank: str, query: str) -> list[str]:
    """Return the texts that are found, of what was retained word for word."""
    return [hit.memory.text for hit in (await memory.recall(bank, query, limit=100, made=0, max_tokens=10_000)).hits]


async def main(address: str) -> None:
    async with engine(address, strategies=["semantic"]) as memory:
        _say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            verb, arguments, options = json.loads(line)
            if verb == "recall":
                _say(await recalled(memory, *arguments))
            elif verb == "retain each":
                bank, texts = arguments
                for number, text in enumerate(texts):
                    await memory.retain(bank, [Item(content=text, key=f"theirs-{number}")])
                _say(len(texts))
            else:
                await getattr(memory, verb)(*arguments, **options)
                _say(None)


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
