from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterator

import pytest

from duramen import MemoryEngine
from duramen_agentcore import RuntimeAdapter, reset_config
from tests.conftest import engine

with warnings.catch_warnings():
    # Its models are declared in a way that pydantic deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import bedrock_agentcore  # noqa: F401  imported so that no test has to

VARIABLES = ("DURAMEN_URL", "HINDSIGHT_API_URL", "DURAMEN_API_KEY", "HINDSIGHT_API_KEY", "HINDSIGHT_API_TOKEN")


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    reset_config()
    yield
    reset_config()


@pytest.fixture
async def memory() -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:") as opened:
        yield opened


@pytest.fixture
async def adapter(memory: MemoryEngine) -> AsyncIterator[RuntimeAdapter]:
    async with RuntimeAdapter("support", memory=memory) as made:
        yield made
