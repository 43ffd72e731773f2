"""Reflecting over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from duramen.engine import MemoryEngine
from duramen.recall.asking import Asked
from duramen.reflect.guidance import Guidance, Prepared, prepared_in
from duramen.server.banks import memory_of
from duramen.server.hindsight.finding import check_query, filters_of, set_up
from duramen.server.hindsight.retaining import TokenUsage
from duramen.server.hindsight.routing import BANK, Body, Reflected, Reply, Tokens, router
from duramen.server.hindsight.shapes import NoShapeError, shape_of
from duramen.server.hindsight.wire import fields_of, kinds_of_types, type_of, types_of
from duramen.types import Budget, Hit, Reflection, TagsMatch

ROUTER = router("Memory")


class ToolCallsWanted(Body):
    """How the answer was found."""

    output: bool = True


class ReflectInclude(Body):
    """What is told beside the answer; nothing of it unless it is named."""

    facts: dict[str, Any] | None = None
    tool_calls: ToolCallsWanted | None = None


class ReflectRequest(Body):
    """A question to think over.

    Attributes:
        context: What it is asked for, in words.
        response_schema: A JSON schema of the answer, which is then told in that form too. Needs a language model.
        apply_all_directives: Keep also to directives whose tags are not asked about.
    """

    query: str
    budget: Budget | None = "low"
    context: str | None = None
    max_tokens: Tokens | None = 4096
    include: ReflectInclude | None = None
    response_schema: dict[str, Any] | None = None
    tags: list[str] | None = None
    tags_match: TagsMatch | None = "any"
    tag_groups: list[dict[str, Any]] | None = None
    apply_all_directives: bool | None = False
    fact_types: list[str] | None = None
    exclude_mental_models: bool | None = False
    exclude_mental_model_ids: list[str] | None = None
    reflect_search_observations_max_tokens: int | None = None
    reflect_search_observations_include_entities: bool | None = None


class Fact(Reply):
    """A memory that the answer rests on."""

    id: str | None = None
    text: str
    type: str | None = None
    context: str | None = None
    occurred_start: str | None = None
    occurred_end: str | None = None
    mentioned_at: str | None = None
    document_id: str | None = None
    chunk_id: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, str] | None = None


class ModelUsed(Reply):
    """A mental model that was at hand."""

    id: str
    text: str
    context: str | None = None


class DirectiveUsed(Reply):
    """A directive that was kept to."""

    id: str
    name: str
    content: str


class BasedOn(Reply):
    """What the answer rests on."""

    memories: list[Fact] = Field(default_factory=list)
    mental_models: list[ModelUsed] = Field(default_factory=list)
    directives: list[DirectiveUsed] = Field(default_factory=list)


class ToolCall(Reply):
    """One thing that was looked up."""

    tool: str
    input: dict[str, Any]
    output: dict[str, Any] | None = None
    duration_ms: int = 0
    iteration: int = 0


class ModelCall(Reply):
    """One question to a language model."""

    scope: str
    duration_ms: int


class ReflectTrace(Reply):
    """How the answer was found."""

    tool_calls: list[ToolCall] = Field(default_factory=list)
    llm_calls: list[ModelCall] = Field(default_factory=list)


class ReflectReply(Reply):
    """An answer."""

    text: str
    based_on: BasedOn | None = None
    structured_output: dict[str, Any] | None = None
    structured_output_error: str | None = None
    usage: TokenUsage | None = None
    trace: ReflectTrace | None = None


@ROUTER.post(f"{BANK}/reflect", operation_id="reflect", response_model=ReflectReply)
async def reflect(request: Request, bank: Reflected, asked: ReflectRequest) -> ReflectReply:
    """Answer from what the bank knows.

    With a language model it is thought over, with the bank's mission, disposition and directives; without one, the
    answer is in the words of the memories.
    """
    memory = memory_of(request)
    check_query(asked.query)
    shape, problem = _shape(asked.response_schema)
    guidance = await _guidance(memory, bank.name, asked)
    config = await memory.profiles.resolved(bank.name)
    options: Asked = {
        **set_up(config),
        **filters_of(asked.tags, asked.tags_match, asked.tag_groups),
        "budget": asked.budget or "low",
        "max_tokens": max(1, asked.max_tokens or 4096),
        "kinds": kinds_of_types(types_of(asked.fact_types)),
    }
    reflection = await memory.reflect(bank.name, asked.query, shape=shape, guidance=guidance, **options)
    reply = ReflectReply(text=reflection.text, usage=TokenUsage())
    if asked.response_schema is not None:
        reply.structured_output = reflection.data if isinstance(reflection.data, dict) else None
        reply.structured_output_error = None if reply.structured_output is not None else problem or _why(reflection)
    include = asked.include or ReflectInclude()
    if include.facts is not None:
        reply.based_on = _based_on(reflection, guidance)
    if include.tool_calls is not None:
        reply.trace = _trace(reflection, include.tool_calls.output)
    return reply


def _shape(schema: dict[str, Any] | None) -> tuple[type[BaseModel] | None, str | None]:
    if schema is None:
        return None, None
    try:
        return shape_of(schema), None
    except NoShapeError as error:
        return None, str(error)


async def _guidance(memory: MemoryEngine, bank: str, asked: ReflectRequest) -> Guidance:
    guidance = await memory.profiles.guidance(bank, tags=asked.tags, all_directives=bool(asked.apply_all_directives))
    models: Sequence[Prepared] = ()
    if not asked.exclude_mental_models:
        without = asked.exclude_mental_model_ids or ()
        models = await memory.mental_models.prepared(
            bank, tags=asked.tags, tags_match=asked.tags_match or "any", without=without
        )
    return replace(guidance, models=models, context=asked.context or guidance.context)


def _why(reflection: Reflection) -> str:
    if reflection.model is None and not reflection.fallbacks:
        return "An answer in a form of its own needs a language model, and this server has none."
    notes = "; ".join(reflection.notes)
    if not reflection.sources:
        return notes or "Nothing is known about this, so that there is nothing to put into the form."
    return notes or "There is no answer in that form."


def _based_on(reflection: Reflection, guidance: Guidance) -> BasedOn:
    used = prepared_in(reflection.steps, guidance)
    return BasedOn(
        memories=[_fact(hit) for hit in reflection.sources],
        mental_models=[ModelUsed(id=one.id, text=one.content, context=one.name) for one in used],
        directives=[DirectiveUsed(id=one.id, name=one.name, content=one.content) for one in guidance.directives],
    )


def _fact(hit: Hit) -> Fact:
    return Fact(**fields_of(hit.memory), type=type_of(hit.memory.kind))


def _trace(reflection: Reflection, output: bool) -> ReflectTrace:
    answer = {"memories": [hit.memory.id for hit in reflection.sources]} if output else None
    calls = [ToolCall(tool="recall", input={"query": reflection.question}, output=answer)]
    calls += [ToolCall(tool="step", input={"step": step}, iteration=n) for n, step in enumerate(reflection.steps, 1)]
    return ReflectTrace(tool_calls=calls)
