"""The audit trail: who did what in which bank, by the routes that show it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hindsight_client_api.api.audit_api import AuditApi
from hindsight_client_api.api_client import ApiClient
from hindsight_client_api.configuration import Configuration

from duramen import MemoryEngine
from duramen.server.app import create_app
from duramen.server.auditing import Audit, Audited
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from duramen.times import microseconds, utc_now
from tests.conftest import engine
from tests.server.apps import client_of
from tests.server.mcp.parts import called
from tests.server.running import running

HERE = "/v1/default/banks/ada"
SECRET = "Xanthippe"
DAY = 86_400_000_000


@asynccontextmanager
async def audited(memory: MemoryEngine, **settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Audit]]:
    app = create_app(memory, Settings(audit=True, **settings))
    async with client_of(app) as client:
        yield client, app.state.audit


async def trail(client: httpx.AsyncClient, bank: str = HERE, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        (await client.get(f"{bank}/audit-logs", params=asked)).raise_for_status().json()["items"]
    )
    return found


async def retain(client: httpx.AsyncClient, bank: str = HERE) -> httpx.Response:
    return await client.post(f"{bank}/memories", json={"items": [{"content": f"{SECRET} is vegan."}]})


def entry(action: str, began: int) -> Audited:
    return Audited(
        action=action, transport="http", began=began, ended=began + 5000, status=200, caller=None, request="r"
    )


async def test_what_was_done_in_a_bank_is_told_the_newest_first() -> None:
    begun = utc_now()
    async with audited(engine(":memory:")) as (client, _):
        answer = await retain(client)
        await client.post(f"{HERE}/memories/recall", json={"query": "vegan?"})
        await client.get(f"{HERE}/memories/{'0' * 32}")

        found = await trail(client)

    actions = [(one["action"], one["transport"], one["metadata"]["status"]) for one in found]
    assert actions == [("get_memory", "http", 404), ("recall_memories", "http", 200), ("retain_memories", "http", 200)]
    assert found[-1]["metadata"]["request_id"] == answer.headers["x-request-id"]
    assert begun - timedelta(seconds=1) <= datetime.fromisoformat(found[-1]["started_at"]) <= utc_now()
    assert {one["bank_id"] for one in found} == {"ada"}


async def test_nothing_that_was_said_or_asked_is_kept(tmp_path: Path) -> None:
    async with audited(engine(":memory:")) as (client, _):
        await retain(client)
        await client.post(f"{HERE}/memories/recall", json={"query": SECRET})
        (*_, first) = await trail(client)
        whole = (await client.get(f"{HERE}/audit-logs/{first['id']}")).json()

    assert whole["request"] is None
    assert whole["response"] is None
    assert SECRET not in str(whole)


async def test_without_the_setting_nothing_is_kept_and_the_version_says_so() -> None:
    async with client_of(create_app(engine(":memory:"), Settings())) as client:
        await retain(client)
        page = (await client.get(f"{HERE}/audit-logs")).json()
        stats = (await client.get(f"{HERE}/audit-logs/stats")).json()
        features = (await client.get("/version")).json()["features"]

    assert (page["items"], page["total"], stats["buckets"]) == ([], 0, [])
    assert features["audit_log"] is False


async def test_with_the_setting_the_version_says_that_it_is_kept() -> None:
    async with audited(engine(":memory:")) as (client, _):
        assert (await client.get("/version")).json()["features"]["audit_log"] is True


async def test_what_a_tool_did_is_marked() -> None:
    async with audited(engine(":memory:")) as (client, _):
        await called(client, "/mcp/ada", "sync_retain", content="Ada is vegan.")
        await retain(client)

        assert {one["transport"] for one in await trail(client)} == {"http", "mcp"}
        assert {one["transport"] for one in await trail(client, transport="mcp")} == {"mcp"}


async def test_the_deletion_of_a_bank_stays_known() -> None:
    async with audited(engine(":memory:")) as (client, _):
        await retain(client)
        await client.delete(HERE)

        assert [one["action"] for one in await trail(client)] == ["delete_bank", "retain_memories"]


async def test_a_bank_shows_only_what_was_done_in_it_and_a_tenant_only_its_own() -> None:
    memory = engine(":memory:")
    await memory.open()
    keys = Keys(memory.shelf)
    made = [await keys.create(name, scope=Grant(name="", tenant=name)) for name in ("acme", "other")]
    acme, other = ({"Authorization": f"Bearer {secret}"} for _, secret in made)
    app = create_app(memory, Settings(audit=True, auth="on"))
    async with client_of(app) as client:
        client.headers.update(acme)
        await retain(client)
        await retain(client, "/v1/default/banks/grace")
        mine = await trail(client)
        client.headers.update(other)
        theirs = await trail(client)
        foreign = await client.get(f"{HERE}/audit-logs/{mine[0]['id']}")

    assert [(one["action"], one["metadata"]["caller"]) for one in mine] == [("retain_memories", f"key:{made[0][0].id}")]
    assert "retain_memories" not in {one["action"] for one in theirs}
    assert foreign.status_code == 404


async def test_a_page_is_cut_and_filtered_and_knows_how_many_there_are() -> None:
    memory, now = engine(":memory:"), microseconds(utc_now())
    async with audited(memory) as (client, audit):
        for number in range(1200):
            audit.note("ada", entry("odd" if number % 2 else "even", now - number * 1000))
        page = (await client.get(f"{HERE}/audit-logs", params={"limit": 3, "offset": 590, "action": "odd"})).json()

    assert page["total"] == 600
    times = [datetime.fromisoformat(one["started_at"]) for one in page["items"]]
    assert times == sorted(times, reverse=True)
    assert [one["duration_ms"] for one in page["items"]] == [5] * 3
    assert microseconds(times[0]) == now - (590 * 2 + 1) * 1000


async def test_times_are_a_half_open_range() -> None:
    async with audited(engine(":memory:")) as (client, audit):
        begin = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
        for day in range(5):
            audit.note("ada", entry(f"day{day}", microseconds(begin) + day * DAY))

        found = await trail(client, start_date="2026-03-02T00:00:00Z", end_date="2026-03-04")

    assert [one["action"] for one in found] == ["day2", "day1"]


async def test_figures_are_by_day_or_by_hour() -> None:
    async with audited(engine(":memory:")) as (client, audit):
        now = microseconds(utc_now())
        for back, action in ((0, "a"), (0, "a"), (0, "b"), (2 * DAY, "a"), (40 * DAY, "a")):
            audit.note("ada", entry(action, now - back))
        week = (await client.get(f"{HERE}/audit-logs/stats")).json()
        day = (await client.get(f"{HERE}/audit-logs/stats", params={"period": "1d", "action": "a"})).json()

    assert (week["trunc"], day["trunc"]) == ("day", "hour")
    assert next(one["total"] for one in week["buckets"] if one["total"]) == 1
    assert sum(one["actions"].get("a", 0) for one in week["buckets"]) == 3
    assert sum(one["total"] for one in day["buckets"]) == 2


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"start_date": "yesterdayish"}, 422),
        ({"end_date": ""}, 422),
        ({"limit": "0"}, 422),
        ({"limit": "501"}, 422),
        ({"offset": "-1"}, 422),
        ({"transport": "pigeon"}, 422),
    ],
)
async def test_what_cannot_be_asked_is_told(asked: dict[str, str], status: int) -> None:
    async with audited(engine(":memory:")) as (client, _):
        assert (await client.get(f"{HERE}/audit-logs", params=asked)).status_code == status


@pytest.mark.parametrize("id", ["nothing", "a%2Fb", "%C3%A4"])
async def test_there_is_no_such_entry(id: str) -> None:
    async with audited(engine(":memory:")) as (client, _):
        answer = await client.get(f"{HERE}/audit-logs/{id}")

    assert answer.status_code == 404


async def test_a_trail_outlives_the_server(tmp_path: Path) -> None:
    async with audited(engine(tmp_path / "memory")) as (client, _):
        await asyncio.gather(*(retain(client) for _ in range(20)))

    async with audited(engine(tmp_path / "memory")) as (client, _):
        assert len(await trail(client, action="retain_memories")) == 20


async def test_the_client_of_hindsight_reads_it(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory"), Settings(audit=True)) as url:
        async with ApiClient(Configuration(host=url)) as api:
            client = AuditApi(api)
            await client.audit_log_stats("ada")
            while not (found := (await client.list_audit_logs("ada", action="audit_log_stats")).items):
                pass  # what was answered is noted right after
            one = found[0]
            whole = await client.get_audit_log("ada", one.id)
            stats = await client.audit_log_stats("ada", period="1d")

    assert (whole.action, whole.transport, whole.metadata["status"]) == ("audit_log_stats", "http", 200)
    assert stats.buckets[-1].actions["audit_log_stats"] == 1


async def test_who_stops_waiting_for_a_trail_takes_nothing_off_it(tmp_path: Path) -> None:
    memory, go = engine(tmp_path / "memory"), threading.Event()

    async def busy() -> None:
        go.wait(30)  # holds the loop that writes

    async with audited(memory) as (client, audit):
        held = memory.portal.submit(busy())
        for number in range(3):
            audit.note("ada", entry(f"action{number}", microseconds(utc_now())))
        waiting = asyncio.create_task(audit.settled())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        go.set()
        await asyncio.wrap_future(held)

        page = (await client.get(f"{HERE}/audit-logs")).json()

    assert page["total"] == 3
