"""What most of the queries need: the bank's version, and the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from duramen.stores.sql.statements import Statements
from duramen.times import from_microseconds, microseconds, utc_now
from duramen.types import BankVersion


def version_of(sql: Statements, bank: str) -> BankVersion | None:
    """Return the bank's version, or None if there is no such bank."""
    found = sql.run("bank_version", {"bank": bank}).fetchone()
    return BankVersion(*found) if found else None


def one(sql: Statements, query: str, parameters: Mapping[str, Any]) -> Any:
    """Return the first column of the first row that a query finds, or None."""
    found = sql.run(query, parameters).fetchone()
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
