from __future__ import annotations

import warnings
from collections.abc import AsyncIterator

import pytest

from duramen import MemoryEngine
from tests.conftest import engine

with warnings.catch_warnings():
    # Older releases use what langchain-core deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import langchain.agents
    import langchain.agents.middleware  # noqa: F401  imported so that no test has to


@pytest.fixture
async def memory() -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:") as opened:
        yield opened
