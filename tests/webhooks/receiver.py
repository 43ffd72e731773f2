"""A real server that webhooks are delivered to, and notes what it is told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A server on 127.0.0.1.

    Attributes:
        statuses: What it answers, one after the other; 200 when there are no more.
        location: Where it points to with each answer.
        length: How many bytes it answers with.
        delay: Seconds before it answers.
    """

    statuses: list[int] = field(default_factory=list)
    location: str | None = None
    length: int = 2
    delay: float = 0.0
    got: list[Received] = field(default_factory=list)
    port: int = 0
    sent: int = 0

    def url(self, host: str = "127.0.0.1", path: str = "/hook", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def receiving(context: ssl.SSLContext | None = None, **options: Any) -> Iterator[Receiver]:
    """Let a server run meanwhile."""
    receiver = Receiver(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Received(self.command, self.path, dict(self.headers.items()), body))
            time.sleep(receiver.delay)
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            if receiver.location is not None:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", str(receiver.length))
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for _ in range(0, receiver.length, 1 << 16):
                    self.wfile.write(b"x" * min(1 << 16, receiver.length))
                    receiver.sent += 1 << 16
            except OSError:
                self.close_connection = True

        do_GET = do_POST  # noqa: N815  the name that it is called by

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: a client that refuses the certificate is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
