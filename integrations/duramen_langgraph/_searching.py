"""Searching a store: by filter, by time, and by likeness."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from langgraph.store.base import SearchOp

from duramen.shelf import Entry, Place, Shelf
from duramen_langgraph._filters import passes
from duramen_langgraph._items import loaded
from duramen_langgraph._namespaces import Shelving
from duramen_langgraph._vectors import Matrix, Ranking, ranked

log = logging.getLogger("duramen.langgraph")

T = TypeVar("T")

Found: TypeAlias = tuple[Entry, "float | None"]
"""An item with its score."""

MANY = 500
"""From this many entries on, a thread goes through them, so that the engine's loop goes on with other work."""

FEW = 2000
"""Up to this many items, it is quicker to get the vectors of those that pass than to read those of all."""


class Searcher:
    """Searches the items of one store. Lives on the engine's loop."""

    def __init__(self, shelf: Shelf, shelving: Shelving) -> None:
        self._shelf = shelf
        self._shelving = shelving
        self._warned = False

    async def newest(self, op: SearchOp) -> list[Found]:
        """Return the items that pass, those updated last first; of the same moment by namespace and key."""
        entries = await self._passing(op)
        return [(entry, None) for entry in entries[op.offset : op.offset + op.limit]]

    async def nearest(self, op: SearchOp, space: bytes, query: Matrix) -> list[Found]:
        """Return the items that pass, those most like `query` first, and behind them those without vectors.

        Of the same score by namespace and key; those without vectors, as in `newest`. Items are read only when there is
        a filter, or too few have vectors: else it is the vectors of all, and then the items of the page.
        """
        if op.filter:
            passing = await self._passing(op)
            ranking = await self._ranked(await self._vectors_of(passing, op), op, space, query)
        else:
            ranking = await self._ranked(await self._vectors(op), op, space, query)
            if len(ranking) >= op.offset + op.limit:
                return await self._page(ranking, op)
            passing = await self._passing(op)
        left = {entry.place: entry for entry in passing}
        found: list[Found] = []
        for vectors, score in ranking.part(0):
            entry = left.pop(self._place(vectors), None)
            if entry is not None:
                found.append((entry, score))
        found += [(entry, None) for entry in left.values()]
        return found[op.offset : op.offset + op.limit]

    async def _passing(self, op: SearchOp) -> list[Entry]:
        entries = await self._shelf.scan(self._shelving.items(op.namespace_prefix), below=True)
        return await _apart(entries, lambda all_of_them: _newest_first(all_of_them, op))

    async def _vectors(self, op: SearchOp) -> list[Entry]:
        return await self._shelf.scan(self._shelving.vectors(op.namespace_prefix), below=True)

    async def _vectors_of(self, passing: Sequence[Entry], op: SearchOp) -> list[Entry]:
        if len(passing) > FEW:
            return await self._vectors(op)
        homes = sorted((self._shelving.namespace(entry.path), entry.key) for entry in passing)
        found = await self._shelf.get([(self._shelving.vectors(namespace), key) for namespace, key in homes])
        return [entry for entry in found if entry is not None]

    async def _ranked(self, entries: Sequence[Entry], op: SearchOp, space: bytes, query: Matrix) -> Ranking:
        ranking = await _apart(entries, lambda all_of_them: ranked(all_of_them, space, query))
        if len(ranking) < len(entries) and not self._warned:
            self._warned = True
            log.warning(
                "%d of the %d indexed items below %s have vectors of another embedder, which cannot be compared with "
                "this one's. They are found without a score, behind the others; put them again to index them anew.",
                len(entries) - len(ranking),
                len(entries),
                tuple(op.namespace_prefix),
            )
        return ranking

    async def _page(self, ranking: Ranking, op: SearchOp) -> list[Found]:
        """Read the items of a page, going on behind it for each that was deleted meanwhile."""
        found: list[Found] = []
        first = op.offset
        while len(found) < op.limit and first < len(ranking):
            part = ranking.part(first, first + op.limit - len(found))
            first += len(part)
            entries = await self._shelf.get([self._place(vectors) for vectors, _ in part])
            found += [(entry, score) for entry, (_, score) in zip(entries, part, strict=True) if entry is not None]
        return found

    def _place(self, vectors: Entry) -> Place:
        return self._shelving.items(self._shelving.namespace(vectors.path)), vectors.key


def _newest_first(entries: Sequence[Entry], op: SearchOp) -> list[Entry]:
    passing = [entry for entry in entries if passes(loaded(entry.value), op.filter)] if op.filter else entries
    return sorted(passing, key=lambda entry: entry.updated, reverse=True)


async def _apart(entries: Sequence[Entry], work: Callable[[Sequence[Entry]], T]) -> T:
    return work(entries) if len(entries) < MANY else await asyncio.to_thread(work, entries)
