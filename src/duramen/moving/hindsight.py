"""From a server that speaks Hindsight's API: its banks with their documents, what was made of these, and how they are set up."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from duramen.client.names import segment
from duramen.client.transport import Reach, Transport
from duramen.documents.source import Source
from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, ConflictError, NotFoundError, StoreUnavailableError
from duramen.following import Progress
from duramen.identity import bank_name
from duramen.moving.extracted import Extracted, Fact
from duramen.moving.reaching import desk_of
from duramen.moving.shapes import entities_in, metadata_in, moment_in, occurred_in, source_of, texts_in
from duramen.moving.taking import Marks, Taken, invalidated, made_from, settings_of
from duramen.times import utc_now
from duramen.turns.source import AnyMemory, engine_of
from duramen.types import Item

_PAGE = 100
_CHUNKS = 1000
"""So many chunks of the server are remembered."""


async def import_hindsight(
    memory: AnyMemory,
    url: str,
    *,
    banks: Sequence[str] | None = None,
    rename: Mapping[str, str] | None = None,
    reach: Reach | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take in banks of a server that speaks Hindsight's API. Nothing is changed there.

    Of each bank come its documents, with their text, ids, times, tags, metadata and context; what the server's language
    model made of them, as memories of a strategy `hindsight` that can be undone and go with what they were made from;
    which memories are invalid; and how the bank is set up: name, mission, disposition, configuration, directives and
    mental models, whose answers are worked out anew here. Configuration that is not known here is left out, and told.

    Broken off, it goes on behind the documents that it had. Done again, what is there already is one with it.

    Args:
        memory: Where to.
        url: Of the server.
        banks: Which banks; all if None.
        rename: Other names for banks, by those they have there.
        reach: How the server is reached, with its key.
        progress: Called with how many documents are done, and how many there are.

    Raises:
        NotFoundError: The server has no such bank.
        AccessError: The key may not read that.
        StoreUnavailableError: The server, or the store here, cannot be reached; what was taken in before is kept.
        AddressError: The URL is none.
    """
    transport = Transport(url, reach or Reach())
    try:
        taker = _Taker(memory, transport, rename or {}, progress)
        return await taker.run(banks)
    finally:
        await transport.aclose()


@dataclass(slots=True)
class _Bank:
    """What is known of a bank on its way."""

    there: str
    here: str
    marks: Marks
    counts: Counter[str] = field(default_factory=Counter)
    chunks: OrderedDict[str, str] = field(default_factory=OrderedDict)


