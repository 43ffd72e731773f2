"""A small HTTP server that answers as it is told, for models behind one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server answers to one request.

    Attributes:
        hangs: Nothing comes after the headers. `closes`: nothing comes at all.
    """

    body: bytes | str | Mapping[str, Any] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    closes: bool = False

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Server:
    """Gives its replies in order, and the last one for ever.

    Attributes:
        received: The requests so far.
    """

    def __init__(self, replies: Iterable[Reply]) -> None:
        self.received: list[Received] = []
        self.port = 0
        self._replies = list(replies)
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reply(self, replies: Iterable[Reply]) -> None:
        """Give these from now on."""
        self._replies = list(replies)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side went away
        finally:
            self._open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.received.append(Received(begin.split(" ")[1], headers, json.loads(body)))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if reply.closes:
            return
        sent = {"content-length": str(len(reply.content)), "connection": "close", **reply.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {reply.status} Said\r\n{lines}\r\n".encode())
        if reply.hangs:
            await reader.read()
        writer.write(reply.content)
        await writer.drain()


@asynccontextmanager
async def serving(replies: Sequence[Reply], port: int = 0) -> AsyncIterator[Server]:
    """Serve `replies` at a free port, or at `port`."""
    server = Server(replies)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        server.hang_up()
        await listener.wait_closed()
