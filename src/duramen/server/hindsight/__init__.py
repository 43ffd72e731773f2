"""Hindsight's HTTP API: what its clients call, served from this memory."""

from duramen.server.hindsight.routers import ROUTERS as ROUTERS
