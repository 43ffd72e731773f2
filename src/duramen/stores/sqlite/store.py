"""The store over one SQLite file."""

from __future__ import annotations

import threading
from pathlib import Path

from duramen import shelf
from duramen.errors import ClosedError
from duramen.stores.placing import Clock
from duramen.stores.sql.store import SQLStore
from duramen.stores.sqlite.database import Durability, SQLiteDatabase
from duramen.times import utc_now

FILE_NAME = "duramen.db"


class SQLiteStore(SQLStore):
    """Keeps banks in one directory, which any number of processes may use at the same time.

    Args:
        directory: Made when it is missing; on a local disk, not a network share.
        durability: `commit` syncs every acknowledged write to the disk, so that it outlives a power cut; `process`
            leaves that to the system, so that it outlives the process only, and is faster.
        busy_seconds: How long to wait for other processes before `StoreUnavailableError`.
        clock: Tells the time that lifetimes on the shelf go by.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        durability: Durability = "commit",
        busy_seconds: float = 10.0,
        clock: Clock = utc_now,
    ) -> None:
        self._path = Path(directory) / FILE_NAME
        self._durability: Durability = durability
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._database: SQLiteDatabase | None = None
        super().__init__(clock, _home_of)

    @property
    def directory(self) -> Path:
        """Where everything is kept."""
        return self._path.parent

    @property
    def database(self) -> SQLiteDatabase:
        """The open database; raises `ClosedError` when there is none."""
        if self._database is None:
            raise ClosedError(f"The store at {self._path} is not open. Call `open()` first.")
        self._database.check()
        return self._database

    async def open(self) -> None:
        with self._lock:
            if self._database is None or self._database.closed:
                self._database = SQLiteDatabase(
                    self._path, durability=self._durability, busy_seconds=self._busy_seconds
                )
            database = self._database
        await database.opened()

    async def aclose(self) -> None:
        if self._database is not None:
            await self._database.aclose()


def _home_of(path: shelf.Path, *, below: bool = False) -> str:
    """Return one name for all: there is one file."""
    return ""
