from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from duramen import MemoryEngine
from duramen.namespaces import PER_ACTOR
from duramen.records.homes import ACTORS, MARKS, known
from duramen.server.agentcore.kept import MEMORIES, load, save
from duramen.server.agentcore.settling import NAMES
from duramen.server.agentcore.tokens import TOKENS
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from duramen.sessions.places import EVENTS
from duramen.shelf import Path
from duramen.strategies.resources import RESOURCES, bank_of_resource, load_resource
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.apps import asking
from tests.server.running import running

FACTS = {"semanticMemoryStrategy": {"name": "facts"}}
SHORT = {"name": "Notes", "eventExpiryDuration": 30}
NO_MEMORY = "Nothing-0123456789"


@pytest.fixture(scope="module", params=["in memory", "sqlite"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    address = ":memory:" if request.param == "in memory" else str(tmp_path_factory.mktemp("served") / "memory")
    with running(engine(address)) as url:
        yield clients(url)[1]


@pytest.fixture
def control(served: Any) -> Iterator[Any]:
    yield served
    for memory in served.list_memories(maxResults=100)["memories"]:
        served.delete_memory(memoryId=memory["id"])


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    response: dict[str, Any] = error.value.response
    return response["Error"]["Code"], response["Error"]["Message"]


def test_a_memory_is_shown_as_it_was_created(control: Any) -> None:
    before = datetime.now(timezone.utc)
    given = {
        "name": "Notes",
        "description": "What was said.",
        "encryptionKeyArn": "arn:aws:kms:us-west-2:123456789012:key/1",
        "memoryExecutionRoleArn": "arn:aws:iam::123456789012:role/x",
        "eventExpiryDuration": 7,
        "indexedKeys": [{"key": "project", "type": "STRING"}],
        "namespaceKeys": [{"key": "tenant", "validation": {"allowedValues": ["acme"], "regexPattern": "a.*"}}],
        "streamDeliveryResources": {
            "resources": [
                {
                    "kinesis": {
                        "dataStreamArn": "arn:aws:kinesis:us-west-2:123456789012:stream/x",
                        "contentConfigurations": [{"type": "MEMORY_RECORDS", "level": "FULL_CONTENT"}],
                    }
                }
            ]
        },
    }

    made = control.create_memory(**given, tags={"team": "a"}, memoryStrategies=[FACTS])

    memory = made["memory"]
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert {name: memory[name] for name in given} == given
    assert re.fullmatch(r"Notes-[a-zA-Z0-9]{10}", memory["id"])
    assert memory["arn"] == f"arn:aws:bedrock-agentcore:us-west-2:000000000000:memory/{memory['id']}"
    assert memory["status"] == "ACTIVE"
    assert [one["status"] for one in memory["strategies"]] == ["ACTIVE"]
    assert abs((memory["createdAt"] - before).total_seconds()) < 60
    assert control.get_memory(memoryId=memory["id"])["memory"] == memory
    control.get_waiter("memory_created").wait(memoryId=memory["id"])


def test_without_decryption_the_words_of_the_owner_are_left_out(control: Any) -> None:
    custom = {
        "customMemoryStrategy": {
            "name": "own",
            "description": "A secret.",
            "configuration": {"semanticOverride": {"extraction": {"appendToPrompt": "A secret.", "modelId": "m"}}},
        }
    }
    memory = ready_memory(control, description="A secret.", memoryStrategies=[custom])

    shown = control.get_memory(memoryId=memory, view="without_decryption")["memory"]

    assert "secret" not in str(shown)
    assert control.get_memory(memoryId=memory, view="full")["memory"]["description"] == "A secret."


def test_a_name_is_taken_until_its_memory_is_deleted(control: Any) -> None:
    memory = ready_memory(control)

    with pytest.raises(ClientError) as error:
        ready_memory(control)
    assert refused(error) == ("ValidationException", "Memory with name Notes already exists.")

    control.delete_memory(memoryId=memory)
    assert ready_memory(control) != memory


def test_of_many_that_take_a_name_at_once_one_gets_it(control: Any) -> None:
    def take(_: int) -> str:
        try:
            return ready_memory(control)
        except ClientError as error:
            return "" if "already exists" in str(error) else str(error)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(take, range(8)))

    assert len([one for one in made if one]) == 1
    assert len(control.list_memories()["memories"]) == 1


def test_memories_are_listed_page_by_page_each_once(control: Any) -> None:
    made = [ready_memory(control, name=f"M{number:02}") for number in range(12)]

    first = control.list_memories(maxResults=5)
    control.delete_memory(memoryId=first["memories"][-1]["id"])
    rest = control.list_memories(maxResults=100, nextToken=first["nextToken"])

    assert [one["id"] for one in (*first["memories"], *rest["memories"])] == made
    assert "nextToken" not in rest
    assert len(control.list_memories()["memories"]) == 10
    assert {"id", "arn", "status", "createdAt", "updatedAt"} == set(first["memories"][0])


def test_a_page_that_is_just_full_has_no_token(control: Any) -> None:
    for number in range(2):
        ready_memory(control, name=f"M{number}")

    assert "nextToken" not in control.list_memories(maxResults=2)


@pytest.mark.parametrize("token", ["x", "WzFd", "bnVsbA==", "é", "WyJMaXN0TWVtb3JpZXMiLCAiIiwgMV0="])
def test_a_token_that_no_listing_gave_is_refused(token: str, control: Any) -> None:
    with pytest.raises(ClientError) as error:
        control.list_memories(nextToken=token)

    assert refused(error)[0] == "ValidationException"
    assert error.value.response["fieldList"][0]["name"] == "nextToken"


def test_an_update_changes_what_is_given_and_nothing_else(control: Any) -> None:
    memory = ready_memory(control, description="Old.", memoryStrategies=[FACTS])
    before = control.get_memory(memoryId=memory)["memory"]

    answer = control.update_memory(memoryId=memory, description="New.", eventExpiryDuration=3650)

    after = answer["memory"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (after["description"], after["eventExpiryDuration"], after["status"]) == ("New.", 3650, "ACTIVE")
    assert after["updatedAt"] >= before["updatedAt"]
    same = ("id", "arn", "name", "createdAt", "strategies")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert control.get_memory(memoryId=memory)["memory"] == after


def test_strategies_are_deleted_modified_and_added_at_once(control: Any) -> None:
    memory = ready_memory(
        control,
        memoryStrategies=[FACTS, {"userPreferenceMemoryStrategy": {"name": "likes", "description": "Old."}}],
    )
    facts, likes = (one["strategyId"] for one in control.get_memory(memoryId=memory)["memory"]["strategies"])

    after = control.update_memory(
        memoryId=memory,
        memoryStrategies={
            "deleteMemoryStrategies": [{"memoryStrategyId": facts}],
            "modifyMemoryStrategies": [
                {"memoryStrategyId": likes, "description": "New.", "namespaceTemplates": ["/likes/{actorId}/"]}
            ],
            "addMemoryStrategies": [FACTS],
        },
    )["memory"]

    kept, added = after["strategies"]
    assert (kept["strategyId"], kept["description"], kept["namespaces"]) == (likes, "New.", ["/likes/{actorId}/"])
    assert added["name"] == "facts"
    assert added["strategyId"] != facts


def test_what_cannot_be_changes_nothing(control: Any) -> None:
    memory = ready_memory(control, memoryStrategies=[FACTS], indexedKeys=[{"key": "project", "type": "STRING"}])
    before = control.get_memory(memoryId=memory)["memory"]
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("ValidationException", {"memoryStrategies": {"addMemoryStrategies": [FACTS]}}),
        ("ValidationException", {"addIndexedKeys": [{"key": "project", "type": "STRING"}]}),
        ("ValidationException", {"namespaceKeys": [{"key": "a"}, {"key": "a"}]}),
        ("ValidationException", {"namespaceKeys": [{"key": "a", "validation": {"regexPattern": "("}}]}),
        (
            "ResourceNotFoundException",
            {"memoryStrategies": {"deleteMemoryStrategies": [{"memoryStrategyId": NO_MEMORY}]}},
        ),
        (
            "ServiceQuotaExceededException",
            {"addIndexedKeys": [{"key": f"k{number}", "type": "NUMBER"} for number in range(10)]},
        ),
    ]

    for code, change in wrong:
        with pytest.raises(ClientError) as error:
            control.update_memory(memoryId=memory, description="New.", **change)
        assert refused(error)[0] == code, refused(error)

    assert control.get_memory(memoryId=memory)["memory"] == before


def test_indexed_keys_are_added_to(control: Any) -> None:
    memory = ready_memory(control, indexedKeys=[{"key": "project", "type": "STRING"}])

    after = control.update_memory(memoryId=memory, addIndexedKeys=[{"key": "rank", "type": "NUMBER"}])["memory"]

    assert [one["key"] for one in after["indexedKeys"]] == ["project", "rank"]


def test_a_namespace_key_that_a_template_uses_cannot_be_dropped(control: Any) -> None:
    filed = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/{tenant}/facts/{actorId}/"]}}
    memory = ready_memory(control, memoryStrategies=[filed], namespaceKeys=[{"key": "tenant"}, {"key": "site"}])

    with pytest.raises(ClientError) as error:
        control.update_memory(memoryId=memory, namespaceKeys=[{"key": "site"}])
    assert refused(error)[0] == "ValidationException"
    assert "tenant" in refused(error)[1]

    after = control.update_memory(memoryId=memory, namespaceKeys=[{"key": "tenant"}])["memory"]
    assert after["namespaceKeys"] == [{"key": "tenant"}]


def test_many_changes_at_once_are_all_made(control: Any) -> None:
    memory = ready_memory(control)

    def index(number: int) -> None:
        control.update_memory(memoryId=memory, addIndexedKeys=[{"key": f"k{number}", "type": "NUMBER"}])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(index, range(6)))

    keys = control.get_memory(memoryId=memory)["memory"]["indexedKeys"]
    assert sorted(one["key"] for one in keys) == [f"k{number}" for number in range(6)]


