from __future__ import annotations

import subprocess
import sys

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from duramen.server.tracing import Tracing
from tests.conftest import engine
from tests.server.apps import app_of, client_of
from tests.server.test_metrics import RECALLS

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_a_recall_is_traced_from_the_request_through_its_verb_to_its_stages() -> None:
    spans = InMemorySpanExporter()
    memory = engine(":memory:")
    app = app_of(memory, None, RECALLS, tracing=Tracing(SimpleSpanProcessor(spans)))
    async with client_of(app) as client:
        await memory.retain("user:ada", "Ada lives in Lisbon.", wait=True)
        spans.clear()
        stages = (await client.get("/recalls/user:ada")).json()

    found = {one.name: one for one in spans.get_finished_spans()}
    request, verb = found["GET /recalls/{bank_id}"], found["duramen.recall"]
    steps = ["recall wait", *(stage for stage in stages if stage != "wait")]
    assert set(found) == {request.name, verb.name, "queue", *(f"stage {stage}" for stage in steps)}
    assert request.parent is None
    assert verb.parent is not None
    assert verb.parent.span_id == request.context.span_id
    for child in ("queue", *(f"stage {stage}" for stage in steps)):
        parent = found[child].parent
        assert parent is not None
        assert parent.span_id == verb.context.span_id
    assert "ada" not in "".join(one.to_json() for one in found.values()).casefold()


async def test_what_nobody_asked_for_has_a_trace_of_its_own() -> None:
    spans = InMemorySpanExporter()
    memory = engine(":memory:")
    async with client_of(app_of(memory, tracing=Tracing(SimpleSpanProcessor(spans)))):
        await memory.retain("user:ada", "Ada lives in Lisbon.", wait=True)

    found = {one.name: one for one in spans.get_finished_spans()}
    assert {"stage retain append", "stage retain extract", "stage retain embed", "stage retain put"} <= set(found)
    assert all(one.parent is None for one in found.values())


async def test_a_trace_goes_on_that_of_its_caller() -> None:
    spans = InMemorySpanExporter()
    async with client_of(app_of(engine(":memory:"), tracing=Tracing(SimpleSpanProcessor(spans)))) as client:
        await client.get("/health", headers={"traceparent": CALLER})

    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert f"{span.context.trace_id:032x}-{span.parent.span_id:016x}" in CALLER


async def test_a_traceparent_that_is_none_begins_a_trace() -> None:
    spans = InMemorySpanExporter()
    async with client_of(app_of(engine(":memory:"), tracing=Tracing(SimpleSpanProcessor(spans)))) as client:
        answer = await client.get("/health", headers={"traceparent": "nonsense"})

    (span,) = spans.get_finished_spans()
    assert answer.status_code == 200
    assert span.parent is None
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 200


_OBSERVED = """
import asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.conftest import engine
from tests.server.apps import asking

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)

async def ask():
    async with asking(engine(":memory:")) as client:
        await client.get("/echo/banks/user:ada?q=where")

asyncio.run(ask())
print(len(spans.get_finished_spans()))
"""


def test_a_program_that_traces_everything_is_not_told_paths_and_queries() -> None:
    told = subprocess.run([sys.executable, "-c", _OBSERVED], capture_output=True, text=True, timeout=120, check=True)

    assert told.stdout == "0\n"
