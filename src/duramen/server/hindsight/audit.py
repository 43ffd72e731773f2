"""The audit trail over HTTP: who did what in a bank, without the bodies of requests and answers, which hold what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from duramen.errors import BadQueryError, NotFoundError
from duramen.server.auditing import Audit, Audited, Transport
from duramen.server.hindsight.routing import BANK, Offset, Read, Reply, router
from duramen.times import from_microseconds, parse_time, utc_now
from duramen.views.figures import span_of

ROUTER = router("Audit")


class Summary(Reply):
    """What was done: when, by whom and how it ended is in `metadata`."""

    id: str
    action: str
    transport: str
    bank_id: str | None
    started_at: str | None
    ended_at: str | None
    duration_ms: int | None = None
    metadata: dict[str, Any]


class Whole(Summary):
    """What was done, as it is shown by itself. What was sent and answered is never kept."""

    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None


class Entries(Reply):
    """A page of the trail, the newest first."""

    bank_id: str
    total: int = 0
    limit: int
    offset: int
    items: list[Summary] = Field(default_factory=list)


class Bucket(Reply):
    """How often what was done in a step of time."""

    time: str
    actions: dict[str, int]
    total: int


class EntryStats(Reply):
    """How often what was done, step by step, up to the last in which anything was."""

    bank_id: str
    period: str
    trunc: str
    start: str
    buckets: list[Bucket] = Field(default_factory=list)


@ROUTER.get(f"{BANK}/audit-logs", operation_id="list_audit_logs", response_model=Entries)
async def list_entries(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    action: str | None = None,
    transport: Transport | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Offset = 0,
) -> Entries:
    """Return who did what, the newest first; nothing on a server that keeps no trail."""
    page = Entries(bank_id=bank.asked, limit=limit, offset=offset)
    audit = _audit(request)
    if audit is None:
        return page
    async for entry in audit.entries(bank.name, _time(start_date, "start_date"), _time(end_date, "end_date")):
        if action in (None, entry.action) and transport in (None, entry.transport):
            if offset <= page.total < offset + limit:
                page.items.append(Summary(**_told(entry, bank.asked)))
            page.total += 1
    return page


@ROUTER.get(f"{BANK}/audit-logs/stats", operation_id="audit_log_stats", response_model=EntryStats)
async def entry_stats(request: Request, bank: Read, action: str | None = None, period: str = "7d") -> EntryStats:
    """Count what was done, by steps of the last `period`."""
    length, step = span_of(period)
    start = utc_now() - length
    stats = EntryStats(bank_id=bank.asked, period=period, trunc="day" if step.days else "hour", start=start.isoformat())
    audit = _audit(request)
    for place, counts in enumerate(await audit.by_time(bank.name, start, step, action) if audit else ()):
        at = (start + place * step).isoformat()
        stats.buckets.append(Bucket(time=at, actions=dict(counts), total=counts.total()))
    return stats


@ROUTER.get(f"{BANK}/audit-logs/{{log_id}}", operation_id="get_audit_log", response_model=Whole)
async def get_entry(request: Request, bank: Read, log_id: str) -> Whole:
    """Return one entry."""
    audit = _audit(request)
    entry = None if audit is None else await audit.entry(bank.name, log_id)
    if entry is None:
        raise NotFoundError(f"There is no entry {log_id!r} in the audit trail of this bank.")
    return Whole(**_told(entry, bank.asked))


def _audit(request: Request) -> Audit | None:
    audit: Audit | None = request.app.state.audit
    return audit


def _time(text: str | None, name: str) -> datetime | None:
    return None if text is None else parse_time(text, BadQueryError, name)


def _told(entry: Audited, asked: str) -> dict[str, Any]:
    return {
        "id": entry.id,
        "action": entry.action,
        "transport": entry.transport,
        "bank_id": asked,
        "started_at": from_microseconds(entry.began).isoformat(),
        "ended_at": from_microseconds(entry.ended).isoformat(),
        "duration_ms": (entry.ended - entry.began) // 1000,
        "metadata": {"status": entry.status, "caller": entry.caller, "request_id": entry.request},
    }
