from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client.parser import text_string_to_metric_families

from duramen.server.banks import AskedBank, bank_for, memory_of
from duramen.server.metrics import Queues, observe_recall
from tests.conftest import engine
from tests.server.apps import app_of, asking, client_of

RECALLS = APIRouter()


@RECALLS.get("/recalls/{bank_id}")
async def recalls(request: Request, bank: Annotated[AskedBank, Depends(bank_for("recall"))]) -> list[str]:
    recall = await memory_of(request).recall(bank.name, "Where does Ada live?")
    observe_recall(request, recall)
    return list(recall.trace.milliseconds)


def figures(text: str) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def named(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


async def test_requests_are_counted_by_route_and_never_by_bank() -> None:
    async with asking(engine(":memory:")) as client:
        for bank in ("ada", "bob", "a%2Fb"):
            await client.get(f"/echo/banks/{bank}")
        await client.get("/nowhere/ada")
        text = (await client.get("/metrics")).text

    found = figures(text)
    route = {"method": "GET", "route": "/echo/banks/{bank_id}"}
    assert found[named("duramen_http_requests_total", **route, status="200")] == 3
    assert found[named("duramen_http_request_seconds_count", **route)] == 3
    assert found[named("duramen_http_requests_total", method="GET", route="(none)", status="404")] == 1
    assert found[named("duramen_verb_seconds_count", verb="read")] == 3
    assert "ada" not in text


async def test_a_made_up_method_makes_no_figure_of_its_own() -> None:
    async with asking(engine(":memory:")) as client:
        await client.request("BREW", "/nowhere")
        text = (await client.get("/metrics")).text

    assert figures(text)[named("duramen_http_requests_total", method="other", route="(none)", status="404")] == 1


async def test_no_request_is_at_work_but_the_one_that_asks() -> None:
    async with asking(engine(":memory:")) as client:
        for path in ("/nowhere", "/health", "/health%00"):
            await client.get(path)
        text = (await client.get("/metrics")).text

    assert figures(text)[named("duramen_http_requests_in_progress")] == 1


async def test_the_stages_of_a_recall_are_counted() -> None:
    memory = engine(":memory:")
    async with asking(memory, None, RECALLS) as client:
        await memory.retain("a", "Ada lives in Lisbon.", wait=True)
        stages = (await client.get("/recalls/a")).json()
        text = (await client.get("/metrics")).text

    found = figures(text)
    assert stages
    assert [found[named("duramen_recall_stage_seconds_count", stage=stage)] for stage in stages] == [1.0] * len(stages)


async def test_each_verb_has_its_stages() -> None:
    memory = engine(":memory:", strategies=("observation",))
    memory.tasks.register("nap", _nap)
    bank = "/v1/default/banks/user:ada"
    async with asking(memory) as client:
        await client.post(f"{bank}/memories", json={"items": [{"content": "Ada lives in Lisbon.", "document_id": "d"}]})
        await memory.wait_idle("user:ada", finish=True)
        await client.post(f"{bank}/memories/recall", json={"query": "Where does Ada live?"})
        await client.post(f"{bank}/reflect", json={"query": "Where does Ada live?"})
        await client.delete(f"{bank}/memories")
        await memory.tasks.submit("user:ada", "nap", {})
        await memory.tasks.drain(30)
        found = figures((await client.get("/metrics")).text)

    counted = {
        tuple(value for _, value in sorted(labels, reverse=True)): number
        for (name, labels), number in found.items()
        if name == "duramen_stage_seconds_count"
    }
    stages = {
        "retain": ("append", "extract", "embed", "put"),
        "strategies": ("work", "consolidate", "revise"),
        "recall": ("wait",),
        "reflect": ("recall", "extract"),
        "forget": ("select", "delete"),
        "tasks": ("nap",),
    }
    assert {(verb, stage) for verb, its in stages.items() for stage in its} <= set(counted)
    assert all(number >= 1 for number in counted.values())
    assert found[named("duramen_recall_stage_seconds_count", stage="wait")] == 1


async def test_a_server_that_has_ended_counts_no_stages() -> None:
    memory = engine(":memory:")
    app = app_of(engine(":memory:"))
    async with client_of(app):
        pass
    async with memory:
        await memory.retain("a", "Ada lives in Lisbon.", wait=True)
    text = app.state.metrics.text(Queues(pending=0, failed=0, jobs=0, jobs_failed=0, tasks={})).decode()

    assert not [name for name, _ in figures(text) if name == "duramen_stage_seconds_count"]


async def test_what_waits_is_told() -> None:
    memory = engine(":memory:")
    async with asking(memory) as client:
        memory.tasks.register("nap", _nap)
        await memory.tasks.submit("a", "nap", {})
        await memory.tasks.drain(30)
        found = figures((await client.get("/metrics")).text)

    assert found[named("duramen_events_pending")] == 0
    assert found[named("duramen_jobs_failed")] == 0
    assert found[named("duramen_tasks", state="completed")] == 1


async def test_two_servers_in_one_process_count_for_themselves() -> None:
    async with asking(engine(":memory:")) as one, asking(engine(":memory:")) as other:
        await one.get("/echo/banks/a")
        found = figures((await other.get("/metrics")).text)

    assert not [name for name, labels in found if ("route", "/echo/banks/{bank_id}") in labels]


async def _nap(task: object, report: object) -> dict[str, object]:
    return {}
