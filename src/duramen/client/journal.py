"""What waits on the disk of this computer for its server, and what the server would not take."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duramen.client.wire import Outgoing
from duramen.errors import ChangedError
from duramen.protocols import Storage
from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove

LEASE_SECONDS = 6.0
"""For so long a process that is killed keeps others from sending what it was sending."""

_ROOT = "duramen.client"
_FIRST = 1
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """What waits: `place` in its order, and `value` as it stands there, which no other entry has."""

    place: Place
    value: bytes
    outgoing: Outgoing
    operation: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What the server would not take, and why."""

    bank: str
    place: Place
    outgoing: Outgoing
    reason: str
    attempts: int


class Journal:
    """The entries, bank by bank, in the order in which they came. Any number of processes may share it.

    Args:
        storage: On whose shelf they stand.
        owner: Names this process among those.
    """

    def __init__(self, storage: Storage, *, owner: str | None = None) -> None:
        self._storage = storage
        self._owner = (owner or uuid.uuid4().hex).encode()

    async def open(self) -> None:
        """Open the store. May be called again."""
        await self._storage.open()

    async def aclose(self) -> None:
        """Close the store."""
        await self._storage.aclose()

    async def append(self, bank: str, sent: Sequence[Outgoing]) -> list[Held]:
        """Put all of it behind what waits for `bank`; on disk, as a whole, when this returns."""
        while True:
            last = await self._storage.shelf.scan(_held(bank), reverse=True, limit=1)
            number = int(last[0].key) + 1 if last else _FIRST
            held = [_written(bank, number + place, one) for place, one in enumerate(sent)]
            changes: list[Change] = [_expect(held[0].place, None)]
            if last:  # else it may have been sent just now, and another process begins anew at the same number
                changes.append(_expect(last[0].place, last[0].value))
            try:
                await self._storage.shelf.write([*changes, *(_put(one.place, one.value) for one in held)])
            except ChangedError:
                continue
            return held

    async def first(self, bank: str, limit: int) -> list[Held]:
        """Return at most `limit` of what waits for `bank`, oldest first."""
        return [_read(entry) for entry in await self._storage.shelf.scan(_held(bank), limit=limit)]

    async def waiting(self, held: Sequence[Held]) -> int:
        """Return how many of these still wait."""
        found = await self._storage.shelf.get([one.place for one in held])
        return sum(entry is not None and entry.value == one.value for entry, one in zip(found, held, strict=True))

    async def begin(self, bank: str, held: Sequence[Held]) -> None:
        """Keep that these, the first that wait for `bank`, are sent together, until they are taken away."""
        await self._storage.shelf.write([_put(_begun(bank), str(len(held)).encode())])

    async def begun(self, bank: str) -> int:
        """Return how many of the first that wait for `bank` were being sent together, and may be there already."""
        (entry,) = await self._storage.shelf.get([_begun(bank)])
        return 0 if entry is None else int(entry.value)

    async def remove(self, bank: str, held: Sequence[Held]) -> None:
        """Take away what has been sent, or shall not be."""
        await self._storage.shelf.write([*(_remove(one.place) for one in held), _remove(_begun(bank))])

    async def set_aside(self, bank: str, held: Held, reason: str) -> None:
        """Let it wait no more: the server would not take it."""
        record = {"sent": held.outgoing.to_json(), "reason": reason, "entry": held.value.decode()}
        await self._storage.shelf.write(
            [
                _remove(held.place),
                _remove(_begun(bank)),
                _put((_aside(bank), uuid.uuid4().hex), json.dumps(record).encode()),
            ]
        )

    async def refused(self, bank: str | None) -> list[Aside]:
        """Return what was set aside, for `bank` or for all."""
        banks = [bank] if bank is not None else await self._banks("aside")
        return [
            _refused(name, entry)
            for name in banks
            for entry in await self._storage.shelf.scan(_aside(name), limit=_PAGE)
        ]

    async def refused_of(self, bank: str, held: Sequence[Held]) -> list[Aside]:
        """Return what of these was set aside."""
        values = {one.value.decode() for one in held}
        entries = await self._storage.shelf.scan(_aside(bank))
        return [_refused(bank, entry) for entry in entries if json.loads(entry.value)["entry"] in values]

    async def drop(self, refused: Sequence[Aside]) -> None:
        """Forget what was set aside."""
        if refused:
            await self._storage.shelf.write([_remove(one.place) for one in refused])

    async def take_up(self, bank: str | None) -> dict[str, int]:
        """Let what was set aside wait again, behind the rest; return how many of each bank."""
        counts: dict[str, int] = {}
        for one in await self.refused(bank):
            await self.append(one.bank, [one.outgoing])
            await self.drop([one])
            counts[one.bank] = counts.get(one.bank, 0) + 1
        return counts

    async def banks(self) -> list[str]:
        """Return the banks for which something waits."""
        return await self._banks("held")

    async def count(self, bank: str | None = None) -> tuple[int, Entry | None]:
        """Return how many events wait, for `bank` or for all, and the oldest of them."""
        total = 0
        oldest: Entry | None = None
        for name in [bank] if bank is not None else await self.banks():
            entries = [
                entry for entry in await self._storage.shelf.scan(_held(name)) if _read(entry).outgoing.item is not None
            ]
            total += len(entries)
            for entry in entries[:1]:
                oldest = entry if oldest is None or entry.created < oldest.created else oldest
        return total, oldest

    async def lease(self, bank: str) -> bool:
        """Make this process the one that sends for `bank`, or stay so; tell whether it is, for `LEASE_SECONDS`."""
        place: Place = (_ROOT, "senders"), bank
        (entry,) = await self._storage.shelf.get([place])
        if entry is not None and entry.value != self._owner:
            return False
        try:
            await self._storage.shelf.write(
                [
                    _expect(place, None if entry is None else entry.value),
                    Put(path=place[0], key=place[1], value=self._owner, lifetime=LEASE_SECONDS),
                ]
            )
        except ChangedError:
            return False
        return True

    async def release(self, bank: str) -> None:
        """Let another process send for `bank`."""
        place: Place = (_ROOT, "senders"), bank
        try:
            await self._storage.shelf.write([_expect(place, self._owner), _remove(place)])
        except ChangedError:
            return

    async def _banks(self, what: str) -> list[str]:
        return [path[2] for path in await self._storage.shelf.paths((_ROOT, what)) if len(path) == 3]


