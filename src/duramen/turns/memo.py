"""One recall per user message, however often a framework calls the model about it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from duramen.types import Recall

MOST = 1_000
"""Turns whose recall is at hand."""

PATIENCE_SECONDS = 5.0
"""How long a turn goes on without memory after a recall of its own failed, before the memory is asked again."""


@dataclass(frozen=True, slots=True)
class _Known:
    recall: Recall | None
    removals: tuple[int, int] | None
    at: float


class Memo:
    """Recalls by turn. Lives on the engine's loop; those who ask for the same turn at once share one recall.

    What was forgotten since is not served again: a memory taken away makes the recalls of its bank stale.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._asking: dict[Hashable, asyncio.Task[Recall | None]] = {}

    async def get(
        self, turn: Hashable, removals: tuple[int, int] | None, ask: Callable[[], Awaitable[Recall | None]]
    ) -> Recall | None:
        """Return the recall of `turn`, from `ask` if it is new, stale, or failed (None) some time ago.

        Args:
            turn: What names the turn: bank, session, message and how it is asked.
            removals: The number of the bank and how much was ever taken from it; None if that is not known.
            ask: Recalls, or returns None if that failed.
        """
        known = self._known.get(turn)
        if known is not None and _holds(known, removals):
            self._known.move_to_end(turn)
            return known.recall
        task = self._asking.get(turn)
        if task is None:
            task = self._asking[turn] = asyncio.ensure_future(self._ask(turn, removals, ask))
        return await asyncio.shield(task)

    async def _ask(
        self, turn: Hashable, removals: tuple[int, int] | None, ask: Callable[[], Awaitable[Recall | None]]
    ) -> Recall | None:
        try:
            recall = await ask()
            self._known[turn] = _Known(recall, removals, time.monotonic())
            self._known.move_to_end(turn)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
            return recall
        finally:
            del self._asking[turn]


def _holds(known: _Known, removals: tuple[int, int] | None) -> bool:
    if known.recall is None:
        return time.monotonic() - known.at < PATIENCE_SECONDS
    return removals is None or removals == known.removals
