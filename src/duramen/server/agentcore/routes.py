"""All routes of AgentCore's language, with what does each."""

from __future__ import annotations

from fastapi import APIRouter

from duramen.server.agentcore import deleting, streaming
from duramen.server.agentcore import events as _events  # noqa: F401  serves what it names
from duramen.server.agentcore import harnesses as _harnesses  # noqa: F401  serves what it names
from duramen.server.agentcore import ingesting as _ingesting  # noqa: F401  serves what it names
from duramen.server.agentcore import invoking as _invoking  # noqa: F401  serves what it names
from duramen.server.agentcore import jobs as _jobs  # noqa: F401  serves what it names
from duramen.server.agentcore import listings as _listings  # noqa: F401  serves what it names
from duramen.server.agentcore import memories as _memories  # noqa: F401  serves what it names
from duramen.server.agentcore import records as _records  # noqa: F401  serves what it names
from duramen.server.agentcore import retrieving as _retrieving  # noqa: F401  serves what it names
from duramen.server.agentcore import tags as _tags  # noqa: F401  serves what it names
from duramen.server.agentcore.serving import router


def routes() -> APIRouter:
    """Return the routes. What serves an operation says so when its module is loaded."""
    routes = APIRouter(lifespan=deleting.life)
    routes.include_router(router())
    routes.include_router(streaming.ROUTER)
    return routes
