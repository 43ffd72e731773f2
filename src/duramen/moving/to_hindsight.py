"""Writing a bank as an archive of documents that Hindsight's servers import; see `hindsight_archive`."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any

from duramen.client.names import document_of
from duramen.documents.reserved import context_of, is_timeless, plain
from duramen.documents.source import Document
from duramen.engine import MemoryEngine
from duramen.errors import NotFoundError
from duramen.following import Progress
from duramen.identity import Bank, bank_name
from duramen.moving.files import written_whole
from duramen.moving.hindsight_archive import DOCUMENTS, MANIFEST, OBSERVATIONS, VERSION
from duramen.naming import event_id
from duramen.times import utc_now
from duramen.turns.source import AnyMemory, engine_of
from duramen.types import Interval, Kind, Memory

_PAGE = 500
_MOST_MESSAGES = 1000  # of an item, among which an event is looked for
_WORLD: frozenset[Kind] = frozenset({"fact", "experience"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """How much was written, and what could not be."""

    bank: str
    documents: int
    facts: int
    observations: int
    notes: tuple[str, ...] = ()


async def export_to_hindsight(
    memory: AnyMemory, bank: Bank, to: str | PathLike[str], *, progress: Progress | None = None
) -> Archived:
    """Write a bank as an archive that a server of Hindsight takes in (`POST …/document-transfer`).

    Documents come with their text, times, tags and metadata; what was retained word for word in no document comes as a
    document of each item, as clients of ours name it there. What is kept word for word becomes the facts of its chunks, and
    so do facts that strategies made of one document. All else that strategies made, and that holds, becomes observations.
    How the bank is set up does not come along, nor what is invalid, superseded, in sessions or in a history.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` returned.
        bank: Which.
        to: A path, such as `ada.zip`. There is a file only when all is written.
        progress: Called with how many documents are written, and how many there are at least.

    Raises:
        NotFoundError: Nothing was retained in a bank of that name.
        StoreUnavailableError: The file cannot be written.
    """
    engine, name = engine_of(memory), bank_name(bank)
    if await engine.version(name) is None:
        raise NotFoundError(f"There is no bank {name!r} in which anything was retained.")
    await engine.flush(name)
    with (
        written_whole(fspath(to)) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        return await _Writer(engine, name, archive, progress).run()


@dataclass(slots=True)
class _Written:
    documents: int = 0
    facts: int = 0
    observations: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0


class _Writer:
    def __init__(self, memory: MemoryEngine, bank: str, archive: zipfile.ZipFile, progress: Progress | None) -> None:
        self._memory = memory
        self._bank = bank
        self._archive = archive
        self._progress = progress
        self._written = _Written()
        self._facts_of: dict[str, tuple[str, int]] = {}
        self._told: set[str] = set()

    async def run(self) -> Archived:
        whole = await self._whole()
        await self._loose(whole)
        await self._observed()
        done = self._written
        if done.observations:
            await self._put(OBSERVATIONS, done.observations)
        await self._put(
            MANIFEST,
            {
                "schema_version": VERSION,
                "source_bank_id": self._bank,
                "exported_at": utc_now().isoformat(),
                "document_count": done.documents,
                "fact_count": done.facts,
                "observation_count": len(done.observations),
                "archive_type": "documents",
            },
        )
        notes = [f"{done.left_out} memories that strategies made rest on nothing that is left, and were left out"]
        return Archived(
            bank=self._bank,
            documents=done.documents,
            facts=done.facts,
            observations=len(done.observations),
            notes=tuple(notes if done.left_out else ()),
        )

    async def _whole(self) -> set[str]:
        """Write the documents that were given whole; return their ids."""
        known: set[str] = set()
        while True:
            page, total = await self._memory.documents.list(self._bank, limit=100, offset=len(known))
            for document in page:
                known.add(document.id)
                await self._document(document)
                if self._progress is not None:
                    self._progress(len(known), total)
            if not page or len(known) >= total:
                return known

    async def _document(self, document: Document) -> None:
        pieces, _ = await self._memory.documents.chunks(self._bank, document.id, limit=1_000_000)
        places = {piece.id: piece.place for piece in pieces}
        memories = [one async for one in self._memories(document=document.id) if _holds(one)]
        facts = [one for one in memories if one.strategy is None or (one.kind in _WORLD and one.event in places)]
        retained = document.retained
        params = {
            "event_date": None
            if retained.get("timeless")
            else retained.get("occurred") or document.created.isoformat(),
            "context": retained.get("context"),
            "metadata": plain(document.metadata),
        }
        await self._write(
            {
                "id": document.id,
                "original_text": document.text,
                "retain_params": {name: value for name, value in params.items() if value or name == "event_date"},
                "tags": list(document.tags),
                "created_at": document.created.isoformat(),
                "chunks": [{"chunk_index": piece.place, "chunk_text": piece.text} for piece in pieces],
            },
            facts,
            places,
        )

    async def _loose(self, whole: set[str]) -> None:
        """Write what is of no document as documents, one for each event."""
        held: list[Memory] = []
        async for one in self._memories(strategy=""):
            if held and held[0].event != one.event:
                await self._event(held)
                held = []
            if one.document not in whole:
                held.append(one)
        if held:
            await self._event(held)

    async def _event(self, memories: Sequence[Memory]) -> None:
        first = memories[0]
        text = "\n\n".join(one.text for one in memories)
        await self._write(
            {
                "id": _name_of(first),
                "original_text": text,
                "retain_params": {
                    "event_date": None if is_timeless(first.metadata) else first.mentioned.isoformat(),
                    "metadata": plain(first.metadata),
                },
                "tags": list(first.tags),
                "created_at": first.stored.isoformat(),
                "chunks": [{"chunk_index": 0, "chunk_text": text}],
            },
            memories,
            {first.event: 0},
        )

    async def _write(self, document: dict[str, Any], facts: Sequence[Memory], places: dict[str, int]) -> None:
        told = [_fact(one, places.get(one.event, 0)) for one in facts]
        self._told.update(one.id for one in facts if one.strategy is not None)
        for place, one in enumerate(facts):
            self._facts_of.setdefault(one.event, (document["id"], place))
        await self._put(f"{DOCUMENTS}{self._written.documents:06d}.json", {**document, "facts": told})
        self._written.documents += 1
        self._written.facts += len(told)

    async def _observed(self) -> None:
        """Gather what strategies made that is no fact of one document."""
        async for one in self._memories(namespace="/"):
            if not _holds(one) or one.id in self._told:
                continue
            sources = [self._facts_of[event] for event in one.sources if event in self._facts_of]
            if not sources:
                self._written.left_out += 1
                continue
            self._written.observations.append(
                {
                    **_times(one.occurred),
                    "text": one.text,
                    "source_id": one.id,
                    "created_at": one.stored.isoformat(),
                    "mentioned_at": one.mentioned.isoformat(),
                    "tags": list(one.tags),
                    "proof_count": max(1, len(one.sources)),
                    "sources": [
                        {"document_id": document, "fact_index": place} for document, place in dict.fromkeys(sources)
                    ],
                }
            )

    async def _memories(self, **conditions: Any) -> AsyncIterator[Memory]:
        cursor: str | None = None
        while True:
            page = await self._memory.memories(self._bank, **conditions, cursor=cursor, limit=_PAGE)
            for one in page.items:
                yield one
            cursor = page.next
            if cursor is None:
                return

    async def _put(self, name: str, value: object) -> None:
        data = json.dumps(value, ensure_ascii=False).encode(errors="replace")
        await asyncio.to_thread(self._archive.writestr, name, data)


def _name_of(memory: Memory) -> str:
    """Return the id of the document that the event of a memory becomes: by the key of its item, and where it stands there."""
    places = (place for place in range(_MOST_MESSAGES) if event_id(memory.key, place) == memory.event)
    place = next(places, None)
    return memory.event if place is None else document_of(memory.key, place)


def _holds(memory: Memory) -> bool:
    return memory.strategy is None or memory.superseded is None


def _fact(memory: Memory, chunk: int) -> dict[str, Any]:
    return {
        **_times(memory.occurred),
        "text": memory.text,
        "source_id": memory.id,
        "fact_type": "experience" if memory.kind == "experience" else "world",
        "context": context_of(memory.metadata) or "",
        "mentioned_at": None if is_timeless(memory.metadata) else memory.mentioned.isoformat(),
        "event_date": memory.mentioned.isoformat(),
        "metadata": plain(memory.metadata),
        "tags": list(memory.tags),
        "chunk_index": chunk,
        "entities": list(memory.entities),
        "created_at": memory.stored.isoformat(),
    }


def _times(occurred: Interval | None) -> dict[str, Any]:
    return {
        "occurred_start": None if occurred is None else occurred.start.isoformat(),
        "occurred_end": None if occurred is None else occurred.end.isoformat(),
    }
