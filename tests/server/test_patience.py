"""Big, slow and leaving callers, with the application called directly; the network is in `test_serve`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse
from starlette.types import Message

from duramen.server.banks import bank_for
from duramen.server.caller import Verb
from duramen.server.errors import Refused
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import app_of, asking


class Slow:
    """A route that waits for ever, and says whether it was given up."""

    def __init__(self, verb: Verb) -> None:
        self.began = asyncio.Event()
        self.gave_up = False
        self.go_on = asyncio.Event()
        self.finished = False
        self.router = APIRouter()

        @self.router.get("/slow/{bank_id}", dependencies=[Depends(bank_for(verb))])
        async def slow() -> str:
            self.began.set()
            try:
                await self.go_on.wait()
            except asyncio.CancelledError:
                self.gave_up = True
                raise
            self.finished = True
            return "done"


def scope(method: str, path: str, **headers: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }


class Caller:
    """Sends pieces, then nothing more until it leaves."""

    def __init__(self, pieces: Sequence[bytes] = (), *, whole: bool = True) -> None:
        self.messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": not whole or number < len(pieces) - 1}
            for number, piece in enumerate(pieces or (b"",))
        ]
        self.left = asyncio.Event()
        self.got: list[Message] = []

    async def receive(self) -> Message:
        if self.messages:
            return self.messages.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.got.append(message)

    @property
    def status(self) -> int | None:
        return next((one["status"] for one in self.got if one["type"] == "http.response.start"), None)


async def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_read() -> None:
    app = app_of(engine(":memory:"), Settings(body_bytes=100))
    caller = Caller([b"x"], whole=False)

    await app(scope("POST", "/echo/banks/a/raw", content_length="101"), caller.receive, caller.send)

    assert caller.status == 413
    assert caller.messages


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
async def test_a_body_in_pieces_is_counted_as_it_comes(size: int, status: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size):
            yield b"x"

    async with asking(engine(":memory:"), Settings(body_bytes=100)) as client:
        answer = await client.post("/echo/banks/a/raw", content=pieces())

    assert answer.status_code == status
    assert set(answer.json()) == {"detail"} if status == 413 else answer.json() == size


async def test_a_body_whose_next_piece_does_not_come_is_given_up() -> None:
    app = app_of(engine(":memory:"), Settings(header_seconds=0.01))
    caller = Caller([b"a", b"b"], whole=False)

    await app(scope("POST", "/echo/banks/a/raw", transfer_encoding="chunked"), caller.receive, caller.send)

    assert caller.status == 408


async def test_a_request_that_takes_too_long_is_given_up() -> None:
    slow = Slow("retain")
    app = app_of(engine(":memory:"), Settings(request_seconds=0.01), slow.router)
    caller = Caller()

    await app(scope("GET", "/slow/a"), caller.receive, caller.send)

    assert caller.status == 504
    assert slow.gave_up


@pytest.mark.parametrize("verb", ["recall", "reflect", "read"])
async def test_what_only_looks_is_given_up_when_its_caller_leaves(verb: Verb) -> None:
    slow = Slow(verb)
    app = app_of(engine(":memory:"), None, slow.router)
    caller = Caller()
    asked = asyncio.create_task(app(scope("GET", "/slow/a"), caller.receive, caller.send))
    await slow.began.wait()

    caller.left.set()
    await asked

    assert slow.gave_up
    assert caller.status is None


async def test_what_writes_is_finished_although_its_caller_left() -> None:
    slow = Slow("retain")
    app = app_of(engine(":memory:"), None, slow.router)
    caller = Caller()
    asked = asyncio.create_task(app(scope("GET", "/slow/a"), caller.receive, caller.send))
    await slow.began.wait()

    caller.left.set()
    slow.go_on.set()
    await asked

    assert slow.finished


async def test_a_caller_who_leaves_in_the_middle_of_the_body_writes_nothing() -> None:
    memory = engine(":memory:")
    app = app_of(memory)
    caller = Caller([b'{"items": [{"content": "Ada moved to Lisbon."}'], whole=False)
    caller.left.set()
    head = scope("POST", "/v1/default/banks/a/memories", content_type="application/json", content_length="500")

    await app(head, caller.receive, caller.send)
    banks = (await memory.banks()).items
    await memory.aclose()

    assert not banks
    assert caller.status != 200


class Piecewise:
    """A route that answers in pieces, with a pause before each."""

    def __init__(self, pieces: int, pause: float) -> None:
        self.router = APIRouter()

        async def answer() -> AsyncIterator[str]:
            for number in range(pieces):
                await asyncio.sleep(pause)
                yield str(number)

        @self.router.get("/pieces/{bank_id}", dependencies=[Depends(bank_for("retain"))])
        async def pieces_of(bank_id: str) -> StreamingResponse:
            return StreamingResponse(answer())


async def test_an_answer_that_goes_on_piece_by_piece_is_not_late() -> None:
    piecewise = Piecewise(6, 0.2)
    app = app_of(engine(":memory:"), Settings(request_seconds=0.9), piecewise.router)
    caller = Caller()

    await app(scope("GET", "/pieces/a"), caller.receive, caller.send)

    assert b"".join(one.get("body", b"") for one in caller.got) == b"012345"
    assert caller.got[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_an_answer_that_nobody_takes_is_broken_off() -> None:
    piecewise = Piecewise(1_000_000, 0)
    app = app_of(engine(":memory:"), Settings(request_seconds=0.1), piecewise.router)

    class Stuck(Caller):
        async def send(self, message: Message) -> None:
            if len(self.got) > 3:
                await asyncio.Event().wait()
            await super().send(message)

    caller = Stuck()
    with suppress(Refused):
        await app(scope("GET", "/pieces/a"), caller.receive, caller.send)

    assert [one.get("body") for one in caller.got] == [None, b"0", b"1", b"2"]
