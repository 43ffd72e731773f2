"""Memories as the control plane keeps them: on the shelf, in the words of the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duramen.engine import MemoryEngine
from duramen.errors import ChangedError
from duramen.server.agentcore.serving import Call, gone
from duramen.shelf import Change, Expect, Path, Put, Remove
from duramen.times import utc_now

MEMORIES: Path = ("duramen.agentcore.memories",)

ACTIVE, DELETING = "ACTIVE", "DELETING"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMemory:
    """A memory of the control plane. The memory resource of the engine behind it is called `resource`.

    Attributes:
        id: As clients know it: the name, `-`, and ten letters or digits.
        said: The members of the service model's `Memory` but `id`, `arn`, `strategies`, `createdAt` and `updatedAt`, and its
            `tags`, as they were given. Nothing in it is a time.
        strategies: As `duramen.server.agentcore.strategies` writes them: members of the output shape `MemoryStrategy`, with
            `createdAt` and `updatedAt` in ISO 8601.
        former: Namespace templates that strategies had before; their records are still found.
        version: The bytes that it was read from; empty for a new one.
    """

    resource: str
    id: str
    said: Mapping[str, Any]
    strategies: Sequence[Mapping[str, Any]] = ()
    former: Sequence[str] = ()
    created: datetime = field(default_factory=utc_now)
    updated: datetime = field(default_factory=utc_now)
    version: bytes = b""

    @property
    def deleting(self) -> bool:
        """Whether it is being deleted: only the control plane still sees it."""
        return self.said.get("status") == DELETING

    def templates(self) -> list[str]:
        """Return the namespace templates that records of this memory were ever filed by."""
        found = [one for strategy in self.strategies for one in templates_of(strategy)]
        return list(dict.fromkeys((*found, *self.former)))


def templates_of(strategy: Mapping[str, Any]) -> list[str]:
    """Return the namespace templates of a kept strategy, those of reflections too."""
    reflecting = strategy.get("configuration", {}).get("reflection", {})
    inner = [reflecting.get("episodicReflectionConfiguration", {})]
    inner += [*reflecting.get("customReflectionConfiguration", {}).values()]
    return [*strategy["namespaceTemplates"], *(one for each in inner for one in each.get("namespaceTemplates", ()))]


async def load(engine: MemoryEngine, resource: str) -> KeptMemory | None:
    """Return the memory behind a resource, or None."""
    (entry,) = await engine.shelf.get([(MEMORIES, resource)])
    return None if entry is None else _read(entry.key, entry.value)


async def called(call: Call) -> KeptMemory:
    """Return the memory that `call` is about.

    Raises:
        WireError: 404: there is none, or not for this caller, or it is being deleted.
    """
    found = await load(call.engine, call.resource)
    if found is None or found.deleting:
        raise gone(call.params["memoryId"])
    return found


async def save(engine: MemoryEngine, kept: KeptMemory, *beside: Change) -> None:
    """Keep a memory as it is now, in one transaction with `beside`.

    Raises:
        ChangedError: Somebody else changed it since it was read, or made it.
    """
    await engine.shelf.write([*saving(kept), *beside])


def saving(kept: KeptMemory) -> list[Change]:
    """Return the changes by which `save` keeps a memory."""
    expected = Expect(path=MEMORIES, key=kept.resource, value=kept.version or None)
    return [expected, Put(path=MEMORIES, key=kept.resource, value=_written(kept))]


async def drop(engine: MemoryEngine, kept: KeptMemory, *beside: Change) -> None:
    """Let go of a memory; what it holds is deleted elsewhere.

    Raises:
        ChangedError: Somebody else changed it since it was read.
    """
    expected = Expect(path=MEMORIES, key=kept.resource, value=kept.version)
    await engine.shelf.write([expected, Remove(path=MEMORIES, key=kept.resource), *beside])


async def every(engine: MemoryEngine, *, after: str | None = None, limit: int = 100) -> list[KeptMemory]:
    """Return memories by the names of their resources, those behind `after`."""
    place = None if after is None else (MEMORIES, after)
    return [_read(one.key, one.value) for one in await engine.shelf.scan(MEMORIES, after=place, limit=limit)]


def _written(kept: KeptMemory) -> bytes:
    value = {
        "id": kept.id,
        "said": kept.said,
        "strategies": list(kept.strategies),
        "former": list(kept.former),
        "created": kept.created.isoformat(),
        "updated": kept.updated.isoformat(),
    }
    return json.dumps(value).encode()


def _read(resource: str, value: bytes) -> KeptMemory:
    found = json.loads(value)
    try:
        return KeptMemory(
            resource=resource,
            id=found["id"],
            said=found["said"],
            strategies=found["strategies"],
            former=found["former"],
            created=datetime.fromisoformat(found["created"]),
            updated=datetime.fromisoformat(found["updated"]),
            version=value,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ChangedError(f"The memory {resource!r} was kept by a newer Duramen.") from error
