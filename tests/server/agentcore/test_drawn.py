"""Requests that are drawn from botocore's service models, sound ones and others: each is answered, and none breaks the server."""

from __future__ import annotations

import json
import os
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.parsers import create_parser
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from duramen.server.agentcore.service import Operation, operations
from tests.conftest import engine
from tests.server.agentcore.harnessing import ROLE, Agent
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.agentcore.talking import NOON, user
from tests.server.apps import app_of
from tests.server.running import running

EXAMPLES = int(os.environ.get("DURAMEN_EXAMPLES", "4"))
"""Requests to each operation."""

MOST_SECONDS = 30.0
DEEP: Any = {}
for _ in range(900):
    DEEP = {"a": DEEP}
ODD = st.one_of(
    st.sampled_from(
        [None, True, 0, -1, 2**63, 10**400, 1e308, float("nan"), float("inf"), [], {}, [None], {"": {}}, DEEP]
    ),
    st.sampled_from(["", "\0", "\ud800", "..", "/", "//", "%2F", "*", "{actorId}", "x" * 5000, "a\n", "٣", "null"]),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
)
"""What is hardly what is asked for, wherever it stands."""


@dataclass(frozen=True)
class Served:
    """A server, and what stands there by the names of the members that ask for it."""

    client: httpx.Client
    known: Mapping[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    app = app_of(engine(":memory:"))
    app.state.agent = Agent()
    with running(app) as url, httpx.Client(base_url=url, timeout=MOST_SECONDS) as client:
        yield Served(client, filled(*clients(url)))


def filled(data: Any, control: Any) -> dict[str, Any]:
    """Make one of everything, and return the ids."""
    memory = ready_memory(control, memoryStrategies=[{"semanticMemoryStrategy": {"name": "Facts"}}])
    place = {"memoryId": memory, "actorId": "ada", "sessionId": "s-1"}
    event = data.create_event(**place, eventTimestamp=NOON, payload=[user("I like figs.")])["event"]
    record = {"requestIdentifier": "r", "namespaces": ["/a"], "content": {"text": "Figs."}, "timestamp": NOON}
    made = data.batch_create_memory_records(memoryId=memory, records=[record])["successfulRecords"][0]
    harness = control.create_harness(harnessName="Drawn", executionRoleArn=ROLE)["harness"]
    return {
        **place,
        "eventId": event["eventId"],
        "memoryRecordId": made["memoryRecordId"],
        "harnessId": harness["harnessId"],
        "harnessArn": harness["arn"],
        "resourceArn": control.get_memory(memoryId=memory)["memory"]["arn"],
        "runtimeSessionId": "s" * 33,
        "executionRoleArn": ROLE,
        "namespace": "/a",
        "namespacePath": "/",
    }


@st.composite
def drawn(draw: st.DrawFn, shape: Shape, known: Mapping[str, Any], name: str = "", *, odd: bool = False) -> Any:
    """Draw a value of a shape; with `odd`, here and there something else."""
    if getattr(shape, "is_document_type", False) or (odd and draw(st.integers(0, 7)) == 0):
        return draw(ODD)
    if name in known and draw(st.integers(0, 3)):
        return known[name]
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 3)
    if isinstance(shape, StructureShape):
        if shape.is_tagged_union:
            chosen = {draw(st.sampled_from(sorted(shape.members)))}
        else:
            chosen = {one for one in shape.members if one in shape.required_members or not draw(st.integers(0, 2))}
        return {one: draw(drawn(shape.members[one], known, one, odd=odd)) for one in sorted(chosen)}
    if isinstance(shape, ListShape):
        sizes = st.integers(least, max(least, min(most, 3)))
        return [draw(drawn(shape.member, known, name, odd=odd)) for _ in range(draw(sizes))]
    if isinstance(shape, MapShape):
        keys = [draw(drawn(shape.key, known)) for _ in range(draw(st.integers(least, 2)))]
        return {key: draw(drawn(shape.value, known, odd=odd)) for key in keys}
    return draw(scalars(shape, least))


def scalars(shape: Shape, least: int) -> st.SearchStrategy[Any]:
    kind, most = shape.type_name, shape.metadata.get("max", 100)
    if kind == "string":
        if "enum" in shape.metadata:
            return st.sampled_from(shape.metadata["enum"])
        if "pattern" in shape.metadata:
            return st.from_regex(shape.metadata["pattern"], fullmatch=True)
        return st.text(string.ascii_letters, min_size=least, max_size=max(least, min(most, 20)))
    if kind in ("integer", "long"):
        return st.integers(least, most)
    if kind == "timestamp":
        return st.integers(0, 2**33) | st.floats(0, 2**33)
    return {"boolean": st.booleans(), "float": st.floats(0, 1), "double": st.floats(0, 1)}.get(kind, ODD)


def request_of(operation: Operation, params: Any, known: Mapping[str, Any]) -> tuple[str, bytes, dict[str, str]]:
    """Return path, body and headers that say `params`."""
    assert operation.input is not None
    left = dict(params) if isinstance(params, dict) else {}
    path, query, headers = operation.path, [], {}
    for name, shape in operation.input.members.items():
        where, called = shape.serialization.get("location"), shape.serialization.get("name", name)
        if where == "uri":
            text = _text(left.pop(name, known.get(name, "x")))
            path = path.replace(f"{{{called}}}", _quoted(text) if text not in ("", ".", "..") else "%00")
        elif where == "querystring" and name in left:
            values = left.pop(name)
            query += [f"{called}={_quoted(_text(one))}" for one in (values if isinstance(values, list) else [values])]
        elif where == "header" and name in left:
            headers[called] = "".join(one for one in _text(left.pop(name)) if " " <= one <= "~").strip()
    body = json.dumps(left if isinstance(params, dict) else params).encode() if operation.method != "GET" else b""
    return "?".join([path, *(["&".join(query)] if query else [])]), body, headers


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value!s:.5000}" if not isinstance(value, dict | list) else "{}"


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("name", sorted(operations()))
def test_no_request_that_can_be_drawn_from_the_service_models_breaks_the_server(server: Served, name: str) -> None:
    operation = operations()[name]
    assert operation.input is not None
    shape: StructureShape = operation.input

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @seed(20261122)
    @given(st.booleans().flatmap(lambda odd: drawn(shape, server.known, odd=odd)))
    def ask(params: Any) -> None:
        path, body, headers = request_of(operation, params, server.known)
        answer = server.client.request(operation.method, path, content=body, headers=headers)
        assert answer.status_code < 500, (path, body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["x-amzn-errortype"], (path, body, answer.text)
            assert answer.json()["message"], (path, body)
        elif answer.headers.get("content-type") == "application/json":
            answered = {"body": answer.content, "headers": answer.headers, "status_code": answer.status_code}
            create_parser("rest-json").parse(answered, operation.output)

    ask()
