"""Documents of a real engine, on each store."""

from __future__ import annotations

import pytest

from duramen import MemoryEngine
from duramen.documents import Documents


@pytest.fixture
def documents(memory: MemoryEngine) -> Documents:
    return Documents(memory._desk)
