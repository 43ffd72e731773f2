"""The audit log over HTTP: the server's own log tells who did what, so that these lists are empty."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from duramen.errors import NotFoundError
from duramen.server.hindsight.routing import BANK, Offset, Read, Reply, router
from duramen.times import utc_now

ROUTER = router("Audit")


class Entries(Reply):
    """A page of nothing."""

    bank_id: str
    total: int = 0
    limit: int
    offset: int
    items: list[dict[str, Any]] = Field(default_factory=list)


class EntryStats(Reply):
    """Nothing, step by step."""

    bank_id: str
    period: str
    trunc: str = "day"
    start: str
    buckets: list[dict[str, Any]] = Field(default_factory=list)


@ROUTER.get(f"{BANK}/audit-logs", operation_id="list_audit_logs", response_model=Entries)
async def list_entries(
    request: Request, bank: Read, limit: Annotated[int, Query(ge=1, le=500)] = 50, offset: Offset = 0
) -> Entries:
    """Return no entries: the server's log has them, one line a request."""
    return Entries(bank_id=bank.asked, limit=limit, offset=offset)


@ROUTER.get(f"{BANK}/audit-logs/stats", operation_id="audit_log_stats", response_model=EntryStats)
async def entry_stats(request: Request, bank: Read, period: str = "7d") -> EntryStats:
    """Return no figures."""
    return EntryStats(bank_id=bank.asked, period=period, start=utc_now().isoformat())


@ROUTER.get(f"{BANK}/audit-logs/{{log_id}}", operation_id="get_audit_log")
async def get_entry(request: Request, bank: Read, log_id: str) -> dict[str, Any]:
    """Answer 404: nothing is kept here."""
    raise NotFoundError(f"There is no entry {log_id!r}. The server's log tells who did what.")
