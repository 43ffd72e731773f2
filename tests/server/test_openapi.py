"""The server's description of itself, and requests that are drawn from it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.server.fuzz import asked
from tests.serving import Served, served

EXAMPLES = int(os.environ.get("DURAMEN_EXAMPLES", "4"))
"""Requests to each operation."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served") / "memory") as one:
        yield one


def test_no_request_that_can_be_drawn_from_the_description_breaks_the_server(server: Served) -> None:
    tally = asked(server.url, EXAMPLES)

    assert tally.faults == []
    assert tally.statuses[200] > 0 < tally.statuses[422]
    assert "Traceback" not in server.logged()


def test_every_operation_has_a_name_of_its_own(server: Served) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]

    names = [operation["operationId"] for methods in paths.values() for operation in methods.values()]

    assert len(names) == len(set(names))
