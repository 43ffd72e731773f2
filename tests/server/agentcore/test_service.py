"""The operations against the botocore that is installed: what it knows and we do not is named here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from duramen.server.agentcore.service import CONTROL, DATA, SERVED, operations

KNOWN = Path(__file__).with_name("members.txt")
"""Every member of the shapes that are sent and answered that our code was written for, one a line, sorted."""

LEFT_OUT = {
    "CreateHarnessEndpoint",
    "DeleteHarnessEndpoint",
    "GetHarnessEndpoint",
    "ListHarnessEndpoints",
    "UpdateHarnessEndpoint",
    "ListHarnessVersions",
}
"""Operations on endpoints and versions of a harness, which are about deployment and not about memory."""

_ABOUT = ("Memor", "Event", "Actor", "Ingest", "Harness", "Extraction")
_SESSIONS = ("ListSessions",)


def shapes(shape: Shape | None, seen: set[str]) -> Iterator[Shape]:
    """Go through a shape and all below it, each once."""
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    yield shape
    below = shape.members.values() if isinstance(shape, StructureShape) else ()
    if isinstance(shape, ListShape):
        below = (shape.member,)
    elif isinstance(shape, MapShape):
        below = (shape.key, shape.value)
    for one in below:
        yield from shapes(one, seen)


def every_member() -> list[str]:
    seen: set[str] = set()
    return sorted(
        f"{shape.name}.{name}"
        for operation in operations().values()
        for root in (operation.input, operation.output)
        for shape in shapes(root, seen)
        if isinstance(shape, StructureShape)
        for name in shape.members
    )


def test_no_member_of_this_botocore_is_unknown() -> None:
    known = KNOWN.read_text().split()

    new = sorted(set(every_member()) - set(known))

    assert new == [], (
        f"This botocore has members that our code does not know. Serve them, then add them to {KNOWN.name}."
    )


def test_no_operation_on_memories_or_harnesses_is_unknown() -> None:
    loader = Loader()
    served = {name for names in SERVED.values() for name in names}
    there = {
        name
        for service in (DATA, CONTROL)
        for name in ServiceModel(loader.load_service_model(service, "service-2"), service).operation_names
        if any(word in name for word in _ABOUT) or name in _SESSIONS
    }

    assert sorted(there - served - LEFT_OUT) == []
    assert sorted(served - set(operations())) == []


def test_the_paths_of_both_services_do_not_meet() -> None:
    routes = [(one.method, one.path) for one in operations().values()]

    assert len(set(routes)) == len(routes)


@pytest.mark.parametrize(
    ("operation", "method", "path", "status"),
    [
        ("CreateEvent", "POST", "/memories/{memoryId}/events", 201),
        ("ListMemories", "POST", "/memories/", 200),
        ("GetMemoryRecord", "GET", "/memories/{memoryId}/memoryRecord/{memoryRecordId}", 200),
        ("DeleteMemoryRecord", "DELETE", "/memories/{memoryId}/memoryRecords/{memoryRecordId}", 200),
        ("IngestData", "POST", "/memories/{memoryId}/ingest", 202),
        ("UpdateHarness", "PATCH", "/harnesses/{harnessId}", 200),
    ],
)
def test_an_operation_is_where_clients_look_for_it(operation: str, method: str, path: str, status: int) -> None:
    one = operations()[operation]

    assert (one.method, one.path, one.status) == (method, path, status)
