"""A server over the wire, and a plain HTTP client for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.conftest import engine
from tests.server.running import running


class Wire:
    """Sends requests to the routes of one bank."""

    def __init__(self, base_url: str, bank: str = "user:ada") -> None:
        self.http = httpx.Client(base_url=base_url, timeout=60.0, verify=False)  # certificates take long to read
        self.bank = bank

    def __call__(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        """Send a request to a route below the bank."""
        return self.http.request(method, f"/v1/default/banks/{quote(self.bank, safe='')}{path}", **options)

    def of(self, bank: str) -> Wire:
        """Return the same for another bank."""
        other = Wire(str(self.http.base_url), bank)
        other.http.close()
        other.http = self.http
        return other

    def retain(self, *contents: str, **said: Any) -> httpx.Response:
        """Retain texts, of all of which the same is said."""
        items = [{"content": content, **said} for content in contents]
        response = self("POST", "/memories", json={"items": items})
        assert response.status_code == 200, response.text
        return response

    def recall(self, query: str, **asked: Any) -> dict[str, Any]:
        """Recall."""
        response = self("POST", "/memories/recall", json={"query": query, **asked})
        assert response.status_code == 200, response.text
        found: dict[str, Any] = json.loads(response.text)
        return found

    def texts(self, query: str, **asked: Any) -> list[str]:
        """Return the texts that are recalled."""
        return [one["text"] for one in self.recall(query, **asked)["results"]]

    def listed(self, **asked: Any) -> list[str]:
        """Return the texts of the memories, sorted."""
        response = self("GET", "/memories/list", params=asked)
        assert response.status_code == 200, response.text
        return sorted(one["text"] for one in response.json()["items"])

    def done(self, operation: str) -> dict[str, Any]:
        """Wait for an operation."""
        while True:
            status: dict[str, Any] = self("GET", f"/operations/{operation}").json()
            if status["status"] not in ("pending", "processing"):
                return status


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place: Path = tmp_path_factory.mktemp("served")
    with running(engine(place / "memory")) as url:
        yield url


@pytest.fixture
def wire(base_url: str, request: pytest.FixtureRequest) -> Iterator[Wire]:
    """Talk to a bank of the test's own."""
    one = Wire(base_url, f"user:{request.node.name}")
    yield one
    one.http.close()