def key_of(outgoing: Outgoing) -> str:
    """Return the key of the item that this is of."""
    metadata: Mapping[str, Any] = (outgoing.item or {}).get("metadata") or {}
    return str(outgoing.trim or metadata.get("duramen:key"))


def _expect(place: Place, value: bytes | None) -> Expect:
    return Expect(path=place[0], key=place[1], value=value)


def _put(place: Place, value: bytes) -> Put:
    return Put(path=place[0], key=place[1], value=value)


def _remove(place: Place) -> Remove:
    return Remove(path=place[0], key=place[1])


def _held(bank: str) -> Path:
    return (_ROOT, "held", bank)


def _begun(bank: str) -> Place:
    return (_ROOT, "begun"), bank


def _aside(bank: str) -> Path:
    return (_ROOT, "aside", bank)


def _written(bank: str, number: int, outgoing: Outgoing) -> Held:
    operation = str(uuid.uuid4())
    value = json.dumps({**outgoing.to_json(), "operation": operation}).encode()
    return Held((_held(bank), f"{number:020d}"), value, outgoing, operation)


def _read(entry: Entry) -> Held:
    data = json.loads(entry.value)
    return Held(entry.place, entry.value, Outgoing.from_json(data), data["operation"])


def _refused(bank: str, entry: Entry) -> Aside:
    data = json.loads(entry.value)
    return Aside(bank, entry.place, Outgoing.from_json(data["sent"]), data["reason"], 1)
