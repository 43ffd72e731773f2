from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from duramen import MemoryEngine
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import asking

FACT = "Ada lives in Lisbon."


class Tenants:
    """Two tenants of one server, each with a key of its own, and one that reaches all."""

    def __init__(self, client: httpx.AsyncClient, keys: dict[str, str]) -> None:
        self._client = client
        self._keys = keys

    async def __call__(self, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._keys[who]}"}
        return await self._client.request(method, f"/v1/default{path}", headers=headers, **options)

    async def done(self, who: str, operation: str) -> dict[str, Any]:
        while True:
            status: dict[str, Any] = (await self(who, "GET", f"/banks/b/operations/{operation}")).json()
            if status["status"] not in ("pending", "processing"):
                return status
            await asyncio.sleep(0.01)


@asynccontextmanager
async def two(memory: MemoryEngine) -> AsyncIterator[Tenants]:
    async with asking(memory, Settings(auth="on")) as client:
        keys = Keys(memory.shelf)
        scopes = {who: Grant(name="", tenant=who) for who in ("acme", "other")}
        made = {who: await keys.create(who, scope=scope) for who, scope in {**scopes, "all": Grant(name="")}.items()}
        yield Tenants(client, {who: text for who, (_, text) in made.items()})


@pytest.fixture
async def tenants() -> AsyncIterator[Tenants]:
    async with two(engine(":memory:")) as ready:
        body = {"items": [{"content": FACT, "document_id": "d"}]}
        assert (await ready("acme", "POST", "/banks/b/memories", json=body)).json()["bank_id"] == "b"
        yield ready


async def test_each_sees_its_own_banks_by_its_own_names(tenants: Tenants) -> None:
    listed = {who: (await tenants(who, "GET", "/banks")).json() for who in ("acme", "other", "all")}

    assert [one["bank_id"] for one in listed["acme"]["banks"]] == ["b"]
    assert (listed["other"]["banks"], listed["other"]["total"]) == ([], 0)
    assert [one["bank_id"] for one in listed["all"]["banks"]] == ["tenant:acme:bank:b"]


async def test_a_bank_of_one_name_is_another_for_each(tenants: Tenants) -> None:
    body = {"query": "Where does Ada live?"}

    found = [
        len((await tenants(who, "POST", "/banks/b/memories/recall", json=body)).json()["results"])
        for who in ("acme", "other")
    ]

    assert found == [1, 0]


async def test_a_chunk_is_found_by_its_own_only(tenants: Tenants) -> None:
    chunk = (await tenants("acme", "GET", "/banks/b/documents/d/chunks")).json()["items"][0]

    answers = [await tenants(who, "GET", f"/chunks/{chunk['chunk_id']}") for who in ("acme", "other")]

    assert [one.status_code for one in answers] == [200, 404]
    assert answers[0].json()["bank_id"] == "b"


async def test_an_archive_is_downloaded_by_its_own_only(tenants: Tenants) -> None:
    submitted = (await tenants("acme", "POST", "/banks/b/document-transfer/export")).json()
    status = await tenants.done("acme", submitted["operation_id"])
    path = status["result_metadata"]["download_url"].removeprefix("/v1/default")

    answers = [await tenants(who, "GET", path) for who in ("acme", "other", "all")]

    assert [one.status_code for one in answers] == [200, 404, 200]


async def test_a_clone_goes_to_a_bank_of_its_own(tenants: Tenants) -> None:
    foreign = await tenants("acme", "POST", "/banks/b/clone", params={"target_bank_id": "tenant:other:bank:b"})
    own = await tenants("acme", "POST", "/banks/b/clone", params={"target_bank_id": "c"})

    assert (foreign.status_code, own.status_code) == (403, 202)
    assert (await tenants.done("acme", own.json()["operation_id"]))["status"] == "completed"
    assert [one["bank_id"] for one in (await tenants("acme", "GET", "/banks")).json()["banks"]] == ["b", "c"]
