"""Pages of memories by more than views can select by: one of their times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from duramen.engine import MemoryEngine
from duramen.profiles.directives import selects
from duramen.server.hindsight.routing import paged
from duramen.types import Kind, Memory, TagsMatch

Axis = Literal["created_at", "updated_at", "mentioned_at", "occurred_start", "occurred_end"]

MOST = 100_000
"""Memories that are looked at for a page by one of their times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which memories; all of it must hold. `axis` is the time that `since` and `before` are about."""

    kinds: frozenset[Kind] | None = None
    q: str | None = None
    tags: Sequence[str] | None = None
    tags_match: TagsMatch = "any"
    document: str | None = None
    entity: str | None = None
    axis: Axis | None = None
    since: datetime | None = None
    before: datetime | None = None

    def fits(self, memory: Memory) -> bool:
        """Tell whether `memory` is selected, but for its entities."""
        return (
            (self.kinds is None or memory.kind in self.kinds)
            and (self.q is None or self.q.casefold() in memory.text.casefold())
            and (self.document is None or memory.document == self.document)
            and selects(self.tags, self.tags_match, memory.tags)
            and self.in_time(memory)
        )

    def in_time(self, memory: Memory) -> bool:
        """Tell whether `memory` has the time that is asked for, in the range that is."""
        if self.axis is None and self.since is None and self.before is None:
            return True
        at = time_on(memory, self.axis or "created_at")
        return at is not None and (self.since is None or self.since <= at) and (self.before is None or at < self.before)


def time_on(memory: Memory, axis: Axis) -> datetime | None:
    """Return one of the times of a memory, if it has it."""
    if axis.startswith("occurred"):
        if memory.occurred is None:
            return None
        return memory.occurred.start if axis == "occurred_start" else memory.occurred.end
    return memory.mentioned if axis == "mentioned_at" else memory.stored


async def listed(
    memory: MemoryEngine, bank: str, filters: Filters, limit: int, offset: int
) -> tuple[list[Memory], int]:
    """Return a page of the memories that `filters` select, the newest first, and how many there are."""

    async def page(length: int, start: int) -> tuple[list[Memory], int]:
        return await memory.views.listed(
            bank,
            kinds=filters.kinds,
            q=filters.q,
            tags=filters.tags,
            tags_match=filters.tags_match,
            document=filters.document,
            entity=filters.entity,
            limit=length,
            offset=start,
        )

    if filters.axis is None and filters.since is None and filters.before is None:
        return await paged(page, limit, offset)
    everything, _ = await paged(page, MOST)
    axis = filters.axis or "created_at"
    found = [one for one in everything if filters.in_time(one)]
    found.sort(key=lambda one: (time_on(one, axis) or one.stored, one.id), reverse=True)
    return found[offset : offset + limit], len(found)
