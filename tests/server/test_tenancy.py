"""The second wall: over PostgreSQL a tenant's request sees nothing of another's, also where the server forgot to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from fastapi import APIRouter, Depends, Request

from duramen import Identity, MemoryEngine, SyncMemoryEngine
from duramen.documents.source import Source
from duramen.errors import BankResolutionError, StoreError
from duramen.identity import bank_of
from duramen.server.banks import granted, memory_of
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from duramen.shelf import Put
from duramen.strategies.resources import bank_of_resource
from duramen.tasks.task import Report, Task
from duramen.tenancy import TENANT, of_tenant
from duramen.times import utc_now
from tests.conftest import engine
from tests.postgres import Server
from tests.server.agentcore.parts import REGION, clients, ready_memory
from tests.server.apps import app_of
from tests.server.running import running

GUARDED = Settings(auth="on")
NAMES = ["acme", "ac", "acme:bank", "acme%3Abank", "acme%", "100%", "_cme", "%", "*", "acme\x1fother", "äöü", "ACME"]
"""Tenants whose names look like a part of each other's, or like patterns."""


def forgetful() -> APIRouter:
    """Return routes of somebody who forgot to ask whose the bank is."""
    router = APIRouter()

    @router.get("/forgetful/all")
    @router.get("/memories/forgetful/all")  # where AWS's clients sign
    async def everything(request: Request, grant: Annotated[Grant, Depends(granted("read"))]) -> dict[str, Any]:
        memory = memory_of(request)
        profiles, _ = await memory.profiles.list(limit=100)
        tasks = await memory.tasks.counts()
        return {
            "tenant": TENANT.get(),
            "banks": [one.name for one in (await memory.banks()).items],
            "profiles": [one.bank for one in profiles],
            "shelf": sorted({entry.path[1] for entry in await memory.shelf.scan(("duramen.banks",), below=True)}),
            "paths": sorted({path[1] for path in await memory.shelf.paths(("duramen.banks",))}),
            "tasks": sum(tasks.values()),
        }

    @router.get("/forgetful/of")
    async def of(request: Request, grant: Annotated[Grant, Depends(granted("recall"))], bank: str) -> dict[str, Any]:
        memory = memory_of(request)
        return {
            "recalled": [hit.memory.text for hit in (await memory.recall(bank, "Who plays the xylophone?")).hits],
            "memories": [one.text for one in (await memory.memories(bank)).items],
            "events": [one.content for one in (await memory.events(bank)).items],
            "version": await memory.version(bank) is not None,
            "documents": [one.id for one in (await memory.documents.list(bank))[0]],
            "name": (await memory.profiles.get(bank)).name,
        }

    @router.post("/forgetful/of")
    async def retain(request: Request, grant: Annotated[Grant, Depends(granted("retain"))], bank: str) -> str:
        try:
            await memory_of(request).retain(bank, "Somebody else was here.")
        except StoreError as error:
            return str(error)
        return "retained"

    @router.delete("/forgetful/of")
    async def forget(request: Request, grant: Annotated[Grant, Depends(granted("forget"))], bank: str) -> int:
        return (await memory_of(request).forget(bank, everything=True)).memories

    return router


@dataclass(frozen=True)
class Walled:
    """A server over PostgreSQL with banks of two tenants and of nobody, and who may ask it."""

    url: str
    memory: MemoryEngine
    keys: dict[str, str]

    def ask(self, name: str, method: str, path: str, **params: str) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[name]}"}
        return httpx.request(method, f"{self.url}{path}", params=params, headers=headers, timeout=60)

    def seen(self, name: str, bank: str) -> dict[str, Any]:
        told: dict[str, Any] = self.ask(name, "GET", "/forgetful/of", bank=bank).raise_for_status().json()
        return told


ACME, OTHER, NOBODY = "tenant:acme:bank:x", "tenant:other:bank:x", "support"
NOTHING = {"recalled": [], "memories": [], "events": [], "version": False, "documents": []}


