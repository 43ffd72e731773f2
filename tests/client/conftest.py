from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import duramen
from duramen import MemoryEngine
from tests.client.standing import Standing
from tests.serving import Served


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Standing]:
    """A peer that is not up yet."""
    standing = Standing(tmp_path / "peer.db")
    yield standing
    standing.kill()


@pytest.fixture
def peer(away: Standing) -> Standing:
    away.start()
    return away


@pytest.fixture
async def remote(peer: Standing) -> AsyncIterator[MemoryEngine]:
    async with duramen.open(peer.address, timeout=10) as memory:
        yield memory


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Served]:
    """A server of ours that is not up yet."""
    served = Served(tmp_path / "memory")
    yield served
    served.kill()


@pytest.fixture
def server(stopped: Served) -> Served:
    stopped.start()
    return stopped
