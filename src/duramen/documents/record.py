"""What is kept of a document on the shelf: a short record to list it by, and beside it its text and its chunks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, cast

from duramen.desk import place_of
from duramen.documents.reserved import CONTEXT, MADE, OCCURRED, plain
from duramen.documents.source import Chunk, Document
from duramen.naming import event_id
from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove
from duramen.times import from_microseconds, microseconds
from duramen.types import Event, Kind

Form = Literal["text", "lines", "json", "mixed"]
"""How a document is written: plain text, a conversation in lines or in JSON, or several of these."""

HISTORY = 100
"""So many changes of a document are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What belongs to all chunks of a source."""

    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    entities: tuple[str, ...] = ()
    actor: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A chunk as it is kept.

    Attributes:
        key: That of its event, which is the only one of it.
        text: What the document says there.
        start: Where that stands in the text of the document; None if it does not stand there as it is.
        role: Of a message; None for a piece of a text.
        made: How often memories of it were made anew, beside the first time.
        edits: What was corrected of it: `context`, `entities`, `occurred`.
        content: What its event says, where that is less than `text` because a memory of it is invalid.
        out: It has no event, because all of it is invalid.
    """

    key: str
    text: str
    start: int | None = None
    kind: Kind = "fact"
    role: str | None = None
    speaker: str | None = None
    mentioned: datetime
    occurred: datetime | None = None
    stored: datetime
    about: About
    made: int = 0
    edits: Mapping[str, Any] = field(default_factory=dict)
    content: str | None = None
    out: bool = False

    @property
    def id(self) -> str:
        """The id of the chunk, and of its event."""
        return event_id(self.key, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A document with its chunks.

    Attributes:
        revision: Counts its changes.
    """

    id: str
    bank: str
    text: str
    form: Form
    parts: tuple[Part, ...]
    tags: tuple[str, ...]
    metadata: Mapping[str, str]
    retained: Mapping[str, object]
    created: datetime
    updated: datetime
    revision: int = 0

    @property
    def digest(self) -> str:
        """What tells whether the text is the same."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def document(self) -> Document:
        """Return it as it is told."""
        return Document(
            id=self.id,
            bank=self.bank,
            text=self.text,
            digest=self.digest,
            chunks=tuple(part.id for part in self.parts),
            tags=self.tags,
            metadata=self.metadata,
            retained=self.retained,
            created=self.created,
            updated=self.updated,
        )

    def chunk(self, place: int) -> Chunk:
        """Return one of its chunks as it is told."""
        part = self.parts[place]
        return Chunk(
            id=part.id,
            document=self.id,
            bank=self.bank,
            place=place,
            text=part.text,
            created=part.stored,
            tags=part.about.tags,
            metadata=plain(part.about.metadata),
        )

    def event(self, part: Part) -> Event:
        """Return the event of one of its chunks."""
        own = {CONTEXT: part.edits.get("context"), OCCURRED: part.edits.get("occurred"), MADE: part.made or None}
        metadata = {**part.about.metadata, **{name: str(value) for name, value in own.items() if value is not None}}
        return Event(
            id=part.id,
            bank=self.bank,
            key=part.key,
            content=part.text if part.content is None else part.content,
            kind=part.kind,
            actor=part.about.actor,
            session=part.about.session,
            speaker=part.speaker,
            document=self.id,
            mentioned=part.mentioned,
            occurred=part.occurred,
            stored=part.stored,
            tags=part.about.tags,
            metadata=metadata,
            entities=tuple(part.edits.get("entities", part.about.entities)),
        )


def records_path(bank: str) -> Path:
    """Return where the records of a bank stand, each under the id of its document."""
    return place_of(bank, "documents")


def places(bank: str, document: str) -> list[Place]:
    """Return where record and text of a document stand."""
    return [(records_path(bank), document), (place_of(bank, "documents.text"), document)]


def history_path(bank: str, document: str) -> Path:
    """Return where the history of a document stands."""
    return (*place_of(bank, "documents.history"), document)


def expected(bank: str, document: str, entry: Entry | None) -> Expect:
    """Return what lets a write happen only if the record is still as it was read."""
    return Expect(path=records_path(bank), key=document, value=None if entry is None else entry.value)


def removal(bank: str, document: str) -> list[Change]:
    """Return what takes a document off the shelf, with its history."""
    removed: list[Change] = [Remove(path=path, key=key) for path, key in places(bank, document)]
    return [*removed, Remove(path=history_path(bank, document))]


def writing(record: Record, action: str) -> list[Change]:
    """Return what puts `record` on the shelf, as its next revision."""
    record = replace(record, revision=record.revision + 1)
    head, body = _written(record)
    history = history_path(record.bank, record.id)
    told = {
        "at": record.updated.isoformat(),
        "action": action,
        "digest": record.digest,
        "characters": len(record.text),
        "chunks": len(record.parts),
    }
    (head_place, body_place) = places(record.bank, record.id)
    return [
        Put(path=head_place[0], key=record.id, value=head),
        Put(path=body_place[0], key=record.id, value=body),
        Put(path=history, key=_revision(record.revision), value=_json(told)),
        Remove(path=history, key=_revision(record.revision - HISTORY)),
    ]


def head_of(entry: Entry) -> dict[str, Any]:
    """Read a record without its text: digest, chunks, tags, the first time mentioned and the rest."""
    return cast("dict[str, Any]", json.loads(entry.value))


def abouts_of(head: Mapping[str, Any]) -> list[About]:
    """Return what belongs to the chunks of its sources."""
    return [
        About(**{**about, "tags": tuple(about["tags"]), "entities": tuple(about["entities"])})
        for about in head["about"]
    ]


def record_of(bank: str, head_entry: Entry | None, body_entry: Entry | None) -> Record | None:
    """Read a record; None if there is none."""
    if head_entry is None or body_entry is None:
        return None
    head, body = head_of(head_entry), json.loads(body_entry.value)
    abouts = abouts_of(head)
    return Record(
        id=head_entry.key,
        bank=bank,
        text=body["text"],
        form=head["form"],
        parts=tuple(_part(one, body["text"], abouts) for one in body["parts"]),
        tags=tuple(head["tags"]),
        metadata=head["metadata"],
        retained=head["retained"],
        created=from_microseconds(head["created"]),
        updated=from_microseconds(head["updated"]),
        revision=head["revision"],
    )


def _written(record: Record) -> tuple[bytes, bytes]:
    abouts: list[About] = []
    numbers: list[int] = []
    for part in record.parts:  # of one source, mostly, or of few
        if not abouts or part.about != abouts[numbers[-1]]:
            numbers.append(abouts.index(part.about) if part.about in abouts else len(abouts))
            abouts += [part.about] if numbers[-1] == len(abouts) else []
        else:
            numbers.append(numbers[-1])
    head = {
        "revision": record.revision,
        "digest": record.digest,
        "form": record.form,
        "chunks": [part.id for part in record.parts],
        "tags": record.tags,
        "metadata": dict(record.metadata),
        "retained": dict(record.retained),
        "about": [_told(about) for about in abouts],
        "first": min((microseconds(part.mentioned) for part in record.parts), default=0),
        "created": microseconds(record.created),
        "updated": microseconds(record.updated),
    }
    parts = [_told_part(part, number) for part, number in zip(record.parts, numbers, strict=True)]
    return _json(head), _json({"text": record.text, "parts": parts})


def _told(about: About) -> dict[str, Any]:
    return {
        "tags": about.tags,
        "metadata": dict(about.metadata),
        "entities": about.entities,
        "actor": about.actor,
        "session": about.session,
    }


def _told_part(part: Part, about: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "key": part.key,
        "kind": part.kind,
        "role": part.role,
        "speaker": part.speaker,
        "mentioned": microseconds(part.mentioned),
        "occurred": None if part.occurred is None else microseconds(part.occurred),
        "stored": microseconds(part.stored),
        "about": about,
        "made": part.made,
        "edits": dict(part.edits),
        "content": part.content,
        "out": part.out,
    }
    if part.start is None:
        return {**told, "text": part.text}
    return {**told, "at": [part.start, part.start + len(part.text)]}


def _part(told: dict[str, Any], text: str, abouts: Sequence[About]) -> Part:
    start, end = told.get("at", (None, None))
    return Part(
        key=told["key"],
        text=told["text"] if start is None else text[start:end],
        start=start,
        kind=told["kind"],
        role=told["role"],
        speaker=told["speaker"],
        mentioned=from_microseconds(told["mentioned"]),
        occurred=None if told["occurred"] is None else from_microseconds(told["occurred"]),
        stored=from_microseconds(told["stored"]),
        about=abouts[told["about"]],
        made=told["made"],
        edits=told["edits"],
        content=told["content"],
        out=told["out"],
    )


def _revision(number: int) -> str:
    return f"{max(number, 0):012d}"


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
