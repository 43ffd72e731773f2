from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from duramen import MemoryEngine
from tests.conftest import engine
from tests.outages import BreakableStore, store

with warnings.catch_warnings():
    # What Strands imports declares models in a way that pydantic deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import strands.multiagent  # noqa: F401  imported so that no test has to

from tests.duramen_strands.parts import seed

__all__ = ["store"]


@pytest.fixture
async def memory(store: BreakableStore) -> AsyncIterator[MemoryEngine]:
    async with engine(store) as opened:
        yield opened
        store.down = store.slow = False


@pytest.fixture
async def seeded(memory: MemoryEngine) -> None:
    await seed(memory)


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[MemoryEngine]:
    """A memory that is kept on a disk."""
    opened = engine(tmp_path / "memory")
    yield opened
    opened.close()
