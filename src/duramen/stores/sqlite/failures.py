"""What SQLite's errors mean to a caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duramen.errors import StoreCorruptError, StoreError, StoreUnavailableError

# The messages are SQLite's own, of its result codes; Python before 3.11 does not pass on the codes.
_DAMAGE = ("malformed", "not a database", "no such table", "no such column", "unsupported file format")
_ADVICE = {
    "file exists": "The address is a file; give a directory",
    "not a directory": "The address leads through a file; give a directory",
    "permission denied": "Give this process the permission to write there",
    "full": "Free some space on the disk and try again",
    "locked": "Another process is writing for unusually long. Try again, or give a larger `busy_seconds`",
    "readonly": "Give this process the permission to write the file and its directory",
    "unable to open": "Check that the directory exists, and that this process may read and write it",
    "disk i/o": "Check that the disk is sound and that nothing limits the size of files, and try again",
}


def is_locked(error: sqlite3.Error) -> bool:
    """Tell whether another connection was in the way."""
    return "locked" in str(error)


def store_error(error: Exception, path: Path) -> StoreError:
    """Return what to raise instead of `error`, with it as the cause."""
    text = str(error)
    failure: StoreError
    if isinstance(error, sqlite3.DatabaseError) and any(sign in text for sign in _DAMAGE):
        failure = StoreCorruptError(path, text)
    else:
        advice = next((known for sign, known in _ADVICE.items() if sign in text.casefold()), "Try again")
        failure = StoreUnavailableError(f"{path} cannot be used: {text}. {advice}. What was acknowledged is safe.")
    failure.__cause__ = error
    return failure


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the operating system into those of a store."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, path) from error
