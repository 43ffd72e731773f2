from __future__ import annotations

import warnings
from typing import Any

import pytest

from duramen import MemoryEngine
from tests.outages import store

with warnings.catch_warnings():
    # Older releases of it use what langchain-core deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import langgraph.graph  # noqa: F401  imported so that no test has to

from duramen_langgraph.saver import DuramenSaver
from duramen_langgraph.store import DuramenStore
from tests.duramen_langgraph import faces
from tests.duramen_langgraph.parts import FACES

__all__ = ["store"]


@pytest.fixture(params=FACES, ids=lambda face: type(face).__name__)
def face(request: pytest.FixtureRequest) -> Any:
    """A graph's methods with `await`, or without."""
    return request.param


@pytest.fixture
async def saver(memory: MemoryEngine) -> DuramenSaver:
    return DuramenSaver(memory)


@pytest.fixture(params=["sync", "async"])
def of(request: pytest.FixtureRequest) -> Any:
    """Gives a store one of its faces."""
    return lambda given: faces.Face(given, sync=request.param == "sync")


@pytest.fixture
def items(of: Any, memory: MemoryEngine) -> faces.Face:
    """A store, by one of its faces."""
    face: faces.Face = of(DuramenStore(memory))
    return face
