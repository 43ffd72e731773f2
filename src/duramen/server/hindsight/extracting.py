"""What would be drawn from a text, over HTTP, with nothing kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from fastapi import Request

from duramen.documents.chunking import DEFAULT_CHARACTERS, LEAST, MOST
from duramen.documents.reading import Reading, read
from duramen.errors import BadContentError
from duramen.server.hindsight.retaining import Block, RetainItem, TokenUsage, sources_of
from duramen.server.hindsight.routing import BANK, Body, Read, Reply, router
from duramen.server.hindsight.wire import iso, type_of
from duramen.strategies.semantic import SemanticStrategy
from duramen.strategy import Candidate, Work
from duramen.times import parse_time, utc_now
from duramen.types import Event, Memory

ROUTER = router("Memory")


class ExtractRequest(Body):
    """A text to try out. What is to be drawn from it otherwise than usual takes a model, and is not looked at."""

    content: str | list[Block]
    context: str | None = None
    timestamp: str | None = None
    agent_name: str | None = None
    retain_chunk_size: int | None = None


class Extracted(Reply):
    """What would be a memory."""

    text: str
    fact_type: str
    occurred_start: str | None = None
    occurred_end: str | None = None
    entities: list[str] | None = None
    chunk_index: int | None = None


class ExtractedChunk(Reply):
    """A piece of the text, and how many memories would be drawn from it."""

    text: str
    fact_count: int


class ExtractReply(Reply):
    """What would be drawn from a text."""

    facts: list[Extracted]
    chunks: list[ExtractedChunk]
    usage: TokenUsage


class _Nothing:
    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        return ()

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        return ()


@ROUTER.post(f"{BANK}/memories/dry-run-extract", operation_id="dry_run_extract_memories", response_model=ExtractReply)
async def dry_run_extract(request: Request, bank: Read, asked: ExtractRequest) -> ExtractReply:
    """Tell which chunks a text makes, and which facts are drawn from it by rules; nothing is kept."""
    if asked.timestamp is not None and asked.timestamp != "unset":
        parse_time(asked.timestamp, BadContentError, "timestamp")
    item = RetainItem(content=asked.content, timestamp=asked.timestamp, context=asked.context)
    (source,) = sources_of([item], None)
    size = max(LEAST, min(MOST, asked.retain_chunk_size or DEFAULT_CHARACTERS))
    reading = await asyncio.to_thread(read, bank.name, source, now=utc_now(), characters=size)
    candidates = await _drawn(bank.name, reading)
    places = [int(one.sources[0]) for one in candidates]
    counts = Counter(places)
    return ExtractReply(
        facts=[_told(one, place) for one, place in zip(candidates, places, strict=True)],
        chunks=[ExtractedChunk(text=one.text, fact_count=counts[n]) for n, one in enumerate(reading.pieces)],
        usage=TokenUsage(),
    )


async def _drawn(bank: str, reading: Reading) -> Sequence[Candidate]:
    now = utc_now()
    events = [
        Event(
            id=str(place),
            bank=bank,
            key=str(place),
            content=piece.text,
            kind=piece.kind,
            speaker=piece.speaker,
            mentioned=piece.mentioned,
            occurred=piece.occurred,
            stored=now,
            document=reading.document,
        )
        for place, piece in enumerate(reading.pieces)
    ]
    work = Work(
        bank=bank,
        strategy="semantic",
        events=events,
        history=(),
        namespace="/",
        variables={},
        known=_Nothing(),
        model=None,
        now=now,
    )
    return (await SemanticStrategy()(work)).candidates


def _told(candidate: Candidate, place: int) -> Extracted:
    occurred = candidate.occurred
    return Extracted(
        text=candidate.text,
        fact_type=type_of(candidate.kind),
        occurred_start=iso(occurred.start) if occurred else None,
        occurred_end=iso(occurred.end) if occurred else None,
        chunk_index=place,
    )
