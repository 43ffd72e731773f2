"""Putting records into their banks and taking them out: one transaction a bank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from duramen.desk import Desk
from duramen.errors import StoreError
from duramen.records.finding import Finder
from duramen.shelf import Change
from duramen.types import Memory

GONE = "There is no such record, or not at this namespace."
CHANGED = "It was changed or forgotten meanwhile. Nothing was changed; look again."


class Writer:
    """Writes with the parts of an engine."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def put(self, put: Mapping[str, Memory], shelved: Mapping[str, Change] | None = None) -> dict[str, str]:
        """Put records into their banks, each with what is `shelved` with it.

        Args:
            put: By the ids of the records, the memories that they are.
            shelved: Likewise, changes on the shelf.

        Returns:
            Why some could not be put, by id.

        Raises:
            StoreError: None of them could be.
        """
        failed: dict[str, str] = {}
        batches: dict[str, dict[str, Memory]] = {}
        for id, memory in put.items():
            batches.setdefault(memory.bank, {})[id] = memory
        for number, (bank, batch) in enumerate(batches.items()):
            changes = [shelved[id] for id in batch if id in shelved] if shelved else []
            try:
                kept = await self._file(bank, list(batch.values()), changes)
            except StoreError as error:
                if not number:
                    raise
                failed |= dict.fromkeys(batch, str(error))
            else:
                failed |= {id: CHANGED for id, memory in batch.items() if memory.id not in kept}
        return failed

    async def remove(self, bank: str, memories: Iterable[str], shelved: Sequence[Change] = ()) -> frozenset[str]:
        """Take memories out of a bank; return the ids of those that were there."""
        parts = self._desk.parts
        filing = await parts.store.file(bank, (), tuple(memories), embedder=parts.embedder.name, shelved=shelved)
        if filing.removed:
            await self._desk.forgotten(bank)
        return frozenset(filing.removed)

    async def leave(self, filed: Mapping[str, Memory], trails: Mapping[str, Sequence[str]]) -> None:
        """Take records, given with where they are, out of all other banks of their trails."""
        for bank in dict.fromkeys(bank for id in filed for bank in trails.get(id, ())):
            left = [one.id for id, one in filed.items() if one.bank != bank and bank in trails.get(id, ())]
            if left:
                await self.remove(bank, left)

    async def delete(self, found: Mapping[str, Memory], finder: Finder) -> set[str]:
        """Delete records, given with the memories that they are; return the ids of those that were there."""
        await self.leave(found, await finder.trails(found))
        gone: set[str] = set()
        for bank in dict.fromkeys(memory.bank for memory in found.values()):
            here = {id: memory.id for id, memory in found.items() if memory.bank == bank}
            removed = await self.remove(bank, here.values(), [finder.gone(id) for id in here])
            gone.update(id for id, memory in here.items() if memory in removed)
        return gone

    async def _file(self, bank: str, memories: Sequence[Memory], shelved: Sequence[Change]) -> frozenset[str]:
        parts = self._desk.parts
        indexed = await parts.retain.completed(memories)
        filing = await parts.store.file(bank, indexed, embedder=parts.embedder.name, shelved=shelved)
        await self._desk.filed(bank)
        return frozenset(filing.put)
