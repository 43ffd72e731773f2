"""What a server still has to do, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from duramen.client.courier import Courier
from duramen.errors import BadQueryError, NotFoundError, ProcessingError
from duramen.following import Progress
from duramen.jobs.worker import Left
from duramen.times import microseconds, parse_time
from duramen.types import BankVersion

_OPEN = ("pending", "processing")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds between two looks
_PAGE = 100


class Work:
    """Looks after the operations of a server.

    Args:
        courier: Knows the way, and the operations that were begun from here.
    """

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    async def finish(self, bank: str | None, seconds: float | None) -> int:
        """Wait until what was begun from here is done, for at most `seconds`; return how many operations are not."""
        deadline = _deadline(seconds)
        pause = _FIRST_PAUSE
        while True:
            left = 0
            for name in [bank] if bank is not None else list(self._courier.operations):
                left += await self._pending(name)
            if not left or _now() >= deadline:
                return left
            await asyncio.sleep(min(pause, max(0.0, deadline - _now())))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def idle(self, bank: str, seconds: float | None, progress: Progress | None) -> Left:
        """Wait until the server has nothing to do for `bank`, for at most `seconds`."""
        deadline = _deadline(seconds)
        pause = _FIRST_PAUSE
        most = 0
        while True:
            done, total, pending = await self._course(bank)
            most = max(most, total)
            if progress is not None:
                progress(max(0, most - total) + done, most)
            if not pending or _now() >= deadline:
                return Left(
                    pending=pending, waiting=0, failed=int((await self.counts(bank)).get("failed_operations") or 0)
                )
            await asyncio.sleep(min(pause, max(0.0, deadline - _now())))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def check(self, bank: str, operations: Sequence[str]) -> None:
        """Raise what went wrong in `operations`.

        Raises:
            ProcessingError: One of them failed.
        """
        for one in operations:
            told = await self._operation(bank, one)
            if told.get("status") == "failed":
                raise ProcessingError(bank, one, str(told.get("error_message") or "the server does not say why"))

    async def retry(self, bank: str) -> int:
        """Let the server try again what failed; return how many operations those are."""
        failed = await self._listed(bank, "failed")
        count = 0
        for one in failed:
            path = await self._courier.path(bank, "operations", str(one.get("operation_id") or one.get("id")), "retry")
            try:
                await self._courier.transport.ask("POST", path)
            except NotFoundError:
                continue
            count += 1
        return count

    async def counts(self, bank: str) -> Mapping[str, Any]:
        """Return the statistics of `bank`; nothing if there is no such bank."""
        try:
            reply = await self._courier.transport.ask("GET", await self._courier.path(bank, "stats"))
        except NotFoundError:
            return {}
        return reply if isinstance(reply, Mapping) else {}

    async def version(self, bank: str, removals: int) -> BankVersion | None:
        """Return what changes with every change that the server tells of; None if there is no such bank."""
        counts = await self.counts(bank)
        written = counts.get("last_memory_write_at")
        if not counts or (not written and not counts.get("total_nodes")):
            return None
        last = microseconds(parse_time(written, BadQueryError, "last_memory_write_at")) if written else 0
        return BankVersion(number=0, last=last, removals=removals, embedder=None, dimensions=0)

    async def _pending(self, bank: str) -> int:
        begun = self._courier.operations.get(bank, set())
        for one in list(begun):
            if (await self._operation(bank, one)).get("status") not in _OPEN:
                begun.discard(one)
        if not begun:
            self._courier.operations.pop(bank, None)
        return len(begun)

    async def _operation(self, bank: str, operation: str) -> Mapping[str, Any]:
        try:
            reply = await self._courier.transport.ask("GET", await self._courier.path(bank, "operations", operation))
        except NotFoundError:
            return {}
        return reply if isinstance(reply, Mapping) else {}

    async def _course(self, bank: str) -> tuple[int, int, int]:
        """Return how many items are done and how many there are, in all operations under way, and how many those are."""
        done = total = 0
        rows = [row for status in _OPEN for row in await self._listed(bank, status)]
        for row in rows:
            progress: Mapping[str, Any] = row.get("progress") or {}
            items = int(progress.get("total") or row.get("items_count") or 1)
            done += min(items, int(progress.get("processed") or 0))
            total += items
        return done, total, len(rows)

    async def _listed(self, bank: str, status: str) -> Sequence[Mapping[str, Any]]:
        params = {"status": status, "limit": _PAGE}
        try:
            reply = await self._courier.transport.ask(
                "GET", await self._courier.path(bank, "operations"), params=params
            )
        except NotFoundError:
            return ()
        return (reply or {}).get("operations") or ()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _deadline(seconds: float | None) -> float:
    return float("inf") if seconds is None else _now() + seconds
