"""Sessions over real stores, without an engine around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone

from duramen.protocols import Storage
from duramen.sessions.events import SessionEvent
from duramen.sessions.sessions import Sessions
from duramen.types import Event, Page, Selection

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
AT = ("b", "ada", "s1")
"""The bank, actor and session of most tests."""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        self.moment += by


class Surroundings:
    """What sessions need of an engine: which strategies follow, and who is to know of what is deleted."""

    def __init__(self) -> None:
        self.strategies: list[str] = []
        self.forgot: list[str] = []

    async def following(self, bank: str, events: Sequence[Event]) -> Sequence[str]:
        return self.strategies

    @asynccontextmanager
    async def forgetting(self, bank: str) -> AsyncIterator[None]:
        yield
        self.forgot.append(bank)


def over(storage: Storage, clock: Clock, around: Surroundings | None = None) -> Sessions:
    """Return the sessions of `storage`."""
    around = around or Surroundings()
    return Sessions(storage, around.following, around.forgetting, now=clock)


async def retained(storage: Storage, bank: str = "b") -> list[Event]:
    """Return what was retained of the sessions of a bank, by time mentioned."""
    return list((await storage.events(bank, Selection(), cursor=None, limit=1000)).items)


def texts(events: Sequence[SessionEvent] | Page[SessionEvent]) -> list[str]:
    """Return the first words of each event."""
    items = events.items if isinstance(events, Page) else events
    return [event.payload[0].text for event in items]  # type: ignore[union-attr]  # tests append words


def at(milliseconds: float) -> datetime:
    """Return the moment so long after noon."""
    return NOON + timedelta(milliseconds=milliseconds)
