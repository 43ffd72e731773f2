"""Telling all processes that something was appended, so that their workers look at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from duramen.errors import ClosedError, StoreError
from duramen.stores.postgres.database import PostgresDatabase
from duramen.stores.sql.statements import Statements


class Waker:
    """Notifies after appends, once for all that wait for it at a time.

    That is done apart from the appends: PostgreSQL commits transactions that notify one after another.
    """

    def __init__(self) -> None:
        self._asked = False
        self._telling: set[asyncio.Task[None]] = set()

    def wake(self, database: PostgresDatabase) -> None:
        """Notify soon; whoever appends need not wait for it, nor hears if it fails."""
        if self._asked:
            return  # what was asked for before has not begun, and tells of this, too
        self._asked = True
        task = asyncio.create_task(self._tell(database))
        self._telling.add(task)
        task.add_done_callback(self._told)

    async def aclose(self) -> None:
        """Wait for what is being told in this event loop."""
        loop = asyncio.get_running_loop()
        if ours := [task for task in self._telling if task.get_loop() is loop]:
            await asyncio.wait(ours)

    async def _tell(self, database: PostgresDatabase) -> None:
        def tell(sql: Statements) -> None:
            self._asked = False
            sql.run("notify", {"schema": database.address.schema})

        with suppress(StoreError, ClosedError):
            await database.peek(tell)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._asked = False
        self._telling.discard(task)
