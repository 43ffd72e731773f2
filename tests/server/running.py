"""A real server on a free port, for tests that talk to it over the wire."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from duramen import MemoryEngine
from duramen.server.app import create_app
from duramen.server.running import KEEP_ALIVE_SECONDS
from duramen.server.settings import Settings

_START_SECONDS = 30.0


@contextmanager
def running(served: MemoryEngine | ASGIApp, settings: Settings | None = None) -> Iterator[str]:
    """Serve a memory, or an application, by uvicorn in a thread; yield its base URL. It is ended after the block."""
    app = create_app(served, settings or Settings()) if isinstance(served, MemoryEngine) else served
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        config = uvicorn.Config(
            app, lifespan="on", log_level="warning", timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server")
        thread.start()
        try:
            _wait(server, thread)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_START_SECONDS)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The server did not start.")
        time.sleep(0.01)
