"""What imports from other memories have in common: what they tell, how they go on, and how they find what is here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duramen.documents.source import Chunk
from duramen.engine import MemoryEngine
from duramen.moving.importing import IMPORTS
from duramen.naming import digest
from duramen.profiles.config import KNOWN
from duramen.shelf import Path, Put, Remove

_OF_PROFILE = frozenset({"name", "mission", "background"})
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was taken in from another memory, or would be.

    Attributes:
        banks: By the name that a bank has here, how many of each thing.
        notes: What was left out or changed, and why.
    """

    banks: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()


class Marks:
    """Which documents of one bank of one source are here already, while an import of them has not ended."""

    def __init__(self, memory: MemoryEngine, source: str, bank: str) -> None:
        self._shelf = memory.shelf
        self._path: Path = (*IMPORTS, digest(source, bank))

    async def has(self, document: str, mark: str) -> bool:
        """Tell whether a document is here as it is now."""
        (entry,) = await self._shelf.get([(self._path, document)])
        return entry is not None and entry.value == mark.encode()

    def put(self, document: str, mark: str) -> Put:
        """Return what marks a document, to be written with it."""
        return Put(path=self._path, key=document, value=mark.encode())

    async def clear(self) -> None:
        """Forget all marks: the import has ended."""
        await self._shelf.write([Remove(path=self._path)])


def made_from(chunks: Sequence[Chunk], said: str) -> list[str]:
    """Return the ids of those of `chunks` whose words are in `said`, or the other way round; of all if there are none."""
    found = [
        chunk.id for chunk in chunks if said and (chunk.text in said or said in chunk.text or _quoted(chunk.text, said))
    ]
    return found or [chunk.id for chunk in chunks]


async def invalidated(memory: MemoryEngine, bank: str, document: str, text: str, reason: str) -> int:
    """Let the memories of a document whose words are in `text` be invalid; return how many that are."""
    await memory.flush(bank)
    count, cursor = 0, None
    while True:
        page = await memory.memories(bank, document=document, strategy="", cursor=cursor, limit=_AT_ONCE)
        for one in page.items:
            if one.text in text or _quoted(one.text, text):
                await memory.curation.invalidate(bank, one.id, reason=reason)
                count += 1
        cursor = page.next
        if cursor is None:
            return count


def settings_of(manifest: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a template without what is not known here, and what that is."""
    bank = {name: value for name, value in (manifest.get("bank") or {}).items() if value is not None}
    known = {name: value for name, value in bank.items() if name in KNOWN or name in _OF_PROFILE}
    notes = [f"the setting {name!r} is not known here, and was left out" for name in sorted(set(bank) - set(known))]
    rest = {name: manifest[name] for name in ("mental_models", "directives") if manifest.get(name)}
    return {"version": "1", "bank": known, **rest}, notes


def _quoted(text: str, said: str) -> bool:
    """Tell whether a text stands in JSON."""
    return json.dumps(text)[1:-1] in said or json.dumps(text, ensure_ascii=False)[1:-1] in said