async def filled(memory: MemoryEngine) -> dict[str, str]:
    for bank in (ACME, OTHER, NOBODY):
        await memory.retain(bank, f"Xanthippe plays the xylophone for {bank}.", wait=True)
        await memory.profiles.save(bank, name=f"the name of {bank}")
        await memory.documents.retain(bank, [Source(content=f"A document of {bank}.", document="plan-9")])
        await memory.tasks.submit(bank, "nobody's", {})
    await memory.wait_idle()
    keys = Keys(memory.shelf)
    return {
        "acme": (await keys.create("acme", scope=Grant(name="", tenant="acme")))[1],
        "user": (await keys.create("user", scope=Grant(name="", tenant="acme", user="bob")))[1],
        "everybody": (await keys.create("admin"))[1],
    }


@pytest.fixture(scope="module")
def walled(postgres: Server) -> Iterator[Walled]:
    with ExitStack() as stack:
        database = postgres.database()
        stack.callback(postgres.give_back, database)
        memory = engine(database)
        url = stack.enter_context(running(app_of(memory, GUARDED, forgetful())))
        yield Walled(url, memory, asyncio.run(filled(memory)))


@pytest.mark.parametrize("name", ["acme", "user"])
@pytest.mark.parametrize("bank", [OTHER, NOBODY])
def test_a_route_that_forgot_to_ask_sees_nothing_of_others(walled: Walled, name: str, bank: str) -> None:
    assert walled.seen(name, bank) == {**NOTHING, "name": bank}


def test_it_sees_what_is_ones_own_and_whoever_has_no_tenant_sees_all(walled: Walled) -> None:
    for name, bank in (("acme", ACME), ("everybody", ACME), ("everybody", OTHER), ("everybody", NOBODY)):
        told = walled.seen(name, bank)

        assert bank in told["recalled"][0]
        assert told["name"] == f"the name of {bank}"
        assert told["documents"] == ["plan-9"]


def test_what_looks_over_all_banks_sees_ones_own(walled: Walled) -> None:
    of_acme, of_user, of_all = (
        walled.ask(name, "GET", "/forgetful/all").json() for name in ("acme", "user", "everybody")
    )

    for told in (of_acme, of_user):
        assert told["tenant"] == "acme"
        assert {*told["banks"], *told["profiles"], *told["shelf"], *told["paths"]} == {ACME}
    assert of_all["tenant"] is None
    for what in ("banks", "profiles", "shelf", "paths"):
        assert {*of_all[what]} == {ACME, OTHER, NOBODY}
    assert (of_acme["tasks"], of_all["tasks"]) == (1, 3)


@pytest.mark.parametrize("bank", [OTHER, NOBODY])
def test_a_route_that_forgot_to_ask_changes_nothing_of_others(walled: Walled, bank: str) -> None:
    before = walled.seen("everybody", bank)

    kept = walled.ask("acme", "POST", "/forgetful/of", bank=bank).json()
    forgotten = walled.ask("acme", "DELETE", "/forgetful/of", bank=bank).json()

    assert "belongs to another bank" in kept
    assert forgotten == 0
    assert walled.seen("everybody", bank) == before


@pytest.fixture(scope="module")
def signing(walled: Walled) -> tuple[str, str]:
    """An access key of a tenant, and the secret that belongs to it."""
    keys = Keys(walled.memory.shelf)
    made, secret = walled.memory.portal.call(keys.create("aws", scope=Grant(name="", tenant="acme"), aws=True))
    assert made.access_key is not None
    return made.access_key, secret


def test_a_signed_request_has_the_wall_of_its_key(walled: Walled, signing: tuple[str, str]) -> None:
    request = AWSRequest("GET", f"{walled.url}/memories/forgetful/all")
    SigV4Auth(Credentials(*signing), "bedrock-agentcore", REGION).add_auth(request)

    told = httpx.get(request.url, headers=dict(request.headers.items()), timeout=60).raise_for_status().json()

    assert told["tenant"] == "acme"
    assert not {OTHER, NOBODY} & {*told["banks"], *told["profiles"], *told["shelf"], *told["paths"]}


