"""From memories to what goes over the wire, and back: the one place that knows both sets of words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from duramen.documents.reserved import context_of, is_timeless, plain
from duramen.errors import BadQueryError
from duramen.types import KINDS, Kind, Memory

FactType = Literal["world", "experience", "observation"]

TYPES: tuple[FactType, ...] = ("world", "experience", "observation")
KIND_NAME = "duramen:kind"
"""In the metadata of a memory: its kind, where the type does not tell."""

_TYPE_OF: Mapping[Kind, FactType] = {"fact": "world", "experience": "experience"}
_FORMER = "opinion"  # a type of old, which clients may still ask for


def type_of(kind: Kind) -> FactType:
    """Return the type of memories of `kind`: what strategies make is an observation, unless it is a fact."""
    return _TYPE_OF.get(kind, "observation")


def kinds_of_type(type: str) -> frozenset[Kind]:
    """Return the kinds of memories of `type`.

    Raises:
        BadQueryError: There is no such type.
    """
    if type not in TYPES:
        raise BadQueryError(f"There is no type {type!r}. The types are {', '.join(TYPES)}.")
    return frozenset(kind for kind in KINDS if type_of(kind) == type)


def types_of(types: Iterable[str] | None) -> tuple[FactType, ...]:
    """Return the types that were asked for, each once; all if none was.

    Raises:
        BadQueryError: One of them does not exist.
    """
    given = list(types or ())
    known = tuple(one for one in TYPES if one in given)
    for one in given:
        if one not in TYPES and one != _FORMER:
            raise BadQueryError(f"There is no type {one!r}. The types are {', '.join(TYPES)}.")
    return known if given else TYPES


def kinds_of_types(types: Collection[str]) -> frozenset[Kind] | None:
    """Return the kinds of memories of `types`; None for all."""
    if len(types) == len(TYPES):
        return None
    return frozenset(kind for one in types for kind in kinds_of_type(one))


def iso(moment: datetime | None) -> str | None:
    """Return a time as it is written."""
    return None if moment is None else moment.isoformat()


def written(memory: Memory) -> dict[str, str]:
    """Return the metadata that the caller gave, and the kind where the type does not tell it."""
    metadata = dict(plain(memory.metadata))
    if memory.kind not in _TYPE_OF and memory.kind != "observation":
        metadata[KIND_NAME] = memory.kind
    return metadata


def chunk_of(memory: Memory) -> str | None:
    """Return the id of the chunk that a memory was made from; None if it is of no document."""
    return memory.event if memory.document is not None else None


def mentioned_of(memory: Memory) -> str | None:
    """Return when it was said, unless it was given as what holds at any time."""
    return None if is_timeless(memory.metadata) else iso(memory.mentioned)


def fields_of(memory: Memory) -> dict[str, Any]:
    """Return what every form of a memory on the wire has."""
    return {
        "id": memory.id,
        "text": memory.text,
        "context": context_of(memory.metadata),
        "occurred_start": iso(memory.occurred.start) if memory.occurred else None,
        "occurred_end": iso(memory.occurred.end) if memory.occurred else None,
        "mentioned_at": mentioned_of(memory),
        "document_id": memory.document,
        "chunk_id": chunk_of(memory),
        "tags": list(memory.tags),
        "metadata": written(memory),
    }


def result_of(memory: Memory) -> dict[str, Any]:
    """Return a memory as a result."""
    return {**fields_of(memory), "type": type_of(memory.kind), "entities": list(memory.entities)}


def evidence_of(memory: Memory) -> int:
    """Return how much speaks for a memory: how many sources it has, at least 1."""
    evidence = memory.details.get("evidence")
    return evidence if isinstance(evidence, int) and not isinstance(evidence, bool) else max(1, len(memory.sources))


def row_of(memory: Memory) -> dict[str, Any]:
    """Return a memory as it is listed."""
    return {
        **fields_of(memory),
        "context": context_of(memory.metadata) or "",
        "date": (memory.occurred.start if memory.occurred else memory.mentioned).isoformat(),
        "fact_type": type_of(memory.kind),
        "entities": ", ".join(memory.entities),
        "proof_count": evidence_of(memory),
        "state": "valid",
        "updated_at": iso(memory.stored),
    }
