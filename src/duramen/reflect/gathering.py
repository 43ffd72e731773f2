"""The memories that were gathered for a question, each with a label to cite it by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from duramen.naming import word_id
from duramen.protocols import Store
from duramen.recall.beside import RecallBoth
from duramen.times import microseconds
from duramen.types import Hit, Memory, Query, Recall, Selection, Statement

AROUND = 3
"""Memories of a session that are shown before and after one that is looked at closer."""

MOST = 80
"""Memories that are shown at once; of more, the first ones found stay."""


@dataclass(slots=True)
class Gathered:
    """What was found so far, in the order in which it was."""

    bank: str
    recall: RecallBoth
    store: Store
    hits: list[Hit] = field(default_factory=list)

    async def search(self, query: Query) -> int:
        """Add what is recalled for `query`; return how much of it is new."""
        return self._add(hits_of(await self.recall(self.bank, query)))

    async def expand(self, label: str) -> int:
        """Add what was said around the memory of that label, or what it was made from; return how much is new."""
        hit = self.by_label(label)
        if hit is None:
            return 0
        return self._add(Hit(memory, hit.score) for memory in await self._around(hit.memory))

    def by_label(self, label: str) -> Hit | None:
        """Return the hit with that label, if there is one."""
        number = label.strip().lower().removeprefix("m")
        return self.hits[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(self.hits) else None

    def shown(self) -> list[Memory]:
        """Return the memories as they are shown, with who said them."""
        memories = (hit.memory for hit in self.hits)
        return [replace(one, text=f"{one.speaker}: {one.text}") if one.speaker else one for one in memories]

    async def _around(self, memory: Memory) -> Sequence[Memory]:
        if memory.strategy is not None:
            return [one for source in memory.sources[:MOST] for one in await self._said_in(source)]
        beside = Selection(session=memory.session, actor=memory.actor, strategy="")
        selection = Selection(key=memory.key, strategy="") if memory.session is None else beside
        page = await self.store.memories(self.bank, selection, cursor=None, limit=1000)
        same = (one for one in page.items if one.actor == memory.actor)  # without an actor, a selection is of all
        said = sorted(same, key=lambda one: (microseconds(one.mentioned), one.position))
        place = next((place for place, one in enumerate(said) if one.id == memory.id), None)
        return [] if place is None else said[max(0, place - AROUND) : place + AROUND + 1]

    async def _said_in(self, event: str) -> Sequence[Memory]:
        """Return what was retained word for word of an event."""
        first = await self.store.memories(self.bank, Selection(memory=word_id(event, 0)), cursor=None, limit=1)
        if not first.items:
            return ()
        selection = Selection(key=first.items[0].key, strategy="")
        page = await self.store.memories(self.bank, selection, cursor=None, limit=1000)
        return [one for one in page.items if one.event == event]

    def _add(self, hits: Iterable[Hit]) -> int:
        known = {hit.memory.id for hit in self.hits}
        fresh = [hit for hit in hits if hit.memory.id not in known][: max(0, MOST - len(self.hits))]
        self.hits += fresh
        return len(fresh)


def hits_of(recall: Recall) -> list[Hit]:
    """Return all that was found, best first."""
    return sorted((*recall.hits, *recall.made), key=lambda hit: -hit.score)


def cited_text(statements: Sequence[Statement]) -> str:
    """Return `statements` one a line, each with the numbers of its sources."""
    return "\n".join(f"{one.text} {''.join(f'[{number}]' for number in one.sources)}" for one in statements)
