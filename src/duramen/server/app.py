"""The server as an ASGI application, around one memory."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from duramen.engine import MemoryEngine
from duramen.server import health
from duramen.server.agent import agent_of
from duramen.server.answering import handle
from duramen.server.auditing import Audit
from duramen.server.auth import Authenticated
from duramen.server.banks import verb_of
from duramen.server.caller import Verb
from duramen.server.draining import DRAINING, Draining
from duramen.server.health import features_of
from duramen.server.hindsight import ROUTERS
from duramen.server.hosts import OwnHosts
from duramen.server.keys import Keys
from duramen.server.limits import BankLimits
from duramen.server.logs import log
from duramen.server.mcp.http import PATH, McpEndpoint
from duramen.server.metrics import Metrics, observe_stages
from duramen.server.patience import Patient
from duramen.server.raw_path import RawPath, restore, restored
from duramen.server.settings import Settings
from duramen.server.tokens import Tokens
from duramen.server.tracing import Tracing, tracing_to
from duramen.server.watching import Watched
from duramen.version import __version__

# FastAPI's own traces and logs hold paths and queries, and so names of banks and what was asked; see `tracing`.
_NONE_OF_ITS_OWN: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


@dataclass(frozen=True, slots=True)
class Served:
    """A route of the server: each method of it, where it is, the verbs it names, and what answers."""

    methods: frozenset[str]
    path: str
    verbs: frozenset[Verb]
    endpoint: Callable[..., Any] | None


def create_app(memory: MemoryEngine, settings: Settings, *, tracing: Tracing | None = None) -> FastAPI:
    """Return the application that serves `memory`, which it opens when it starts and closes when it ends.

    Args:
        memory: What is served.
        settings: How; the address, the host and the port in them are not looked at.
        tracing: Where traces go, instead of where the settings say.

    Raises:
        SettingError: The public key for tokens cannot be read, or the agent not be imported.
    """
    tracing = tracing or tracing_to(settings.otlp_endpoint)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        await memory.open()
        draining = Draining(settings.drain_seconds)
        unlisten = observe_stages(app.state.metrics, tracing)
        try:
            await memory.warm_up()
            async with tools.life() if settings.mcp else nullcontext():
                log.info("serving", guarded=settings.guarded)
                yield {DRAINING: draining}
        finally:
            if app.state.audit is not None:
                await app.state.audit.settled()
            await memory.aclose(drain_seconds=draining.left())
            unlisten()
            tracing.close()
            log.info("ended")

    app = FastAPI(
        telemetry=_NONE_OF_ITS_OWN,
        title="Duramen",
        version=__version__,
        docs_url=None,  # a page that loads its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(restored)],
        lifespan=life,
        servers=[{"url": settings.base_path}] if settings.base_path else None,
    )
    tools = McpEndpoint(app, memory, settings)
    for router in (health.router, *ROUTERS):
        app.include_router(router)
    for path in (PATH, f"{PATH}/{{bank_id}}") if settings.mcp else ():
        app.router.routes.append(Route(path, _Restored(tools)))
    agentcore = _with_botocore("routes")
    if agentcore is not None:
        app.include_router(agentcore.routes())
    handle(app)
    _set_up(app, memory, settings, tracing)
    _wrap(app, memory, settings)
    return app


def _set_up(app: FastAPI, memory: MemoryEngine, settings: Settings, tracing: Tracing) -> None:
    """Keep with the application what its routes share."""
    app.state.memory = memory
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.tracing = tracing
    app.state.limits = BankLimits(settings.rate, settings.concurrency)
    app.state.audit = Audit(memory) if settings.audit else None
    app.state.agent = agent_of(settings.agent)
    app.state.features = features_of({one.path for one in served(app)}, audit=settings.audit)
    app.state.began = time.monotonic()


class _Restored:
    """Answers by `app`, with the path parameters as they were sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        restore(scope["path_params"])
        await self.app(scope, receive, send)


def served(app: FastAPI) -> Iterator[Served]:
    """Go through the routes of `app`."""
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        yield Served(
            methods=frozenset(route.methods or ()),
            path=route.path or "",
            verbs=frozenset(_verbs(dependant) if isinstance(dependant, Dependant) else ()),
            endpoint=route.endpoint,
        )


def _wrap(app: FastAPI, memory: MemoryEngine, settings: Settings) -> None:
    """Put the layers around the routes, the innermost first."""
    keys = Keys(memory.shelf) if settings.guarded else None
    signing = _with_botocore("sigv4") if keys is not None else None
    if signing is not None:
        app.add_middleware(signing.Signed, keys=keys)
    app.add_middleware(
        Patient,
        body_bytes=settings.body_bytes,
        piece_seconds=settings.header_seconds,
        request_seconds=settings.request_seconds,
    )
    app.add_middleware(
        Authenticated,
        keys=keys,
        tokens=Tokens(settings) if settings.tokens else None,
        signatures=signing is not None,
    )
    if settings.loopback and not settings.guarded:
        app.add_middleware(OwnHosts)
    app.add_middleware(RawPath, base=settings.base_path)
    paths: dict[object, str] = {}

    def route(scope: Scope) -> str | None:
        if not paths:
            paths.update({one.endpoint: one.path for one in served(app)})
        return paths.get(scope.get("endpoint"))

    app.add_middleware(
        Watched, metrics=app.state.metrics, tracing=app.state.tracing, route=route, audit=app.state.audit
    )


def _with_botocore(name: str) -> Any:
    """Return a module of AgentCore's language; None without botocore, whose service models and signer it is made from."""
    try:
        return import_module(f"duramen.server.agentcore.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "botocore":
            raise
        return None


def _verbs(dependant: Dependant) -> Iterator[Verb]:
    verb = verb_of(dependant.call)
    if verb is not None:
        yield verb
    for one in dependant.dependencies:
        yield from _verbs(one)
