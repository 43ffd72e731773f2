from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from duramen import MemoryEngine, SyncMemoryEngine
from tests.conftest import engine
from tests.outages import BreakableStore, store

with warnings.catch_warnings():
    # Older releases use what langchain-core deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import langchain.agents
    import langchain.agents.middleware  # noqa: F401  imported so that no test has to

from langgraph.checkpoint.memory import InMemorySaver

from tests.duramen_langchain.parts import Async, Face, Sync, seed

__all__ = ["store"]


@pytest.fixture
def address() -> str:
    return ":memory:"


@pytest.fixture
async def seeded(memory: MemoryEngine) -> None:
    await seed(memory)


@pytest.fixture
def kept(store: BreakableStore) -> Iterator[SyncMemoryEngine]:
    """A memory without `await`, which goes down with its `store`."""
    with SyncMemoryEngine(engine(store)) as opened:
        yield opened
        store.down = store.slow = False


@pytest.fixture(params=[Sync(), Async()], ids=["sync", "async"])
def face(request: pytest.FixtureRequest) -> Face:
    given: Face = request.param
    return given


@pytest.fixture
def saver() -> InMemorySaver:
    return InMemorySaver()
