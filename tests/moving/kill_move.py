"""Moves banks in many small transactions, to be killed: `python -m tests.moving.kill_move SOURCE TARGET`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from duramen.copying import Taken
from duramen.moving import between, between_batch
from duramen.shelf import Change
from duramen.stores.sqlite import SQLiteStore


class Telling(SQLiteStore):
    """Says when something was taken, and lets whoever listens say when to go on."""

    async def take(self, bank: str, taken: Taken, *, shelved: Sequence[Change] = ()) -> None:
        await super().take(bank, taken, shelved=shelved)
        sys.stdout.write(".\n")
        sys.stdout.flush()


def main(source: str, target: str) -> None:
    between_batch.MOST_PIECES = 7
    asyncio.run(between.move(source, Telling(target)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