def test_memories_of_agentcore_are_their_tenants(walled: Walled, signing: tuple[str, str]) -> None:
    data, control = clients(walled.url, key=signing[0], secret=signing[1])
    facts = {"semanticMemoryStrategy": {"name": "facts", "namespaces": ["/of/{actorId}/"]}}
    id = ready_memory(control, memoryStrategies=[facts])
    said = {"conversational": {"role": "USER", "content": {"text": "I live in Lyon."}}}
    place = {"memoryId": id, "actorId": "ada", "sessionId": "s"}
    data.create_event(**place, eventTimestamp=utc_now(), payload=[said])
    walled.memory.portal.call(walled.memory.wait_idle(finish=True))
    found = data.list_events(**place)["events"]
    records = data.list_memory_records(memoryId=id, namespace="/of/ada/")["memoryRecordSummaries"]

    assert [one["payload"] for one in found] == [[said]]
    assert "Lyon" in records[0]["content"]["text"]
    assert resources_of(walled) == {bank_of_resource(f"tenant:acme:bank:{id}", "ada")}
    control.delete_memory(memoryId=id)
    assert control.list_memories()["memories"] == []
    assert resources_of(walled) == set()


def resources_of(walled: Walled) -> set[str]:
    return {one for one in walled.memory.portal.call(banks_of(walled.memory)) if one.startswith("resource:")}


async def banks_of(memory: MemoryEngine, tenant: str | None = None) -> list[str]:
    with of_tenant(tenant):
        return [one.name for one in (await memory.banks(limit=1000)).items]


async def test_no_name_of_a_tenant_reaches_through_the_wall(database: str) -> None:
    grants = [Grant(name="", tenant=name) for name in NAMES]
    banks = {
        grant.wall: {
            grant.bank("x", "read"),
            bank_of(Identity(tenant=grant.tenant, user="ada")),
            bank_of_resource(grant.bank("notes", "read"), "ada"),
            bank_of_resource(grant.bank("notes", "read"), None, shared=True),
        }
        for grant in grants
    }
    assert len({bank for each in banks.values() for bank in each}) == 4 * len(NAMES)
    async with engine(database) as memory:
        for wall, own in banks.items():
            with of_tenant(wall):
                for bank in own:
                    await memory.retain(bank, "A note.")
        await memory.retain("tenant", "Of nobody.")
        await memory.retain("resource:tenant%3A", "Of nobody.")

        for wall, own in banks.items():
            assert {*await banks_of(memory, wall)} == own
            with of_tenant(wall):
                assert [len((await memory.events(bank)).items) for bank in own] == [1, 1, 1, 1]
        assert len(await banks_of(memory)) == 4 * len(NAMES) + 2


async def noted(task: Task, report: Report) -> Mapping[str, Any]:
    return {"tenant": TENANT.get()}


async def test_work_in_the_background_is_for_all_whoever_opened_the_memory(database: str) -> None:
    async with engine(database) as memory:
        with of_tenant("acme"):
            await memory.retain(ACME, "Ada was the first.", wait=True)
        memory.tasks.register("noted", noted)
        await memory.retain(OTHER, "Grace came later.")
        task = await memory.tasks.submit(OTHER, "noted", {})

        done = await memory.tasks.wait(OTHER, task.id)
        while (await memory.status(OTHER)).pending:  # noqa: ASYNC110  to wait for it otherwise would do the work
            await asyncio.sleep(0.02)

        assert (done.state, done.result) == ("completed", {"tenant": None})
        assert [one.text for one in (await memory.memories(OTHER)).items] == ["Grace came later."]


def test_what_belongs_to_no_bank_is_behind_no_wall(database: str) -> None:
    with SyncMemoryEngine(engine(database)) as memory:
        with of_tenant("acme"):
            memory.engine.portal.call(memory.engine.shelf.write([Put(path=("catalogue",), key="a", value=b"b")]))
        with of_tenant("other"):
            found = memory.engine.portal.call(memory.engine.shelf.scan(("catalogue",)))

    assert [entry.key for entry in found] == ["a"]


def test_a_caller_whose_tenant_names_no_bank_has_no_wall_either() -> None:
    assert Grant(name="", tenant="a:b").wall == "a%3Ab"
    assert Grant(name="", user="ada").wall is None
    with pytest.raises(BankResolutionError):
        _ = Grant(name="", tenant=" ").wall
