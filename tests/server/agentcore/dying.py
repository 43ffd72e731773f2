"""A server in a process of its own that answers requests until it dies at a write of the control plane.

`directory when number method url body …`: it dies `before` or `after` the write of that number to what it keeps of memories
and harnesses.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path as File

from duramen.server.agentcore.harness_kept import HARNESSES
from duramen.server.agentcore.kept import MEMORIES
from duramen.shelf import Change, Entry, Path, Place, Shelf
from duramen.stores.sqlite import SQLiteStore
from tests.conftest import engine
from tests.server.apps import asking
from tests.serving import ROOT

DIED = 9


class Dying:
    """A shelf that ends the process at a write."""

    def __init__(self, shelf: Shelf, when: str, number: int) -> None:
        self._shelf = shelf
        self._when = when
        self._left = number

    async def write(self, changes: Sequence[Change]) -> None:
        if any(change.path in (MEMORIES, HARNESSES) for change in changes):
            self._left -= 1
        if self._left == 0 and self._when == "before":
            os._exit(DIED)
        await self._shelf.write(changes)
        if self._left == 0:
            os._exit(DIED)

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        return await self._shelf.get(places)

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        return await self._shelf.scan(path, below=below, after=after, reverse=reverse, limit=limit)

    async def paths(self, path: Path) -> list[Path]:
        return await self._shelf.paths(path)

    async def segments(self, path: Path, *, prefix: str = "") -> list[str]:
        return await self._shelf.segments(path, prefix=prefix)

    async def across(self, path: Path, segments: Collection[str], rest: Path = ()) -> list[Entry]:
        return await self._shelf.across(path, segments, rest)


class DyingStore(SQLiteStore):
    """A store with such a shelf."""

    def __init__(self, directory: str, when: str, number: int) -> None:
        super().__init__(directory)
        self._dying = Dying(super().shelf, when, number)

    @property
    def shelf(self) -> Shelf:
        return self._dying


def die(directory: File, when: str, number: int, *requests: tuple[str, str, str]) -> None:
    """Let requests (method, URL, body) be answered by a server that dies in the last of them."""
    said = [part for request in requests for part in request]
    command = [sys.executable, "-m", __name__, str(directory), when, str(number), *said]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == DIED, done.stderr


async def _main(directory: str, when: str, number: str, *said: str) -> None:
    async with asking(engine(DyingStore(directory, when, int(number)))) as client:
        for method, url, body in zip(*[iter(said)] * 3, strict=True):
            await client.request(method, url, content=body)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
