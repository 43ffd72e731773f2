"""Every route there is, also those that come later: it names its verb, and lets nobody in who may not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from duramen import MemoryEngine
from duramen.server.agentcore.service import operations
from duramen.server.answering import asks_as_aws
from duramen.server.app import create_app, served
from duramen.server.auth import PUBLIC
from duramen.server.caller import VERBS, Grant, Verb
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine

FOREIGN = "tenant:other:user:ada"
PROTECTED_WITHOUT_VERB = {"/mcp", "/mcp/{bank_id}"}
"""Its tools are requests to the other routes, with the caller's own key."""


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    verbs: frozenset[Verb]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def of_aws(self) -> bool:
        return asks_as_aws({"path": self.path})

    def to(self, bank: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: bank if found[1] == "bank_id" else "x", self.path)


def routes() -> Iterator[Route]:
    for one in served(create_app(engine(":memory:"), Settings())):
        yield from (
            Route(method, one.path, one.verbs) for method in sorted(one.methods or {"POST"}) if one.path not in PUBLIC
        )


ROUTES = list(routes())
OF_BANKS = [one for one in ROUTES if "{bank_id}" in one.path and one.path not in PROTECTED_WITHOUT_VERB]


@pytest.fixture(scope="module")
def served_memory() -> Iterator[tuple[MemoryEngine, FastAPI]]:
    memory = engine(":memory:")
    yield memory, create_app(memory, Settings(auth="on"))
    memory.close()


@pytest.fixture
async def guarded(
    served_memory: tuple[MemoryEngine, FastAPI],
) -> AsyncIterator[tuple[MemoryEngine, httpx.AsyncClient]]:
    memory, app = served_memory
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        yield memory, client


def test_there_are_routes_of_banks() -> None:
    assert len(OF_BANKS) > 50


def test_there_are_routes_of_all_operations_of_agentcore() -> None:
    asked = {(one.method, one.path.removesuffix("/")) for one in operations().values()}

    assert asked <= {(one.method, one.path) for one in ROUTES}


def test_every_route_that_is_not_public_names_one_verb() -> None:
    without = {one.path for one in ROUTES if len(one.verbs) != 1}

    assert without == PROTECTED_WITHOUT_VERB


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_without_a_key_nobody_gets_in(route: Route, guarded: tuple[MemoryEngine, httpx.AsyncClient]) -> None:
    _, client = guarded

    answer = await client.request(route.method, route.to("a"), json={})

    assert answer.status_code == (403 if route.of_aws else 401)
    assert answer.headers.get("x-amzn-errortype") == ("AccessDeniedException" if route.of_aws else None)


@pytest.mark.parametrize("route", OF_BANKS, ids=str)
@pytest.mark.parametrize(
    "scope",
    [
        Grant(name="", tenant="acme"),
        Grant(name="", banks=("support-*",)),
        Grant(name="", user="bob"),
        Grant(name="", tenant="acme", user="ada"),
    ],
    ids=["tenant", "banks", "user", "user of a tenant"],
)
async def test_a_key_does_not_reach_the_bank_of_somebody_else_and_nothing_is_written_there(
    route: Route, scope: Grant, guarded: tuple[MemoryEngine, httpx.AsyncClient]
) -> None:
    memory, client = guarded
    _, key = await Keys(memory.shelf).create("other", scope=scope)
    before = await memory.shelf.scan(("duramen.banks", FOREIGN), below=True)

    answer = await client.request(route.method, route.to(FOREIGN), json={}, headers={"Authorization": key})

    assert answer.status_code in (403, 404)
    assert await memory.shelf.scan(("duramen.banks", FOREIGN), below=True) == before == []
    assert FOREIGN not in [bank.name for bank in (await memory.banks()).items]


@pytest.mark.parametrize("route", [one for one in ROUTES if one.path not in PROTECTED_WITHOUT_VERB], ids=str)
async def test_a_key_without_the_verb_of_a_route_does_not_get_in(
    route: Route, guarded: tuple[MemoryEngine, httpx.AsyncClient]
) -> None:
    memory, client = guarded
    scope = Grant(name="", verbs=frozenset(VERBS) - route.verbs)
    _, key = await Keys(memory.shelf).create("without", scope=scope)

    answer = await client.request(route.method, route.to("a"), json={}, headers={"Authorization": key})

    assert answer.status_code == 403
    assert "a" not in [bank.name for bank in (await memory.banks()).items]
