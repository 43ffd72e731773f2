"""The adapter with a memory behind a server: the calls of Hindsight's documentation as they stand, and its outages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import duramen
from duramen_agentcore import (
    HindsightRuntimeAdapter,
    RecallPolicy,
    RuntimeAdapter,
    TurnContext,
    configure,
)
from tests.conftest import engine
from tests.duramen_agentcore.parts import BANK, turn
from tests.server.running import running
from tests.serving import Served

EVER = 120


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "memory")
    yield served
    served.kill()


@pytest.fixture
def url() -> Iterator[str]:
    with running(engine(":memory:")) as address:
        yield address


async def call_model(prompt: str) -> str:
    return f"The model was told: {prompt}"


async def run_my_agent(payload: dict[str, Any], memory_context: str) -> dict[str, str]:
    prompt = payload["prompt"]
    if memory_context:
        prompt = f"Past context:\n{memory_context}\n\nCurrent request: {prompt}"
    return {"output": await call_model(prompt)}


async def test_the_documented_handler_remembers_across_sessions(url: str) -> None:
    configure(hindsight_api_url=url, api_key="any")
    adapter = HindsightRuntimeAdapter(agent_name="support-agent")

    async def handler(event: dict[str, str]) -> Any:
        context = TurnContext(
            runtime_session_id=event["sessionId"],
            user_id=event["userId"],
            agent_name="support-agent",
            tenant_id=event.get("tenantId"),
            request_id=event.get("requestId"),
        )
        return await adapter.run_turn(context=context, payload={"prompt": event["prompt"]}, agent_callable=run_my_agent)

    first = {"sessionId": "s-1", "userId": "arn:aws:iam::1:user/ada", "tenantId": "acme"}
    await handler({**first, "prompt": "I prefer Rust for new services."})
    again = await handler({**first, "sessionId": "s-2", "prompt": "Which language do I prefer for services?"})
    other = await handler({**first, "userId": "eve", "prompt": "Which language do I prefer for services?"})
    await adapter.aclose()

    assert "I prefer Rust for new services." in again["output"]
    assert "Rust" not in other["output"]
    stats = adapter.stats()
    assert (stats.retains, stats.retain_failures, stats.recall_failures) == (3, 0, 0)


async def test_both_halves_and_reflection_work_behind_a_server(url: str) -> None:
    configure(hindsight_api_url=url, retain_async=False)
    policy = RecallPolicy(mode="reflect")
    async with RuntimeAdapter("support") as memories, RuntimeAdapter("support", recall_policy=policy) as answers:
        await memories.after_turn(turn(), result="Your plan is Premium.", query="Which plan do I have?")
        known = await memories.before_turn(turn("session-2"), query="Which plan is it?")
        drawn = await answers.before_turn(turn("session-2"), query="Which plan is it?")

    assert "assistant: Your plan is Premium." in known
    assert "Premium" in drawn
    assert memories.stats().recall_failures == answers.stats().recall_failures == 0


async def test_two_turns_of_a_session_are_both_kept_and_a_retry_is_one(url: str) -> None:
    async with RuntimeAdapter("support", hindsight_api_url=url) as adapter:
        await adapter.after_turn(turn(), result="First.")
        await adapter.after_turn(turn(), result="Second.")
        for _ in range(2):
            await adapter.after_turn(turn(request_id="r-1"), result="Third.", query="And?")
        await adapter.flush()
    async with duramen.open(url) as memory:
        said = sorted(one.text for one in (await memory.memories(BANK)).items)

    assert said == ["And?", "First.", "Second.", "Third."]


@pytest.mark.parametrize("journal", [True, False])
async def test_turns_of_an_outage_are_kept_when_the_server_is_back(
    stopped: Served, tmp_path: Path, journal: bool
) -> None:
    configure(url=stopped.url, journal=tmp_path / "journal" if journal else None, timeout=5)
    async with RuntimeAdapter("support") as adapter:
        during = await adapter.before_turn(turn(), query="vegan?")
        result = await adapter.run_turn(turn(), {"prompt": "I am vegan."}, agent_callable=run_my_agent)
        if not journal:
            while not adapter.stats().retain_failures:  # noqa: ASYNC110  counted on another loop
                await asyncio.sleep(0.01)
        await asyncio.to_thread(stopped.start)
        left = await asyncio.wait_for(_flushed(adapter), EVER)
        after = await asyncio.wait_for(_found(adapter), EVER)

    assert during == ""
    assert "I am vegan." in result["output"]
    assert left == 0
    assert "I am vegan." in after


async def _flushed(adapter: RuntimeAdapter) -> int:
    left = 1
    while left:
        left = await adapter.flush(seconds=1)
    return left


async def _found(adapter: RuntimeAdapter) -> str:
    found = ""
    while not found:
        found = await adapter.before_turn(turn("session-2"), query="Am I vegan?")
        await asyncio.sleep(0.05)
    return found


async def test_turns_in_the_journal_outlive_the_adapter(stopped: Served, tmp_path: Path) -> None:
    configure(url=stopped.url, journal=tmp_path / "journal", timeout=5)
    first = RuntimeAdapter("support")
    await first.after_turn(turn(), result="Ada is vegan.")
    await first.aclose(drain_seconds=1)
    await asyncio.to_thread(stopped.start)

    async with RuntimeAdapter("support") as second:
        await second.before_turn(turn("session-2"), query="vegan?")
        known = await asyncio.wait_for(_found(second), EVER)

    assert "Ada is vegan." in known
    assert first.stats().lost == 0


async def test_an_address_with_a_password_is_a_turn_without_memory_and_is_not_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with RuntimeAdapter("support", url="http://ada:secret@127.0.0.1:1") as adapter:
        known = await adapter.before_turn(turn(), query="vegan?")

    assert known == ""
    assert "AddressError" in caplog.text
    assert "secret" not in caplog.text
