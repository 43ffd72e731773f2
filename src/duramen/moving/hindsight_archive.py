"""Archives of documents as Hindsight's servers export and import them: a ZIP file with a JSON file for each document.

`manifest.json` says what is in it; `documents/000000.json` and so on each have a document with its chunks and the facts
that were made of it; `observations.json` has what was made of several.
"""

from __future__ import annotations

import asyncio
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from duramen.engine import MemoryEngine
from duramen.errors import BadFileError
from duramen.following import Progress
from duramen.identity import bank_name
from duramen.moving.extracted import Extracted, Fact
from duramen.moving.reaching import desk_of
from duramen.moving.shapes import entities_in, metadata_in, moment_in, occurred_in, source_of, texts_in
from duramen.moving.taking import Taken, made_from
from duramen.naming import digest
from duramen.times import utc_now
from duramen.turns.source import AnyMemory, engine_of

VERSION = 1
MANIFEST, OBSERVATIONS, DOCUMENTS = "manifest.json", "observations.json", "documents/"

_LARGEST = 2**28  # bytes of one file in it
_CHUNKS = 100_000


async def import_archive(
    memory: AnyMemory,
    path: str | PathLike[str],
    *,
    bank: str | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take in an archive of documents of Hindsight: what `import_hindsight` takes in of them. Again, it is the same.

    Args:
        memory: Where to.
        path: The file.
        bank: Where to; the bank that it is from if None.
        progress: Called with how many documents are done, and how many there are.

    Raises:
        BadFileError: It is no such archive, or is damaged, or of another version. Documents before are kept.
    """
    name = fspath(path)
    try:
        with _opened(name) as file:
            manifest = _read(file, MANIFEST)
            if not isinstance(manifest, dict) or manifest.get("schema_version") != VERSION:
                raise BadFileError(name, f"this is no archive of Hindsight of version {VERSION}. Nothing was changed.")
            taker = _Taker(memory, bank_name(bank or str(manifest.get("source_bank_id") or "")), progress)
            return await taker.run(file)
    except OSError as error:
        raise BadFileError(name, f"the file cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(name, f"the archive is damaged, or is none ({type(error).__name__}: {error}).") from error


class _Taker:
    def __init__(self, memory: AnyMemory, bank: str, progress: Progress | None) -> None:
        self._memory: MemoryEngine = engine_of(memory)
        self._facts = Extracted(desk_of(memory))
        self._bank = bank
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._notes: list[str] = []
        self._made_of: dict[tuple[str, int], list[str]] = {}

    async def run(self, file: zipfile.ZipFile) -> Taken:
        names = sorted(name for name in file.namelist() if name.startswith(DOCUMENTS) and name.endswith(".json"))
        for done, name in enumerate(names, 1):
            await self._document(await asyncio.to_thread(_read, file, name))
            if self._progress is not None:
                self._progress(done, len(names))
        if OBSERVATIONS in file.namelist():
            for row in await asyncio.to_thread(_read, file, OBSERVATIONS):
                await self._observation(row)
        for name in ("mental_models.json", "knowledge_pages.json"):
            if name in file.namelist():
                self._notes.append(f"{name} was left out: take in the bank from its server, with how it is set up")
        counts = {what: count for what, count in self._counts.items() if count}
        return Taken(banks={self._bank: counts}, notes=tuple(self._notes))

    async def _document(self, row: Mapping[str, Any]) -> None:
        chunks = {int(one["chunk_index"]): str(one["chunk_text"]) for one in row.get("chunks") or ()}
        text = row.get("original_text") or "\n\n".join(text for _, text in sorted(chunks.items()))
        if not text.strip():
            self._notes.append(f"the document {row['id']!r} has no text, and was left out")
            return
        source = source_of({**row, "original_text": text})
        await self._memory.documents.retain(self._bank, [source])
        self._counts["documents"] += 1
        pieces, _ = await self._memory.documents.chunks(self._bank, str(row["id"]), limit=_CHUNKS)
        own, facts = {text.strip() for text in chunks.values()}, list[Fact]()
        for place, fact in enumerate(row.get("facts") or ()):
            said = chunks.get(fact.get("chunk_index"), "")
            self._made_of[str(row["id"]), place] = sources = made_from(pieces, said)
            if fact["text"].strip() not in own and fact["text"].strip() not in text:
                facts.append(_fact(fact, digest(str(row["id"]), str(place)), sources, str(row["id"])))
        self._counts["memories"] += await self._facts.keep(self._bank, facts)

    async def _observation(self, row: Mapping[str, Any]) -> None:
        named = [(str(one["document_id"]), int(one["fact_index"])) for one in row.get("sources") or ()]
        sources = list(dict.fromkeys(event for one in named for event in self._made_of.get(one, ())))
        if not sources:
            self._notes.append("an observation without sources was left out")
            return
        fact = _fact({**row, "fact_type": "observation"}, digest("observation", str(row["text"])), sources, None)
        self._counts["observations"] += await self._facts.keep(self._bank, [fact])


def _fact(row: Mapping[str, Any], id: str, sources: list[str], document: str | None) -> Fact:
    created = moment_in(row.get("created_at")) or utc_now()
    return Fact(
        id=str(row.get("source_id") or id),
        text=str(row["text"]),
        type=str(row.get("fact_type") or "world"),
        sources=sources,
        mentioned=moment_in(row.get("mentioned_at")) or moment_in(row.get("event_date")) or created,
        created=created,
        occurred=occurred_in(row),
        document=document,
        context=str(row.get("context") or ""),
        tags=texts_in(row.get("tags")),
        entities=entities_in(row.get("entities")),
        metadata=metadata_in(row.get("metadata")),
        details={"evidence": row["proof_count"]} if "proof_count" in row else {},
    )


def _opened(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(Path(path).expanduser())


def _read(file: zipfile.ZipFile, name: str) -> Any:
    if file.getinfo(name).file_size > _LARGEST:
        raise ValueError(f"{name} has more than {_LARGEST >> 20} MB")
    return json.loads(file.read(name))
