"""One pass over a bank: what the target lacks is copied, and what the source has no more goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import datetime

from duramen.copying import CopyingStorage, Part, RowPlace
from duramen.errors import ConflictError
from duramen.ledger import Job
from duramen.moving.between_batch import Batch, Changed, Counters, Held, held_of, weight
from duramen.moving.between_notes import Note, note_of
from duramen.moving.between_parts import Piece, Step, digest_of_place, memories, pieces
from duramen.times import microseconds
from duramen.types import BankVersion, Selection

_SAID: tuple[Part, ...] = ("events", "sources", "records", "jobs", "entries")
"""Parts of which the digests of all pieces are compared; of memories their places are."""


class BankPass:
    """Brings one bank at the target up to the source; see `run`.

    Args:
        source: From where.
        target: To where.
        bank: Which.
        name: Names the source.
        writes: Whether anything is changed, or only counted.
        step: Told how many events and memories were looked at.
    """

    def __init__(
        self, source: CopyingStorage, target: CopyingStorage, bank: str, *, name: str, writes: bool, step: Step
    ) -> None:
        self._source = source
        self._target = target
        self._bank = bank
        self._name = name
        self._writes = writes
        self._step = step
        self._held: dict[Part, dict[Hashable, Held]] = {part: {} for part in _SAID}
        self._places: dict[int, RowPlace] = {}
        self._jobs_of: defaultdict[str, list[Hashable]] = defaultdict(list)
        self._events: set[str] = set()
        self._forgotten = Changed()

    async def run(self, created: datetime | None) -> Changed:
        """Do it; return what was changed.

        Args:
            created: When the bank was made at the source; None if nothing was retained in it there.

        Raises:
            ConflictError: The bank was changed at the target since it was moved there.
        """
        version = await self._source.version(self._bank)
        there = await self._target.version(self._bank)
        note = await note_of(self._target, self._bank) or Note(bank=self._bank, source=self._name)
        if note.raw is not None or there is not None:
            await self._look()
            self._check(note)
        origin = origin_of(version, created)
        if there is not None and note.origin != origin:
            note, there = await self._forget(note), None
        fresh = note.raw is None or note.origin != origin or note.source != self._name
        note = Note(bank=self._bank, source=self._name, origin=origin, guard=note.guard, raw=note.raw)
        counters = None if version is None or created is None else Counters(created, version, there)
        batch = Batch(self._target if self._writes else None, note, counters)
        if counters is not None:
            await self._retained(batch, counters)
        await self._by_key(batch, "entries")
        await batch.flush(always=fresh)
        batch.changed.gone.update(self._forgotten.gone)
        return batch.changed

    async def _retained(self, batch: Batch, counters: Counters) -> None:
        for place in self._places.values():
            counters.hold(place)
        await self._in_order(batch, "events")
        await self._memories(batch, counters)
        await self._by_key(batch, "sources")
        await self._in_order(batch, "records")
        await self._in_order(batch, "jobs")

    async def _look(self) -> None:
        """Look at what the target holds of the bank."""
        for part in _SAID:
            async for piece in pieces(self._target, self._bank, part):
                self._held[part][piece.key] = held_of(piece)
                if isinstance(piece.copy, Job):
                    self._jobs_of[piece.copy.event].append(piece.key)
        self._places = {place.number: place for place in await self._target.places(self._bank)}

    def _check(self, note: Note) -> None:
        """Refuse to touch what was changed at the target."""
        found = sum(weight(one.guarded) for held in self._held.values() for one in held.values())
        found += sum(weight(digest_of_place(place)) for place in self._places.values())
        if note.at(found).guard != note.guard:
            raise ConflictError(
                f"Bank {self._bank!r} was changed at the target since it was moved there: nobody may retain in it, or "
                f"work on it, before it is moved for the last time. Nothing of it was changed now. Forget it at the "
                f"target to move it anew, or name the other banks with `--bank`."
            )

    async def _forget(self, note: Note) -> Note:
        """Delete the bank at the target: it is gone at the source, or was made anew."""
        gone = self._forgotten.gone
        gone["memories"], self._places = len(self._places), {}
        for part in _SAID:
            if part != "entries":
                gone[part], self._held[part] = len(self._held[part]), {}
        note = note.at(sum(weight(one.guarded) for one in self._held["entries"].values()))
        if self._writes:
            note, changes = note.written()
            await self._target.forget(self._bank, Selection(), shelved=changes)
        return note

    async def _in_order(self, batch: Batch, part: Part) -> None:
        """Bring a part up whose order counts.

        Pieces only come to the end at the source. So what stands at the target before the next piece of the source, and
        is not that, is gone there, or has come to the end.
        """
        held = self._held[part]
        left = list(held)
        places = {key: number for number, key in enumerate(left)}
        seen: dict[Hashable, Held] = {}
        at = 0
        async for piece in pieces(self._source, self._bank, part):
            if not self._belongs(piece):
                continue
            if piece.key in seen:  # it came to the end while it was looked at
                await batch.leave(part, seen[piece.key])
            seen[piece.key] = held_of(piece)
            known = places.get(piece.key, -1)
            stands = known >= at
            for key in left[at : known if stands else None]:
                await self._leave(batch, part, held[key])
            at = known + 1 if stands else len(left)
            before = held[piece.key] if stands else None
            if before is None or before.digest != piece.digest:
                await batch.put(part, piece, before)
        for key in left[at:]:
            await self._leave(batch, part, held[key])

    def _belongs(self, piece: Piece) -> bool:
        """Tell whether a piece may be copied: a job of an event that came after the events were looked at may not yet."""
        if isinstance(piece.copy, Job):
            return piece.copy.event in self._events
        if isinstance(piece.key, str):
            self._events.add(piece.key)
            self._step(1)
        return True

    async def _leave(self, batch: Batch, part: Part, held: Held) -> None:
        if part == "events":
            for job in self._jobs_of.pop(str(held.handle), []):
                await batch.leave("jobs", self._held["jobs"].pop(job))
        await batch.leave(part, held)

    async def _memories(self, batch: Batch, counters: Counters) -> None:
        there = {place.number: place for place in await self._source.places(self._bank)}
        for number, place in self._places.items():
            if there.get(number) != place:
                counters.leave(place)
                digest = digest_of_place(place)
                await batch.leave("memories", Held(digest, digest, number))
        fresh = [number for number, place in there.items() if self._places.get(number) != place]
        self._step(len(there) - len(fresh))
        async for one in memories(self._source, self._bank, fresh):
            counters.hold(one.place)
            await batch.put("memories", Piece(one.place.number, digest_of_place(one.place), one))
            self._step(1)
        counters.complete()

    async def _by_key(self, batch: Batch, part: Part) -> None:
        """Bring a part up whose order does not count."""
        left = dict(self._held[part])
        async for piece in pieces(self._source, self._bank, part):
            before = left.pop(piece.key, None)
            if before is None or before.digest != piece.digest:
                await batch.put(part, piece, before)
        for held in left.values():
            await batch.leave(part, held)


def origin_of(version: BankVersion | None, created: datetime | None) -> tuple[int, int] | None:
    """Return what tells a bank from another of the same name; None for one in which nothing was retained."""
    return None if version is None or created is None else (version.number, microseconds(created))
