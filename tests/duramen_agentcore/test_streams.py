from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen_agentcore import RuntimeAdapter
from tests.duramen_agentcore.parts import events, stream, stream_for_ever, turn


async def begun(adapter: RuntimeAdapter) -> AsyncGenerator[str, None]:
    chunks: AsyncGenerator[str, None] = await adapter.run_turn(
        turn(), {"prompt": "Tell me a story."}, agent_callable=stream_for_ever
    )
    assert [await anext(chunks), await anext(chunks)] == ["It begins ", "well, "]
    return chunks


async def kept(adapter: RuntimeAdapter, memory: MemoryEngine) -> list[tuple[str, str | None]]:
    await adapter.flush()
    return [(event.content, event.metadata.get("complete")) for event in await events(memory)]


UP_TO_THEN = [("Tell me a story.", "false"), ("It begins well,", "false")]


async def test_a_stream_that_is_closed_is_retained_up_to_then(adapter: RuntimeAdapter, memory: MemoryEngine) -> None:
    chunks = await begun(adapter)

    await chunks.aclose()

    assert await kept(adapter, memory) == UP_TO_THEN


async def test_a_stream_that_is_dropped_is_retained_up_to_then(adapter: RuntimeAdapter, memory: MemoryEngine) -> None:
    chunks = await begun(adapter)

    del chunks
    gc.collect()
    await asyncio.sleep(0.1)

    assert await kept(adapter, memory) == UP_TO_THEN


async def test_a_stream_whose_reader_is_cancelled_is_retained_up_to_then(
    adapter: RuntimeAdapter, memory: MemoryEngine
) -> None:
    async def words(payload: Any) -> AsyncIterator[str]:
        yield "It begins "
        yield "well, "
        await asyncio.sleep(3600)

    async def read() -> None:
        async for chunk in await adapter.run_turn(turn(), {"prompt": "Tell me a story."}, agent_callable=words):
            if chunk == "well, ":
                half.set()

    half = asyncio.Event()
    reader = asyncio.create_task(read())
    await half.wait()
    reader.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reader

    assert await kept(adapter, memory) == UP_TO_THEN


async def test_a_stream_that_nobody_reads_is_not_retained(adapter: RuntimeAdapter, memory: MemoryEngine) -> None:
    chunks = await adapter.run_turn(turn(), {"prompt": "Tell me a story."}, agent_callable=stream_for_ever)

    await chunks.aclose()

    assert await kept(adapter, memory) == []


async def test_a_stream_that_fails_raises_and_is_not_retained(adapter: RuntimeAdapter, memory: MemoryEngine) -> None:
    async def break_off(payload: Any) -> AsyncIterator[str]:
        yield "It begins "
        raise LookupError("the story is lost")

    chunks = await adapter.run_turn(turn(), {"prompt": "Go on."}, agent_callable=break_off)

    assert await anext(chunks) == "It begins "
    with pytest.raises(LookupError, match="the story is lost"):
        await anext(chunks)
    assert await kept(adapter, memory) == []


async def test_leaving_a_stream_ends_the_agent_behind_it(adapter: RuntimeAdapter) -> None:
    ended: list[str] = []

    async def tidy(payload: Any) -> AsyncIterator[str]:
        try:
            while True:
                yield "on "
        finally:
            ended.append("async")

    def tidy_in_a_thread(payload: Any) -> Iterator[str]:
        try:
            while True:
                yield "on "
        finally:
            ended.append("plain")

    for agent in (tidy, tidy_in_a_thread):
        chunks = await adapter.run_turn(turn(), {"prompt": "Go on."}, agent_callable=agent)
        await anext(chunks)
        await chunks.aclose()

    assert ended == ["async", "plain"]


async def test_a_stream_whose_reader_pauses_is_retained_so_far_and_whole_when_the_reader_comes_back(
    adapter: RuntimeAdapter, memory: MemoryEngine
) -> None:
    chunks = await adapter.run_turn(turn(), {"prompt": "I am vegan."}, agent_callable=stream)

    assert await anext(chunks) == "I "
    while not (so_far := await kept(adapter, memory)):  # noqa: ASYNC110  the adapter tells nobody
        await asyncio.sleep(0.05)
    assert [chunk async for chunk in chunks] == ["will ", "remember."]

    assert so_far == [("I am vegan.", "false"), ("I", "false")]
    assert await kept(adapter, memory) == [("I am vegan.", None), ("I will remember.", None)]


async def test_closing_the_adapter_retains_what_unfinished_streams_said_so_far(
    adapter: RuntimeAdapter, memory: MemoryEngine
) -> None:
    chunks = await begun(adapter)

    await adapter.aclose()
    so_far = await kept(adapter, memory)
    await chunks.aclose()

    assert so_far == UP_TO_THEN
    assert await kept(adapter, memory) == UP_TO_THEN
