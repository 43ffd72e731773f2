"""The server as processes: one or several that share a socket and a directory; and those that work for it."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

import duramen
from duramen.addresses import is_remote
from duramen.engine import MemoryEngine
from duramen.errors import BadInputError
from duramen.language_models.openai_compatible import OpenAICompatibleModel
from duramen.retain.worker import Pace
from duramen.server import metrics
from duramen.server.agent import agent_of
from duramen.server.app import create_app
from duramen.server.health import OnlyWatched
from duramen.server.logs import configure
from duramen.server.protocol import PromptProtocol
from duramen.server.settings import SettingError, Settings, read
from duramen.server.tokens import Tokens

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection is kept: longer than clients and proxies do (60 at most, as a rule), which else may send a
request into a connection that is just being closed."""


class AddressInUseError(BadInputError):
    """The server cannot listen at its host and port."""


def application() -> FastAPI:
    """Return the application of this process, as the environment says; what each worker calls.

    Raises:
        SettingError: A variable of the environment cannot be used.
    """
    settings = read(os.environ)
    configure(settings.log_level, settings.log_format)
    return create_app(memory_for(settings), settings)


def working() -> ASGIApp:
    """Return what a process of `duramen work` runs: the application, of which only what monitoring asks is answered."""
    return OnlyWatched(application())


def memory_for(settings: Settings) -> MemoryEngine:
    """Return the memory that `settings` name, not open yet.

    Raises:
        SettingError: They name another server.
    """
    if is_remote(settings.directory):
        raise SettingError("DURAMEN_DIRECTORY", "is that of a server of its own. Name a directory or a database.")
    model = None
    if settings.model is not None and settings.model_url is not None:
        model = OpenAICompatibleModel(settings.model, settings.model_url, api_key=settings.model_key)
    parts: dict[str, Any] = {
        "strategies": settings.strategies,
        "model": model,
        "webhook_hosts": settings.webhook_hosts,
        "catch_up_seconds": settings.catch_up_seconds,
    }
    if settings.index_directory is not None:
        parts["index_directory"] = settings.index_directory
    if not settings.work:
        parts["pace"] = Pace(background=False)
    if settings.fast:
        parts |= {"embedder": duramen.HashingEmbedder(), "entities": duramen.CapitalsEntityFinder()}
    return duramen.open(settings.directory, **parts)


def check(settings: Settings) -> None:
    """Find out what is wrong with `settings` before workers do, each by itself and again and again.

    Raises:
        BadInputError: A public key, a strategy, a language model, the agent or the address of the memory cannot be used.
    """
    memory_for(settings)
    agent_of(settings.agent)
    if settings.tokens:
        Tokens(settings)


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens where `settings` say; its `getsockname()` tells the port.

    Raises:
        AddressInUseError: Another program listens there already, or it is no address of this computer.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise AddressInUseError(f"{settings.host!r} is no address of this computer. Name one with --host.") from error
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers listen at one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
        listening.set_inheritable(True)
    except OSError as error:
        listening.close()
        raise AddressInUseError(
            f"The server cannot listen at {where}: {error.strerror or error}. Is there another one already? End it, or "
            f"name another port with --port."
        ) from error
    return listening


def run(settings: Settings, listening: socket.socket) -> None:
    """Serve until the process is told to end (SIGTERM, SIGINT), then finish what was begun, and close the socket."""
    _run(settings, listening, "application")


def work(settings: Settings, listening: socket.socket | None) -> None:
    """Work in the background until the process is told to end; answer probes if there is a socket. See `run`."""
    _run(settings, listening, "working")


def _run(settings: Settings, listening: socket.socket | None, what: str) -> None:
    sockets = [] if listening is None else [listening]
    with _environment(settings), listening or contextlib.nullcontext():
        configure(settings.log_level, settings.log_format)
        config = uvicorn.Config(
            f"duramen.server.running:{what}",
            factory=True,
            workers=settings.workers,
            http=cast("type[PromptProtocol]", partial(PromptProtocol, head_seconds=settings.header_seconds)),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
        )
        server = uvicorn.Server(config)
        with contextlib.suppress(KeyboardInterrupt):
            if settings.workers == 1:
                # Uvicorn raises the signal again when all is finished; to be ended is no failure.
                signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
                server.run(sockets=sockets)
            else:
                Multiprocess(config, sockets=sockets).run()


@contextlib.contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """Let the workers read these settings, and put their figures together."""
    told = settings.environment()
    with contextlib.ExitStack() as stack:
        if settings.workers > 1:
            told[metrics.DIRECTORY] = stack.enter_context(tempfile.TemporaryDirectory(prefix="duramen-metrics-"))
        before = {name: os.environ.get(name) for name in told}
        os.environ.update(told)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
