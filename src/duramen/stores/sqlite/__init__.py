"""The embedded default: one directory, one SQLite database, as many processes as you like."""

from duramen.stores.sqlite.store import SQLiteStore

__all__ = ["SQLiteStore"]
