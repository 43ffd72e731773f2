"""Every operation with the ids of somebody else's: they stand for nothing, nothing is shown, and nothing changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from duramen import MemoryEngine
from duramen.server.agentcore.service import CONTROL, SERVED, operations
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

SECRET = "Xanthippe"
ROLE = "arn:aws:iam::123456789012:role/agent"
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)
ABOUT_NOTHING = {"CreateMemory", "ListMemories", "CreateHarness", "ListHarnesses"}
"""Operations that are given no id."""

SCOPES = {
    "tenant": Grant(name="", tenant="acme"),
    "user": Grant(name="", tenant="acme", user="bob"),
    "user of the same tenant": Grant(name="", tenant="other", user="bob"),
    "banks": Grant(name="", tenant="other", banks=("support-*",)),
}


@dataclass(frozen=True)
class Owned:
    """A guarded server, and all that one tenant has there."""

    url: str
    memory: MemoryEngine
    data: Any
    control: Any
    ids: dict[str, str]

    def clients(self, scope: Grant) -> tuple[Any, Any]:
        key, secret = asyncio.run(Keys(self.memory.shelf).create("ci", scope=scope, aws=True))
        return clients(self.url, key=key.access_key, secret=secret)


@pytest.fixture(scope="module")
def owned() -> Iterator[Owned]:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on")) as url:
        key, secret = asyncio.run(Keys(memory.shelf).create("ci", scope=Grant(name="", tenant="other"), aws=True))
        data, control = clients(url, key=key.access_key, secret=secret)
        yield Owned(url, memory, data, control, filled(data, control))


def filled(data: Any, control: Any) -> dict[str, str]:
    """Let a tenant have one of everything, and return the ids."""
    id = ready_memory(control, name=SECRET, tags={SECRET: SECRET})
    said = {"conversational": {"content": {"text": f"{SECRET} plays."}, "role": "USER"}}
    place = {"memoryId": id, "actorId": "ada", "sessionId": "s-1"}
    event = data.create_event(**place, eventTimestamp=AT, payload=[said])["event"]
    records = [
        {"requestIdentifier": "r", "namespaces": ["/ada"], "content": {"text": f"{SECRET} plays."}, "timestamp": AT}
    ]
    made = data.batch_create_memory_records(memoryId=id, records=records)["successfulRecords"]
    harness = control.create_harness(harnessName=SECRET, executionRoleArn=ROLE)["harness"]
    return {
        "memory": id,
        "arn": control.get_memory(memoryId=id)["memory"]["arn"],
        "event": event["eventId"],
        "record": made[0]["memoryRecordId"],
        "harness": harness["harnessId"],
        "harness_arn": harness["arn"],
    }


def asked(ids: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return the operations that are given ids, with what they are given."""
    memory = {"memoryId": ids["memory"]}
    actor = {**memory, "actorId": "ada"}
    session = {**actor, "sessionId": "s-1"}
    event = {**session, "eventId": ids["event"]}
    record = {**memory, "memoryRecordId": ids["record"]}
    harness = {"harnessId": ids["harness"]}
    text = {"text": "I was here."}
    said = {"conversational": {"content": text, "role": "USER"}}
    return {
        "GetMemory": memory,
        "UpdateMemory": {**memory, "description": "Mine."},
        "DeleteMemory": memory,
        "ListTagsForResource": {"resourceArn": ids["arn"]},
        "TagResource": {"resourceArn": ids["arn"], "tags": {"a": "b"}},
        "UntagResource": {"resourceArn": ids["arn"], "tagKeys": [SECRET]},
        "GetHarness": harness,
        "UpdateHarness": {**harness, "maxIterations": 3},
        "DeleteHarness": harness,
        "InvokeHarness": {
            "harnessArn": ids["harness_arn"],
            "runtimeSessionId": "s" * 40,
            "messages": [{"role": "user", "content": [text]}],
        },
        "CreateEvent": {**session, "eventTimestamp": AT, "payload": [said]},
        "GetEvent": event,
        "DeleteEvent": event,
        "ListEvents": session,
        "ListSessions": actor,
        "ListActors": memory,
        "IngestData": {**session, "contentTimestamp": AT, "source": {"inline": {"payload": [said]}}},
        "RetrieveMemoryRecords": {**memory, "namespace": "/ada", "searchCriteria": {"searchQuery": "Who plays?"}},
        "ListMemoryRecords": {**memory, "namespace": "/ada"},
        "GetMemoryRecord": record,
        "DeleteMemoryRecord": record,
        "BatchCreateMemoryRecords": {
            **memory,
            "records": [{"requestIdentifier": "r", "namespaces": ["/ada"], "content": text, "timestamp": AT}],
        },
        "BatchUpdateMemoryRecords": {
            **memory,
            "records": [{"memoryRecordId": ids["record"], "content": text, "timestamp": AT}],
        },
        "BatchDeleteMemoryRecords": {**memory, "records": [{"memoryRecordId": ids["record"]}]},
        "ListMemoryExtractionJobs": memory,
        "StartMemoryExtractionJob": {**memory, "extractionJob": {"jobId": "job-0000000001"}},
    }


def call(data: Any, control: Any, operation: str, params: dict[str, Any]) -> Any:
    client = control if operation in SERVED[CONTROL] else data
    return getattr(client, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower())(**params)


