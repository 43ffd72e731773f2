"""A server that is down, hangs, fails, is busy, breaks off or refuses: what a memory without a journal makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import pytest

import duramen
from duramen import BadContentError, BadQueryError, MemoryEngine, StoreUnavailableError
from duramen.client import Reach, RemoteMemory
from duramen.errors import AccessError, BadInputError, ConflictError, DuramenError, IdentityError
from tests.client.standing import Standing

EVER = 60


async def test_a_server_that_is_down_is_an_outage(away: Standing) -> None:
    memory = duramen.open(away.address, retries=1)

    with pytest.raises(StoreUnavailableError, match="cannot be asked"):
        await memory.retain("b", "Ada is vegan.")
    with pytest.raises(StoreUnavailableError):
        await memory.recall("b", "vegan")
    await memory.aclose()


@pytest.mark.parametrize(
    "faults",
    [
        [{"status": 500}, {"status": 503}],
        [{"status": 429, "after": 0}, {"status": 429, "after": 0.1}],
        [{"then": "cut"}, {"then": "cut"}],
        [{"status": 502}, {"then": "cut"}],
    ],
)
async def test_what_fails_for_a_moment_is_done_again_and_kept_once(
    remote: MemoryEngine, peer: Standing, faults: list[dict[str, Any]]
) -> None:
    peer.fail(*faults)

    await remote.retain("b", "Ada is vegan.")

    assert peer.contents() == ["Ada is vegan."]
    assert len((await remote.recall("b", "vegan")).hits) == 1


async def test_a_server_that_hangs_is_given_up(peer: Standing) -> None:
    async with RemoteMemory(peer.address, Reach(timeout=0.3, retries=0)) as memory:
        peer.fail({"before": "hang"})
        with pytest.raises(StoreUnavailableError, match=r"no answer within 0\.3 s"):
            await asyncio.wait_for(memory.recall("b", "vegan"), EVER)

        await memory.retain("b", "Ada is vegan.")

    assert peer.contents() == ["Ada is vegan."]


async def test_a_server_that_keeps_failing_is_left_alone_for_a_while(remote: MemoryEngine, peer: Standing) -> None:
    peer.fail({"status": 500, "always": True})
    for _ in range(4):
        with pytest.raises(StoreUnavailableError):
            await remote.recall("b", "vegan")
    asked = len(peer.requests())

    with pytest.raises(StoreUnavailableError, match="is tried again in"):
        await remote.recall("b", "vegan")

    assert len(peer.requests()) == asked
    assert asked < 12


async def test_a_server_that_asks_for_a_long_rest_gets_it_at_once(remote: MemoryEngine, peer: Standing) -> None:
    peer.fail({"status": 429, "after": 3600})

    with pytest.raises(StoreUnavailableError, match="come back in 3600 s"):
        await remote.recall("b", "vegan")
    with pytest.raises(StoreUnavailableError, match="is tried again in"):
        await remote.recall("b", "vegan")


@pytest.mark.parametrize(
    ("status", "error", "base"),
    [
        (401, AccessError, IdentityError),
        (403, AccessError, IdentityError),
        (409, ConflictError, BadInputError),
        (418, StoreUnavailableError, DuramenError),
    ],
)
async def test_a_refusal_is_an_error_of_its_sort_with_the_words_of_the_server(
    remote: MemoryEngine, peer: Standing, status: int, error: type[DuramenError], base: type[DuramenError]
) -> None:
    peer.fail({"status": status, "detail": "the words of the server"})

    with pytest.raises(base, match="the words of the server") as caught:
        await remote.memories("b")

    assert type(caught.value) is error
    assert len([line for line in peer.requests() if "list" in line]) == 1


async def test_what_the_server_does_not_take_is_the_callers_to_mend(remote: MemoryEngine, peer: Standing) -> None:
    with pytest.raises(BadContentError, match=r"items\.0\.content: is poison"):
        await remote.retain("b", "This is poison.")
    peer.fail({"status": 400, "detail": "the query is too long"})
    with pytest.raises(BadQueryError, match="too long"):
        await remote.recall("b", "vegan")

    assert peer.contents() == []


async def test_what_answers_and_is_no_memory_server_says_so() -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(page, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    memory = duramen.open(f"http://127.0.0.1:{port}")

    with pytest.raises(StoreUnavailableError, match="something else than JSON"):
        await memory.recall("b", "vegan")
    await memory.aclose()
    server.close()


async def test_a_server_that_comes_back_is_used_again(away: Standing) -> None:
    memory = duramen.open(away.address, retries=0)
    with pytest.raises(StoreUnavailableError):
        await memory.recall("b", "vegan")

    await asyncio.to_thread(away.start)
    await memory.retain("b", "Ada is vegan.")
    await asyncio.to_thread(away.kill)
    await asyncio.to_thread(away.start)
    recall = await asyncio.wait_for(_until_answered(memory), EVER)
    await memory.aclose()

    assert len(recall.hits) == 1


async def _until_answered(memory: MemoryEngine) -> duramen.Recall:
    recall: duramen.Recall | None = None
    while recall is None:
        with contextlib.suppress(StoreUnavailableError):
            recall = await memory.recall("b", "vegan")
        await asyncio.sleep(0.05)
    return recall


async def test_no_key_is_in_what_is_raised_or_logged(away: Standing, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    memory = duramen.open(away.address, api_key="s3cret", retries=0)

    with pytest.raises(StoreUnavailableError) as caught:
        await memory.retain("b", "Ada is vegan.")
    await memory.aclose()

    assert "s3cret" not in str(caught.value) + caplog.text


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"retries": -1}, {"api_key": "a\nb"}, {"headers": {"x": "a\r\nb"}}])
def test_options_without_sense_are_refused_and_not_shown(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        duramen.open("http://localhost:1", **wrong)
