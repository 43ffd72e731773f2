from __future__ import annotations

import asyncio

import pytest

from duramen.server.errors import Refused
from duramen.server.limits import BankLimits
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import asking


async def test_one_request_more_than_a_minute_allows_is_told_when_to_come_back() -> None:
    async with asking(engine(":memory:"), Settings(rate=2)) as client:
        answers = [await client.get("/echo/banks/a") for _ in range(3)]
        other = await client.get("/echo/banks/b")

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert other.status_code == 200


async def test_a_bank_has_one_rate_however_its_name_is_written() -> None:
    async with asking(engine(":memory:"), Settings(rate=1)) as client:
        answers = [await client.get(f"/echo/banks/{name}") for name in ("a:b", "a%3Ab")]

    assert [one.status_code for one in answers] == [200, 429]


async def test_as_many_requests_of_a_bank_as_allowed_are_at_work_and_the_next_waits_for_one_to_finish() -> None:
    limits = BankLimits(None, 1, queue_seconds=60)
    order: list[str] = []
    first = limits.taking("a")
    await first.__aenter__()

    async def second() -> None:
        async with limits.taking("a"):
            order.append("second")

    waiting = asyncio.create_task(second())
    await asyncio.sleep(0)
    order.append("first")
    await first.__aexit__(None, None, None)
    await waiting

    assert order == ["first", "second"]


async def test_who_waits_too_long_for_others_of_its_bank_is_refused_and_other_banks_are_not() -> None:
    limits = BankLimits(None, 1, queue_seconds=0.01)

    async with limits.taking("a"), limits.taking("b"):
        with pytest.raises(Refused) as caught:
            await limits.taking("a").__aenter__()

    assert caught.value.status_code == 429
    assert caught.value.headers == {"Retry-After": "1"}


async def test_who_stops_waiting_takes_nothing_from_those_after() -> None:
    limits = BankLimits(None, 1, queue_seconds=60)
    first = limits.taking("a")
    await first.__aenter__()
    waiting = asyncio.ensure_future(limits.taking("a").__aenter__())
    await asyncio.sleep(0)

    waiting.cancel()
    await first.__aexit__(None, None, None)  # in the same moment as the cancellation

    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with limits.taking("a"):
        pass


async def test_a_refused_request_gives_its_place_back() -> None:
    async with asking(engine(":memory:"), Settings(concurrency=1)) as client:
        answers = [await client.post("/echo/banks/a", json={"wrong": True}) for _ in range(3)]
        last = await client.get("/echo/banks/a")

    assert [one.status_code for one in answers] == [422, 422, 422]
    assert last.status_code == 200