class _Taker:
    def __init__(
        self, memory: AnyMemory, transport: Transport, rename: Mapping[str, str], progress: Progress | None
    ) -> None:
        self._memory: MemoryEngine = engine_of(memory)
        self._facts = Extracted(desk_of(memory))
        self._transport = transport
        self._rename = rename
        self._progress = progress
        self._done = 0
        self._total = 0
        self._notes: list[str] = []

    async def run(self, banks: Sequence[str] | None) -> Taken:
        there = {str(one["bank_id"]): one async for one in self._paged("/banks", "banks")}
        names = sorted(there) if banks is None else list(dict.fromkeys(banks))
        for name in names:
            if name not in there:
                raise NotFoundError(f"The server {self._transport.host} has no bank {name!r}. Nothing was taken in.")
        for name in names:
            first = await self._ask(f"/banks/{segment(name)}/documents", limit=1, offset=0)
            self._total += int(first.get("total") or 0)
        taken: dict[str, Mapping[str, int]] = {}
        for name in names:
            here = bank_name(self._rename.get(name, name))
            bank = _Bank(name, here, Marks(self._memory, f"{self._transport.host}/{name}", here))
            await self._documents(bank)
            await self._memories(bank)
            await self._observations(bank)
            await self._invalid(bank)
            await self._set_up(bank, there[name])
            await bank.marks.clear()
            taken[here] = {what: count for what, count in bank.counts.items() if count}
        return Taken(banks=taken, notes=tuple(self._notes))

    async def _documents(self, bank: _Bank) -> None:
        async for row in self._paged(f"{_base(bank)}/documents", "items", time_field="created_at"):
            mark = str(row.get("content_hash") or row.get("updated_at") or "")
            if not await bank.marks.has(row["id"], mark):
                document = await self._ask(f"{_base(bank)}/documents/{segment(row['id'])}")
                source = await self._source(bank, document)
                if source is None:
                    self._notes.append(f"{bank.there}: the document {row['id']!r} has no text, and was left out")
                    continue
                await self._memory.documents.retain(bank.here, [source], shelved=[bank.marks.put(row["id"], mark)])
                bank.counts["documents"] += 1
            else:
                bank.counts["documents before"] += 1
            self._tell()

    async def _source(self, bank: _Bank, document: Mapping[str, Any]) -> Source | None:
        text = document.get("original_text")
        if not text:
            path = f"{_base(bank)}/documents/{segment(document['id'])}/chunks"
            pieces = [one async for one in self._paged(path, "items")]
            text = "\n\n".join(str(one["chunk_text"]) for one in sorted(pieces, key=lambda one: one["chunk_index"]))
        return source_of({**document, "original_text": text}) if text.strip() else None

    async def _memories(self, bank: _Bank) -> None:
        """Take in what was made of documents, and what is of none."""
        held: list[Fact] = []
        async for row in self._paged(f"{_base(bank)}/memories/list", "items"):
            kind = row.get("fact_type")
            if kind == "observation":
                continue
            if row.get("document_id") is None:
                await self._alone(bank, row)
            elif (fact := await self._fact(bank, row)) is not None:
                held.append(fact)
            if len(held) >= _PAGE:
                bank.counts["memories"] += await self._facts.keep(bank.here, held)
                held = []
        bank.counts["memories"] += await self._facts.keep(bank.here, held)

    async def _alone(self, bank: _Bank, row: Mapping[str, Any]) -> None:
        """Retain a memory that is of no document."""
        role = "assistant" if row.get("fact_type") == "experience" else "user"
        when = moment_in(row.get("mentioned_at")) or moment_in(row.get("date"))
        message = {"role": role, "content": row["text"]}
        item = Item(
            content=[message] if role == "assistant" else row["text"],
            key=f"hindsight:{row['id']}",
            occurred=when,
            tags=texts_in(row.get("tags")),
            metadata=metadata_in(row.get("metadata")),
            entities=entities_in(row.get("entities")),
        )
        await self._memory.retain(bank.here, [item])
        bank.counts["memories"] += 1

    async def _fact(self, bank: _Bank, row: Mapping[str, Any]) -> Fact | None:
        """Return what was made of a document; None for its own text."""
        document = await self._memory.documents.get(bank.here, str(row["document_id"]))
        text = str(row["text"]).strip()
        if document is None or text in document.text:
            return None
        said = await self._chunk(bank, row.get("chunk_id"))
        if text == said.strip():
            return None
        pieces, _ = await self._memory.documents.chunks(bank.here, document.id, limit=_CHUNKS)
        sources = made_from(pieces, said)
        return _fact_of(row, sources, document.created) if sources else None

    async def _chunk(self, bank: _Bank, chunk: object) -> str:
        if not isinstance(chunk, str):
            return ""
        if chunk not in bank.chunks:
            try:
                found = await self._ask(f"/chunks/{segment(chunk)}")
            except NotFoundError:
                found = {}
            bank.chunks[chunk] = str(found.get("chunk_text") or "")
            if len(bank.chunks) > _CHUNKS:
                bank.chunks.popitem(last=False)
        return bank.chunks[chunk]

    async def _observations(self, bank: _Bank) -> None:
        async for row in self._paged(f"{_base(bank)}/memories/list", "items", type="observation"):
            ids = row.get("source_memory_ids") or (await self._memory_there(bank, row["id"])).get("source_memory_ids")
            sources = await self._observed(bank, [str(one) for one in ids or ()])
            if not sources:
                self._notes.append(f"{bank.there}: an observation without sources was left out ({row['id']})")
                continue
            fact = _fact_of(row, sources, moment_in(row.get("updated_at")))
            count = await self._facts.keep(bank.here, [replace(fact, details={"evidence": row.get("proof_count", 1)})])
            bank.counts["observations"] += count

    async def _observed(self, bank: _Bank, ids: Sequence[str]) -> list[str]:
        """Return the events of the memories of these ids: of those kept here, and of those that are text of documents."""
        known = await self._facts.sources(bank.here, ids)
        found = [event for events in known.values() for event in events]
        for id in ids:
            if id not in known:
                found += await self._chunks_of(bank, id)
        return list(dict.fromkeys(found))

    async def _chunks_of(self, bank: _Bank, id: str) -> Sequence[str]:
        row = await self._memory_there(bank, id)
        try:
            pieces, _ = await self._memory.documents.chunks(bank.here, str(row.get("document_id")), limit=_CHUNKS)
        except NotFoundError:
            return []
        return made_from(pieces, str(row["text"]))

    async def _memory_there(self, bank: _Bank, id: object) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = await self._ask(f"{_base(bank)}/memories/{segment(str(id))}")
        except NotFoundError:
            return {}
        return found

    async def _invalid(self, bank: _Bank) -> None:
        """Let what is invalid there be invalid here."""
        async for row in self._paged(f"{_base(bank)}/memories/list", "items", state="invalidated"):
            document, text = row.get("document_id"), str(row["text"])
            reason = str(row.get("invalidation_reason") or "")
            if document is not None:
                bank.counts["invalidated"] += await invalidated(self._memory, bank.here, str(document), text, reason)

    async def _set_up(self, bank: _Bank, row: Mapping[str, Any]) -> None:
        manifest, notes = settings_of(await self._ask(f"{_base(bank)}/export"))
        self._notes += [f"{bank.there}: {note}" for note in notes]
        try:
            done = await self._memory.templates.apply(bank.here, manifest)
        except (BadInputError, ConflictError) as error:
            self._notes.append(f"{bank.there}: how it is set up was not taken over: {error}")
        else:
            for what in ("directives", "mental_models"):
                bank.counts[what.replace("_", " ")] = len(done[f"{what}_created"]) + len(done[f"{what}_updated"])
        if row.get("name"):
            await self._memory.profiles.save(bank.here, name=str(row["name"]))

    async def _paged(self, path: str, name: str, **asked: Any) -> AsyncIterator[dict[str, Any]]:
        offset = 0
        while True:
            page = await self._ask(path, **asked, limit=_PAGE, offset=offset)
            rows = page.get(name) if isinstance(page, Mapping) else None
            if not isinstance(rows, list):
                raise StoreUnavailableError(f"The server {self._transport.host} answered {path} with something else.")
            for row in rows:
                yield row
            offset += len(rows)
            if not rows or offset >= int(page.get("total") or 0):
                return

    async def _ask(self, path: str, **asked: Any) -> Any:
        return await self._transport.ask("GET", f"/v1/default{path}", params=asked or None)

    def _tell(self) -> None:
        self._done += 1
        self._total = max(self._total, self._done)
        if self._progress is not None:
            self._progress(self._done, self._total)


def _base(bank: _Bank) -> str:
    return f"/banks/{segment(bank.there)}"


def _fact_of(row: Mapping[str, Any], sources: Sequence[str], created: datetime | None) -> Fact:
    changed = moment_in(row.get("updated_at")) or created or utc_now()
    return Fact(
        id=str(row["id"]),
        text=str(row["text"]),
        type=str(row.get("fact_type") or "world"),
        sources=sources,
        mentioned=moment_in(row.get("mentioned_at")) or moment_in(row.get("date")) or created or changed,
        created=changed,
        occurred=occurred_in(row),
        document=row.get("document_id"),
        context=str(row.get("context") or ""),
        tags=texts_in(row.get("tags")),
        entities=entities_in(row.get("entities")),
        metadata=metadata_in(row.get("metadata")),
    )
