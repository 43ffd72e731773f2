"""A real `duramen serve postgresql://…` of two processes, asked by the real clients, and by tenants of each other."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hindsight_client import Hindsight

from duramen.server.caller import Grant
from duramen.server.keys import Keys
from tests.conftest import engine
from tests.postgres import Server
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.test_isolation import BODY, HIDDEN, SECRET, Tenants, filled, operations, seen, wait_until_idle
from tests.serving import served

WAIT_SECONDS = 60.0


async def keys_of(database: str) -> dict[str, str]:
    """Return keys of two tenants and an administrator, and of AWS's clients one of the first tenant, as `id secret`."""
    async with engine(database) as memory:
        keys = Keys(memory.shelf)
        aws, secret = await keys.create("aws", scope=Grant(name="", tenant="acme"), aws=True)
        return {
            "acme": (await keys.create("acme", scope=Grant(name="", tenant="acme")))[1],
            "other": (await keys.create("other", scope=Grant(name="", tenant="other")))[1],
            "user": (await keys.create("user", scope=Grant(name="", tenant="acme", user="bob")))[1],
            "admin": (await keys.create("admin"))[1],
            "aws": f"{aws.access_key} {secret}",
        }


@pytest.fixture(scope="module")
def tenants(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    """A server of two processes, and what the tenant `other` has there."""
    directory = tmp_path_factory.mktemp("served") / "none"
    with ExitStack() as stack:
        database = postgres.database()
        stack.callback(postgres.give_back, database)
        keys = asyncio.run(keys_of(database))
        variables = {"DURAMEN_AUTH": "on", "DURAMEN_LOG_LEVEL": "info", "DURAMEN_STRATEGIES": ""}
        server = stack.enter_context(served(directory, address=database, workers=2, variables=variables))
        made = Tenants(server, keys, {})
        with made.client("other") as client:
            made.ids.update(filled(client))
        yield made


def awaited(look: Callable[[], Any]) -> Any:
    """Return what `look` finds, once it finds something."""
    until = time.monotonic() + WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)
    return found


def test_two_processes_answer(tenants: Tenants) -> None:
    began = re.findall(r'"event": ?"serving"|serving', tenants.server.logged())

    assert len(began) == 2
    assert not tenants.server.directory.exists()


