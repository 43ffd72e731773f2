from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import mcp
import pytest
from mcp.client.streamable_http import streamable_http_client

from duramen.server.app import create_app
from duramen.server.mcp.connection import ALL, OF_BANK
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import client_of
from tests.server.mcp.parts import asked, called, listed
from tests.server.running import running


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(engine(":memory:"), Settings())) as one:
        yield one


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_at_the_root_each_tool_names_its_bank(path: str, client: httpx.AsyncClient) -> None:
    assert set(await listed(client, path)) == set(ALL)


@pytest.mark.parametrize("path", ["/mcp/ada", "/mcp/ada/", "/mcp/tenant%3Aa%2Fb/", "/mcp/%C3%A4"])
async def test_below_it_the_path_names_the_bank(path: str, client: httpx.AsyncClient) -> None:
    tools = await listed(client, path)
    kept = await called(client, path, "sync_retain", content="Ada lives in Lisbon.")

    assert set(tools) == set(OF_BANK)
    assert kept["structuredContent"]["bank_id"] == httpx.URL(f"http://x{path}").path.removeprefix("/mcp/").rstrip("/")


@pytest.mark.parametrize("path", ["/mcp//", "/mcp/a//", "/mcp/a/b", "/mcp/a/b/", "/mcpa"])
async def test_nothing_is_further_below(path: str, client: httpx.AsyncClient) -> None:
    answer = await asked(client, path, "tools/list")

    assert answer.status_code == 404


async def test_a_header_may_name_the_bank_unless_the_path_does(client: httpx.AsyncClient) -> None:
    client.headers["X-Bank-Id"] = "ada"
    here = await called(client, "/mcp/", "sync_retain", content="Ada lives in Lisbon.")
    there = await called(client, "/mcp/grace", "sync_retain", content="Grace lives in Porto.")

    assert here["structuredContent"]["bank_id"] == "ada"
    assert there["structuredContent"]["bank_id"] == "grace"


async def test_only_post_is_answered(client: httpx.AsyncClient) -> None:
    answers = [await client.request(method, "/mcp") for method in ("GET", "DELETE", "HEAD", "PUT")]

    assert [one.status_code for one in answers] == [405] * 4
    assert {one.headers["allow"] for one in answers} == {"POST"}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:6274", 200),
        ("http://127.0.0.1", 200),
        ("http://[::1]:80", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
async def test_a_page_from_elsewhere_may_not_use_the_memory_of_this_computer(
    origin: str, status: int, client: httpx.AsyncClient
) -> None:
    client.headers["Origin"] = origin

    answer = await asked(client, "/mcp", "tools/list")

    assert answer.status_code == status


async def test_the_version_says_that_there_are_tools(client: httpx.AsyncClient) -> None:
    assert (await client.get("/version")).json()["features"]["mcp"] is True


async def test_it_can_be_switched_off() -> None:
    async with client_of(create_app(engine(":memory:"), Settings(mcp=False))) as off:
        answer = await asked(off, "/mcp", "tools/list")
        version = (await off.get("/version")).json()

    assert answer.status_code == 404
    assert version["features"]["mcp"] is False


async def test_without_a_key_there_is_no_connection() -> None:
    async with client_of(create_app(engine(":memory:"), Settings(auth="on"))) as guarded:
        answer = await asked(guarded, "/mcp", "tools/list")

    assert answer.status_code == 401


async def test_tools_are_found_below_the_base_path() -> None:
    async with client_of(create_app(engine(":memory:"), Settings(base_path="/memory"))) as based:
        kept = await called(based, "/memory/mcp/ada/", "sync_retain", content="Ada lives in Lisbon.")

    assert not kept["isError"]


async def test_what_is_no_message_is_refused(client: httpx.AsyncClient) -> None:
    broken = await client.post("/mcp", content=b"{", headers={"Content-Type": "application/json", "Accept": "*/*"})
    unknown = await asked(client, "/mcp", "tools/destroy")

    assert 400 <= broken.status_code < 500
    assert "error" in unknown.json()


async def test_a_server_can_be_started_again_in_the_same_process(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        async with client_of(create_app(engine(tmp_path / "memory"), Settings())) as again:
            await called(again, "/mcp/ada", "sync_retain", content="Ada lives in Lisbon.", document_id="home")
            found.append(await called(again, "/mcp/ada", "recall", query="Where does Ada live?"))

    assert [len(one["structuredContent"]["results"]) for one in found] == [1, 1]


async def test_two_clients_at_once_are_not_mixed_up(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory")) as url:
        async with (
            streamable_http_client(f"{url}/mcp/ada/") as ada,
            streamable_http_client(f"{url}/mcp/grace/") as grace,
            mcp.ClientSession(*ada[:2]) as one,
            mcp.ClientSession(*grace[:2]) as other,
        ):
            await one.initialize()
            await other.initialize()
            await one.call_tool("sync_retain", {"content": "Ada lives in Lisbon."})
            await other.call_tool("sync_retain", {"content": "Grace lives in Porto."})
            found = [await each.call_tool("list_memories", {}) for each in (one, other)]

    texts = [[item["text"] for item in (each.structured_content or {})["items"]] for each in found]
    assert texts == [["Ada lives in Lisbon."], ["Grace lives in Porto."]]
