"""Every kind of store tells and takes banks word for word, and every two kinds fit together."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duramen.copying import CopyingStorage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.postgres import PostgresStore
from duramen.stores.sqlite import SQLiteStore
from tests.contracts.copying import BetweenContract, CopyingContract
from tests.postgres import Server


async def opened(kind: str, directory: Path, request: pytest.FixtureRequest) -> CopyingStorage:
    """Return an empty store."""
    store: CopyingStorage = InMemoryStore()
    if kind == "sqlite":
        store = SQLiteStore(directory, durability="process")
    elif kind == "postgres":
        store = PostgresStore(f"{request.getfixturevalue('shared')}?schema=s{uuid.uuid4().hex}&pool_size=2")
    await store.open()
    return store


@pytest.fixture(scope="module")
def shared(postgres: Server) -> str:
    return postgres.database()


@pytest.fixture(params=["in memory", "sqlite to postgres"])
def kinds(request: pytest.FixtureRequest) -> tuple[str, str]:
    kind, _, other = request.param.partition(" to ")
    return kind, other or kind


@pytest.fixture
async def store(
    kinds: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[CopyingStorage]:
    store = await opened(kinds[0], tmp_path / "source", request)
    yield store
    await store.aclose()


@pytest.fixture
async def other(
    kinds: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[CopyingStorage]:
    store = await opened(kinds[1], tmp_path / "target", request)
    yield store
    await store.aclose()


class TestCopying(CopyingContract):
    """Each store does what the contract asks."""

    @pytest.fixture(params=["in memory", "sqlite", "postgres"])
    def kinds(self, request: pytest.FixtureRequest) -> tuple[str, str]:
        return request.param, request.param


class TestBetween(BetweenContract):
    """Each pair of stores does what the contract asks; the way back is in `test_between.py`."""
