"""Streams of records, as server-sent events and by POST: real boto3, a real server, and a real listener."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

FULL = {
    "resources": [
        {
            "kinesis": {
                "dataStreamArn": "arn:aws:kinesis:us-west-2:123456789012:stream/records",
                "contentConfigurations": [{"type": "MEMORY_RECORDS", "level": "FULL_CONTENT"}],
            }
        }
    ]
}
BARE = json.loads(json.dumps(FULL).replace("FULL_CONTENT", "METADATA_ONLY"))
SAID = "Ada sails on the Tagus."


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with running(engine(tmp_path / "memory")) as one:
        yield one


def put(data: Any, memory: str, text: str = SAID) -> str:
    record = {
        "requestIdentifier": "r",
        "namespaces": ["/facts/ada/"],
        "content": {"text": text},
        "timestamp": 1772366400,
        "metadata": {"place": {"stringValue": "Lisbon"}},
    }
    found = data.batch_create_memory_records(memoryId=memory, records=[record])
    return str(found["successfulRecords"][0]["memoryRecordId"])


@contextmanager
def heard(url: str, memory: str, **asked: Any) -> Iterator[Iterator[dict[str, Any]]]:
    with httpx.stream("GET", f"{url}/memories/{memory}/recordStream", timeout=30, **asked) as answer:
        assert answer.status_code == 200, answer.read()
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        yield (json.loads(line.removeprefix("data: "))["memoryStreamEvent"] for line in lines)


def test_who_listens_hears_what_becomes_of_records(url: str) -> None:
    data, control = clients(url)
    memory = ready_memory(control, streamDeliveryResources=FULL)

    with heard(url, memory) as events:
        begin = next(events)
        record = put(data, memory)
        created = next(events)
        data.batch_update_memory_records(
            memoryId=memory,
            records=[{"memoryRecordId": record, "timestamp": 1772366500, "content": {"text": "Ada rows."}}],
        )
        updated = next(events)
        data.delete_memory_record(memoryId=memory, memoryRecordId=record)
        deleted = next(events)

    assert begin == {"eventType": "StreamingEnabled", "memoryId": memory}
    assert (created["eventType"], created["memoryRecordText"]) == ("MemoryRecordCreated", SAID)
    assert created["metadata"] == {"place": {"stringValue": "Lisbon"}}
    assert created["namespaces"] == ["/facts/ada/"]
    assert (updated["eventType"], updated["memoryRecordText"]) == ("MemoryRecordUpdated", "Ada rows.")
    assert deleted["eventType"] == "MemoryRecordDeleted"
    assert {one["memoryRecordId"] for one in (created, updated, deleted)} == {record}


def test_who_comes_back_hears_what_was_missed_and_of_the_text_only_what_is_left(url: str) -> None:
    data, control = clients(url)
    memory = ready_memory(control, streamDeliveryResources=FULL)
    first, second = put(data, memory), put(data, memory, "Ada rows.")
    data.delete_memory_record(memoryId=memory, memoryRecordId=first)

    with heard(url, memory, headers={"Last-Event-ID": "0"}) as events:
        _, one, two, three = (next(events) for _ in range(4))

    assert [event["memoryRecordId"] for event in (one, two, three)] == [first, second, first]
    assert "memoryRecordText" not in one
    assert two["memoryRecordText"] == "Ada rows."


def test_metadata_only_tells_no_text(url: str) -> None:
    data, control = clients(url)
    memory = ready_memory(control, streamDeliveryResources=BARE)
    put(data, memory)

    with heard(url, memory, params={"after": 0}) as events:
        _, created = next(events), next(events)

    assert created["eventType"] == "MemoryRecordCreated"
    assert SAID not in json.dumps(created)


def test_what_is_learned_of_an_event_is_streamed(url: str) -> None:
    data, control = clients(url)
    strategy = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}}
    memory = ready_memory(control, streamDeliveryResources=FULL, memoryStrategies=[strategy])

    with heard(url, memory) as events:
        next(events)
        said = {"conversational": {"content": {"text": "I live in Lisbon."}, "role": "USER"}}
        data.create_event(memoryId=memory, actorId="ada", sessionId="s1", eventTimestamp=1772366400, payload=[said])
        created = next(events)

    assert "Lisbon" in created["memoryRecordText"]
    assert created["memoryStrategyId"].startswith("facts-")


def test_a_memory_that_is_not_streamed_or_not_there_is_refused(url: str) -> None:
    _, control = clients(url)
    memory = ready_memory(control)

    plain = httpx.get(f"{url}/memories/{memory}/recordStream")
    unknown = httpx.get(f"{url}/memories/nothing-0123456789/recordStream")

    assert (plain.status_code, plain.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert (unknown.status_code, unknown.headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")


def test_an_address_is_sent_every_event_in_order_though_it_fails_at_first(tmp_path: Path) -> None:
    got: list[dict[str, Any]] = []
    statuses = [200, 500]
    enough = threading.Event()

    async def hear(request: Request) -> Response:
        status = statuses.pop() if statuses else 200
        if status == 200:
            got.append((await request.json())["memoryStreamEvent"])
        if len(got) == 3:
            enough.set()
        return Response(status_code=status)

    listener = running(Starlette(routes=[Route("/hook", hear, methods=["POST"])]))
    with listener as hook, running(engine(tmp_path / "memory"), Settings(record_stream_url=f"{hook}/hook")) as url:
        data, control = clients(url)
        memory = ready_memory(control, streamDeliveryResources=FULL)
        records = [put(data, memory, f"Ada sails {number}.") for number in range(3)]
        assert enough.wait(60)

    assert [one["memoryRecordId"] for one in got] == records
    assert [one["memoryRecordText"] for one in got] == [f"Ada sails {number}." for number in range(3)]
