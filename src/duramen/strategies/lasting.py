"""How long records last that a strategy makes: it stands with each of them from when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from duramen.errors import StrategyError
from duramen.strategy import Strategy
from duramen.times import later
from duramen.types import Memory

RECORD = "record"
"""The detail of a memory that holds what only records have."""

MOST_DAYS = 365_000


def lasting(strategy: Strategy, now: datetime) -> dict[str, Any]:
    """Return the details that say until when a memory made now lasts; none if its strategy sets it no time."""
    days: int | None = getattr(strategy, "record_days", None)
    if days is None:
        return {}
    lifetime = timedelta(days=days)
    return {RECORD: {"expires": later(now, lifetime).isoformat(), "lifetime": lifetime.total_seconds()}}


def is_over(memory: Memory, now: datetime) -> bool:
    """Tell whether the time of a memory is over: it is not shown any more, and is deleted some time."""
    kept = memory.details.get(RECORD)
    expires = kept.get("expires") if isinstance(kept, Mapping) else None
    return isinstance(expires, str) and datetime.fromisoformat(expires) <= now


def check_days(name: str, days: object) -> None:
    """Raise `StrategyError` unless records of a strategy can last so many days; None is for ever."""
    whole = isinstance(days, int) and not isinstance(days, bool)
    if days is not None and not (whole and 1 <= days <= MOST_DAYS):  # type: ignore[operator]  # it is a number
        raise StrategyError(
            f"The records of {name!r} are to last {days!r} days. Give a whole number from 1 to {MOST_DAYS:,}, or leave it "
            f"out so that they last for ever."
        )
