"""Harnesses as the control plane keeps them: on the shelf, each version of them, in the words of the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from duramen.engine import MemoryEngine
from duramen.errors import ChangedError
from duramen.harness.keeping import HARNESSES as SET_UP
from duramen.shelf import Change, Expect, Path, Put, Remove
from duramen.times import utc_now

HARNESSES: Path = ("duramen.agentcore.harnesses",)

NAMES: Path = ("duramen.agentcore.harnesses.names",)
"""Where it is noted which names are taken: the key is that of a harness without what makes its id one of a kind."""

VERSIONS = "duramen.agentcore.harnesses.versions"
"""Begins the path of the versions of a harness, which are the keys there."""

MANAGED, OWN, DISABLED = "managedMemoryConfiguration", "agentCoreMemoryConfiguration", "disabled"
"""The members of the union that says which memory a harness has."""

_SUFFIX = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHarness:
    """A harness of the control plane.

    Attributes:
        key: As the shelf knows it: its id, as the caller's tenant has it.
        id: As clients know it: the name, `-`, and ten letters or digits.
        said: Members of the service model's `Harness` as they were given, and its `tags`. `memory` has one member, without
            the ARN of a managed one.
        memory: The name of the memory resource that it has; None for none. `memory_id` is its id.
        version: Counts its updates, from 1.
        read: The bytes that it was read from; empty for a new one.
    """

    key: str
    id: str
    said: Mapping[str, Any]
    memory: str | None = None
    memory_id: str | None = None
    version: int = 1
    created: datetime = field(default_factory=utc_now)
    updated: datetime = field(default_factory=utc_now)
    read: bytes = b""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.id[:-_SUFFIX]

    @property
    def engine_name(self) -> str:
        """What the harness of the engine is called that does what this version says."""
        return f"agentcore:{self.key}:{self.version}"

    @property
    def manages(self) -> bool:
        """Whether its memory is its own to make, change and delete."""
        return MANAGED in self.said["memory"]


async def load(engine: MemoryEngine, key: str) -> KeptHarness | None:
    """Return the harness of that key, or None."""
    (entry,) = await engine.shelf.get([(HARNESSES, key)])
    return None if entry is None else _read(entry.key, entry.value)


async def load_version(engine: MemoryEngine, key: str, version: str) -> KeptHarness | None:
    """Return a harness as it was in a version, or None if there is none, or it never had that."""
    (entry,) = await engine.shelf.get([((VERSIONS, key), version)])
    return None if entry is None else _read(key, entry.value)


async def every(engine: MemoryEngine, *, after: str, limit: int) -> list[KeptHarness]:
    """Return harnesses by their keys, those behind `after`."""
    entries = await engine.shelf.scan(HARNESSES, after=(HARNESSES, after), limit=limit)
    return [_read(one.key, one.value) for one in entries]


def changed(kept: KeptHarness, said: Mapping[str, Any]) -> KeptHarness:
    """Return the next version of a harness, which says `said`."""
    return replace(kept, said=said, version=kept.version + 1, updated=utc_now())


def saving(kept: KeptHarness) -> list[Change]:
    """Return the changes that keep a harness as it is now, if nobody else changed it since it was read, or took its name."""
    value = _written(kept)
    changes: list[Change] = [
        Expect(path=HARNESSES, key=kept.key, value=kept.read or None),
        Put(path=HARNESSES, key=kept.key, value=value),
        Put(path=(VERSIONS, kept.key), key=str(kept.version), value=value),
    ]
    if kept.read:
        return [*changes, Remove(path=SET_UP, key=replace(kept, version=kept.version - 1).engine_name)]
    name = kept.key[:-_SUFFIX]
    return [*changes, Expect(path=NAMES, key=name, value=None), Put(path=NAMES, key=name, value=kept.id.encode())]


def removing(kept: KeptHarness) -> list[Change]:
    """Return the changes that let go of a harness, if nobody else changed it since it was read."""
    return [
        Expect(path=HARNESSES, key=kept.key, value=kept.read),
        Remove(path=HARNESSES, key=kept.key),
        Remove(path=(VERSIONS, kept.key)),
        Remove(path=NAMES, key=kept.key[:-_SUFFIX]),
        Remove(path=SET_UP, key=kept.engine_name),
    ]


async def taken(engine: MemoryEngine, kept: KeptHarness) -> bool:
    """Tell whether there is a harness of that name already."""
    (entry,) = await engine.shelf.get([(NAMES, kept.key[:-_SUFFIX])])
    return entry is not None


def _written(kept: KeptHarness) -> bytes:
    value = {
        "id": kept.id,
        "said": kept.said,
        "memory": kept.memory,
        "memory_id": kept.memory_id,
        "version": kept.version,
        "created": kept.created.isoformat(),
        "updated": kept.updated.isoformat(),
    }
    return json.dumps(value).encode()


def _read(key: str, value: bytes) -> KeptHarness:
    found = json.loads(value)
    try:
        return KeptHarness(
            key=key,
            id=found["id"],
            said=found["said"],
            memory=found["memory"],
            memory_id=found["memory_id"],
            version=found["version"],
            created=datetime.fromisoformat(found["created"]),
            updated=datetime.fromisoformat(found["updated"]),
            read=value,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ChangedError(f"The harness {key!r} was kept by a newer Duramen.") from error
