"""Observations over HTTP: their scopes, making them, and clearing them away."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from duramen.server.banks import memory_of
from duramen.server.hindsight.memories import Deleted
from duramen.server.hindsight.routing import BANK, Body, Forgets, Managed, Offset, Read, Reply, Retained, router

ROUTER = router("Observations")


class Scope(Reply):
    """The observations of memories with the same tags: how many there are."""

    tags: list[str]
    count: int


class Scopes(Reply):
    """A page of scopes."""

    scopes: list[Scope]
    total: int
    limit: int
    offset: int


class ConsolidationRequest(Body):
    """Which scopes are to be worked through; all if none is named."""

    observation_scopes: list[list[str]] | None = None


class Consolidating(Reply):
    """The operation that does it."""

    operation_id: str
    deduplicated: bool = False


class Recovered(Reply):
    """How much is tried again."""

    retried_count: int


@ROUTER.get(f"{BANK}/observations/scopes", operation_id="list_observation_scopes", response_model=Scopes)
async def list_scopes(
    request: Request, bank: Read, limit: Annotated[int, Query(ge=0, le=1000)] = 100, offset: Offset = 0
) -> Scopes:
    """Page through the sets of tags that there are observations of."""
    found = await memory_of(request).observations.scopes(bank.name)
    page = [Scope(tags=list(tags), count=count) for tags, count in found[offset : offset + limit]]
    return Scopes(scopes=page, total=len(found), limit=limit, offset=offset)


@ROUTER.delete(f"{BANK}/observations", operation_id="clear_observations", response_model=Deleted)
async def clear_observations(request: Request, bank: Forgets) -> Deleted:
    """Delete all observations of a bank; what they were made from stays."""
    count = await memory_of(request).observations.clear(bank.name)
    return Deleted(message=f"Deleted {count} observations.", deleted_count=count)


@ROUTER.post(f"{BANK}/consolidate", operation_id="trigger_consolidation", response_model=Consolidating)
async def consolidate(request: Request, bank: Retained, asked: ConsolidationRequest | None = None) -> Consolidating:
    """Make observations of what there is, as an operation."""
    scopes = None if asked is None else asked.observation_scopes
    task = await memory_of(request).observations.consolidate(bank.name, scopes=scopes)
    return Consolidating(operation_id=task.id)


@ROUTER.post(f"{BANK}/consolidation/recover", operation_id="recover_consolidation", response_model=Recovered)
async def recover(request: Request, bank: Managed) -> Recovered:
    """Try again what failed."""
    return Recovered(retried_count=await memory_of(request).observations.recover(bank.name))
