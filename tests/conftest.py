"""Real engines for the tests, on each store, with the parts that need nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder, MemoryEngine


def engine(address: str | Path, **options: object) -> MemoryEngine:
    """Open an engine with the parts that need nothing."""
    parts: dict[str, object] = {"embedder": HashingEmbedder(), "entities": CapitalsEntityFinder(), **options}
    return duramen.open(address, **parts)  # type: ignore[arg-type]  # options of `open`, passed through


@pytest.fixture(params=["in memory", "sqlite"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return ":memory:" if request.param == "in memory" else str(tmp_path / "memory")


@pytest.fixture
async def memory(address: str) -> AsyncIterator[MemoryEngine]:
    async with engine(address) as opened:
        yield opened