def test_an_unknown_memory_is_not_found(control: Any) -> None:
    for call in (control.get_memory, control.update_memory, control.delete_memory):
        with pytest.raises(ClientError) as error:
            call(memoryId=NO_MEMORY)
        assert refused(error) == ("ResourceNotFoundException", f"Memory not found: {NO_MEMORY}")


def test_an_id_that_cannot_be_one_is_refused(control: Any) -> None:
    with pytest.raises(ClientError) as error:
        control.get_memory(memoryId="not-an-id-at-all")

    assert refused(error)[0] == "ValidationException"


async def test_a_deleted_memory_leaves_nothing(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        gone, other = [await _made(client, name) for name in ("Notes", "Others")]
        for one in (gone, other):
            bank = bank_of_resource(one, "ada")
            await memory.sessions.append(bank, ["Ada lives in Lisbon."], actor="ada", session="s")
            await memory.retain(bank, "Ada plays the cello.")
            await known(memory.shelf, one, "ada")

        await client.put(f"/memories/{gone}/update", json={"description": "x", "clientToken": "before"})

        deleted = await client.delete(f"/memories/{gone}/delete?clientToken=once")
        again = await client.delete(f"/memories/{gone}/delete?clientToken=once")
        shown = await client.get(f"/memories/{gone}/details")

        assert (deleted.status_code, deleted.json()) == (202, {"memoryId": gone, "status": "DELETING"})
        assert (again.status_code, again.json()) == (202, deleted.json())
        assert shown.status_code == 404
        assert [bank.name for bank in (await memory.banks()).items] == [bank_of_resource(other, "ada")]
        assert (await memory.sessions.actors(bank_of_resource(gone, "ada"))).items == ()
        assert len((await memory.sessions.actors(bank_of_resource(other, "ada"))).items) == 1
        left = [entry for path in await _paths(memory) for entry in await memory.shelf.scan(path)]
        assert [one for one in left if gone in str((one.path, one.key)) and one.key != "once"] == []


async def test_the_engine_has_the_strategies_from_when_they_are_shown_on(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        made = await client.post("/memories/create", json={**SHORT, "memoryStrategies": [FACTS]})
        shown = made.json()["memory"]

        (strategy,) = await memory.strategies(bank_of_resource(shown["id"], "ada"))
        resource = await load_resource(memory.shelf, shown["id"])

    assert (strategy.name, strategy.namespaces) == (shown["strategies"][0]["strategyId"], (PER_ACTOR,))
    assert resource is not None
    assert resource.event_days == 30


async def test_what_the_engine_cannot_have_is_not_begun(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        made = await _made(client, "Notes")
        before = [await memory.shelf.scan(one) for one in (MEMORIES, NAMES, RESOURCES)]
        filed = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/{actorId}{sessionId}/"]}}

        wrong = await client.post("/memories/create", json={**SHORT, "name": "Two", "memoryStrategies": [filed]})
        changed = await client.put(
            f"/memories/{made}/update", json={"memoryStrategies": {"addMemoryStrategies": [filed]}, "description": "x"}
        )

        assert (wrong.status_code, changed.status_code) == (400, 400)
        assert "has 2 variables in the segment" in wrong.json()["message"]
        assert [await memory.shelf.scan(one) for one in (MEMORIES, NAMES, RESOURCES)] == before


async def test_a_memory_of_a_harness_is_changed_and_deleted_through_that_alone(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        made = await _made(client, "Notes")
        kept = await load(memory, made)
        assert kept is not None
        owner = "arn:aws:bedrock-agentcore:us-west-2:000000000000:harness/Agent-0123456789"
        await save(memory, replace(kept, said={**kept.said, "managedByResourceArn": owner}))

        added = await client.put(
            f"/memories/{made}/update", json={"memoryStrategies": {"addMemoryStrategies": [FACTS]}}
        )
        described = await client.put(f"/memories/{made}/update", json={"description": "x"})
        deleted = await client.delete(f"/memories/{made}/delete")
        listed = (await client.post("/memories/")).json()["memories"]

    assert [one.status_code for one in (added, described, deleted)] == [409, 202, 409]
    assert deleted.headers["x-amzn-errortype"] == "ConflictException"
    assert owner in deleted.json()["message"]
    assert [one["managedByResourceArn"] for one in listed] == [owner]


async def test_a_tenant_has_memories_and_names_of_its_own(memory: MemoryEngine) -> None:
    async with asking(memory, Settings(auth="on")) as client:
        scopes = {"acme": Grant(name="", tenant="acme"), "other": Grant(name="", tenant="other"), "all": Grant(name="")}
        keys = {who: (await Keys(memory.shelf).create(who, scope=scope))[1] for who, scope in scopes.items()}
        as_ = {who: {"Authorization": f"Bearer {key}"} for who, key in keys.items()}
        made = {who: await _made(client, "Notes", headers=as_[who]) for who in keys}

        for who in keys:
            listed = (await client.post("/memories/", headers=as_[who])).json()["memories"]
            assert [one["id"] for one in listed] == [made[who]]
            for whose, one in made.items():
                answers = [
                    await client.get(f"/memories/{one}/details", headers=as_[who]),
                    await client.put(f"/memories/{one}/update", headers=as_[who], json={"description": who}),
                ]
                assert [answer.status_code for answer in answers] == ([200, 202] if who == whose else [404, 404])

        token = (await client.post("/memories/", headers=as_["acme"], json={"maxResults": 1})).json().get("nextToken")
        assert token is None


async def test_a_token_of_another_tenant_is_refused(memory: MemoryEngine) -> None:
    async with asking(memory, Settings(auth="on")) as client:
        scopes = {who: Grant(name="", tenant=who) for who in ("acme", "other", None)}
        keys = {who: (await Keys(memory.shelf).create(str(who), scope=scope))[1] for who, scope in scopes.items()}
        as_ = {who: {"Authorization": f"Bearer {key}"} for who, key in keys.items()}
        for name in ("One", "Two"):
            await _made(client, name, headers=as_["acme"])

        page = (await client.post("/memories/", headers=as_["acme"], json={"maxResults": 1})).json()
        answers = [
            await client.post("/memories/", headers=as_[who], json={"nextToken": page["nextToken"]}) for who in keys
        ]

    assert [answer.status_code for answer in answers] == [200, 400, 400]


async def test_half_a_pair_of_surrogates_comes_back(memory: MemoryEngine) -> None:
    prompt = {"semanticOverride": {"extraction": {"appendToPrompt": "\ud83d", "modelId": "m"}}}
    own = {"customMemoryStrategy": {"name": "own", "configuration": prompt}}
    body = {**SHORT, "description": "half a pair: \ud83d", "memoryStrategies": [own]}
    async with asking(memory) as client:
        answer = await client.post("/memories/create", content=json.dumps(body))

    shown = json.loads(answer.text)["memory"]
    assert shown["description"] == body["description"]
    extraction = shown["strategies"][0]["configuration"]["extraction"]
    assert extraction["customExtractionConfiguration"]["semanticExtractionOverride"]["appendToPrompt"] == "\ud83d"


async def test_the_region_of_an_arn_is_the_one_signed_for(memory: MemoryEngine) -> None:
    signed = "AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/bedrock-agentcore/aws4_request, SignedHeaders=host"
    async with asking(memory) as client:
        made = await client.post("/memories/create", json=SHORT, headers={"Authorization": signed})

    assert made.json()["memory"]["arn"].startswith("arn:aws:bedrock-agentcore:eu-west-1:000000000000:memory/Notes-")


async def test_a_client_token_that_comes_again_gets_the_first_answer(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        first = await client.post("/memories/create", json={**SHORT, "clientToken": "t"})
        again = await client.post("/memories/create", json={**SHORT, "clientToken": "t"})
        other = await client.post("/memories/create", json={**SHORT, "name": "Others", "clientToken": "t"})
        made = first.json()["memory"]["id"]
        update = {"addIndexedKeys": [{"key": "project", "type": "STRING"}], "clientToken": "t"}
        updates = [await client.put(f"/memories/{made}/update", json=update) for _ in range(2)]

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["reason"]) == (400, "IdempotentParameterMismatchException")
    assert [one.status_code for one in updates] == [202, 202]
    assert updates[0].json() == updates[1].json()


async def test_a_client_token_sent_many_times_at_once_has_one_effect(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        body = {**SHORT, "clientToken": "t"}
        answers = await asyncio.gather(*(client.post("/memories/create", json=body) for _ in range(8)))

    assert len({answer.text for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {202}


async def test_a_client_token_of_what_failed_may_be_used_again(memory: MemoryEngine) -> None:
    async with asking(memory) as client:
        made = await _made(client, "Notes")
        body = {**SHORT, "clientToken": "t"}
        failed = await client.post("/memories/create", json=body)
        await client.delete(f"/memories/{made}/delete")
        done = await client.post("/memories/create", json=body)

    assert (failed.status_code, done.status_code) == (400, 202)


async def _made(client: httpx.AsyncClient, name: str, **options: Any) -> str:
    answer = await client.post("/memories/create", json={**SHORT, "name": name}, **options)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["memory"]["id"])


async def _paths(memory: MemoryEngine) -> set[Path]:
    roots = [MEMORIES, NAMES, RESOURCES, TOKENS, (ACTORS,), (MARKS,), (EVENTS,)]
    return {path for root in roots for path in await memory.shelf.paths(root)}
