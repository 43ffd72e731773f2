from __future__ import annotations

import warnings
from collections.abc import AsyncIterator

import pytest

from duramen import MemoryEngine
from tests.conftest import engine
from tests.outages import BreakableStore

with warnings.catch_warnings():
    # What Strands imports declares models in a way that pydantic deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import strands.multiagent  # noqa: F401  imported so that no test has to


@pytest.fixture
def store() -> BreakableStore:
    return BreakableStore()


@pytest.fixture
async def memory(store: BreakableStore) -> AsyncIterator[MemoryEngine]:
    async with engine(store) as opened:
        yield opened
        store.down = store.slow = False
