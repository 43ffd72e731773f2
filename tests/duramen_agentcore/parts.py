"""Real parts for the adapter's tests: agents of every kind, an embedder that can be made slow, a look into a bank."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from duramen import Event, HashingEmbedder, MemoryEngine
from duramen_agentcore import TurnContext

BANK = "user:ada:agent:support"


def turn(session: str = "session-1", user: str = "ada", **rest: Any) -> TurnContext:
    return TurnContext(runtime_session_id=session, user_id=user, **rest)


async def events(memory: MemoryEngine, bank: str = BANK) -> list[Event]:
    return list((await memory.events(bank, limit=1000)).items)


async def said(memory: MemoryEngine, bank: str = BANK) -> list[tuple[str | None, str]]:
    """Return who said what in `bank`, in order."""
    return [(event.speaker, event.content) for event in await events(memory, bank)]


class SleepyEmbedder(HashingEmbedder):
    """Answers only while it is awake."""

    asleep = False

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        while self.asleep:  # noqa: ASYNC110  set from other threads, which an event of this loop is not for
            await asyncio.sleep(0.01)
        return await super().embed(texts)


class BrokenEmbedder(HashingEmbedder):
    """Raises what no library of ours knows."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        raise LookupError("the model is on holiday")


async def answer(payload: Mapping[str, Any], memory_context: str) -> dict[str, str]:
    return {"output": f"Noted: {payload['prompt']}"}


async def stream(payload: Mapping[str, Any], memory_context: str) -> AsyncIterator[str]:
    for word in ("I ", "will ", "remember."):
        yield word


def stream_in_a_thread(payload: Mapping[str, Any]) -> Iterator[str]:
    yield from ("I ", "will ", "remember.")


async def stream_for_ever(payload: Mapping[str, Any], memory_context: str) -> AsyncIterator[str]:
    yield "It begins "
    yield "well, "
    while True:
        await asyncio.sleep(0.01)
        yield "on "
