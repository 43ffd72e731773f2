"""What most of the queries need: the bank's version, the time, and the place of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from duramen.stores.sqlite.database import Database
from duramen.stores.sqlite.queries import SQL
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import BankVersion


class HasDatabase(Protocol):
    """What the parts of a store need of it."""

    @property
    def database(self) -> Database:
        """The open database; raises `ClosedError` when there is none."""


def version_of(connection: sqlite3.Connection, bank: str) -> BankVersion | None:
    """Return the bank's version, or None if there is no such bank."""
    found = connection.execute(SQL["bank_version"], {"bank": bank}).fetchone()
    return BankVersion(*found) if found else None


def one(connection: sqlite3.Connection, query: str, parameters: Mapping[str, Any]) -> Any:
    """Return the first column of the first row that a query finds, or None."""
    found = connection.execute(SQL[query], parameters).fetchone()
    return found and found[0]


def now() -> int:
    """Return the time in microseconds."""
    return microseconds(utc_now())


def after(seconds: float) -> int:
    """Return the time so many seconds from now."""
    return now() + round(seconds * 1e6)


def optional_moment(value: int | None) -> datetime | None:
    """Return the moment of some microseconds, if there are any."""
    return None if value is None else from_microseconds(value)
