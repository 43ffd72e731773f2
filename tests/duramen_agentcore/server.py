"""A real AgentCore Runtime app for the tests, told by the environment where its memory is.

With `GATE` set, no vector of an answer is made until a file is at that path.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from bedrock_agentcore import BedrockAgentCoreApp, RequestContext

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder
from duramen_agentcore import RuntimeAdapter, TurnContext


class GatedEmbedder(HashingEmbedder):
    """Makes no vector of an answer while the gate is shut."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        gate = os.environ.get("GATE")
        shut = gate is not None and "Noted:" in " ".join(texts)
        while shut and not Path(str(gate)).exists():  # noqa: ASYNC110, ASYNC240  a file wakes nobody, and this is quick
            await asyncio.sleep(0.01)
        return await super().embed(texts)


async def answer(payload: dict[str, Any], memory_context: str) -> dict[str, str]:
    return {"output": f"Noted: {payload['prompt']}", "knew": memory_context}


async def story(payload: dict[str, Any], memory_context: str) -> AsyncIterator[str]:
    yield "Once upon a time "
    while True:
        yield "and then "
        await asyncio.sleep(0.001)


memory = duramen.open(os.environ.get("MEMORY", ":memory:"), embedder=GatedEmbedder(), entities=CapitalsEntityFinder())
adapter = RuntimeAdapter(agent_name="support-agent", memory=memory)
app = adapter.bind(BedrockAgentCoreApp())


@app.entrypoint
async def handle(payload: dict[str, Any], context: RequestContext) -> Any:
    turn = TurnContext.from_request(context, payload)
    agent = story if payload.get("stream") else answer
    return await adapter.run_turn(turn, payload, agent_callable=agent)
