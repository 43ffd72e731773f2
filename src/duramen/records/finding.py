"""Records by their ids, wherever they are by now."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from duramen.namespaces import normal
from duramen.protocols import Storage
from duramen.records.homes import MOVED, marked
from duramen.records.keeping import filed_of, is_shown, own_of, parts_of
from duramen.shelf import Expect, Path, Put, Remove
from duramen.types import Memory, Selection


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds records of one memory resource."""

    store: Storage
    resource: str

    async def find(self, id: str, now: datetime, *, namespace: str | None = None) -> Memory | None:
        """Return the memory that a record is; None if there is none, it is over, or not at `namespace`.

        Raises:
            NamespaceError: The namespace is no path.
        """
        found, _ = await self.find_all([id], now, namespace=namespace)
        return found.get(id)

    async def find_all(
        self, ids: Collection[str], now: datetime, *, namespace: str | None = None
    ) -> tuple[dict[str, Memory], dict[str, tuple[str, ...]]]:
        """Do what `find` does for several; return the memories and the `trails`, by the ids of the records.

        One that is not where its trail says may have been moved since that was read: it is looked for again as long as
        the trail changes.
        """
        found: dict[str, Memory] = {}
        trails: dict[str, tuple[str, ...]] = {}
        left = set(ids)
        read = await self.trails(left)
        while left:
            for id in left:
                trails[id] = read.get(id, ())
                memory = await self._placed(id, now, trails[id], namespace)
                if memory is not None:
                    found[id] = memory
            read = await self.trails(left - found.keys())
            left = {id for id in left - found.keys() if read.get(id, ()) != trails[id]}
        return found, trails

    async def _placed(self, id: str, now: datetime, trail: Sequence[str], namespace: str | None) -> Memory | None:
        there = None if namespace is None else normal(namespace)
        parts = parts_of(id)
        if parts is None:
            return None
        memory, bank_mark = parts
        banks = [trail[-1]] if trail else await marked(self.store.shelf, self.resource, bank_mark)
        for bank in banks:
            found = await self._in_bank(bank, memory)
            if found is not None and filed_of(found).id == id:
                return found if is_shown(found, now) and (there is None or is_at(found, there)) else None
        return None

    async def trails(self, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the banks that records were ever filed in, the last being where they are; none for those never moved.

        Whoever files or deletes a record takes away what an interrupted move left in the others.
        """
        names = [id for id in dict.fromkeys(ids) if parts_of(id) is not None]
        entries = await self.store.shelf.get([(_path(self.resource), id) for id in names]) if names else []
        return {entry.key: tuple(json.loads(entry.value)) for entry in entries if entry is not None}

    def still(self, id: str, trail: Sequence[str]) -> Expect:
        """Return what makes sure that a record still has this trail, as it was read; it is empty if it has none."""
        return Expect(path=_path(self.resource), key=id, value=_written(trail) if trail else None)

    def moved(self, id: str, trail: Sequence[str]) -> Put:
        """Return what notes in which banks a record was, the last being where it is from now on."""
        return Put(path=_path(self.resource), key=id, value=_written(trail))

    def gone(self, id: str) -> Remove:
        """Return what takes such a note away."""
        return Remove(path=_path(self.resource), key=id)

    async def _in_bank(self, bank: str, memory: str) -> Memory | None:
        page = await self.store.memories(bank, Selection(memory=memory), cursor=None, limit=1)
        return page.items[0] if page.items and page.items[0].strategy is not None else None


def is_at(memory: Memory, namespace: str) -> bool:
    """Tell whether a record is filed exactly at `namespace`, as it is written in the bank or by whoever filed it."""
    return namespace in (memory.namespace, filed_of(memory).namespace) and not own_of(memory).loose


def _written(trail: Sequence[str]) -> bytes:
    return json.dumps(list(trail)).encode()


def _path(resource: str) -> Path:
    return (MOVED, resource)
