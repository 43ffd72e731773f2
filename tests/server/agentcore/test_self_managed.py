"""Self-managed strategies over the wire: delivered to a bucket that is a directory, and what comes back is found."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running
from tests.serving import served

OWN = {
    "customMemoryStrategy": {
        "name": "own",
        "namespaceTemplates": ["/own/{actorId}/"],
        "configuration": {
            "selfManagedConfiguration": {
                "triggerConditions": [{"messageBasedTrigger": {"messageCount": 2}}],
                "invocationConfiguration": {
                    "topicArn": "arn:aws:sns:us-west-2:123456789012:x",
                    "payloadDeliveryBucketName": "a-bucket",
                },
                "historicalContextWindowSize": 4,
            }
        },
    }
}


def test_what_was_said_is_delivered_and_what_comes_back_is_found(tmp_path: Path) -> None:
    bucket = tmp_path / "delivered" / "a-bucket"
    settings = Settings(self_managed_to=str(tmp_path / "delivered"))
    with running(engine(tmp_path / "memory"), settings) as url:
        data, control = clients(url)
        memory = ready_memory(control, memoryStrategies=[OWN])
        (strategy,) = control.get_memory(memoryId=memory)["memory"]["strategies"]
        said = [
            {"conversational": {"content": {"text": text}, "role": role}}
            for text, role in (("I fly on Friday.", "USER"), ("Noted.", "ASSISTANT"))
        ]
        event = data.create_event(
            memoryId=memory, actorId="ada", sessionId="s1", eventTimestamp=1772366400, payload=said
        )["event"]
        while not (files := list(bucket.glob("*.json")) if bucket.is_dir() else []):
            time.sleep(0.01)
        payload = json.loads(files[0].read_text())
        record = {
            "requestIdentifier": "r",
            "namespaces": [payload["namespace"]],
            "content": {"text": "Ada flies on Friday."},
            "timestamp": 1772366400,
            "memoryStrategyId": payload["strategyId"],
        }
        data.batch_create_memory_records(memoryId=payload["memoryId"], records=[record])
        asked = {"searchQuery": "When does Ada fly?", "memoryStrategyId": strategy["strategyId"]}
        found = data.retrieve_memory_records(memoryId=memory, namespace="/own/ada/", searchCriteria=asked)

    assert (payload["memoryId"], payload["strategyId"]) == (memory, strategy["strategyId"])
    assert (payload["actorId"], payload["sessionId"], payload["namespace"]) == ("ada", "s1", "/own/ada/")
    assert [turn["content"]["text"] for turn in payload["currentContext"]] == ["I fly on Friday.", "Noted."]
    assert [one["content"]["text"] for one in found["memoryRecordSummaries"]] == ["Ada flies on Friday."]
    assert event["sessionId"] == "s1"


def test_where_the_server_delivers_nowhere_it_cannot_be_set_up(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory")) as url:
        _, control = clients(url)
        with pytest.raises(ClientError, match="DURAMEN_SELF_MANAGED_TO"):
            ready_memory(control, memoryStrategies=[OWN])

        assert control.list_memories()["memories"] == []


def test_what_was_said_before_the_server_was_killed_is_delivered_with_what_comes_after(tmp_path: Path) -> None:
    bucket = tmp_path / "delivered" / "a-bucket"
    to = {"DURAMEN_SELF_MANAGED_TO": str(tmp_path / "delivered")}
    said = {"actorId": "ada", "sessionId": "s1", "eventTimestamp": 1772366400}
    with served(tmp_path / "memory", variables=to) as server:
        memory = ready_memory(clients(server.url)[1], memoryStrategies=[OWN])
        for text in ("I fly on Friday.", "To Rome."):
            turn = {"conversational": {"content": {"text": text}, "role": "USER"}}
            clients(server.url)[0].create_event(memoryId=memory, payload=[turn], **said)
            server.kill()
            server.start()
        while not (files := list(bucket.glob("*.json")) if bucket.is_dir() else []):
            time.sleep(0.05)
        told = [json.loads(file.read_text()) for file in files]

    assert [[turn["content"]["text"] for turn in one["currentContext"]] for one in told] == [
        ["I fly on Friday.", "To Rome."]
    ]