@pytest.fixture
def loop_for_clients() -> Iterator[None]:
    """What a client without `await` takes as its loop, and else would make and leave open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.usefixtures("loop_for_clients")
def test_hindsights_client_retains_recalls_and_deletes(tenants: Tenants) -> None:
    client: Any = Hindsight(base_url=tenants.server.url, api_key=tenants.keys["acme"])
    client.create_bank(bank_id="of-client", name="Notes")
    client.retain(bank_id="of-client", content="Ada keeps bees in Lyon.", document_id="d")
    for number in range(4):  # whichever process is asked
        client.retain(bank_id="of-client", content=f"Visitor number {number} came to see the bees.")

        texts = [one.text for one in client.recall(bank_id="of-client", query="Who keeps bees?").results]
        assert "Ada keeps bees in Lyon." in texts
    told = client.reflect(bank_id="of-client", query="Where does Ada keep bees?")
    listed = client.list_memories(bank_id="of-client")
    client.delete_bank(bank_id="of-client")

    assert "Lyon" in told.text
    assert listed.total == 5
    assert client.recall(bank_id="of-client", query="Who keeps bees?").results == []
    client.close()


def test_boto3_keeps_events_and_finds_records(tenants: Tenants) -> None:
    id, secret = tenants.keys["aws"].split()
    data, control = clients(tenants.server.url, key=id, secret=secret)
    facts = {"semanticMemoryStrategy": {"name": "facts", "namespaces": ["/of/{actorId}/"]}}
    memory = ready_memory(control, memoryStrategies=[facts])
    place = {"memoryId": memory, "actorId": "ada", "sessionId": "s"}

    def said(text: str, role: str = "USER") -> dict[str, Any]:
        return {"conversational": {"role": role, "content": {"text": text}}}

    events = [
        data.create_event(
            **place, eventTimestamp=datetime.fromtimestamp(1.7e9 + number, timezone.utc), payload=[said(text)]
        )["event"]
        for number, text in enumerate(("I live in Lyon.", "I keep bees."))
    ]
    listed = data.list_events(**place)["events"]
    sessions = data.list_sessions(memoryId=memory, actorId="ada")["sessionSummaries"]
    awaited(lambda: len(data.list_memory_records(memoryId=memory, namespace="/of/ada/")["memoryRecordSummaries"]) == 2)
    found = data.retrieve_memory_records(
        memoryId=memory, namespace="/of/ada/", searchCriteria={"searchQuery": "Where does Ada live?"}
    )["memoryRecordSummaries"]
    data.delete_event(**place, eventId=events[0]["eventId"])
    left = data.list_events(**place)["events"]
    control.delete_memory(memoryId=memory)

    assert {one["eventId"] for one in listed} == {one["eventId"] for one in events}
    assert [one["sessionId"] for one in sessions] == ["s"]
    assert "Lyon" in found[0]["content"]["text"]
    assert [one["eventId"] for one in left] == [events[1]["eventId"]]
    with pytest.raises(data.exceptions.ResourceNotFoundException):
        data.list_events(**place)


def test_an_id_of_another_tenant_stands_for_nothing(tenants: Tenants) -> None:
    wait_until_idle(tenants)
    asked = operations(tenants)
    with tenants.client("acme") as client, tenants.client("other") as other:
        client.post("/banks/x/memories", json={"items": [{"content": "Acme sells anvils."}]}).raise_for_status()
        before = seen(other)
        wrong = []
        for method, path, name in asked:
            ids = {each: quote(id, safe="") for each, id in {"bank_id": "x", **tenants.ids}.items()}
            answer = client.request(method, path.format(**ids), json=BODY)
            told = answer.status_code in (404, 410) or (
                name == "get_operation_status" and answer.json()["status"] == "not_found"
            )
            if not told or any(word in answer.text for word in HIDDEN):
                wrong.append((method, path, answer.status_code, answer.text[:300]))
        after = seen(other)

    assert len(asked) > 30
    assert wrong == []
    assert after == before


@pytest.mark.parametrize("bank", ["tenant:other:bank:x", "tenant%3Aother%3Abank%3Ax", "tenant:%:bank:x", "me", "*"])
@pytest.mark.parametrize("name", ["acme", "user"])
def test_no_name_of_a_bank_is_another_tenants_bank(tenants: Tenants, bank: str, name: str) -> None:
    asked = f"/banks/{quote(bank, safe='')}"
    with tenants.client(name) as client, tenants.client("other") as other:
        before = seen(other)
        told = [
            client.post(f"{asked}/memories/recall", json={"query": "Who plays the xylophone?"}),
            client.get(f"{asked}/memories/list"),
            client.post(f"{asked}/memories", json={"items": [{"content": "I was here."}]}),
            client.delete(asked),
        ]
        after = seen(other)

    assert not any(word in one.text for one in told for word in HIDDEN)
    assert {one.status_code for one in told} <= {200, 403, 404}
    assert after == before


def test_lists_name_only_what_is_ones_own(tenants: Tenants) -> None:
    banks = {}
    for name in ("acme", "other", "admin"):
        with tenants.client(name) as client:
            banks[name] = {one["bank_id"] for one in client.get("/banks").json()["banks"]}

    assert banks["other"] == {"x"}
    assert not any("other" in bank for bank in banks["acme"])
    assert "tenant:other:bank:x" in banks["admin"]


def test_neither_the_log_nor_metrics_hold_a_word_of_anybody_or_the_password(tenants: Tenants) -> None:
    told = httpx.get(f"{tenants.server.url}/metrics", headers={"Authorization": tenants.keys["admin"]}).text

    for text in (tenants.server.logged(), told):
        assert not any(word.lower() in text.lower() for word in (SECRET, "xylophone", "bark", "heartwood"))
        assert "Traceback" not in text
