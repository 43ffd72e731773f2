"""Applications for the tests, asked without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel

from duramen import MemoryEngine
from duramen.server.app import create_app
from duramen.server.banks import AskedBank, bank_for
from duramen.server.settings import Settings
from duramen.server.tracing import Tracing


class Note(BaseModel):
    text: str


def echoes() -> APIRouter:
    """Return routes that tell what they were asked."""
    router = APIRouter(prefix="/echo")

    @router.get("/banks/{bank_id}")
    async def bank(bank: Annotated[AskedBank, Depends(bank_for("read"))]) -> list[str]:
        return [bank.asked, bank.name]

    @router.get("/banks/{bank_id}/things/{thing}")
    async def thing(bank: Annotated[AskedBank, Depends(bank_for("read"))], thing: str) -> list[str]:
        return [bank.asked, thing]

    @router.post("/banks/{bank_id}")
    async def note(bank: Annotated[AskedBank, Depends(bank_for("retain"))], body: Note) -> int:
        return len(body.text)

    @router.post("/banks/{bank_id}/raw")
    async def raw(bank: Annotated[AskedBank, Depends(bank_for("retain"))], request: Request) -> int:
        return len(await request.body())

    return router


def app_of(
    memory: MemoryEngine, settings: Settings | None = None, *routers: APIRouter, tracing: Tracing | None = None
) -> FastAPI:
    app = create_app(memory, settings or Settings(), tracing=tracing)
    for router in (echoes(), *routers):
        app.include_router(router)
    return app


@asynccontextmanager
async def client_of(app: FastAPI, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Ask `app`, which lives as long as the block takes; errors inside it reach the test."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost", **options) as client,
    ):
        yield client


@asynccontextmanager
async def asking(
    memory: MemoryEngine, settings: Settings | None = None, *routers: APIRouter, **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app_of(memory, settings, *routers), **options) as client:
        yield client
