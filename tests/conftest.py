"""Real engines for the tests, on each store, with the parts that need nothing."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import hypothesis
import numpy as np
import numpy.typing as npt
import pytest

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder, MemoryEngine
from duramen.protocols import Storage
from tests.postgres import database as database
from tests.postgres import postgres as postgres

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """Let no collection of garbage look at what was imported and found: it is all there until the end."""
    gc.collect()
    gc.freeze()


def engine(address: str | Path | Storage, **options: object) -> MemoryEngine:
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


class Gated(HashingEmbedder):
    """An embedder that can be made to hold back what is retained, and still embeds questions."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if len(texts) > 1:
            await asyncio.to_thread(self.gate.wait)
        return await super().embed(texts)
