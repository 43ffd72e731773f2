"""PostgreSQL away at the start, killed in the middle, hanging, and followed by another server: nothing acknowledged is lost,
a recall fails open, and who uses the memory goes on with it when the server is back.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from duramen import MemoryEngine
from duramen.errors import StoreUnavailableError
from duramen_langgraph import GraphMemory, MemoryState
from tests.conftest import engine
from tests.postgres import PASSWORD, Server, ServerError, as_superuser, copy_of, make_server, programs, promote

BANK = "user:ada"
ADA: Any = {"configurable": {"thread_id": "t", "user_id": "ada"}}
ASKED: Any = {"messages": [("user", "What is my cat called?")]}
QUICK = "?pool_seconds=0.2&statement_seconds=0.5"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module, which is killed and comes back."""
    try:
        programs()
    except ServerError as error:
        pytest.skip(str(error))
    server = make_server(fsync=False, settings={"wal_keep_size": "16MB"})
    yield server
    server.remove()


@pytest.fixture
def url(server: Server) -> str:
    return server.database() + QUICK


@asynccontextmanager
async def seeded(url: str) -> AsyncIterator[MemoryEngine]:
    """Open a memory that knows about a cat."""
    async with engine(url, catch_up_seconds=1.0) as memory:
        await memory.retain(BANK, "The cat of Ada is called Miso.", key="seed")
        await memory.flush()
        yield memory


async def kept(memory: MemoryEngine) -> list[str]:
    return sorted(event.key for event in (await memory.events(BANK, limit=1000)).items)


async def insist(memory: MemoryEngine, key: str) -> str:
    """Retain until it is acknowledged, as a caller would that may not lose anything."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(StoreUnavailableError), wait=wait_fixed(0.01), stop=stop_after_delay(60)
    ):
        with attempt:
            await memory.retain(BANK, f"This is what {key} says.", key=key)
    return key


async def test_away_at_the_start_is_an_error_that_passes_with_the_outage(server: Server, url: str) -> None:
    server.stop()
    memory = engine(url)

    try:
        with pytest.raises(StoreUnavailableError, match=r"refused.*See whether the server is up") as caught:
            await memory.retain(BANK, "Too early.", key="early")
    finally:
        server.start()
    await memory.retain(BANK, "In time.", key="later")

    assert PASSWORD not in str(caught.value)
    assert await kept(memory) == ["later"]
    await memory.aclose()


async def test_killed_in_the_middle_nothing_acknowledged_is_lost_and_nothing_has_to_be_opened_anew(
    server: Server, url: str
) -> None:
    acknowledged: list[str] = []

    async def write(name: str) -> None:
        for number in range(15):
            key = await insist(memory, f"{name}{number:02d}")
            acknowledged.append(key)
            if len(acknowledged) in enough:
                enough[len(acknowledged)].set()

    enough = {9: asyncio.Event(), 25: asyncio.Event()}
    async with seeded(url) as memory:
        writers = [asyncio.create_task(write(name)) for name in "abc"]
        for event in enough.values():
            await event.wait()
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.to_thread(server.start)
        await asyncio.gather(*writers)
        await memory.flush()

        assert await kept(memory) == sorted([*acknowledged, "seed"])
        assert len(acknowledged) == 45
        assert "Miso" in (await memory.recall(BANK, "Miso the cat")).text


async def test_a_restart_while_nothing_is_done_is_not_noticed(server: Server, url: str) -> None:
    async with seeded(url) as memory:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)

        await memory.retain(BANK, "It was away.", key="after")

        assert await kept(memory) == ["after", "seed"]


async def test_while_it_is_away_a_recall_is_empty_for_an_agent_and_what_it_says_is_kept_for_later(
    server: Server, url: str
) -> None:
    async with seeded(url) as memory:
        graph_memory = GraphMemory(memory, timeout=5.0)
        graph = _graph(graph_memory)
        before = (await graph.ainvoke(ASKED, ADA))["memory"]
        await asyncio.to_thread(server.stop, signal.SIGKILL)
        try:
            during = (await graph.ainvoke(ASKED, ADA))["memory"]
        finally:
            await asyncio.to_thread(server.start)
        after = await _until_found(graph)

        assert "Miso" in before
        assert during == ""
        assert "Miso" in after


async def test_a_server_that_hangs_is_given_up_and_used_again_when_it_goes_on(server: Server, url: str) -> None:
    async with seeded(url) as memory:
        graph_memory = GraphMemory(memory, timeout=20.0)
        graph = _graph(graph_memory)
        await asyncio.to_thread(server.pause)
        try:
            with pytest.raises(StoreUnavailableError, match=r"statement_seconds|cannot be used"):
                await memory.retain(BANK, "Who hears this?", key="lost")
            during = (await graph.ainvoke(ASKED, ADA))["memory"]
        finally:
            await asyncio.to_thread(server.go_on)
        acknowledged = await insist(memory, "found")

        assert during == ""
        assert "Miso" in await _until_found(graph)
        assert {acknowledged, "seed"} <= set(await kept(memory))


async def test_the_standby_takes_over_with_all_that_was_acknowledged(server: Server, url: str) -> None:
    standby = await asyncio.to_thread(copy_of, server)
    place, _, name = url.partition("@")[2].partition("?")[0].partition("/")
    both = url.replace(f"{place}/{name}", f"127.0.0.1:{standby.port},{place}/{name}")
    try:
        # The first host of the address is the standby: it lets in, but is not written to.
        as_superuser(server, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        async with seeded(both) as memory:
            acknowledged = [await insist(memory, f"before{number}") for number in range(5)]
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            writing = asyncio.gather(*(insist(memory, f"during{number}") for number in range(3)))
            await asyncio.to_thread(promote, standby)
            acknowledged += await writing
            await memory.flush()

            assert await kept(memory) == sorted([*acknowledged, "seed"])
    finally:
        standby.remove()
        (server.data / "postgresql.auto.conf").write_text("")
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)


def _graph(graph_memory: GraphMemory) -> Any:
    builder = StateGraph(MemoryState)
    builder.add_node("recall", graph_memory.recall_node())
    builder.add_edge(START, "recall")
    builder.add_edge("recall", END)
    return builder.compile()


async def _until_found(graph: Any) -> str:
    """Ask until something is found: after an outage an agent does without its memory for a moment."""
    until = time.monotonic() + 60
    while True:
        found: str = (await graph.ainvoke(ASKED, ADA))["memory"]
        if found or time.monotonic() > until:
            return found
        await asyncio.sleep(0.05)
