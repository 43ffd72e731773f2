"""Whether the server lives and can serve, what it can do, and its figures."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from duramen.errors import DuramenError
from duramen.server.banks import granted, memory_of
from duramen.server.caller import Grant
from duramen.server.keys import KEYS
from duramen.server.logs import log
from duramen.server.metrics import CONTENT_TYPE, Metrics, queues_of
from duramen.version import __version__

PROTOCOL = "1.1.0"
"""The version of Hindsight's HTTP API that is served."""

WATCHED = frozenset({"/health", "/health/live", "/health/ready", "/version", "/metrics"})
"""What is asked of a process by those who watch over it."""

router = APIRouter(tags=["Monitoring"])


class Health(BaseModel):
    """Whether requests can be answered."""

    status: str
    database: str
    db_acquire_ms: float


class Alive(BaseModel):
    """The process runs."""

    status: str
    version: str
    uptime_seconds: float


class Features(BaseModel):
    """What this server can do, by the names that clients know."""

    observations: bool
    mcp: bool
    worker: bool
    bank_config_api: bool
    bank_llm_health: bool
    file_upload_api: bool
    document_export_api: bool
    document_import_api: bool
    audit_log: bool
    llm_trace: bool
    store_document_text: bool


class Version(BaseModel):
    """The version of the protocol, and of what serves it."""

    api_version: str
    duramen: str
    features: Features


@router.get("/health/live")
async def live(request: Request) -> Alive:
    """Say that the process runs. It does not look at the store."""
    uptime = time.monotonic() - request.app.state.began
    return Alive(status="alive", version=__version__, uptime_seconds=round(uptime, 3))


@router.get("/health", response_model=Health)
@router.get("/health/ready", response_model=Health)
async def ready(request: Request) -> Response:
    """Say whether the store answers; 503 if not."""
    began = time.perf_counter()
    try:
        await memory_of(request).shelf.get([(KEYS, "health")])
    except DuramenError as error:
        log.warning("not ready", reason=type(error).__name__)
        health, status = Health(status="unhealthy", database="disconnected", db_acquire_ms=_since(began)), 503
    else:
        health, status = Health(status="healthy", database="connected", db_acquire_ms=_since(began)), 200
    return JSONResponse(health.model_dump(), status_code=status)


@router.get("/version")
async def version(request: Request) -> Version:
    """Say what is served, and what of it this server can do."""
    features: Features = request.app.state.features
    return Version(api_version=PROTOCOL, duramen=__version__, features=features)


@router.get("/metrics", response_class=Response)
async def metrics(request: Request, _: Annotated[Grant, Depends(granted("admin"))]) -> Response:
    """Return the figures of the server for Prometheus."""
    figures = request.app.state.metrics
    assert isinstance(figures, Metrics)
    return Response(figures.text(await queues_of(memory_of(request))), headers={"content-type": CONTENT_TYPE})


class OnlyWatched:
    """Lets `app` live, and answer those who watch over it; whatever else is asked is not found."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["path"] not in WATCHED:
            told = {"detail": "This process works in the background. Ask a server, begun with `duramen serve`."}
            await JSONResponse(told, status_code=404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def features_of(paths: Collection[str], *, audit: bool = False) -> Features:
    """Return what a server with routes at `paths` can do; `audit` says that it keeps who did what."""

    def some(end: str) -> bool:
        return any(path.endswith(end) for path in paths)

    return Features(
        observations=some("/observations"),
        mcp=any("/mcp" in path for path in paths),
        worker=True,
        bank_config_api=some("/config"),
        bank_llm_health=some("/health/llm"),
        file_upload_api=some("/files/retain"),
        document_export_api=some("/document-transfer/export"),
        document_import_api=some("/document-transfer"),
        audit_log=audit,
        llm_trace=False,  # it would keep what was said and asked a second time
        store_document_text=True,
    )


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
