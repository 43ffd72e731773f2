"""All routers, with the handlers of the operations that they submit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakSet

from fastapi import APIRouter, FastAPI

from duramen.engine import MemoryEngine
from duramen.server.hindsight import (
    audit,
    banks,
    config,
    directives,
    documents,
    entities,
    extracting,
    files,
    knowledge,
    llm_requests,
    memories,
    mental_models,
    observations,
    operations,
    recall,
    reflect,
    retain,
    statistics,
    templates,
    transfer,
    webhooks,
)
from duramen.server.hindsight.handlers import Handlers

_served: WeakSet[MemoryEngine] = WeakSet()


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    """Let the operations of the memory that `app` serves be done in this process."""
    memory: MemoryEngine = app.state.memory
    if memory not in _served:
        _served.add(memory)
        Handlers(memory).register()
    yield


ROUTERS: list[APIRouter] = [
    APIRouter(lifespan=_working),
    retain.ROUTER,
    recall.ROUTER,
    reflect.ROUTER,
    extracting.ROUTER,
    memories.ROUTER,
    observations.ROUTER,
    banks.ROUTER,
    config.ROUTER,
    statistics.ROUTER,
    documents.ROUTER,
    operations.ROUTER,
    directives.ROUTER,
    mental_models.ROUTER,
    knowledge.ROUTER,
    webhooks.ROUTER,
    files.ROUTER,
    entities.ROUTER,
    templates.ROUTER,
    templates.SCHEMAS,
    transfer.ROUTER,
    audit.ROUTER,
    llm_requests.ROUTER,
]
