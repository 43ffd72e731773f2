from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from duramen import MemoryEngine
from tests.conftest import engine
from tests.server.hindsight.conftest import Wire
from tests.server.running import running
from tests.webhooks.receiver import Receiver, receiving

FACT = "Ada lives in Lisbon."


@pytest.fixture
def told() -> Iterator[tuple[Wire, Receiver]]:
    memory = MemoryEngine(replace(engine(":memory:")._parts, webhook_hosts=("127.0.0.1",)))
    with receiving() as receiver, running(memory) as url:
        wire = Wire(url)
        yield wire, receiver
        wire.http.close()


def hook(wire: Wire, receiver: Receiver) -> str:
    asked = {"url": receiver.url(), "secret": "shared", "event_types": ["retain.completed"]}
    answer = wire("POST", "/webhooks", json=asked)
    assert answer.status_code == 201, answer.text
    assert "shared" not in answer.text
    id: str = answer.json()["id"]
    return id


def delivered(wire: Wire, id: str, count: int) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        items = wire("GET", f"/webhooks/{id}/deliveries").json()["items"]
        if len(items) == count and all(item["status"] == "completed" for item in items):
            return items
        time.sleep(0.05)
    raise AssertionError(f"Not delivered: {items}")


def test_what_is_retained_is_told_to_a_webhook_and_signed(told: tuple[Wire, Receiver]) -> None:
    wire, receiver = told
    id = hook(wire, receiver)
    wire.retain(FACT, document_id="d", tags=["t"])

    (delivery,) = delivered(wire, id, 1)

    (request,) = receiver.got
    body = json.loads(request.body)
    assert (body["event"], body["bank_id"], body["status"]) == ("retain.completed", wire.bank, "completed")
    assert body["data"] == {"document_id": "d", "tags": ["t"]}
    signature = hmac.new(b"shared", request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Hindsight-Signature"].endswith(signature)
    assert (delivery["event_type"], delivery["attempts"], delivery["last_response_status"]) == (
        "retain.completed",
        1,
        200,
    )


def test_an_operation_tells_which_it_was(told: tuple[Wire, Receiver]) -> None:
    wire, receiver = told
    id = hook(wire, receiver)
    body = {"items": [{"content": FACT}, {"content": "Bob lives in Bergen."}], "async": True}
    operation = wire("POST", "/memories", json=body).json()["operation_id"]

    delivered(wire, id, 2)

    assert [json.loads(one.body)["operation_id"] for one in receiver.got] == [operation, operation]


def test_a_webhook_that_is_switched_off_is_told_nothing(told: tuple[Wire, Receiver]) -> None:
    wire, receiver = told
    id = hook(wire, receiver)
    wire("PATCH", f"/webhooks/{id}", json={"enabled": False})

    wire.retain(FACT)

    assert delivered(wire, id, 0) == []
    assert receiver.got == []
