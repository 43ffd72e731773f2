"""A memory that can be taken away and given back, for tests of what adapters do without one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from duramen.errors import StoreUnavailableError
from duramen.protocols import Appended
from duramen.shelf import Change
from duramen.stores.in_memory import InMemoryStore
from duramen.types import BankVersion, Event


class BreakableStore(InMemoryStore):
    """Keeps banks in memory and, while it is `down`, cannot be reached; while it is `slow`, does not answer."""

    down = False
    slow = False

    async def append(
        self,
        bank: str,
        events: Sequence[Event],
        *,
        beyond: Sequence[str] = (),
        replayed: bool = False,
        strategies: Sequence[str] = (),
        shelved: Sequence[Change] = (),
    ) -> Appended:
        await self._reach()
        return await super().append(
            bank, events, beyond=beyond, replayed=replayed, strategies=strategies, shelved=shelved
        )

    async def version(self, bank: str) -> BankVersion | None:
        await self._reach()
        return await super().version(bank)

    async def _reach(self) -> None:
        while self.slow:  # noqa: ASYNC110  set from other threads, which an event of this loop is not for
            await asyncio.sleep(0.01)
        if self.down:
            raise StoreUnavailableError("The store is down, for the sake of a test.")


@pytest.fixture
def store() -> BreakableStore:
    return BreakableStore()
