"""Recalling over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from duramen.engine import MemoryEngine
from duramen.server.banks import memory_of
from duramen.server.hindsight.beside import Chunk, EntityState, chunks_of, entities_of, facts_of
from duramen.server.hindsight.finding import found, packed, traced
from duramen.server.hindsight.routing import BANK, Body, Recalled, Reply, Tokens, router
from duramen.server.hindsight.wire import result_of
from duramen.server.metrics import observe_recall
from duramen.types import Budget, Hit, Recall, TagsMatch

ROUTER = router("Memory")

MAX_TOKENS = 4096


class EntitiesWanted(Body):
    """Who and what the results speak of, in at most so many tokens."""

    max_tokens: Tokens = 500


class ChunksWanted(Body):
    """The chunks that the results were made from, in at most so many tokens."""

    max_tokens: Tokens = 8192


class FactsWanted(Body):
    """What the observations among the results were made from; -1 for as many tokens of each as there are."""

    max_tokens: Annotated[int, Field(ge=-1, le=10_000_000)] = 4096
    max_tokens_per_observation: Annotated[int, Field(ge=-1, le=10_000_000)] = -1


class Include(Body):
    """What is told beside the results. Entities are, unless that is null."""

    entities: EntitiesWanted | None = EntitiesWanted()
    chunks: ChunksWanted | None = None
    source_facts: FactsWanted | None = None


class MinScores(Body):
    """Only results that score at least so high, on the scale of each stage; null for all."""

    semantic: float | None = None
    keyword: float | None = None
    reranker: float | None = None
    final: float | None = None


class Window(Body):
    """Memories of this time come first. ISO 8601 text."""

    start: str
    end: str


class RecallRequest(Body):
    """A question to a bank.

    Attributes:
        types: null for all.
        query_timestamp: The moment that "yesterday" in the query refers to, as ISO 8601 text.
    """

    query: str
    types: list[str] | None = None
    prefer_observations: bool | None = None
    budget: Budget | None = "mid"
    max_tokens: Tokens | None = MAX_TOKENS
    trace: bool | None = False
    query_timestamp: str | None = None
    include: Include | None = None
    tags: list[str] | None = None
    tags_match: TagsMatch | None = "any"
    tag_groups: list[dict[str, Any]] | None = None
    min_scores: MinScores | None = None
    temporal_window: Window | None = None


class Scores(Reply):
    """How well a result answers: `final` in [0, 1], about 0.2 unrelated; the others on the scale of their stage."""

    final: float
    reranker: float | None = None
    semantic: float | None = None
    keyword: float | None = None


class Result(Reply):
    """A memory that answers."""

    id: str
    text: str
    type: str | None = None
    entities: list[str] | None = None
    context: str | None = None
    occurred_start: str | None = None
    occurred_end: str | None = None
    mentioned_at: str | None = None
    document_id: str | None = None
    metadata: dict[str, str] | None = None
    chunk_id: str | None = None
    tags: list[str] | None = None
    source_fact_ids: list[str] | None = None
    scores: Scores | None = None


class RecallReply(Reply):
    """What a bank knows about a query, best first."""

    results: list[Result]
    trace: dict[str, Any] | None = None
    entities: dict[str, EntityState] | None = None
    chunks: dict[str, Chunk] | None = None
    source_facts: dict[str, Result] | None = None
    source_facts_truncated: bool | None = None


@ROUTER.post(f"{BANK}/memories/recall", operation_id="recall_memories", response_model=RecallReply)
async def recall(request: Request, bank: Recalled, asked: RecallRequest) -> Response:
    """Find what the bank knows about a query; an unknown bank knows nothing.

    The texts of the results have at most `max_tokens` together. One that does not fit is passed over; if none fits, the
    best one is told all the same. What was retained just before is waited for a moment; how many items are not ready
    even then stands in the header `X-Pending`.
    """
    memory = memory_of(request)
    # All of it on the engine's own loop at once: each step from here would have to wait for that thread again.
    recalled, reply = await memory.portal.run(_recalled(memory, bank.name, asked))
    observe_recall(request, recalled)
    pending = {"X-Pending": str(recalled.pending)} if recalled.pending else None
    return Response(reply.model_dump_json(), media_type="application/json", headers=pending)


async def _recalled(memory: MemoryEngine, bank: str, asked: RecallRequest) -> tuple[Recall, RecallReply]:
    recalled, hits = await found(memory, bank, asked)
    hits = packed(hits, MAX_TOKENS if asked.max_tokens is None else asked.max_tokens)
    include = Include() if asked.include is None else asked.include
    reply = RecallReply(results=[_result(hit, recalled) for hit in hits])
    if asked.trace:
        reply.trace = traced(recalled)
    if include.entities is not None:
        reply.entities = entities_of(hits, include.entities.max_tokens)
    if include.chunks is not None:
        reply.chunks = await chunks_of(memory, bank, hits, include.chunks.max_tokens)
    if include.source_facts is not None:
        wanted = include.source_facts
        facts = await facts_of(memory, bank, hits, wanted.max_tokens, wanted.max_tokens_per_observation)
        for result in reply.results:
            result.source_fact_ids = facts.of.get(result.id)
        reply.source_facts = {fact.id: Result(**result_of(fact)) for fact in facts.memories}
        reply.source_facts_truncated = facts.truncated
    return recalled, reply


def _result(hit: Hit, recalled: Recall) -> Result:
    memory = hit.memory
    arms = recalled.trace.arms.get(memory.id, {})
    scores = Scores(
        final=hit.score,
        reranker=recalled.trace.reranked.get(memory.id),
        semantic=arms["semantic"].score if "semantic" in arms else None,
        keyword=arms["keyword"].score if "keyword" in arms else None,
    )
    return Result(**result_of(memory), scores=scores)
