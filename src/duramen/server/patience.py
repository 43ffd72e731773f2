"""How much and for how long: bodies that are too big, callers who are too slow or gone, requests that take too long."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duramen.server.errors import Refused
from duramen.server.seen import Seen, seen
from duramen.server.waiting import within
from duramen.server.watching import CallerLeftError

_LOOKING = frozenset({"recall", "reflect", "read"})
_GIVING_UP = 1.0  # seconds that what is cancelled may take to end
_CLOSE = {"Connection": "close"}


class Patient:
    """Bounds what a request may cost.

    What only looks is given up when its caller leaves; what writes is finished.

    Args:
        app: What answers.
        body_bytes: The longest body, whether its length is told beforehand or not; 413 beyond.
        piece_seconds: How long the caller may take for each next piece of a body; 408 beyond.
        request_seconds: How long all may take, from the end of the head to that of the answer; 504 beyond. An answer that
            comes in pieces may take so long for each next piece to be sent and taken, and is broken off beyond.
    """

    def __init__(self, app: ASGIApp, *, body_bytes: int, piece_seconds: float, request_seconds: float) -> None:
        self.app = app
        self.body_bytes = body_bytes
        self.piece_seconds = piece_seconds
        self.request_seconds = request_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if length and "transfer-encoding" in headers:
            # What stands before this server may have read the one and not the other, and so have seen other requests.
            raise Refused(400, "The request says twice, and in two ways, how long it is. Give one length.", _CLOSE)
        if length.isdecimal() and int(length) > self.body_bytes:
            raise self._too_long()
        inbox, outbox = _Inbox(), _Outbox(send)
        pump = asyncio.ensure_future(self._pump(receive, inbox))
        work = asyncio.ensure_future(self.app(scope, inbox.receive, outbox.send))
        try:
            await self._finished(work, inbox, outbox, seen(scope))
        finally:
            outbox.closed = True
            for task in (work, pump):
                task.cancel()
            await asyncio.wait((work, pump), timeout=_GIVING_UP)

    async def _finished(self, work: asyncio.Future[None], inbox: _Inbox, outbox: _Outbox, request: Seen) -> None:
        """Wait for `work`; give it up when the time is up, or when nobody waits for what it looks up."""
        gone = asyncio.ensure_future(inbox.gone.wait())
        try:
            done = await self._in_time(work, gone, outbox)
            if gone in done and work not in done:
                if request.verb in _LOOKING and not outbox.answered:
                    raise CallerLeftError
                done, _ = await asyncio.wait((work,), timeout=self.request_seconds)
        finally:
            gone.cancel()
        if work not in done:
            raise Refused(504, "This took too long and was given up. Try again, or ask for less.")
        await work

    async def _in_time(
        self, work: asyncio.Future[None], gone: asyncio.Future[Any], outbox: _Outbox
    ) -> set[asyncio.Future[Any]]:
        """Return what ended, which is nothing if the time was up before; every piece that the caller took begins it anew."""
        while True:
            begin = outbox.taken
            left = begin + self.request_seconds - time.monotonic()
            done, _ = await asyncio.wait((work, gone), timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
            if done or outbox.taken == begin:
                return done

    async def _pump(self, receive: Receive, inbox: _Inbox) -> None:
        """Bring what the caller sends, piece by piece and no faster than it is read, until they leave."""
        got, more = 0, True
        while True:
            try:
                message = await within(self.piece_seconds if more else None, _next(receive))
            except asyncio.TimeoutError:
                await inbox.pieces.put(Refused(408, "The body came too slowly.", _CLOSE))
                return
            if message["type"] == "http.disconnect":
                inbox.gone.set()
                await inbox.pieces.put(message)
                return
            got += len(message.get("body", b""))
            more = message.get("more_body", False)
            await inbox.pieces.put(self._too_long() if got > self.body_bytes else message)

    def _too_long(self) -> Refused:
        return Refused(413, f"The body is longer than {self.body_bytes} bytes. Send less at a time.", _CLOSE)


class _Inbox:
    """What the caller sent and is not read yet: one piece at most."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[Message | Refused] = asyncio.Queue(maxsize=1)
        self.gone = asyncio.Event()
        self._end: Message | Refused | None = None

    async def receive(self) -> Message:
        """Return the next piece; once the caller is gone, that they are, every time."""
        piece = self._end or await self.pieces.get()
        if isinstance(piece, Refused):
            self._end = piece
            raise piece
        if piece["type"] == "http.disconnect":
            self._end = piece
        return piece


class _Outbox:
    """Where the answer goes.

    Attributes:
        answered: All of it was sent.
        taken: When the last piece of it was taken, on the monotonic clock; at first, when it was asked for.
        closed: Nothing more is sent: the request was given up.
    """

    def __init__(self, send: Send) -> None:
        self.answered = False
        self.taken = time.monotonic()
        self.closed = False
        self._send = send

    async def send(self, message: Message) -> None:
        """Send a piece of the answer on."""
        if self.closed:
            return
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.answered = True
        await self._send(message)
        if message["type"] == "http.response.body":
            self.taken = time.monotonic()


async def _next(receive: Receive) -> Message:
    return await receive()
