from __future__ import annotations

import logging

import pytest
from fastapi import APIRouter

from duramen.errors import (
    BadQueryError,
    ChangedError,
    ConflictError,
    DuramenError,
    EmbedderMismatchError,
    ModelUnavailableError,
    NotFoundError,
    QuotaError,
    StoreUnavailableError,
)
from duramen.server.caller import ForbiddenError, Grant
from duramen.server.keys import Keys
from duramen.server.logs import log
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import asking

SECRET = "the words of a memory, at /var/lib/memory"


def failing(error: Exception) -> APIRouter:
    router = APIRouter()

    @router.get("/failing")
    async def fail() -> None:
        raise error

    return router


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadQueryError("x"), 422),
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (ForbiddenError("x"), 403),
        (StoreUnavailableError(SECRET), 503),
        (ChangedError(SECRET), 503),
        (ModelUnavailableError(SECRET), 502),
        (QuotaError("x"), 429),
        (EmbedderMismatchError(SECRET, kept="a", given="b"), 500),
        (DuramenError(SECRET), 500),
        (RuntimeError(SECRET), 500),
    ],
)
async def test_an_error_has_one_status_and_tells_nothing_of_the_inside(error: Exception, status: int) -> None:
    async with asking(engine(":memory:"), None, failing(error)) as client:
        answer = await client.get("/failing")

    assert answer.status_code == status
    assert set(answer.json()) == {"detail"}
    assert SECRET not in answer.text
    assert ("retry-after" in answer.headers) == (status in (429, 503))


async def test_what_should_not_have_happened_is_told_by_the_request_id_and_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with asking(engine(":memory:"), None, failing(RuntimeError(SECRET))) as client:
        answer = await client.get("/failing", headers={"X-Request-ID": "req-7"})

    assert "req-7" in answer.json()["detail"]
    logged = [one for one in caplog.records if one.exc_info]
    assert [str(one.exc_info[1]) for one in logged if one.exc_info] == [SECRET]
    assert logged[0].__dict__["request_id"] == "req-7"


async def test_the_id_of_a_request_comes_back() -> None:
    async with asking(engine(":memory:")) as client:
        given = await client.get("/health", headers={"X-Request-ID": "a-1.b:2"})
        made = [(await client.get("/nowhere")).headers["x-request-id"] for _ in range(2)]

    assert given.headers["x-request-id"] == "a-1.b:2"
    assert len(set(made)) == 2


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "{}"])
async def test_an_id_that_could_forge_a_log_is_replaced(given: str) -> None:
    async with asking(engine(":memory:")) as client:
        answer = await client.get("/health", headers={"X-Request-ID": given})

    assert answer.headers["x-request-id"] not in ("", given)


async def test_a_request_is_logged_by_its_route_and_without_the_bank_the_key_or_what_was_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory = engine(":memory:")
    caplog.set_level(logging.DEBUG, "duramen.server")
    async with asking(memory, Settings(auth="on")) as client:
        key, text = await Keys(memory.shelf).create("ci", scope=Grant(name=""))
        await client.post(
            "/echo/banks/user:ada?q=where", json={"text": "Ada moved to Lisbon."}, headers={"Authorization": text}
        )

    (record,) = [one for one in caplog.records if one.getMessage() == "request"]
    told = record.__dict__
    assert (told["method"], told["route"], told["status"], told["verb"]) == (
        "POST",
        "/echo/banks/{bank_id}",
        200,
        "retain",
    )
    assert told["caller"] == f"key:{key.id}"
    everything = " ".join(str(one.__dict__) for one in caplog.records)
    for secret in ("user:ada", "Lisbon", "where", text.split("_", 2)[2]):
        assert secret not in everything


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/version", 405), ("OPTIONS", "/version", 405), ("BREW", "/nowhere", 404)],
)
async def test_what_is_not_there_is_told_as_json(method: str, path: str, status: int) -> None:
    async with asking(engine(":memory:")) as client:
        answer = await client.request(method, path, headers={"Origin": "http://localhost:3000"})

    assert answer.status_code == status
    assert set(answer.json()) == {"detail"}
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b'{"text": 1}', "application/json", 422),
        (b'{"text": "a"}', "text/plain", 422),
        (b'{"text": "a"}', "", 422),
        (b"", "application/json", 422),
        (b'{"text": "\xff"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text": "a"}', "application/json; charset=utf-8", 200),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_and_not_quoted(content: bytes, kind: str, status: int) -> None:
    async with asking(engine(":memory:")) as client:
        answer = await client.post("/echo/banks/a", content=content, headers={"Content-Type": kind} if kind else {})

    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()) == {"detail"}
        assert '"input"' not in answer.text


async def test_an_answer_about_what_cannot_be_written_as_text_is_still_an_answer() -> None:
    async with asking(engine(":memory:")) as client:
        answer = await client.post(
            "/echo/banks/a", content=b'{"\\ud800": 1}', headers={"Content-Type": "application/json"}
        )

    assert answer.status_code == 422


def test_the_server_logs_through_the_standard_library(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "duramen.server")

    log.info("hello", status=200)

    assert [(one.getMessage(), one.__dict__["status"]) for one in caplog.records] == [("hello", 200)]
