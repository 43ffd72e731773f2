"""Tenants behind keys, over the wire: nobody reaches what is another's, by whatever name or id; and nothing leaks."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BankResolutionError
from duramen.server.caller import ForbiddenError, Grant
from duramen.server.keeping import keys_at
from tests.serving import Served, served

SECRET = "Xanthippe"
HIDDEN = (SECRET, SECRET.lower(), "xylophone")
"""Words of the one tenant that no other may see, and no log may hold."""

_TOLD_OTHERWISE = {"get_operation_status"}
"""Answers 200 with the status `not_found`, as its clients expect."""


@dataclass(frozen=True)
class Tenants:
    """A server, the keys of two tenants and of an administrator, and the ids of all that the one has."""

    server: Served
    keys: dict[str, str]
    ids: dict[str, str]

    def client(self, name: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.server.url}/v1/default", timeout=60, headers={"Authorization": f"Bearer {self.keys[name]}"}
        )


async def keys_of(directory: Path) -> dict[str, str]:
    async with keys_at(str(directory)) as keys:
        return {
            "acme": (await keys.create("acme", scope=Grant(name="", tenant="acme")))[1],
            "other": (await keys.create("other", scope=Grant(name="", tenant="other")))[1],
            "user": (await keys.create("user", scope=Grant(name="", tenant="acme", user="bob")))[1],
            "admin": (await keys.create("admin"))[1],
        }


def done(client: httpx.Client, operation: str) -> Any:
    """Wait for an operation."""
    while True:
        told = client.get(f"/banks/x/operations/{operation}").raise_for_status().json()
        if told["status"] not in ("pending", "processing"):
            return told
        time.sleep(0.05)


def filled(client: httpx.Client) -> dict[str, str]:
    """Let a tenant have one of everything; return the ids, by the names of the parameters that stand for them."""

    def post(path: str, body: Any = None, **options: Any) -> Any:
        return client.post(f"/banks/x{path}", json=body, **options).raise_for_status().json()

    item = {"content": f"{SECRET} plays the xylophone.", "document_id": "plan-9", "tags": [SECRET], "context": SECRET}
    post("/memories", {"items": [{**item, "metadata": {SECRET: SECRET}, "entities": [{"text": SECRET}]}]})
    memory = client.get("/banks/x/memories/list").json()["items"][0]
    later = post("/memories", {"items": [{"content": f"{SECRET} is well."}], "async": True})
    page = post("/knowledge-base/pages", {"name": SECRET, "source_query": SECRET})
    export = post("/transfer/export")["operation_id"]
    key = done(client, export)["result_metadata"]["download_url"].rpartition("/")[2]
    webhook = {"url": f"https://{SECRET}.invalid/", "secret": SECRET, "event_types": ["retain.completed"]}
    return {
        "document_id": "plan-9",
        "memory_id": memory["id"],
        "chunk_id": memory["chunk_id"],
        "entity_id": client.get("/banks/x/entities").json()["items"][0]["id"],
        "operation_id": later["operation_id"],
        "webhook_id": post("/webhooks", webhook)["id"],
        "directive_id": post("/directives", {"name": SECRET, "content": SECRET})["id"],
        "mental_model_id": post("/mental-models", {"name": SECRET, "source_query": SECRET})["mental_model_id"],
        "node_id": page["page_id"],
        "page_id": page["page_id"],
        "key": key,
        "log_id": "x",
    }


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    directory: Path = tmp_path_factory.mktemp("served") / "memory"
    variables = {"DURAMEN_AUTH": "on", "DURAMEN_LOG_LEVEL": "debug", "DURAMEN_STRATEGIES": ""}
    with served(directory, variables=variables) as server:
        keys = asyncio.run(keys_of(directory))
        made = Tenants(server, keys, {})
        with made.client("other") as client:
            made.ids.update(filled(client))
        with made.client("acme") as client:
            client.post("/banks/x/memories", json={"items": [{"content": "Acme sells anvils."}]}).raise_for_status()
        wait_until_idle(made)
        yield made


def wait_until_idle(tenants: Tenants) -> None:
    """Wait until all that was begun for the tenants is done, so that what they have stays as it is."""
    waiting = re.compile(
        r'^duramen_(?:events_pending|jobs_pending|tasks{state="(?:pending|processing)"}) (\S+)$', re.MULTILINE
    )
    headers = {"Authorization": tenants.keys["admin"]}
    quiet = 0
    while quiet < 5:
        figures = waiting.findall(httpx.get(f"{tenants.server.url}/metrics", headers=headers).text)
        assert len(figures) == 4
        quiet = 0 if any(map(float, figures)) else quiet + 1
        time.sleep(0.1)


def seen(client: httpx.Client) -> list[Any]:
    """Return all that a tenant has."""
    paths = ("memories/list", "documents", "webhooks", "directives", "mental-models", "entities", "config", "tags")
    told = [client.get(f"/banks/x/{path}").raise_for_status().json() for path in paths]
    return [client.get("/banks").json(), *told]


def operations(tenants: Tenants) -> list[tuple[str, str, str]]:
    """Return method, path and name of all that the server can be asked with an id of something."""
    paths = httpx.get(f"{tenants.server.url}/openapi.json").json()["paths"]
    return [
        (method, path.removeprefix("/v1/default"), operation["operationId"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if path.startswith("/v1/default") and set(re.findall(r"{(\w+)}", path)) - {"bank_id"}
    ]


BODY = {
    "items": [{"content": "x"}],
    "query": "x",
    "name": "x",
    "content": "x",
    "source_query": "x",
    "text": "x",
    "tags": ["x"],
    "state": "invalidated",
    "url": "https://hooks.invalid/",
}


def test_an_id_of_another_tenant_stands_for_nothing_in_a_bank_of_ones_own(tenants: Tenants) -> None:
    asked = operations(tenants)
    with tenants.client("acme") as client, tenants.client("other") as other:
        before = seen(other)
        wrong = []
        for method, path, name in asked:
            names = re.findall(r"{(\w+)}", path)
            assert {*names} <= {"bank_id", *tenants.ids}, f"{path}: say what {names} stand for"
            ids = {name: quote(id, safe="") for name, id in {"bank_id": "x", **tenants.ids}.items()}
            answer = client.request(method, path.format(**ids), json=BODY)
            hidden = any(word in answer.text for word in HIDDEN)
            fine = answer.status_code in (404, 410) or (
                name in _TOLD_OTHERWISE and answer.json()["status"] == "not_found"
            )
            if hidden or not fine:
                wrong.append((method, path, answer.status_code, answer.text[:300]))
        after = seen(other)

    assert len(asked) > 30
    assert wrong == []
    assert after == before


@pytest.mark.parametrize(
    "bank",
    [
        "tenant:other:bank:x",
        "tenant%3Aother%3Abank%3Ax",
        "tenant:other%3Abank%3Ax",
        "tenant:other:bank:x ",
        " tenant:other:bank:x",
        "TENANT:other:bank:x",
        "Tenant:Other:Bank:X",
        "tenant\uff1aother\uff1abank\uff1ax",
        "\uff54enant:other:bank:x",
        "tenant:\u043ether:bank:x",
        "tenant:other",
        "tenant:other:",
        "tenant::other:bank:x",
        "tenant:acme:../tenant:other:bank:x",
        "tenant:acme:bank:../../tenant:other:bank:x",
        "../tenant:other:bank:x",
        "tenant:acme\n:bank:x",
        "tenant:other\n:bank:x",
        "tenant:other:bank:x\n",
        "me",
        "x/../x",
        "*",
        "%",
        "_",
        "tenant:%:bank:x",
        "tenant:*:bank:x",
        "tenant:_ther:bank:x",
    ],
)
@pytest.mark.parametrize("name", ["acme", "user"])
def test_no_name_of_a_bank_is_another_tenants_bank(tenants: Tenants, bank: str, name: str) -> None:
    asked = f"/banks/{quote(bank, safe='').replace('.', '%2E')}"
    with tenants.client(name) as client, tenants.client("other") as other:
        before = seen(other)

        told = [
            client.post(f"{asked}/memories/recall", json={"query": "Who plays the xylophone?"}),
            client.get(f"{asked}/memories/list"),
            client.get(f"{asked}/documents"),
            client.get(f"{asked}/profile"),
            client.post(f"{asked}/transfer/export"),
            client.post("/banks/x/clone", params={"target_bank_id": bank}),
            client.post(f"{asked}/memories", json={"items": [{"content": "I was here."}]}),
            client.delete(f"{asked}/memories"),
            client.delete(asked),
        ]
        after = seen(other)

    assert not any(word in one.text for one in told for word in HIDDEN if one.status_code != 404)
    assert {one.status_code for one in told} <= {200, 201, 202, 403, 404, 409, 422}
    assert after == before


def test_lists_name_only_what_is_ones_own(tenants: Tenants) -> None:
    with tenants.client("acme") as client, tenants.client("user") as user:
        banks = [one["bank_id"] for one in client.get("/banks").json()["banks"]]
        of_user = [one["bank_id"] for one in user.get("/banks").json()["banks"]]

    assert "x" in banks
    assert not any(word in str(banks) for word in HIDDEN)
    assert "x" not in of_user


def called(tenants: Tenants, key: str, tool: str, bank: str, path: str = "/mcp", **headers: str) -> str:
    """Call a tool; return all that is told."""
    arguments = {"query": "Who plays the xylophone?", "bank_id": bank}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    sent = {"Authorization": tenants.keys[key], "Accept": "application/json, text/event-stream", **headers}
    return httpx.post(f"{tenants.server.url}{path}", json=call, headers=sent, timeout=60).text


@pytest.mark.parametrize("tool", ["recall", "list_memories", "list_documents", "get_bank", "list_banks", "reflect"])
def test_the_tools_reach_no_other_bank_either(tenants: Tenants, tool: str) -> None:
    foreign = "tenant:other:bank:x"

    told = [
        called(tenants, "acme", tool, foreign),
        called(tenants, "acme", tool, foreign, f"/mcp/{foreign}"),
        called(tenants, "acme", tool, "x", f"/mcp/{foreign}"),
        called(tenants, "acme", tool, "x", **{"X-Bank-Id": foreign}),
        called(tenants, "user", tool, foreign),
    ]

    assert not any(word in one for one in told for word in HIDDEN)


def test_the_tools_reach_what_is_ones_own(tenants: Tenants) -> None:
    assert SECRET in called(tenants, "other", "recall", "x")


def test_metrics_are_for_keys_of_the_whole_server_and_hold_no_word_of_anybody(tenants: Tenants) -> None:
    url = f"{tenants.server.url}/metrics"

    refused = httpx.get(url, headers={"Authorization": tenants.keys["acme"]})
    told = httpx.get(url, headers={"Authorization": tenants.keys["admin"]})

    assert refused.status_code == 403
    assert "duramen_http_requests_total" in told.text
    assert not any(word in told.text for word in (*HIDDEN, "tenant:", "acme", "drm_"))


def test_the_log_holds_no_word_of_anybody_no_name_of_a_bank_and_no_key(tenants: Tenants) -> None:
    with tenants.client("other") as client:
        client.get(f"/{SECRET}?q={SECRET}")
        client.post("/banks/x/memories", json={"items": [{"content": SECRET, "timestamp": SECRET}]})
        client.post("/banks/x/memories", json={"items": [{"content": {SECRET: SECRET}}]})
        client.post(f"/banks/x/memories?{SECRET}={SECRET}", content=SECRET.encode())
        client.post("/banks/x/memories/recall", json={"query": SECRET, "budget": SECRET, "types": [SECRET]})
        client.get("/banks/x/memories/list", params={"type": SECRET, "start_date": SECRET})
        client.post("/banks/x/transfer/import", files={"file": (SECRET, b"PK" + SECRET.encode())})
        client.get("/banks/x/stats", headers={"X-Request-Id": f"{SECRET} {SECRET}", "User-Agent": SECRET})

    log = tenants.server.logged()

    assert "request" in log
    assert "Traceback" not in log
    found = [line for line in log.splitlines() if any(word.lower() in line.lower() for word in HIDDEN)]
    assert found == []
    assert "tenant:other" not in log
    assert not any(key.split("_", 2)[2] in log for key in tenants.keys.values())


NAMES = st.text(st.sampled_from("ab:%/*\n 3A\uff1aéT"), min_size=1, max_size=12)


@given(
    mine=NAMES,
    theirs=NAMES,
    asked=NAMES | st.builds("tenant:{}:bank:{}".format, NAMES, NAMES),
    other=NAMES | st.builds("tenant:{}:{}".format, NAMES, NAMES),
)
def test_no_two_tenants_have_a_bank_of_one_name(mine: str, theirs: str, asked: str, other: str) -> None:
    banks = []
    for tenant, name in ((mine, asked), (theirs, other), (theirs, asked)):
        with contextlib.suppress(ForbiddenError, BankResolutionError):
            banks.append((tenant, Grant(name="", tenant=tenant).bank(name, "read")))

    for tenant, bank in banks:
        for another, same in banks:
            assert tenant == another or bank != same
