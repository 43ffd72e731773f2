from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from duramen import MemoryEngine
from duramen.server.app import create_app
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.mcp.connection import ALL, Connection, asks
from duramen.server.mcp.tool import Tool
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import client_of
from tests.server.mcp.parts import called, every_argument_of, listed, text_of

FOREIGN = "tenant:other:user:ada"
SECRET = "The safe opens with 4711."


@asynccontextmanager
async def connected(client: httpx.AsyncClient, bank: str | None = None, key: str = "") -> AsyncIterator[Connection]:
    headers = {"authorization": key} if key else {}
    yield Connection(client=client, bank=bank, headers=headers, allowed=asks(client, headers))


@asynccontextmanager
async def guarded(memory: MemoryEngine, scope: Grant) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(memory, Settings(auth="on"))) as client:
        _, key = await Keys(memory.shelf).create("somebody", scope=scope)
        client.headers["Authorization"] = key
        yield client


async def state_of(memory: MemoryEngine, bank: str) -> tuple[Any, ...]:
    kept = await memory.shelf.scan(("duramen.banks", bank), below=True)
    memories = await memory.memories(bank)
    return kept, [one.text for one in memories.items]


@pytest.mark.parametrize("tool", ALL.values(), ids=lambda tool: tool.name)
@pytest.mark.parametrize("scope", [Grant(name="", tenant="acme"), Grant(name="", banks=("a-*",))], ids=["tenant", "a"])
async def test_with_a_key_for_other_banks_a_tool_sees_and_changes_nothing(tool: Tool, scope: Grant) -> None:
    memory = engine(":memory:")
    async with guarded(memory, scope) as client:
        await memory.retain(FOREIGN, SECRET)
        await memory.profiles.save(FOREIGN, mission="Keep the safe.")
        await memory.flush()
        before = await state_of(memory, FOREIGN)
        named: Mapping[str, Any] = {"bank_id": FOREIGN} if tool.of_bank else {}

        answer = await called(client, "/mcp", tool.name, **named, **every_argument_of(tool))

        after = await state_of(memory, FOREIGN)

    assert answer["isError"] == tool.of_bank
    assert not any(word in str(answer) for word in (SECRET, "Keep the safe"))
    assert after == before


async def test_with_a_key_for_other_banks_a_connection_to_one_sees_nothing() -> None:
    memory = engine(":memory:")
    async with guarded(memory, Grant(name="", tenant="acme")) as client:
        await memory.retain(FOREIGN, SECRET)
        await memory.profiles.save(FOREIGN, config={"mcp_enabled_tools": ["recall"]})

        answer = await called(client, f"/mcp/{FOREIGN}/", "recall", query="safe")
        tools = await listed(client, f"/mcp/{FOREIGN}")

    assert answer["isError"]
    assert SECRET not in str(answer)
    assert len(tools) > 30  # how the bank is set up is not told, either


async def test_a_tool_may_do_only_what_its_key_is_for() -> None:
    memory = engine(":memory:")
    async with guarded(memory, Grant(name="", verbs=frozenset({"recall"}))) as client:
        found = await called(client, "/mcp/ada", "recall", query="x")
        kept = await called(client, "/mcp/ada", "retain", content="x")

    assert not found["isError"]
    assert (kept["isError"], "retain" in text_of(kept)) == (True, True)


@pytest.mark.parametrize("scope", [Grant(name=""), Grant(name="", verbs=frozenset({"recall", "retain"}))])
async def test_a_bank_offers_only_the_tools_that_it_allows(scope: Grant) -> None:
    memory = engine(":memory:")
    async with guarded(memory, scope) as client:
        await memory.profiles.save("ada", config={"mcp_enabled_tools": ["recall", "list_tags"]})

        tools = set(await listed(client, "/mcp/ada"))
        others = set(await listed(client, "/mcp/grace"))
        refused = await called(client, "/mcp/ada", "sync_retain", content="x")
        named = await called(client, "/mcp", "sync_retain", bank_id="ada", content="x")
        done = await called(client, "/mcp/ada", "recall", query="x")
        state = await state_of(memory, "ada")

    assert tools == {"recall", "list_tags"}
    assert len(others) > 30
    assert (refused["isError"], named["isError"], done["isError"]) == (True, True, False)
    assert "does not allow 'sync_retain'" in text_of(refused)
    assert state[1] == []


