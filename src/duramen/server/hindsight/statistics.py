"""A bank in figures, and its tags, over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request

from duramen.engine import MemoryEngine
from duramen.server.banks import memory_of
from duramen.server.hindsight.routing import BANK, Limit, Offset, Read, Reply, paged, router
from duramen.server.hindsight.wire import iso, type_of
from duramen.types import Kind
from duramen.views.figures import PERIODS, TimeField

ROUTER = router("Banks")

_FIELDS: Mapping[str, TimeField] = {
    "created_at": "stored",
    "updated_at": "stored",
    "mentioned_at": "mentioned",
    "occurred_start": "occurred",
    "occurred_end": "occurred",
}


class Stats(Reply):
    """A bank in figures."""

    bank_id: str
    total_nodes: int
    total_links: int
    total_documents: int
    nodes_by_fact_type: dict[str, int]
    links_by_link_type: dict[str, int]
    links_by_fact_type: dict[str, int]
    links_breakdown: dict[str, dict[str, int]]
    pending_operations: int
    failed_operations: int
    operations_by_status: dict[str, int]
    last_consolidated_at: str | None = None
    last_memory_write_at: str | None = None
    pending_consolidation: int = 0
    failed_consolidation: int = 0
    total_observations: int = 0


class Bucket(Reply):
    """How many memories there are of one step of time, by type."""

    time: str
    world: int = 0
    experience: int = 0
    observation: int = 0


class Timeseries(Reply):
    """How many memories there are, step by step."""

    bank_id: str
    period: str
    trunc: str
    time_field: str = "created_at"
    buckets: list[Bucket]


class TagRow(Reply):
    """A tag, and how many have it."""

    tag: str
    count: int


class TagRows(Reply):
    """A page of tags."""

    items: list[TagRow]
    total: int
    limit: int
    offset: int


@ROUTER.get(f"{BANK}/stats", operation_id="get_agent_stats", response_model=Stats)
async def get_stats(request: Request, bank: Read, refresh: bool = False) -> Stats:
    """Return a bank in figures, as of now."""
    memory = memory_of(request)
    figures = await memory.views.statistics(bank.name)
    _, documents = await memory.documents.list(bank.name, limit=1)
    states = await memory.tasks.counts(bank.name)
    nodes = by_type(figures.memories)
    return Stats(
        bank_id=bank.asked,
        total_nodes=sum(nodes.values()),
        total_links=sum(figures.links.values()),
        total_documents=documents,
        nodes_by_fact_type=nodes,
        links_by_link_type=dict(figures.links),
        links_by_fact_type={},
        links_breakdown={},
        pending_operations=states.get("pending", 0) + states.get("processing", 0),
        failed_operations=states.get("failed", 0),
        operations_by_status={str(state): count for state, count in states.items()},
        last_consolidated_at=await _last_made(memory, bank.name),
        last_memory_write_at=iso(figures.last_write),
        pending_consolidation=figures.jobs,
        failed_consolidation=figures.jobs_failed,
        total_observations=nodes.get("observation", 0),
    )


@ROUTER.get(f"{BANK}/stats/memories-timeseries", operation_id="get_memories_timeseries", response_model=Timeseries)
async def get_timeseries(
    request: Request,
    bank: Read,
    period: Annotated[Literal["1h", "12h", "1d", "7d", "30d", "90d"], Query()] = "7d",
    time_field: Annotated[
        Literal["created_at", "updated_at", "mentioned_at", "occurred_start", "occurred_end"], Query()
    ] = "created_at",
) -> Timeseries:
    """Count the memories of the last time, step by step."""
    steps = await memory_of(request).views.timeseries(bank.name, period=period, field=_FIELDS[time_field])
    seconds = PERIODS[period][1].total_seconds()
    trunc = "minute" if seconds < 3600 else "hour" if seconds < 86_400 else "day"
    buckets = [Bucket(time=_told(step.start), **by_type(step.counts)) for step in steps]
    return Timeseries(bank_id=bank.asked, period=period, trunc=trunc, time_field=time_field, buckets=buckets)


@ROUTER.get(f"{BANK}/tags", operation_id="list_tags", response_model=TagRows)
async def list_tags(
    request: Request,
    bank: Read,
    q: str | None = None,
    source: Annotated[Literal["memories", "mental_models"], Query()] = "memories",
    limit: Limit = 100,
    offset: Offset = 0,
) -> TagRows:
    """Page through the tags of a bank, the most frequent first; `*` in `q` stands for any letters."""
    memory = memory_of(request)
    if source == "mental_models":
        models, _ = await memory.mental_models.list(bank.name, limit=1000, offset=0)
        counts = Counter(tag for model in models for tag in model.tags).most_common()
        return TagRows(items=_tags(counts[offset : offset + limit]), total=len(counts), limit=limit, offset=offset)

    async def page(length: int, start: int) -> tuple[list[tuple[str, int]], int]:
        return await memory.views.tags(bank.name, q=q or None, limit=length, offset=start)

    found, total = await paged(page, limit, offset)
    return TagRows(items=_tags(found), total=total, limit=limit, offset=offset)


def by_type(counts: Mapping[Kind, int]) -> dict[str, int]:
    """Return how many there are of each type."""
    found: Counter[str] = Counter()
    for kind, count in counts.items():
        found[type_of(kind)] += count
    return dict(found)


async def _last_made(memory: MemoryEngine, bank: str) -> str | None:
    made, _ = await memory.views.listed(bank, kinds=["observation"], limit=1)
    return iso(made[0].stored) if made else None


def _tags(counts: list[tuple[str, int]]) -> list[TagRow]:
    return [TagRow(tag=tag, count=count) for tag, count in counts]


def _told(moment: datetime) -> str:
    return moment.isoformat()
