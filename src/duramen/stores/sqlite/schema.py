"""Bringing the file into the shape that this version knows, or refusing it untouched."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from duramen.errors import SchemaVersionError, StoreCorruptError, StoreUnavailableError
from duramen.stores.sqlite.failures import is_locked

APPLICATION = 0x44757261
"""Marks a file as ours: "Dura"."""

OLDEST_SQLITE = (3, 37)

SMALLEST_DATABASE = 512
"""Bytes in the smallest page. SQLite would take some shorter files for new ones."""


def migrations() -> Mapping[int, str]:
    """Return the SQL of each migration by its number, rising from 1."""
    found = (entry for entry in files(__package__).joinpath("migrations").iterdir() if entry.name.endswith(".sql"))
    return {int(entry.name[:4]): entry.read_text(encoding="utf-8") for entry in sorted(found, key=lambda e: e.name)}


def check_file(path: Path, seconds: float) -> None:
    """Look at the file without changing it; a missing or empty one is fine.

    Raises:
        StoreCorruptError: It is damaged, or somebody else's.
        SchemaVersionError: It was written by a newer version.
        sqlite3.Error: It cannot be read, or holds no database.
    """
    # The log is looked at first: it is never longer than nothing while the database is still empty.
    log = _size(path.with_name(f"{path.name}-wal"))
    size = _size(path)
    if not size and log:
        raise StoreCorruptError(path, "it is empty, yet its write-ahead log is not")
    if not size:
        return
    if size < SMALLEST_DATABASE:
        raise StoreCorruptError(path, f"it is not a database, with {size} bytes")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=seconds)) as connection:
        connection.execute("BEGIN")  # so that all is of one moment: another process may be making it right now
        application, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
        ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    if application != APPLICATION and (application or version or tables):
        raise StoreCorruptError(path, f"it is a database of another program (application id {application})")
    if version > max(migrations()):
        raise SchemaVersionError(path, version, max(migrations()))


def migrate(connection: sqlite3.Connection, path: Path, seconds: float) -> None:
    """Apply the migrations that are missing, each in a transaction of its own.

    Other processes may do the same: the version is looked at again once the lock is held.

    Raises:
        SchemaVersionError: A newer version got there first.
    """
    known = migrations()
    for number, script in known.items():
        if _pragma(connection, "user_version") >= number:
            continue
        insist(connection, "BEGIN IMMEDIATE", seconds)
        try:
            if _pragma(connection, "user_version") < number:
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    if (version := _pragma(connection, "user_version")) > max(known):
        raise SchemaVersionError(path, version, max(known))


def use_log(connection: sqlite3.Connection, path: Path, seconds: float) -> None:
    """Switch the file to a write-ahead log, which lets readers and a writer work at the same time.

    Raises:
        StoreUnavailableError: SQLite is too old, or the file system cannot hold such a log.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreUnavailableError(
            f"This Python comes with SQLite {sqlite3.sqlite_version}; Duramen needs 3.37 or newer. Use a newer Python."
        )
    mode = insist(connection, "PRAGMA journal_mode = WAL", seconds)
    if mode != [("wal",)]:
        raise StoreUnavailableError(
            f"{path} cannot have a write-ahead log ({mode}); a network file system is the usual reason. "
            f"Give a directory on a local disk."
        )


def insist(connection: sqlite3.Connection, statement: str, seconds: float) -> list[tuple[object, ...]]:
    """Run `statement`, again and again for up to `seconds` while another process is in the way.

    SQLite's own waiting backs off to 100 ms, and so rarely meets the gap that a busy writer leaves.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.0001, 0.001))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    ((value,),) = connection.execute(f"PRAGMA {name}").fetchall()
    return int(value)


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
