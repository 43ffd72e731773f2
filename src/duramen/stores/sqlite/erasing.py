"""Leaving nothing of what was forgotten in the files.

Deleted bytes are overwritten at once (`secure_delete`), and the log is emptied after each forgetting. Yet where SQLite
moves rows between pages, it may leave a copy in the unused part of a page; only writing the file anew takes those away.
For the same reason there is no `PRAGMA optimize`: its statistics may hold samples of keys.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from duramen.stores.sqlite.statements import SQL

LARGEST_REWRITE = 64 * 2**20
"""Bytes of the largest file that is written anew when the store closes: it is held in memory while that is done."""

SECONDS_TO_WAIT = 1.0
"""How long to wait for readers in other processes that still look at old pages."""


def empty_log(connection: sqlite3.Connection) -> None:
    """Move what the write-ahead log holds into the database and cut the log to nothing, unless others are reading."""
    with contextlib.suppress(sqlite3.Error):
        connection.execute(f"PRAGMA busy_timeout = {round(SECONDS_TO_WAIT * 1000)}").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 0").fetchall()


def rewrite(connection: sqlite3.Connection, path: Path) -> None:
    """Write a small file anew if something was forgotten since the last time; try again at the next close if busy."""
    with contextlib.suppress(sqlite3.Error, OSError):
        ((last,),) = connection.execute(SQL["last_erasure"]).fetchall()
        if last is not None and path.stat().st_size <= LARGEST_REWRITE:
            connection.execute("VACUUM")
            connection.execute(SQL["clear_erasures"], {"last": last})
