"""What another memory's language model made of documents: kept as what it is, made from chunks, by a strategy of its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from duramen.desk import Desk
from duramen.ledger import Adopted, Record, Revised
from duramen.namespaces import PER_ACTOR, resolve, variables
from duramen.portal import on_own_loop
from duramen.times import utc_now
from duramen.types import Interval, Kind, Memory

STRATEGY = "hindsight"
"""The name of the strategy that what came from Hindsight is filed under."""

_KINDS: Mapping[str, Kind] = {"world": "fact", "experience": "experience", "observation": "observation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that was made of a document, or of several.

    Attributes:
        id: Stays its id.
        type: world, experience or observation.
        sources: The ids of the events that it was made from, at least one.
        mentioned: When it was said; `created` is when it was made.
    """

    id: str
    text: str
    type: str
    sources: Sequence[str]
    mentioned: datetime
    created: datetime
    occurred: Interval | None = None
    document: str | None = None
    context: str = ""
    tags: Sequence[str] = ()
    entities: Sequence[str] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


class Extracted:
    """Keeps facts of a strategy that does not work here."""

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk

    @on_own_loop
    async def keep(self, bank: str, facts: Sequence[Fact]) -> int:
        """Keep facts as memories that can be undone and go with their sources; return how many are new."""
        if not facts:
            return 0
        await self._desk.life.worker()
        parts = self._desk.parts
        made = await parts.retain.completed([_memory(bank, fact) for fact in facts])
        named = [_named(one.memory, fact) for one, fact in zip(made, facts, strict=True)]
        adopted = Adopted(
            memories=await parts.retain.indexed(named),
            records=[_record(bank, fact) for fact in facts],
        )
        return await parts.store.adopt(bank, adopted, embedder=parts.embedder.name)

    @on_own_loop
    async def sources(self, bank: str, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return what facts that are kept here were made from, by their ids."""
        await self._desk.life.worker()
        return await self._desk.parts.store.sources(bank, ids)


def _memory(bank: str, fact: Fact) -> Memory:
    own = {"context": fact.context} if fact.context else {}
    return Memory(
        id=fact.id,
        bank=bank,
        text=fact.text,
        kind=_KINDS.get(fact.type, "fact"),
        event=fact.sources[0],
        key=f"{STRATEGY}:{fact.id}",
        document=fact.document,
        mentioned=fact.mentioned,
        occurred=fact.occurred,
        stored=utc_now(),
        tags=tuple(sorted(set(fact.tags))),
        metadata=dict(fact.metadata),
        strategy=STRATEGY,
        namespace=resolve(PER_ACTOR, variables(STRATEGY, None, None)),
        sources=tuple(dict.fromkeys(fact.sources)),
        details={**fact.details, **own},
    )


def _named(memory: Memory, fact: Fact) -> Memory:
    return replace(memory, entities=tuple(dict.fromkeys((*fact.entities, *memory.entities))))


def _record(bank: str, fact: Fact) -> Record:
    told = Revised(
        number=0,
        bank=bank,
        strategy=STRATEGY,
        version="",
        decision="add",
        memory=fact.id,
        text=fact.text,
        reason="came from there",
        at=fact.created,
    )
    return Record(told=told, sources=tuple(dict.fromkeys(fact.sources)))
