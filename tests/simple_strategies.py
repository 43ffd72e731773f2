"""Strategies that are one function, and talks that tell them apart, for tests of what happens around a strategy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from duramen import MemoryEngine
from duramen.retain.worker import Pace
from duramen.strategies import Candidate, FunctionStrategy, Made, Work
from duramen.types import Memory

BRISK = Pace(linger_seconds=0.0, poll_seconds=0.05, backoff_seconds=0.01)
"""A worker that tries again at once."""

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def noted(work: Work) -> list[Candidate]:
    """Make one fact of each event, in its words."""
    return [
        Candidate(text=event.content, kind="fact", sources=(event.id,), mentioned=event.mentioned)
        for event in work.events
    ]


def notes(function: Callable[[Work], Any] = noted, name: str = "notes", **options: Any) -> FunctionStrategy:
    """Return a strategy that makes `function` of events."""
    return FunctionStrategy(name=name, function=function, **options)


class Seen:
    """Makes nothing, and keeps what it was given."""

    def __init__(self, *left: str) -> None:
        self.works: list[Work] = []
        self._left = left

    def __call__(self, work: Work) -> Made:
        self.works.append(work)
        return Made(left=[event.id for event in work.events if event.content in self._left])

    @property
    def texts(self) -> list[list[str]]:
        """What was said in each work."""
        return [[event.content for event in work.events] for work in self.works]


class Failing:
    """Fails so often, and then makes a fact of each event."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self.calls = 0
        self._times = times
        self._error = error or RuntimeError("not today")

    def __call__(self, work: Work) -> list[Candidate]:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error
        return noted(work)


def later(minutes: float) -> datetime:
    """Return the moment so long after noon."""
    return NOON + timedelta(minutes=minutes)


async def made(memory: MemoryEngine, bank: str = "user:ada", **filters: Any) -> list[Memory]:
    """Return what strategies made in a bank, oldest first."""
    return list((await memory.memories(bank, namespace="/", **filters)).items)


async def texts(memory: MemoryEngine, bank: str = "user:ada", **filters: Any) -> list[str]:
    """Return the words of what strategies made in a bank, oldest first."""
    return [one.text for one in await made(memory, bank, **filters)]
