"""Corrections in a real engine, on each store."""

from __future__ import annotations

import pytest

from duramen import MemoryEngine
from duramen.curation import Curation
from duramen.documents import Documents


@pytest.fixture
def curation(memory: MemoryEngine) -> Curation:
    return Curation(memory._desk)


@pytest.fixture
def documents(memory: MemoryEngine) -> Documents:
    return Documents(memory._desk)