def told_of(data: Any, control: Any, operation: str, params: dict[str, Any]) -> tuple[str, str]:
    """Return the code and the message with which an operation is refused; its answer, if it is not."""
    try:
        return "", f"{operation}: {call(data, control, operation, params)}"
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]


def had(owned: Owned) -> list[Any]:
    """Return all that the owner sees of what they have."""
    memory = {"memoryId": owned.ids["memory"]}
    session = {**memory, "actorId": "ada", "sessionId": "s-1"}
    shown = [
        owned.control.get_memory(**memory)["memory"],
        owned.control.list_tags_for_resource(resourceArn=owned.ids["arn"])["tags"],
        owned.control.get_harness(harnessId=owned.ids["harness"])["harness"],
        owned.data.list_events(**session)["events"],
        owned.data.list_actors(**memory)["actorSummaries"],
        owned.data.list_memory_records(**memory, namespace="/ada")["memoryRecordSummaries"],
    ]
    assert SECRET in str(shown[0])
    return shown


def test_each_operation_is_asked() -> None:
    assert {*asked(dict.fromkeys(("memory", "arn", "event", "record", "harness", "harness_arn"), "x"))} == (
        {*operations()} - ABOUT_NOTHING
    )


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_no_operation_reaches_what_is_of_somebody_else(owned: Owned, scope: Grant) -> None:
    data, control = owned.clients(scope)
    before = had(owned)

    told = [told_of(data, control, operation, params) for operation, params in asked(owned.ids).items()]

    assert {code for code, _ in told} <= {"ResourceNotFoundException", "AccessDeniedException"}, told
    for _, message in told:
        assert SECRET not in message.replace(owned.ids["memory"], "").replace(owned.ids["harness"], "")
    assert had(owned) == before


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_what_becomes_of_the_records_of_somebody_else_is_not_streamed(owned: Owned, scope: Grant) -> None:
    _, key = asyncio.run(Keys(owned.memory.shelf).create("ci", scope=scope))
    stream = f"{owned.url}/memories/{owned.ids['memory']}/recordStream"

    answer = httpx.get(stream, headers={"Authorization": f"Bearer {key}"})

    assert answer.headers["x-amzn-errortype"] in ("ResourceNotFoundException", "AccessDeniedException")


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_lists_show_nothing_of_somebody_else(owned: Owned, scope: Grant) -> None:
    _, control = owned.clients(scope)

    assert control.list_memories()["memories"] == []
    assert control.list_harnesses()["harnesses"] == []


def test_the_record_of_another_memory_stands_for_nothing_in_ones_own(owned: Owned) -> None:
    data, control = owned.clients(SCOPES["tenant"])
    ids = {**owned.ids, "memory": ready_memory(control, name="Own")}
    before = had(owned)

    for operation in ("GetEvent", "DeleteEvent", "GetMemoryRecord", "DeleteMemoryRecord"):
        with pytest.raises(ClientError) as caught:
            call(data, control, operation, asked(ids)[operation])
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException", operation
    told = [call(data, control, f"Batch{one}MemoryRecords", asked(ids)[f"Batch{one}MemoryRecords"]) for one in _BATCHES]

    assert [len(one["successfulRecords"]) for one in told] == [0, 0]
    assert SECRET not in str(data.list_memory_records(memoryId=ids["memory"], namespacePath="/"))
    assert had(owned) == before


def test_two_tenants_may_have_memories_of_the_same_name_and_id_tokens(owned: Owned) -> None:
    token = "the-same-token-of-both-0123456789"
    _, control = owned.clients(SCOPES["tenant"])

    own, others = (
        one.create_memory(name="Shared", eventExpiryDuration=30, clientToken=token)["memory"]["id"]
        for one in (control, owned.control)
    )

    assert own != others
    assert own in [one["id"] for one in control.list_memories()["memories"]]
    assert others not in [one["id"] for one in control.list_memories()["memories"]]


@pytest.mark.parametrize(
    "other", [Grant(name="", tenant="other", banks=("sales*",)), SCOPES["user of the same tenant"]]
)
def test_a_client_token_tells_nothing_to_who_could_not_have_asked(owned: Owned, other: Grant) -> None:
    token = f"a-token-that-somebody-saw-{other.user}-0123456789"
    _, support = owned.clients(Grant(name="", tenant="other", banks=("support*",)))
    _, thief = owned.clients(other)
    name = f"support{other.user or 'sales'}"
    memory = {"name": name, "eventExpiryDuration": 30, "clientToken": token}
    harness = {"harnessName": name, "executionRoleArn": ROLE, "clientToken": token}
    support.create_memory(**memory)
    id = support.create_harness(**harness, systemPrompt=[{"text": SECRET}])["harness"]["harnessId"]
    gone = {"harnessId": id, "clientToken": token}
    support.delete_harness(**gone)

    told = [
        told_of(None, thief, "CreateMemory", memory),
        told_of(None, thief, "CreateHarness", {**harness, "systemPrompt": [{"text": SECRET}]}),
        told_of(None, thief, "DeleteHarness", gone),
    ]

    assert [code for code, _ in told] == ["AccessDeniedException"] * 3, told
    assert support.delete_harness(**gone)["harness"]["harnessId"] == id


_BATCHES = ("Update", "Delete")
