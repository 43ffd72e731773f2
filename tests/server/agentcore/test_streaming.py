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
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running
from tests.serving import free_port, served

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


def test_what_is_no_number_of_an_event_is_passed_over(url: str) -> None:
    _, control = clients(url)
    memory = ready_memory(control, streamDeliveryResources=FULL)

    for last in ("9" * 5000, "-1", "x"):
        with heard(url, memory, headers={"Last-Event-ID": last}) as events:
            assert next(events)["eventType"] == "StreamingEnabled"


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


def test_a_stream_outlives_the_time_of_a_request(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory"), Settings(request_seconds=0.9)) as url:
        data, control = clients(url)
        memory = ready_memory(control, streamDeliveryResources=FULL)
        with httpx.stream("GET", f"{url}/memories/{memory}/recordStream", timeout=30) as answer:
            lines = answer.iter_lines()
            for _ in range(6):  # each comes a third of the time after the one before
                while not next(lines).startswith(": "):
                    pass
            record = put(data, memory)
            heard_of = next(line for line in lines if line.startswith("data: "))

    assert record in heard_of


def test_what_may_be_seen_is_judged_when_it_is_sent(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory"), Settings(request_seconds=3)) as url:
        data, control = clients(url)
        memory = ready_memory(control, streamDeliveryResources=FULL)
        with heard(url, memory) as events:
            next(events)
            control.update_memory(memoryId=memory, streamDeliveryResources=BARE)
            put(data, memory)
            created = next(events)
            control.update_memory(memoryId=memory, streamDeliveryResources={"resources": []})
            put(data, memory, "Ada rows.")
            rest = list(events)

    assert created["eventType"] == "MemoryRecordCreated"
    assert SAID not in json.dumps(created)
    assert rest == []


def test_who_comes_back_after_the_server_was_killed_misses_and_doubles_nothing(tmp_path: Path) -> None:
    records: list[str] = []
    got: list[str] = []
    last = "0"
    with served(tmp_path / "memory") as server:
        memory = ready_memory(clients(server.url)[1], streamDeliveryResources=FULL)
        for until in (2, 8):  # in the midst, and to the end
            records += [put(clients(server.url)[0], memory, f"Ada sails {until} {number}.") for number in range(4)]
            address = f"{server.url}/memories/{memory}/recordStream"
            with httpx.stream("GET", address, headers={"Last-Event-ID": last}, timeout=30) as answer:
                lines = answer.iter_lines()
                while len(got) < until:
                    line = next(lines)
                    last = line.removeprefix("id: ") if line.startswith("id: ") else last
                    if line.startswith("data: ") and "Created" in line:
                        got.append(json.loads(line.removeprefix("data: "))["memoryStreamEvent"]["memoryRecordId"])
            if until == 2:
                server.kill()
                server.start()

    assert got == records


def test_what_was_not_delivered_when_the_server_was_killed_is_delivered_when_it_is_back(tmp_path: Path) -> None:
    got: list[str] = []
    enough = threading.Event()

    async def hear(request: Request) -> Response:
        got.append((await request.json())["memoryStreamEvent"]["memoryRecordId"])
        if len(set(got)) == 3:
            enough.set()
        return Response(status_code=204)

    port = free_port()
    address = {"DURAMEN_RECORD_STREAM_URL": f"http://127.0.0.1:{port}/hook"}
    with served(tmp_path / "memory", variables=address) as server:
        data, control = clients(server.url)
        memory = ready_memory(control, streamDeliveryResources=FULL)
        records = [put(data, memory, f"Ada sails {number}.") for number in range(3)]
        server.kill()
        app = Starlette(routes=[Route("/hook", hear, methods=["POST"])])
        listener = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
        thread = threading.Thread(target=listener.run)
        thread.start()
        server.start()
        heard_all = enough.wait(120)
        listener.should_exit = True
        thread.join(30)

    assert heard_all
    assert list(dict.fromkeys(got)) == records
