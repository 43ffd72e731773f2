from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import duramen
from duramen import MemoryEngine
from tests.client.serving import Serving
from tests.client.standing import Standing


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
def stopped(tmp_path: Path) -> Iterator[Serving]:
    """A server of ours that is not up yet."""
    serving = Serving(tmp_path / "memory")
    yield serving
    serving.kill()


@pytest.fixture
def server(stopped: Serving) -> Serving:
    stopped.start()
    return stopped
