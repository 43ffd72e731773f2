"""Archives: the documents of a bank, what else it was told, and how it is set up, as JSON lines in a ZIP file."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from duramen.curation.archive import Invalidated
from duramen.documents.reserved import context_of, is_timeless, plain
from duramen.documents.source import Document, Source
from duramen.engine import MemoryEngine
from duramen.errors import BadInputError
from duramen.server.hindsight.retaining import kept_metadata
from duramen.strategies.observation_scopes import SCOPES
from duramen.times import parse_time
from duramen.types import Event, Item

FORMAT = "duramen.archive"
VERSION = 1
MAX_BYTES = 500_000_000
"""Of an archive unpacked."""

_ABOUT, _DOCUMENTS, _EVENTS, _TEMPLATE = "archive.json", "documents.jsonl", "events.jsonl", "template.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What is moved from one bank to another.

    Attributes:
        documents: Each with id, text, tags, metadata, context, times, session and actor, and what of it is invalid.
        events: What was retained and is of no document, likewise.
        template: How the bank is set up; None to leave that alone.
    """

    bank: str
    documents: Sequence[Mapping[str, Any]] = ()
    events: Sequence[Mapping[str, Any]] = ()
    template: Mapping[str, Any] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


def packed(archive: Archive) -> bytes:
    """Return an archive as a file."""
    told = {
        "format": FORMAT,
        "version": VERSION,
        "bank": archive.bank,
        "documents": len(archive.documents),
        "events": len(archive.events),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr(_ABOUT, json.dumps({**archive.about, **told}, indent=2))
        written.writestr(_DOCUMENTS, _lines(archive.documents))
        written.writestr(_EVENTS, _lines(archive.events))
        if archive.template is not None:
            written.writestr(_TEMPLATE, json.dumps(archive.template, indent=2, ensure_ascii=False))
    return file.getvalue()


def unpacked(data: bytes) -> Archive:
    """Read an archive.

    Raises:
        BadInputError: It is none, is damaged, was written by a newer Duramen, or is too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if sum(info.file_size for info in file.infolist()) > MAX_BYTES:
                raise BadInputError(f"The archive has more than {MAX_BYTES:,} bytes unpacked. Export less at once.")
            about = json.loads(file.read(_ABOUT))
            if about.get("format") != FORMAT or about.get("version", 0) > VERSION:
                raise BadInputError(
                    f"The archive is of format {about.get('format')!r}, version {about.get('version')!r}; this Duramen "
                    f"reads {FORMAT!r} up to version {VERSION}."
                )
            names = set(file.namelist())
            return Archive(
                bank=str(about["bank"]),
                documents=list(_read(file, _DOCUMENTS, names)),
                events=list(_read(file, _EVENTS, names)),
                template=json.loads(file.read(_TEMPLATE)) if _TEMPLATE in names else None,
                about=about,
            )
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, AttributeError, EOFError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError("The file is no archive of Duramen, or is damaged.") from error


async def collected(
    memory: MemoryEngine, bank: str, *, ids: Sequence[str] | None = None, data: bool = True, config: bool = False
) -> Archive:
    """Return an archive of `bank`.

    Args:
        memory: Where it is.
        bank: Which.
        ids: Only these documents, and nothing else that was retained; None for all.
        data: With what was retained.
        config: With how it is set up, its mental models and its directives.
    """
    documents = [one async for one in _documents(memory, bank, ids)] if data else []
    events: list[Mapping[str, Any]] = []
    if data and ids is None:
        known = {one["id"] for one in documents}
        events = [told_of_event(one) for one in await _events(memory, bank) if one.document not in known]
    template = await memory.templates.export(bank) if config else None
    return Archive(bank=bank, documents=documents, events=events, template=template)


def source_of(document: Mapping[str, Any]) -> Source:
    """Return what makes a document of an archive again.

    Raises:
        BadInputError: It is no such document.
    """
    occurred = document.get("occurred")
    try:
        return Source(
            content=document["text"],
            document=document["id"],
            occurred=None if occurred is None else parse_time(occurred, BadInputError, "occurred"),
            timeless=bool(document.get("timeless")),
            context=document.get("context"),
            tags=document.get("tags", ()),
            metadata=kept_metadata(document.get("metadata"), document.get("observation_scopes")),
            entities=document.get("entities", ()),
            session=document.get("session"),
            actor=document.get("actor"),
        )
    except (KeyError, TypeError) as error:
        raise BadInputError("A document in the archive has no id or text. Nothing of it was retained.") from error


def invalid_in(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the texts of what is invalid in a document of an archive, each with the reason.

    Raises:
        BadInputError: That is not what it says.
    """
    try:
        return {str(one["text"]): str(one.get("reason") or "") for one in document.get("invalid") or ()}
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInputError("A document in the archive does not say what of it is invalid.") from error


def items_of(events: Iterable[Mapping[str, Any]]) -> Iterator[Item]:
    """Yield what makes the events of an archive again, each item with all of its messages.

    Raises:
        BadInputError: They are no such events.
    """
    by_key: dict[str, list[Mapping[str, Any]]] = {}
    try:
        for event in events:
            by_key.setdefault(event["key"], []).append(event)
        for key, said in by_key.items():
            first = said[0]
            yield Item(
                content=[_message(one) for one in sorted(said, key=lambda one: int(one["position"]))],
                key=key,
                occurred=parse_time(first["mentioned"], BadInputError, "mentioned"),
                actor=first.get("actor"),
                session=first.get("session"),
                tags=first.get("tags", ()),
                metadata=plain(first.get("metadata", {})),
                document=first.get("document"),
                entities=first.get("entities", ()),
            )
    except (KeyError, TypeError) as error:
        raise BadInputError("An event in the archive has no key, content or time.") from error


def told_of_event(event: Event) -> dict[str, Any]:
    """Return an event as an archive has it."""
    return {
        "key": event.key,
        "position": event.position,
        "content": event.content,
        "kind": event.kind,
        "actor": event.actor,
        "session": event.session,
        "speaker": event.speaker,
        "document": event.document,
        "mentioned": event.mentioned.isoformat(),
        "tags": list(event.tags),
        "metadata": plain(event.metadata),
        "entities": list(event.entities),
    }


def _message(event: Mapping[str, Any]) -> dict[str, Any]:
    role = "assistant" if event.get("kind") == "experience" else "user"
    message = {"role": role, "content": event["content"], "timestamp": event["mentioned"]}
    return {**message, "name": event["speaker"]} if event.get("speaker") else message


async def _documents(memory: MemoryEngine, bank: str, ids: Sequence[str] | None) -> Any:
    invalid = await memory.curation.invalidated(bank)
    if ids is not None:
        for id in ids:
            found = await memory.documents.get(bank, id)
            if found is not None:
                yield await _told_of_document(memory, bank, found, invalid)
        return
    offset = 0
    while True:
        page, total = await memory.documents.list(bank, limit=100, offset=offset)
        for one in page:
            yield await _told_of_document(memory, bank, one, invalid)
        offset += len(page)
        if not page or offset >= total:
            return


async def _told_of_document(
    memory: MemoryEngine, bank: str, document: Document, invalid: Iterable[Invalidated]
) -> dict[str, Any]:
    page = await memory.events(bank, document=document.id, limit=1)
    aside = [one for one in invalid if one.memory.document == document.id]
    # All of it may be invalid: then there is no event, and the memories that were say the same.
    event = page.items[0] if page.items else aside[0].memory if aside else None
    scopes = None if event is None else event.metadata.get(SCOPES)
    return {
        "id": document.id,
        "text": document.text,
        "tags": list(document.tags),
        "metadata": plain(document.metadata),
        "context": None if event is None else context_of(event.metadata),
        "timeless": event is not None and is_timeless(event.metadata),
        "occurred": None if event is None else event.mentioned.isoformat(),
        "session": None if event is None else event.session,
        "actor": None if event is None else event.actor,
        "entities": [] if event is None else list(event.entities),
        "observation_scopes": None if scopes is None else json.loads(scopes),
        "invalid": [{"text": one.memory.text, "reason": one.reason} for one in aside],
        "created": document.created.isoformat(),
        "updated": document.updated.isoformat(),
    }


async def _events(memory: MemoryEngine, bank: str) -> list[Event]:
    found: list[Event] = []
    cursor: str | None = None
    while True:
        page = await memory.events(bank, cursor=cursor, limit=1000)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _read(file: zipfile.ZipFile, name: str, names: set[str]) -> Iterator[dict[str, Any]]:
    for line in file.read(name).decode().split("\n") if name in names else ():
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise BadInputError(f"A line of {name} in the archive is no object.")
            yield row
