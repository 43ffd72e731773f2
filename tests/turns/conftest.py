from __future__ import annotations

from collections.abc import Iterator

import pytest

from duramen import MemoryEngine
from tests.conftest import engine
from tests.outages import BreakableStore, store

__all__ = ["store"]


@pytest.fixture
def memory(store: BreakableStore) -> Iterator[MemoryEngine]:
    opened = engine(store)
    yield opened
    store.down = store.slow = False
    opened.close()
