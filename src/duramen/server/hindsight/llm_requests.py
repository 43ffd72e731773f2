"""Requests to language models over HTTP: nothing of them is kept, so that the lists are empty."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from duramen.server.hindsight.routing import BANK, Offset, Read, Reply, router
from duramen.times import utc_now

ROUTER = router("LLM Traces")


class Requests(Reply):
    """A page of nothing."""

    bank_id: str
    total: int = 0
    limit: int
    offset: int
    items: list[dict[str, Any]] = Field(default_factory=list)


class RequestStats(Reply):
    """Nothing, step by step."""

    bank_id: str
    period: str
    trunc: str = "day"
    start: str
    buckets: list[dict[str, Any]] = Field(default_factory=list)


@ROUTER.get(f"{BANK}/llm-requests", operation_id="list_llm_requests", response_model=Requests)
async def list_requests(
    request: Request, bank: Read, limit: Annotated[int, Query(ge=1, le=500)] = 50, offset: Offset = 0
) -> Requests:
    """Return no requests: what was asked of a model holds what users said, and is not kept."""
    return Requests(bank_id=bank.asked, limit=limit, offset=offset)


@ROUTER.get(f"{BANK}/llm-requests/stats", operation_id="llm_request_stats", response_model=RequestStats)
async def request_stats(request: Request, bank: Read, period: str = "7d") -> RequestStats:
    """Return no figures; those of the whole server are at /metrics."""
    return RequestStats(bank_id=bank.asked, period=period, start=utc_now().isoformat())
