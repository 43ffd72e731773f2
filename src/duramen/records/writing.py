"""Putting records into their banks and taking them out: one transaction a bank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from duramen.desk import Desk
from duramen.errors import ChangedError, StoreError
from duramen.records.finding import Finder
from duramen.shelf import Change
from duramen.types import Memory

GONE = "There is no such record, or not at this namespace."
CHANGED = "It was changed or forgotten meanwhile. Nothing was changed; look again."


class Writer:
    """Writes with the parts of an engine."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def put(
        self,
        put: Mapping[str, Memory],
        there: Mapping[str, Memory] | None = None,
        shelved: Mapping[str, Sequence[Change]] | None = None,
    ) -> dict[str, str]:
        """Put records into their banks.

        Args:
            put: By the ids of the records, the memories that they are.
            there: Likewise, memories of those banks as they were read, without which nothing is put.
            shelved: Likewise, changes on the shelf that are made with it.

        Returns:
            Why some could not be put, by id: `CHANGED` if they or others of the same bank were not as they were read.

        Raises:
            StoreError: None of them could be.
        """
        failed: dict[str, str] = {}
        batches: dict[str, dict[str, Memory]] = {}
        for id, memory in put.items():
            batches.setdefault(memory.bank, {})[id] = memory
        for number, (bank, batch) in enumerate(batches.items()):
            read = [there[id] for id in batch if there and id in there]
            changes = [change for id in batch for change in (shelved or {}).get(id, ())]
            try:
                kept = await self._file(bank, list(batch.values()), read, changes)
            except ChangedError:
                failed |= dict.fromkeys(batch, CHANGED)
            except StoreError as error:
                if not number:
                    raise
                failed |= dict.fromkeys(batch, str(error))
            else:
                failed |= {id: CHANGED for id, memory in batch.items() if memory.id not in kept}
        return failed

    async def remove(
        self, bank: str, memories: Iterable[str], shelved: Sequence[Change] = (), there: Sequence[Memory] = ()
    ) -> frozenset[str]:
        """Take memories out of a bank; return the ids of those that were there.

        Raises:
            ChangedError: Those `there` are not as they were read, or the shelf is not; nothing was taken out.
        """
        parts = self._desk.parts
        filing = await parts.store.file(
            bank, (), tuple(memories), embedder=parts.embedder.name, shelved=shelved, there=there
        )
        if filing.removed:
            await self._desk.forgotten(bank)
        return frozenset(filing.removed)

    async def leave(
        self,
        filed: Mapping[str, Memory],
        trails: Mapping[str, Sequence[str]],
        still: Mapping[str, Change] | None = None,
    ) -> set[str]:
        """Take records, given with where they are, out of all other banks of their trails.

        Args:
            filed: By the ids of the records, the memories that they are.
            trails: Likewise, the banks that they were in.
            still: Likewise, what has to hold on the shelf for that.

        Returns:
            The ids of those for which it does not hold.
        """
        changed: set[str] = set()
        for bank in dict.fromkeys(bank for id in filed for bank in trails.get(id, ())):
            left = {id: one.id for id, one in filed.items() if one.bank != bank and bank in trails.get(id, ())}
            try:
                if left:
                    await self.remove(bank, left.values(), [still[id] for id in left] if still else ())
            except ChangedError:
                changed.update(left)
        return changed

    async def change(
        self,
        put: Mapping[str, Memory],
        before: Mapping[str, Memory],
        trails: Mapping[str, Sequence[str]],
        finder: Finder,
    ) -> dict[str, str]:
        """Put records in the stead of what they were, and take them out of all other banks that they were in.

        Args:
            put: By the ids of the records, the memories that they are to be.
            before: Likewise, the memories that they were read as.
            trails: Likewise, the banks that they were in, if they were moved before.
            finder: Of the memory resource.

        Returns:
            Why some could not be changed, by id: `CHANGED` if they or others of the same bank were not as they were read.

        Raises:
            StoreError: None of them could be changed.
        """
        staying = {id: made for id, made in put.items() if made.bank == before[id].bank}
        moving = {id: made for id, made in put.items() if id not in staying}
        failed = await self.put(staying, before)
        await self.leave({id: made for id, made in staying.items() if id not in failed}, trails)
        try:
            failed |= await self._move(moving, before, trails, finder)
        except StoreError as error:
            if not staying:
                raise
            failed |= dict.fromkeys(moving, str(error))
        return failed

    async def delete(
        self, found: Mapping[str, Memory], trails: Mapping[str, Sequence[str]], finder: Finder
    ) -> tuple[set[str], set[str]]:
        """Delete records, given with the memories that they are and the trails that they have.

        Returns:
            The ids of those that were there, and of those that were moved meanwhile and are to be found again.
        """
        still = {id: finder.still(id, trails.get(id, ())) for id in found}
        moved = await self.leave(found, trails, still)
        left = {id: memory for id, memory in found.items() if id not in moved}
        gone: set[str] = set()
        for bank in dict.fromkeys(memory.bank for memory in left.values()):
            here = {id: memory.id for id, memory in left.items() if memory.bank == bank}
            notes = [one for id in here for one in (still[id], finder.gone(id))]
            try:
                removed = await self.remove(bank, here.values(), notes)
            except ChangedError:
                moved.update(here)
            else:
                gone.update(id for id, memory in here.items() if memory in removed)
        return gone, moved

    async def _move(
        self,
        put: Mapping[str, Memory],
        before: Mapping[str, Memory],
        trails: Mapping[str, Sequence[str]],
        finder: Finder,
    ) -> dict[str, str]:
        """Put records into other banks than those that they are in.

        First it is noted where they go, as if they had been there: whoever deletes one meanwhile takes that note away, and
        then it is not put. What is left behind if this is interrupted goes when the record is filed or deleted again.
        """
        noted, ended = dict[str, Sequence[str]](), dict[str, Sequence[str]]()
        for id, made in put.items():
            others = [bank for bank in trails.get(id) or (before[id].bank,) if bank != made.bank]
            noted[id], ended[id] = (made.bank, *others), (*others, made.bank)
        failed: dict[str, str] = {}
        for bank in dict.fromkeys(before[id].bank for id in put):
            here = [id for id in put if before[id].bank == bank]
            notes = [one for id in here for one in (finder.still(id, trails.get(id, ())), finder.moved(id, noted[id]))]
            try:
                await self.remove(bank, (), notes, [before[id] for id in here])
            except ChangedError:
                failed |= dict.fromkeys(here, CHANGED)
        left = {id: made for id, made in put.items() if id not in failed}
        failed |= await self.put(
            left, shelved={id: (finder.still(id, noted[id]), finder.moved(id, ended[id])) for id in left}
        )
        await self.leave({id: made for id, made in put.items() if id not in failed}, ended)
        return failed

    async def _file(
        self, bank: str, memories: Sequence[Memory], there: Sequence[Memory], shelved: Sequence[Change]
    ) -> frozenset[str]:
        parts = self._desk.parts
        indexed = await parts.retain.completed(memories)
        filing = await parts.store.file(bank, indexed, embedder=parts.embedder.name, shelved=shelved, there=there)
        await self._desk.filed(bank)
        return frozenset(filing.put)
