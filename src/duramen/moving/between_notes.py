"""What stands at a target of each bank that was moved there: where it came from, and what it was like then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.copying import CopyingStorage
from duramen.moving.between_parts import MOVES
from duramen.shelf import Change, Expect, Path, Put, Remove

_KEY = "from"
_MODULUS = 2**128


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Where a bank came from, or what stands beside the banks.

    Attributes:
        bank: Its name; None for what stands beside the banks.
        source: Names the store that it came from.
        origin: The number of the bank there, and when it was made, by which it is told from another of the same name;
            None if nothing was retained in it.
        guard: The sum of the digests of all its pieces here. Another sum says that it was changed here since.
        raw: As it stands; None if it does not yet.
    """

    bank: str | None
    source: str
    origin: tuple[int, int] | None = None
    guard: int = 0
    raw: bytes | None = None

    @property
    def path(self) -> Path:
        """Where it stands."""
        return (MOVES,) if self.bank is None else (MOVES, self.bank)

    def at(self, guard: int) -> Note:
        """Return the note with another sum."""
        return replace(self, guard=guard % _MODULUS)

    def written(self) -> tuple[Note, Sequence[Change]]:
        """Return the note as it then stands, and what puts it there unless somebody else moved something meanwhile."""
        value = {"source": self.source, "origin": self.origin, "guard": f"{self.guard:x}"}
        raw = json.dumps(value).encode()
        expected = Expect(path=self.path, key=_KEY, value=self.raw)
        return replace(self, raw=raw), [expected, Put(path=self.path, key=_KEY, value=raw)]

    def removed(self) -> Sequence[Change]:
        """Return what takes the note away."""
        return [Remove(path=self.path, key=_KEY)]


async def note_of(target: CopyingStorage, bank: str | None) -> Note | None:
    """Return the note of a bank, or of what stands beside the banks; None if it did not come from elsewhere."""
    path = (MOVES,) if bank is None else (MOVES, bank)
    (entry,) = await target.shelf.get([(path, _KEY)])
    if entry is None:
        return None
    told = json.loads(entry.value)
    origin = None if told["origin"] is None else (told["origin"][0], told["origin"][1])
    return Note(bank=bank, source=told["source"], origin=origin, guard=int(told["guard"], 16), raw=entry.value)


async def banks_from(target: CopyingStorage, source: str) -> list[str]:
    """Return the banks that came from a store."""
    entries = await target.shelf.scan((MOVES,), below=True)
    return [entry.path[1] for entry in entries if len(entry.path) > 1 and json.loads(entry.value)["source"] == source]
