"""From candidates and verdicts to revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from duramen.jobs.consolidation import Compared, Verdict
from duramen.jobs.known import KnownInBank
from duramen.ledger import Assignment, Revision
from duramen.naming import digest
from duramen.strategies.labelled import LABELS, apart_by, labels_of, values_of
from duramen.strategies.lasting import lasting
from duramen.strategy import Candidate, Strategy
from duramen.times import utc_now
from duramen.types import Indexed, Memory

SIMILAR = 8
"""How many memories a candidate is compared with."""

LIKENESS = 0.3
"""Cosine below which two memories have nothing to say to each other."""


@dataclass(slots=True)
class Revising:
    """The revisions of one assignment as they come about.

    Candidates are compared with what is known and with those before them. What becomes of those is only known later, so
    what a verdict names is followed to what stands for it by then.
    """

    known: KnownInBank
    revisions: list[Revision] = field(default_factory=list)
    _candidates: dict[str, Indexed] = field(default_factory=dict)
    _seen: dict[str, Memory] = field(default_factory=dict)
    _stands: dict[str, str] = field(default_factory=dict)

    async def compared(self, one: Indexed) -> Compared:
        """Return a candidate beside what is alike, and remember it for those after it."""
        namespace = one.memory.namespace or ""
        found = await self.known.near(one.vector, namespace, limit=SIMILAR)
        found += [
            (other.memory, min(1.0, float(other.vector @ one.vector)))
            for other in self._candidates.values()
            if other.memory.namespace == namespace and other.memory.id != one.memory.id
        ]
        self._candidates[one.memory.id] = one
        alike = sorted((pair for pair in found if pair[1] >= LIKENESS), key=lambda pair: -pair[1])[:SIMILAR]
        self._seen |= {memory.id: memory for memory, _ in alike}
        return Compared(made=one.memory, similar=alike)

    def decide(self, candidate: Indexed, worded: Indexed, verdict: Verdict) -> None:
        """Do what was decided about `candidate`, in the words of `worded`."""
        other = self._standing(verdict.other)
        memory = worded.memory
        if verdict.decision == "add" and verdict.since is not None:
            memory = replace(memory, superseded=verdict.since)
        if verdict.decision == "update" and other is not None:
            before = self._seen.get(other)
            sources = joined(before.sources if before else (), memory.sources)
            memory = replace(memory, sources=sources, details=_inherited(before, memory))
            self._stands[other] = memory.id
        if memory.id != candidate.memory.id:
            self._stands[candidate.memory.id] = memory.id
        if verdict.decision == "skip" and other is not None:
            self._stands[memory.id] = other
        self._seen[memory.id] = memory
        made = replace(worded, memory=memory)
        self.revisions.append(
            Revision(decision=verdict.decision, made=made, other=other, since=verdict.since, reason=verdict.reason)
        )

    def replace(self, one: Indexed, replaced: str | None) -> None:
        """File a candidate as it is: as a new state of another memory, or as a new one."""
        if replaced is None:
            self.revisions.append(Revision(decision="add", made=one))
        else:
            self.revisions.append(Revision(decision="update", made=one, other=replaced, undoable=False))

    def _standing(self, id: str | None) -> str | None:
        while id is not None and id in self._stands:
            id = self._stands[id]
        return id


def memory_of(candidate: Candidate, strategy: Strategy, assignment: Assignment, namespace: str) -> Memory:
    """Return what `candidate` is as a memory, without names and tokens."""
    first, now = assignment.events[0], utc_now()
    by_id = {event.id: event for event in assignment.events}
    labels = labels_of(strategy, [by_id[id] for id in candidate.sources if id in by_id])
    labels |= {key: value for key, value in apart_by(strategy, first.metadata).items() if value is not None}
    tags = {tag for id in candidate.sources if id in by_id for tag in by_id[id].tags}
    tags = tags if candidate.tags is None else set(candidate.tags)
    return named(
        Memory(
            id="",
            bank=assignment.bank,
            text=candidate.text.replace("\0", " ").encode(errors="replace").decode(),
            kind=candidate.kind,
            event=candidate.sources[0],
            key="",
            actor=first.actor,
            session=first.session,
            speaker=None if _names(candidate) else candidate.speaker,
            document=first.document,
            mentioned=candidate.mentioned,
            occurred=candidate.occurred,
            stored=now,
            tags=tuple(sorted(tags)),
            metadata=labels,
            strategy=strategy.name,
            namespace=namespace,
            sources=joined(candidate.sources),
            details={**candidate.details, **lasting(strategy, now)},
        ),
        apart=strategy.merges and not candidate.settled and candidate.replaces is None,
    )


def _inherited(before: Memory | None, memory: Memory) -> Mapping[str, Any]:
    """Return the details of a memory that takes the place of another, with the labels of that which it has not itself."""
    labels = {**values_of(before), **values_of(memory)}
    return {**memory.details, LABELS: labels} if labels else memory.details


def _names(candidate: Candidate) -> bool:
    """Tell whether the text itself says whose words or tastes these are."""
    return candidate.speaker is not None and candidate.speaker.casefold() in candidate.text.casefold()


def named(memory: Memory, *, apart: bool = False) -> Memory:
    """Return `memory` with the id that what it says has, so that the same said twice at one place is one.

    Args:
        memory: What is to be filed.
        apart: Whether it is the same was found out otherwise, and what is so again after it was not is another memory.
    """
    when = memory.occurred.start.isoformat() if memory.occurred else ""
    first = memory.sources[0] if apart else ""
    labels = [text for pair in memory.metadata.items() for text in pair]
    id = digest(memory.strategy or "", memory.namespace or "", memory.kind, memory.text, when, first, *labels)
    return replace(memory, id=id, key=f"{memory.strategy}:{id}")


def joined(*sources: Sequence[str]) -> tuple[str, ...]:
    """Return all of `sources` in order, each once."""
    return tuple(dict.fromkeys(id for some in sources for id in some))
