"""Mental models over HTTP: answers that are worked out ahead and kept fresh."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field

from duramen.mental_models import MentalModel
from duramen.server.banks import memory_of
from duramen.server.hindsight.refreshing import DryRun, dry_run_of
from duramen.server.hindsight.routing import BANK, Body, Managed, Offset, Read, Reply, Retained, Tags, router
from duramen.server.hindsight.wire import iso

ROUTER = router("Mental Models")

Detail = Literal["metadata", "content", "full"]
MaxTokens = Annotated[int, Field(ge=256, le=8192)]
"""Of the answer."""


class TriggerRequest(Body):
    """When and how an answer is worked out anew; what is not named stays."""

    budget: Literal["low", "mid", "high"] | None = None
    mode: Literal["full", "delta"] | None = None
    refresh_after_consolidation: bool | None = None
    refresh_cron: str | None = None
    full_refresh_cron: str | None = None
    min_refresh_interval_seconds: Annotated[int, Field(ge=0)] | None = None
    fact_types: list[Literal["world", "experience", "observation"]] | None = None
    exclude_mental_models: bool | None = None
    exclude_mental_model_ids: list[str] | None = None
    tags_match: Literal["any", "all", "any_strict", "all_strict", "exact"] | None = None
    tag_groups: list[dict[str, Any]] | None = None
    include_chunks: bool | None = None
    recall_max_tokens: int | None = None
    recall_chunks_max_tokens: int | None = None
    reflect_search_observations_max_tokens: int | None = None
    reflect_search_observations_include_entities: bool | None = None
    response_schema: dict[str, Any] | None = None
    keep_trace: bool | None = None

    def given(self) -> dict[str, Any]:
        """Return what was named and is known."""
        return {name: value for name, value in self.named(*type(self).model_fields).items() if value is not None}


class ModelRequest(Body):
    """A question whose answer is to be at hand."""

    id: str | None = None
    name: str
    source_query: str
    tags: list[str] | None = None
    max_tokens: MaxTokens | None = 2048
    trigger: TriggerRequest | None = None


class ModelChange(Body):
    """What is to be changed of a mental model; what is null stays."""

    name: str | None = None
    source_query: str | None = None
    max_tokens: MaxTokens | None = None
    tags: list[str] | None = None
    trigger: TriggerRequest | None = None


class RefreshRequest(Body):
    """How to work it out anew."""

    mode: Literal["full"] | None = None


class ModelReply(Reply):
    """A mental model; null is what was not asked for."""

    id: str
    bank_id: str
    name: str
    source_query: str | None = None
    content: str | None = None
    tags: list[str] | None = None
    max_tokens: int | None = None
    trigger: dict[str, Any] | None = None
    last_refreshed_at: str | None = None
    last_memory_seen_at: str | None = None
    last_refresh_failed_at: str | None = None
    last_full_refreshed_at: str | None = None
    created_at: str | None = None
    is_knowledge_page: bool | None = None
    reflect_response: dict[str, Any] | None = None
    is_stale: bool | None = None


class ModelRows(Reply):
    """A page of mental models."""

    items: list[ModelReply]
    total: int
    limit: int
    offset: int


class ModelMade(Reply):
    """It is there, and is being worked out."""

    mental_model_id: str | None = None
    operation_id: str


class Submitted(Reply):
    """The operation that does it."""

    operation_id: str
    status: str


@ROUTER.get(f"{BANK}/mental-models", operation_id="list_mental_models", response_model=ModelRows)
async def list_models(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    tags: Tags = None,
    tags_match: Annotated[Literal["any", "all", "exact"], Query()] = "any",
    detail: Detail = "metadata",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Offset = 0,
    exclude_knowledge_pages: bool = False,
) -> ModelRows:
    """Page through the mental models of a bank."""
    models = memory_of(request).mental_models
    pages = not exclude_knowledge_pages
    found, total = await models.list(
        bank.name, tags=tags, tags_match=tags_match, pages=pages, limit=limit, offset=offset
    )
    return ModelRows(items=[_told(one, bank.asked, detail) for one in found], total=total, limit=limit, offset=offset)


@ROUTER.post(f"{BANK}/mental-models", operation_id="create_mental_model", response_model=ModelMade)
async def create_model(request: Request, bank: Managed, asked: ModelRequest) -> ModelMade:
    """Add a mental model; its content is worked out by the operation that is told of."""
    model, task = await memory_of(request).mental_models.create(
        bank.name,
        asked.name,
        asked.source_query,
        id=asked.id or None,
        tags=asked.tags or (),
        max_tokens=asked.max_tokens or 2048,
        trigger=asked.trigger.given() if asked.trigger else None,
    )
    return ModelMade(mental_model_id=model.id, operation_id=task.id)


@ROUTER.get(f"{BANK}/mental-models/{{mental_model_id}}", operation_id="get_mental_model", response_model=ModelReply)
async def get_model(request: Request, bank: Read, mental_model_id: str, detail: Detail = "full") -> ModelReply:
    """Return a mental model."""
    return _told(await memory_of(request).mental_models.get(bank.name, mental_model_id), bank.asked, detail)


@ROUTER.patch(
    f"{BANK}/mental-models/{{mental_model_id}}", operation_id="update_mental_model", response_model=ModelReply
)
async def update_model(request: Request, bank: Managed, mental_model_id: str, change: ModelChange) -> ModelReply:
    """Change a mental model; with another question it is worked out anew."""
    changes = changes_of(change)
    changed = await memory_of(request).mental_models.update(bank.name, mental_model_id, **changes)
    return _told(changed, bank.asked, "full")


@ROUTER.delete(f"{BANK}/mental-models/{{mental_model_id}}", operation_id="delete_mental_model")
async def delete_model(request: Request, bank: Managed, mental_model_id: str) -> dict[str, Any]:
    """Delete a mental model."""
    await memory_of(request).mental_models.delete(bank.name, mental_model_id)
    return {"status": "deleted"}


@ROUTER.get(f"{BANK}/mental-models/{{mental_model_id}}/history", operation_id="get_mental_model_history")
async def get_history(request: Request, bank: Read, mental_model_id: str) -> list[dict[str, Any]]:
    """Return what a mental model said before, the newest first."""
    history = await memory_of(request).mental_models.history(bank.name, mental_model_id)
    return [_changed(one) for one in history]


@ROUTER.post(
    f"{BANK}/mental-models/{{mental_model_id}}/refresh", operation_id="refresh_mental_model", response_model=Submitted
)
async def refresh(
    request: Request, bank: Retained, mental_model_id: str, asked: RefreshRequest | None = None
) -> Submitted:
    """Work a mental model out anew, as an operation."""
    mode = asked.mode if asked is not None else None
    task = await memory_of(request).mental_models.refresh(bank.name, mental_model_id, mode=mode)
    return Submitted(operation_id=task.id, status="queued")


@ROUTER.post(
    f"{BANK}/mental-models/{{mental_model_id}}/dry-run-refresh",
    operation_id="dry_run_refresh_mental_model",
    response_model=DryRun,
)
async def dry_run_refresh(request: Request, bank: Read, mental_model_id: str) -> DryRun:
    """Tell what working it out anew would say, and change nothing."""
    models = memory_of(request).mental_models
    model = await models.get(bank.name, mental_model_id)
    return dry_run_of(model, await models.dry_run(bank.name, mental_model_id))


@ROUTER.post(
    f"{BANK}/mental-models/{{mental_model_id}}/clear", operation_id="clear_mental_model", response_model=ModelReply
)
async def clear(request: Request, bank: Managed, mental_model_id: str) -> ModelReply:
    """Take the content of a mental model away; its question stays."""
    return _told(await memory_of(request).mental_models.clear(bank.name, mental_model_id), bank.asked, "full")


def changes_of(change: Any) -> dict[str, Any]:
    """Return what is to be changed, in the words of the engine."""
    names = {"name": "name", "source_query": "query", "max_tokens": "max_tokens", "tags": "tags"}
    changes = {ours: value for theirs, ours in names.items() if (value := getattr(change, theirs)) is not None}
    if change.trigger is not None:
        changes["trigger"] = change.trigger.given()
    return changes


def _told(model: MentalModel, asked: str, detail: Detail) -> ModelReply:
    reply = ModelReply(
        id=model.id,
        bank_id=asked,
        name=model.name,
        tags=list(model.tags),
        last_refreshed_at=iso(model.refreshed),
        created_at=iso(model.created),
        is_knowledge_page=model.page,
        is_stale=model.stale,
    )
    if detail == "metadata":
        return reply
    reply.source_query, reply.content = model.query, model.content
    reply.max_tokens, reply.trigger = model.max_tokens, dict(model.trigger)
    if detail == "full":
        reply.reflect_response = {
            "text": model.content,
            "based_on": {"memories": [{"id": one} for one in model.sources]},
        }
    return reply


def _changed(entry: Mapping[str, Any]) -> dict[str, Any]:
    at = entry.get("at")
    return {
        "previous_content": entry.get("content"),
        "previous_reflect_response": None,
        "changed_at": at.isoformat() if isinstance(at, datetime) else at,
    }