async def test_a_bank_that_is_reached_over_a_server_offers_only_the_tools_that_it_allows() -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client, connected(client, "ada") as connection:
        await memory.profiles.save("ada", config={"mcp_enabled_tools": ["recall"]})

        tools = await connection.tools()
        refused = await connection.call("retain", {"content": "x"})

    assert [one["name"] for one in tools] == ["recall"]
    assert refused.failed


@pytest.mark.parametrize(
    "bank", ["a/b", "a%2Fb", "tenant:a:user:b", "你 😀", "a?b#c", "a+b", "a\nb", " a ", "...", "a\\b"]
)
async def test_a_bank_may_be_called_anything(bank: str) -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client, connected(client) as connection:
        kept = await connection.call("sync_retain", {"bank_id": bank, "content": "Ada lives in Lisbon."})
        found = await connection.call("recall", {"bank_id": bank, "query": "Where does Ada live?"})
        banks = [one.name for one in (await memory.banks()).items]

    assert not kept.failed, kept.text
    assert "Lisbon" in found.text
    assert banks == [bank]


@pytest.mark.parametrize("step", [".", ".."])
@pytest.mark.parametrize("tool", ["forget", "delete_mental_model", "delete_directive", "delete_knowledge_node"])
async def test_an_id_that_is_a_step_in_a_path_deletes_nothing(tool: str, step: str) -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client, connected(client, "ada") as connection:
        await memory.retain("ada", SECRET)
        await memory.flush()
        names = [name for name in ALL[tool].arguments if name != "document_id"]

        answer = await connection.call(tool, dict.fromkeys(names, step))

        state = await state_of(memory, "ada")

    assert answer.failed
    assert state[1] == [SECRET]


@pytest.mark.parametrize("bank", ["\0", "a\0b", "  ", "\ud800"])
async def test_a_bank_that_cannot_be_is_an_error_of_the_tool(bank: str) -> None:
    async with client_of(create_app(engine(":memory:"), Settings())) as client, connected(client) as connection:
        answer = await connection.call("recall", {"bank_id": bank, "query": "x"})

    assert answer.failed


async def test_a_connection_to_one_bank_does_not_reach_another() -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client, connected(client, "ada") as connection:
        same = await connection.call("sync_retain", {"bank_id": "ada", "content": "x y"})
        other = await connection.call("sync_retain", {"bank_id": "grace", "content": "x y"})
        banks = [one.name for one in (await memory.banks()).items]

    assert (same.failed, other.failed) == (False, True)
    assert banks == ["ada"]


async def test_null_is_as_good_as_nothing() -> None:
    async with client_of(create_app(engine(":memory:"), Settings())) as client, connected(client, "ada") as connection:
        optional = await connection.call("recall", {"query": "x", "tags": None, "budget": None, "types": None})
        needed = await connection.call("recall", {"query": None})

    assert (optional.failed, needed.failed) == (False, True)


async def test_what_is_null_is_left_out_of_the_text_and_stands_in_the_data() -> None:
    async with client_of(create_app(engine(":memory:"), Settings())) as client, connected(client, "ada") as connection:
        answer = await connection.call("recall", {"query": "x"})

    assert answer.text == '{\n "results": []\n}'
    assert answer.data is not None
    assert answer.data["trace"] is None


async def test_what_cannot_be_set_up_changes_nothing_else_either() -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client, connected(client, "ada") as connection:
        wrong = await connection.call("update_bank", {"name": "Ada", "config_updates": {"no_such_thing": 1}})
        nothing = await connection.call("update_bank", {})
        name = (await memory.profiles.get("ada")).name

    assert (wrong.failed, nothing.failed) == (True, True)
    assert name != "Ada"


async def test_a_memory_that_cannot_be_reached_is_said_and_its_tools_are_still_listed() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client, connected(client, "ada") as connection:
        tools = await connection.tools()
        answer = await connection.call("recall", {"query": "x"})

    assert len(tools) > 30
    assert answer.failed
    assert "cannot be reached" in answer.text


async def test_a_server_that_speaks_something_else_is_said() -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 502, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<h1>Bad gateway</h1>"})

    transport = httpx.ASGITransport(app=page)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client, connected(client, "a") as one:
        answer = await one.call("recall", {"query": "x"})

    assert (answer.failed, "502" in answer.text) == (True, True)
