"""Entities, and the graph of memories, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from duramen.engine import MemoryEngine
from duramen.errors import NotFoundError
from duramen.server.banks import Refused, memory_of
from duramen.server.hindsight.beside import EntityObservation
from duramen.server.hindsight.routing import BANK, Limit, Managed, Match, Offset, Read, Reply, Tags, paged, router
from duramen.server.hindsight.wire import chunk_of, iso, kinds_of_type, row_of
from duramen.types import Memory
from duramen.views.entities import Beside, Entity
from duramen.views.graph import Edge

ROUTER = router("Entities")

_COLOURS = {"entity": "#f59e0b", "temporal": "#06b6d4", "semantic": "#8b5cf6"}
_KINDS = {"world": "#3b82f6", "experience": "#10b981", "observation": "#a855f7"}
_LONGEST_LABEL = 60


class EntityRow(Reply):
    """Who or what is spoken of."""

    id: str
    canonical_name: str
    mention_count: int
    first_seen: str | None = None
    last_seen: str | None = None
    metadata: dict[str, Any] | None = None


class EntityRows(Reply):
    """A page of entities, those most often spoken of first."""

    items: list[EntityRow]
    total: int
    limit: int
    offset: int


class EntityReply(EntityRow):
    """An entity with what is observed of it."""

    observations: list[EntityObservation]


class EntityNodeData(Reply):
    """An entity in the graph."""

    id: str
    label: str
    mentionCount: int  # noqa: N815  as it goes over the wire
    color: str | None = None


class EntityNode(Reply):
    """A node."""

    data: EntityNodeData


class EntityEdgeData(Reply):
    """How often two entities are in a memory together."""

    id: str
    source: str
    target: str
    linkType: str = "cooccurrence"  # noqa: N815  as it goes over the wire
    weight: int
    color: str | None = None
    lineStyle: str | None = None  # noqa: N815  as it goes over the wire
    lastCooccurred: str | None = None  # noqa: N815  as it goes over the wire


class EntityEdge(Reply):
    """An edge."""

    data: EntityEdgeData


class EntityGraph(Reply):
    """Entities, and which of them are together."""

    nodes: list[EntityNode]
    edges: list[EntityEdge]
    total_entities: int
    total_edges: int
    limit: int


class MemoryNodeData(Reply):
    """A memory in the graph."""

    id: str
    label: str
    text: str
    date: str
    context: str
    entities: str
    color: str | None = None


class MemoryNode(Reply):
    """A node."""

    data: MemoryNodeData


class MemoryEdgeData(Reply):
    """What ties two memories."""

    id: str
    source: str
    target: str
    linkType: str  # noqa: N815  as it goes over the wire
    weight: float
    entityName: str = ""  # noqa: N815  as it goes over the wire
    color: str | None = None
    lineStyle: str | None = None  # noqa: N815  as it goes over the wire


class MemoryEdge(Reply):
    """An edge."""

    data: MemoryEdgeData


class TableRow(Reply):
    """A memory in the table beside the graph."""

    id: str
    text: str
    context: str
    occurred_start: str | None = None
    occurred_end: str | None = None
    mentioned_at: str | None = None
    date: str | None = None
    entities: str
    document_id: str | None = None
    chunk_id: str | None = None
    fact_type: str | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    proof_count: int | None = None


class GraphReply(Reply):
    """Memories, and what ties them."""

    nodes: list[MemoryNode]
    edges: list[MemoryEdge]
    table_rows: Annotated[list[TableRow], Field()]
    total_units: int
    limit: int


@ROUTER.get(f"{BANK}/entities", operation_id="list_entities", response_model=EntityRows)
async def list_entities(
    request: Request,
    bank: Read,
    q: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> EntityRows:
    """Page through the entities of a bank."""
    memory = memory_of(request)

    async def page(length: int, start: int) -> tuple[list[Entity], int]:
        return await memory.views.entities(bank.name, q=q or None, limit=length, offset=start)

    found, total = await paged(page, limit, offset)
    return EntityRows(items=[EntityRow(**_entity(one)) for one in found], total=total, limit=limit, offset=offset)


@ROUTER.get(f"{BANK}/entities/graph", operation_id="get_entity_graph", response_model=EntityGraph)
async def get_entity_graph(
    request: Request, bank: Read, limit: Limit = 1000, min_count: Annotated[int, Query(ge=1)] = 1
) -> EntityGraph:
    """Return the entities spoken of most, and which of them are together."""
    memory = memory_of(request)
    nodes, edges = await memory.views.entity_graph(bank.name, limit=min(max(limit, 1), 1000), min_count=min_count)
    _, total = await memory.views.entities(bank.name, limit=1)
    return EntityGraph(
        nodes=[_entity_node(one) for one in nodes[:limit]],
        edges=[_entity_edge(one) for one in edges] if limit else [],
        total_entities=total,
        total_edges=len(edges),
        limit=limit,
    )


@ROUTER.get(f"{BANK}/entities/{{entity_id}}", operation_id="get_entity", response_model=EntityReply)
async def get_entity(request: Request, bank: Read, entity_id: str) -> EntityReply:
    """Return an entity, with what strategies observed of it."""
    memory = memory_of(request)
    found = await memory.views.entity(bank.name, entity_id)
    if found is None:
        raise NotFoundError(f"There is no entity {entity_id!r} in this bank.")
    return EntityReply(**_entity(found), observations=await _observed(memory, bank.name, entity_id))


@ROUTER.post(f"{BANK}/entities/{{entity_id}}/regenerate", operation_id="regenerate_entity_observations")
async def regenerate(request: Request, bank: Managed, entity_id: str) -> None:
    """Answer 410: observations are made as memories come."""
    raise Refused(410, "Observations are made as memories come; POST …/consolidate makes them now.")


@ROUTER.get(f"{BANK}/graph", operation_id="get_graph", response_model=GraphReply, tags=["Memory"])
async def get_graph(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    type: str | None = None,
    limit: Limit = 1000,
    q: str | None = None,
    tags: Tags = None,
    tags_match: Match = "all_strict",
    document_id: str | None = None,
    chunk_id: str | None = None,
) -> GraphReply:
    """Return the newest memories that fit, and what ties them."""
    graph = await memory_of(request).views.graph(
        bank.name,
        kinds=None if type is None else kinds_of_type(type),
        q=q or None,
        tags=tags,
        tags_match=tags_match,
        document=document_id,
        limit=min(max(limit, 1), 1000),
    )
    nodes = [one for one in graph.nodes if chunk_id is None or chunk_of(one) == chunk_id][:limit]
    shown = {one.id for one in nodes}
    edges = [one for one in graph.edges if one.one in shown and one.other in shown]
    return GraphReply(
        nodes=[_node(one) for one in nodes],
        edges=[_edge(one) for one in edges],
        table_rows=[_table(one) for one in nodes],
        total_units=graph.total if chunk_id is None else len(nodes),
        limit=limit,
    )


async def _observed(memory: MemoryEngine, bank: str, entity: str) -> list[EntityObservation]:
    made, _ = await memory.views.listed(bank, entity=entity, kinds=kinds_of_type("observation"), limit=20)
    return [EntityObservation(text=one.text, mentioned_at=iso(one.mentioned)) for one in made]


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "id": entity.id,
        "canonical_name": entity.name,
        "mention_count": entity.mentions,
        "first_seen": iso(entity.first),
        "last_seen": iso(entity.last),
        "metadata": {},
    }


def _entity_node(entity: Entity) -> EntityNode:
    return EntityNode(data=EntityNodeData(id=entity.id, label=entity.name, mentionCount=entity.mentions))


def _entity_edge(edge: Beside) -> EntityEdge:
    id = f"{edge.one}-{edge.other}"
    return EntityEdge(data=EntityEdgeData(id=id, source=edge.one, target=edge.other, weight=edge.count))


def _node(memory: Memory) -> MemoryNode:
    row = row_of(memory)
    label = memory.text if len(memory.text) <= _LONGEST_LABEL else memory.text[: _LONGEST_LABEL - 1] + "…"
    told = {name: row[name] for name in ("id", "text", "date", "context", "entities")}
    return MemoryNode(data=MemoryNodeData(**told, label=label, color=_KINDS[row["fact_type"]]))


def _edge(edge: Edge) -> MemoryEdge:
    return MemoryEdge(
        data=MemoryEdgeData(
            id=f"{edge.one}-{edge.other}-{edge.type}",
            source=edge.one,
            target=edge.other,
            linkType=edge.type,
            weight=edge.weight,
            entityName=edge.label,
            color=_COLOURS[edge.type],
            lineStyle="solid",
        )
    )


def _table(memory: Memory) -> TableRow:
    row = row_of(memory)
    return TableRow(**{name: row[name] for name in TableRow.model_fields if name in row}, created_at=iso(memory.stored))
