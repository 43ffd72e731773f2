from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duramen.protocols import Storage
from duramen.sessions.sessions import Sessions
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from tests.sessions.parts import Clock, Surroundings, over


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture(params=["in memory", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Storage]:
    store: Storage
    if request.param == "sqlite":
        store = SQLiteStore(tmp_path, durability="process", clock=clock)
    else:
        store = InMemoryStore(clock=clock)
    await store.open()
    yield store
    await store.aclose()


@pytest.fixture
def sessions(storage: Storage, clock: Clock, around: Surroundings) -> Sessions:
    return over(storage, clock, around)
