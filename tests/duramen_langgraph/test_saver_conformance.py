"""What langgraph asks of every checkpointer, capability by capability."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability

from duramen_langgraph.saver import DuramenSaver
from tests.conftest import engine


@pytest.mark.parametrize("capability", [capability.value for capability in Capability])
async def test_the_saver_has_the_capability(capability: str, address: str) -> None:
    @checkpointer_test(name="DuramenSaver")
    async def saver() -> AsyncGenerator[BaseCheckpointSaver[str], None]:
        async with engine(address) as memory:
            yield DuramenSaver(memory)

    report = await validate(saver, capabilities={capability})

    result = report.results[capability]
    assert result.detected, f"{capability} is not implemented"
    assert result.passed, "\n".join(result.failures)
    assert result.tests_passed > 0
