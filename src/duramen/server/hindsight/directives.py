"""Directives over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request

from duramen.errors import NotFoundError
from duramen.profiles.profile import Directive
from duramen.server.banks import memory_of
from duramen.server.hindsight.routing import BANK, Body, Managed, Offset, Read, Reply, Tags, router
from duramen.server.hindsight.wire import iso

ROUTER = router("Directives")


class DirectiveRequest(Body):
    """A rule that answers must keep to."""

    name: str
    content: str
    priority: int = 0
    is_active: bool = True
    tags: list[str] | None = None


class DirectiveChange(Body):
    """What is to be changed of a directive; what is null stays."""

    name: str | None = None
    content: str | None = None
    priority: int | None = None
    is_active: bool | None = None
    tags: list[str] | None = None


class DirectiveReply(Reply):
    """A directive."""

    id: str
    bank_id: str
    name: str
    content: str
    priority: int = 0
    is_active: bool = True
    tags: list[str]
    created_at: str | None = None
    updated_at: str | None = None


class DirectiveRows(Reply):
    """A page of directives, those of higher priority first."""

    items: list[DirectiveReply]
    total: int
    limit: int
    offset: int


@ROUTER.get(f"{BANK}/directives", operation_id="list_directives", response_model=DirectiveRows)
async def list_directives(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    tags: Tags = None,
    tags_match: Annotated[Literal["any", "all", "exact"], Query()] = "any",
    active_only: bool = True,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Offset = 0,
) -> DirectiveRows:
    """Page through the directives of a bank."""
    found, total = await memory_of(request).profiles.directives(
        bank.name, tags=tags, tags_match=tags_match, active_only=active_only, limit=limit, offset=offset
    )
    return DirectiveRows(items=[_told(one, bank.asked) for one in found], total=total, limit=limit, offset=offset)


@ROUTER.post(f"{BANK}/directives", operation_id="create_directive", response_model=DirectiveReply)
async def create_directive(request: Request, bank: Managed, asked: DirectiveRequest) -> DirectiveReply:
    """Add a directive."""
    made = await memory_of(request).profiles.add_directive(
        bank.name,
        asked.name,
        asked.content,
        priority=asked.priority,
        active=asked.is_active,
        tags=asked.tags or (),
    )
    return _told(made, bank.asked)


@ROUTER.get(f"{BANK}/directives/{{directive_id}}", operation_id="get_directive", response_model=DirectiveReply)
async def get_directive(request: Request, bank: Read, directive_id: str) -> DirectiveReply:
    """Return a directive."""
    found = await memory_of(request).profiles.directive(bank.name, directive_id)
    if found is None:
        raise NotFoundError(f"There is no directive {directive_id!r} in this bank.")
    return _told(found, bank.asked)


@ROUTER.patch(f"{BANK}/directives/{{directive_id}}", operation_id="update_directive", response_model=DirectiveReply)
async def update_directive(
    request: Request, bank: Managed, directive_id: str, change: DirectiveChange
) -> DirectiveReply:
    """Change a directive."""
    changed = await memory_of(request).profiles.update_directive(
        bank.name,
        directive_id,
        name=change.name,
        content=change.content,
        priority=change.priority,
        active=change.is_active,
        tags=change.tags,
    )
    return _told(changed, bank.asked)


@ROUTER.delete(f"{BANK}/directives/{{directive_id}}", operation_id="delete_directive")
async def delete_directive(request: Request, bank: Managed, directive_id: str) -> dict[str, Any]:
    """Delete a directive."""
    await memory_of(request).profiles.delete_directive(bank.name, directive_id)
    return {"status": "deleted"}


def _told(directive: Directive, asked: str) -> DirectiveReply:
    return DirectiveReply(
        id=directive.id,
        bank_id=asked,
        name=directive.name,
        content=directive.content,
        priority=directive.priority,
        is_active=directive.active,
        tags=list(directive.tags),
        created_at=iso(directive.created),
        updated_at=iso(directive.updated),
    )
