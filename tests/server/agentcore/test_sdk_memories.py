"""AWS's own SDK sets memories up on our server, told of it by the environment as AWS documents it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import engine
from tests.server.agentcore.parts import KEY, REGION, SECRET
from tests.server.running import running

pytest.importorskip("bedrock_agentcore")

from bedrock_agentcore.memory import MemoryClient, MemoryControlPlaneClient
from bedrock_agentcore.memory.constants import StrategyType

PROMPT = {"prompt": "Keep what matters.", "modelId": "anthropic.claude-x"}
ABOVE = "/strategies/{memoryStrategyId}/"
ROLE = "arn:aws:iam::123456789012:role/x"
FAST = {"max_wait": 20, "poll_interval": 1}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with running(engine(":memory:")) as url:
        for name in ("BEDROCK_AGENTCORE", "BEDROCK_AGENTCORE_CONTROL"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{name}", url)
        monkeypatch.setenv("BEDROCK_AGENTCORE_CONTROL_ENDPOINT", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


def test_the_memory_client_has_a_memory_from_its_making_to_its_end(told: None) -> None:
    client: Any = MemoryClient(region_name=REGION)

    made = client.create_memory_and_wait(
        name="Notes", strategies=[{StrategyType.SEMANTIC.value: {"name": "facts"}}], **FAST
    )
    found = client.create_or_get_memory(name="Notes")
    later = client.create_or_get_memory(name="Note")
    memory = made["id"]

    assert made["status"] == "ACTIVE"
    assert (found["id"], later["id"].rpartition("-")[0]) == (memory, "Note")
    assert client.get_memory_status(memory) == "ACTIVE"
    assert {one["id"] for one in client.list_memories()} == {memory, later["id"]}

    (facts,) = client.get_memory_strategies(memory)
    changed = client.update_memory_strategies(
        memory,
        add_strategies=[{StrategyType.SUMMARY.value: {"name": "summaries"}}],
        modify_strategies=[{"memoryStrategyId": facts["strategyId"], "description": "What is so."}],
    )
    assert [one["name"] for one in changed["strategies"]] == ["facts", "summaries"]

    client.delete_memory_and_wait(memory, **FAST)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.get_memory_strategies(memory)


def test_the_memory_client_adds_each_kind_of_strategy(told: None) -> None:
    client: Any = MemoryClient(region_name=REGION)
    memory = client.create_memory_and_wait(name="Notes", strategies=[], memory_execution_role_arn=ROLE, **FAST)["id"]

    client.add_semantic_strategy_and_wait(memory, "facts", **FAST)
    client.add_summary_strategy_and_wait(memory, "summaries", **FAST)
    client.add_user_preference_strategy_and_wait(memory, "likes", **FAST)
    client.add_episodic_strategy_and_wait(memory, "episodes", reflection_namespace_templates=[ABOVE], **FAST)
    client.add_custom_semantic_strategy_and_wait(memory, "own", PROMPT, PROMPT, **FAST)
    reflecting = {**PROMPT, "namespaceTemplates": ["/custom/{actorId}/"]}  # the client files episodes below it
    client.add_custom_episodic_strategy_and_wait(memory, "deeds", PROMPT, PROMPT, reflecting, **FAST)

    found: list[dict[str, Any]] = client.get_memory_strategies(memory)
    assert [one["name"] for one in found] == ["facts", "summaries", "likes", "episodes", "own", "deeds"]

    client.modify_strategy(memory, found[0]["strategyId"], description="What is so.")
    client.delete_strategy(memory, found[1]["strategyId"])
    left = client.get_memory_strategies(memory)
    assert [one["name"] for one in left] == ["facts", "likes", "episodes", "own", "deeds"]
    assert left[0]["description"] == "What is so."


def test_the_control_plane_client_does_all_that_it_can(told: None) -> None:
    client: Any = MemoryControlPlaneClient(region_name=REGION)

    made = client.create_memory(
        name="Notes", strategies=[{"semanticMemoryStrategy": {"name": "facts"}}], wait_for_active=True, **FAST
    )
    memory = made["id"]
    added = client.add_strategy(
        memory, {"userPreferenceMemoryStrategy": {"name": "likes"}}, wait_for_active=True, **FAST
    )
    likes = next(one for one in added["strategies"] if one["name"] == "likes")["strategyId"]
    client.update_strategy(memory, likes, description="What they like.", wait_for_active=True, **FAST)
    client.update_memory(memory, event_expiry_days=60, description="Mine.", wait_for_active=True, **FAST)

    assert client.get_strategy(memory, likes)["description"] == "What they like."
    assert client.get_memory(memory)["eventExpiryDuration"] == 60
    assert [one["id"] for one in client.list_memories()] == [memory]

    client.remove_strategy(memory, likes, wait_for_active=True, **FAST)
    assert [one["name"] for one in client.get_memory(memory)["strategies"]] == ["facts"]

    client.delete_memory(memory, wait_for_deletion=True, **FAST)
    assert client.list_memories() == []
