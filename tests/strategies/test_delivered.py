"""Self-managed strategies that deliver to a directory or a webhook: through a real engine, and a real server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duramen import Item, MemoryEngine
from duramen.errors import StrategyError
from duramen.retain.worker import Pace
from duramen.strategies.definitions import build, define
from duramen.strategies.delivered import DeliveredStrategy
from duramen.strategy import Trigger
from tests.conftest import engine
from tests.server.running import running

BANK = "user:ada"


@asynccontextmanager
async def memory(to: str, **options: Any) -> AsyncIterator[MemoryEngine]:
    strategy = DeliveredStrategy(name="own", to=to, trigger=Trigger(messages=2, history=4), **options)
    pace = Pace(linger_seconds=0, attempts=1)
    async with engine(":memory:", strategies=[strategy], pace=pace) as one:
        yield one


async def tell(memory: MemoryEngine, *texts: str) -> None:
    items = [Item(content=[{"role": "user", "content": text}], key=text, actor="ada", session="s1") for text in texts]
    await memory.retain(BANK, items)


def hearing(answer: Callable[[Any], Response]) -> Starlette:
    async def hear(request: Request) -> Response:
        return answer(await request.json())

    return Starlette(routes=[Route("/hook", hear, methods=["POST"])])


async def test_enough_that_is_new_is_delivered_as_a_file_with_what_was_before(tmp_path: Path) -> None:
    async with memory(str(tmp_path / "out"), memory="notes-0123456789") as one:
        await tell(one, "First.", "Second.")
        await one.wait_idle(BANK)
        await tell(one, "Third.", "Fourth.")
        await one.wait_idle(BANK)

    found = sorted((json.loads(path.read_text()) for path in (tmp_path / "out").glob("*.json")), key=str)
    by_first = {one["currentContext"][0]["content"]["text"]: one for one in found}
    assert set(by_first) == {"First.", "Third."}
    third = by_first["Third."]
    assert [turn["content"]["text"] for turn in third["historicalContext"]] == ["First.", "Second."]
    assert (third["memoryId"], third["strategyId"], third["actorId"]) == ("notes-0123456789", "own", "ada")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{one['jobId']}.json" for one in found}


async def test_all_that_a_pipeline_of_aws_reads_is_in_it(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    async with memory(str(tmp_path / "out"), memory="notes-0123456789") as one:
        for number, text in enumerate(("First.", "Second.")):
            said = Item(content=text, occurred=noon + timedelta(seconds=number), actor="ada", session="s1")
            await one.retain(BANK, [said])
        await one.wait_idle(BANK)

    (path,) = (tmp_path / "out").glob("*.json")
    told = json.loads(path.read_text())
    assert told["requestId"] == told["jobId"] == path.stem
    assert (len(told["accountId"]), told["sessionId"]) == (12, "s1")
    assert (told["startingTimestamp"], told["endingTimestamp"]) == (1772366400000, 1772366401000)
    assert [(turn["role"], turn["content"]) for turn in told["currentContext"]] == [
        ("USER", {"text": "First."}),
        ("USER", {"text": "Second."}),
    ]


async def test_too_little_is_not_delivered(tmp_path: Path) -> None:
    async with memory(str(tmp_path / "out")) as one:
        await tell(one, "First.")
        await one.wait_idle(BANK)

        assert not (tmp_path / "out").exists()


async def test_a_webhook_is_sent_it() -> None:
    heard: list[Any] = []

    def answer(body: Any) -> Response:
        heard.append(body)
        return Response(status_code=204)

    with running(hearing(answer)) as url:
        async with memory(f"{url}/hook") as one:
            await tell(one, "First.", "Second.")
            await one.wait_idle(BANK)

    assert [[turn["content"]["text"] for turn in one["currentContext"]] for one in heard] == [["First.", "Second."]]


async def test_what_is_not_taken_is_a_failed_job_that_can_be_tried_again() -> None:
    statuses = [204, 500, 500]

    with running(hearing(lambda body: Response(status_code=statuses.pop()))) as url:
        async with memory(f"{url}/hook") as one:
            await tell(one, "First.", "Second.")
            await one.wait_idle(BANK)
            failed = (await one.jobs(BANK, state="failed")).items
            for _ in range(2):
                await one.retry_jobs(BANK)
                await one.wait_idle(BANK)
            done = (await one.jobs(BANK, state="done")).items

    assert {job.reason for job in failed} == {"StrategyError: The address of the strategy 'own' answered with 500."}
    assert (len(failed), len(done)) == (2, 2)


def test_it_is_written_down_and_read_again() -> None:
    definition = define(DeliveredStrategy(name="own", to="/out", memory="m", trigger=Trigger(messages=3)))

    assert definition["type"] == "delivered"
    assert define(build(definition)) == definition


@pytest.mark.parametrize("given", [{"to": " "}, {"to": "/out", "trigger": Trigger(messages=51)}])
def test_what_cannot_be_delivered_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(StrategyError):
        DeliveredStrategy(name="own", **given)
