"""From a source to the pieces that it is kept in: checked, cleaned, and cut."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from duramen.block import strip
from duramen.documents.chunking import spans
from duramen.documents.record import About, Form
from duramen.documents.reserved import PREFIX, may_reserve, with_reserved
from duramen.documents.source import Mode, Source
from duramen.errors import BadContentError
from duramen.naming import digest
from duramen.retain.items import given
from duramen.said import text_of
from duramen.times import later, parse_time, utc_now
from duramen.types import Event, Item, Kind, Message

MAX_ID = 1000
"""The longest id of a document, in characters."""

MAX_MESSAGES = 10_000
"""Of one source: each is a chunk of its own."""

TICK = timedelta(microseconds=1)
"""Chunks given together keep their order by it."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ROLES: Mapping[str, str] = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "system": "system",
}
_LABEL = re.compile(r"^[^\S\n]*(user|human|assistant|ai|system)[^\S\n]*:[^\S\n]*", re.IGNORECASE | re.MULTILINE)
_OTHER_LABEL = re.compile(r"^[^\S\n]*([A-Z][\w'-]{0,30}(?: [A-Z][\w'-]{0,30})?):(?=[^\S\n])", re.MULTILINE)
_RECALLED = "<recalled-memory"


class HasText(Protocol):
    """Something said."""

    @property
    def content(self) -> str:
        """The words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What becomes one chunk.

    Attributes:
        role: Of a message; None for a piece of a text. `speaker` is who says it in its memories.
        start: Where in the text of its document it stands; None if it does not stand there as it is.
        occurred: None if nothing says when.
    """

    text: str
    kind: Kind
    role: str | None
    speaker: str | None
    start: int | None
    mentioned: datetime
    occurred: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A source, read.

    Attributes:
        about: What belongs to all its pieces.
        retained: What was given, of what JSON can hold.
    """

    document: str
    mode: Mode
    text: str
    form: Form
    pieces: tuple[Piece, ...]
    about: About
    retained: Mapping[str, object]


def read(bank: str, source: Source, *, now: datetime, characters: int) -> Reading:
    """Read a source that is given at `now`.

    Raises:
        BadContentError: It cannot be kept as it is.
        BadInputError: `characters` is no size of a chunk.
    """
    content: object = source.content
    if not isinstance(content, str) or not content.strip():
        raise BadContentError(
            f"The content of a source is {_shown(source.content)}. Give text, one that is not blank. Nothing was retained."
        )
    if source.mode not in ("replace", "append"):
        raise BadContentError(f"`mode` is {source.mode!r}. Give 'replace' or 'append'. Nothing was retained.")
    text = cleaned(content)
    messages, form = messages_in(text)
    if len(messages) > MAX_MESSAGES:
        raise BadContentError(
            f"The source is a conversation of {len(messages):,} messages; one may have {MAX_MESSAGES:,}. Append the rest to "
            f"the document in parts. Nothing was retained."
        )
    if form != "json":
        text = strip(text)
    events = given(bank, [_item(source, messages or text)], now=now).events
    roles = [str(message["role"]) for message in messages]
    if form == "text":
        text = events[0].content
        pieces = _cut(_as_said(events[0], source), spans(text, characters))
    elif form == "lines":
        pieces = _found(text, events, roles)
    else:
        text = as_json(events, roles) if _RECALLED in text else text
        pieces = [_piece(event, role, None) for event, role in zip(events, roles, strict=True)]
    return Reading(
        document=_document(source),
        mode=source.mode if source.document is not None else "replace",
        text=text,
        form=form,
        pieces=tuple(pieces),
        about=_about(events[0]),
        retained=_retained(source, characters),
    )


def _as_said(event: Event, source: Source) -> Event:
    speaker = cleaned(source.speaker).strip() if source.speaker is not None else None
    return replace(event, speaker=speaker or event.speaker, kind=source.kind or event.kind)


def messages_in(text: str) -> tuple[list[Message], Form]:
    """Return what is said in a conversation, and how it is written; no messages, and `text`, if it is none.

    Messages of the system and those without text are left out. Lines are a conversation if the first that is not blank
    begins with the label of a known role, and no other name stands at the beginning of two lines.
    """
    if text.lstrip()[:1] == "[":
        messages = _json_messages(text)
        return (_spoken(messages), "json") if messages else ([], "text")
    bare = strip(text)
    first = _LABEL.search(bare)
    if first is None or bare[: first.start()].strip():
        return [], "text"
    others = [match[1] for match in _OTHER_LABEL.finditer(bare) if match[1].casefold() not in _ROLES]
    if len(others) > len(set(others)):
        return [], "text"
    labels = [*_LABEL.finditer(bare)]
    ends = [*(label.start() for label in labels[1:]), len(bare)]
    said = [
        {"role": _ROLES[label[1].casefold()], "content": bare[label.end() : end].strip()}
        for label, end in zip(labels, ends, strict=True)
    ]
    return _spoken(said), "lines"


def as_json(said: Sequence[HasText], roles: Sequence[str | None]) -> str:
    """Write messages as a JSON list."""
    messages = [{"role": role or "user", "content": one.content} for one, role in zip(said, roles, strict=True)]
    return json.dumps(messages, ensure_ascii=False)


def cleaned(text: str) -> str:
    """Return `text` with U+FFFD in the place of what cannot be stored."""
    return _UNSTORABLE.sub("\ufffd", text)


def check_id(document: object) -> str:
    """Return `document` if it may be the id of one.

    Raises:
        BadContentError: It is not text, blank, longer than `MAX_ID`, or holds NUL or lone surrogates.
    """
    if not isinstance(document, str) or not document.strip():
        why = f"is {_shown(document)}"
    elif _UNSTORABLE.search(document):
        why = f"({_shown(document)}) holds NUL or a lone surrogate"
    elif len(document) > MAX_ID:
        why = f"has {len(document):,} characters; it may have {MAX_ID:,}"
    else:
        return document
    raise BadContentError(f"The id of a document {why}. Give text that is not blank. Nothing was changed.")


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return `tags` as events have them; raise `BadContentError` if they cannot."""
    return given("bank", [Item(content="text", tags=tags)], now=utc_now()).events[0].tags


def _json_messages(text: str) -> list[Message]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    whole = all(isinstance(one, dict) and isinstance(one.get("role"), str) and "content" in one for one in found)
    return found if whole else []


def _spoken(messages: Sequence[Message]) -> list[Message]:
    return [
        message
        for message in messages
        if message["role"].casefold() not in ("system", "developer") and strip(text_of(message["content"])).strip()
    ]


def _item(source: Source, content: str | Sequence[Message]) -> Item:
    occurred = None if source.timeless or source.occurred is None else source.occurred
    return Item(
        content=content,
        key="document",
        occurred=None if occurred is None else parse_time(occurred, BadContentError, "occurred"),
        actor=source.actor,
        session=source.session,
        tags=source.tags,
        metadata=_metadata(source),
        entities=source.entities,
    )


def _metadata(source: Source) -> dict[str, str]:
    given: object = source.metadata
    if not isinstance(given, Mapping):
        raise BadContentError(f"`metadata` is {_shown(given)}. Give text by name. Nothing was retained.")
    taken = [name for name in source.metadata if str(name).startswith(PREFIX)]
    if taken and not may_reserve(source.metadata):
        raise BadContentError(
            f"The metadata {taken[0]!r} begins with {PREFIX!r}, which is Duramen's own. Give it another name. Nothing was "
            f"retained."
        )
    if source.context is not None and not isinstance(source.context, str):
        raise BadContentError(f"`context` is {_shown(source.context)}. Give text. Nothing was retained.")
    return with_reserved(source.metadata, context=source.context, timeless=source.timeless)


def _about(event: Event) -> About:
    return About(
        tags=event.tags,
        metadata=event.metadata,
        entities=event.entities,
        actor=event.actor,
        session=event.session,
    )


def _retained(source: Source, characters: int) -> dict[str, object]:
    given = {
        "mode": source.mode,
        "context": None if source.context is None else cleaned(source.context),
        "occurred": _written(source.occurred),
        "timeless": source.timeless or None,
        "entities": [cleaned(name) for name in source.entities] or None,
        "session": source.session,
        "actor": source.actor,
        "chunk_characters": characters,
    }
    return {name: value for name, value in given.items() if value is not None}


def _document(source: Source) -> str:
    if source.document is not None:
        return check_id(source.document)
    return digest(
        "duramen.document",
        cleaned(source.content),
        _written(source.occurred) or "",
        source.context or "",
        *sorted(source.tags),
        "",
        source.session or "",
        source.actor or "",
    )


def _written(occurred: datetime | None) -> str | None:
    return None if occurred is None else parse_time(occurred, BadContentError, "occurred").isoformat()


def _cut(event: Event, found: Sequence[tuple[int, int]]) -> list[Piece]:
    return [
        _piece(
            replace(event, content=event.content[start:end], mentioned=later(event.mentioned, number * TICK)),
            None,
            start,
        )
        for number, (start, end) in enumerate(found)
    ]


def _found(text: str, events: Sequence[Event], roles: Sequence[str]) -> list[Piece]:
    pieces, behind = [], 0
    for event, role in zip(events, roles, strict=True):
        start = text.find(event.content, behind)
        pieces.append(_piece(event, role, start))
        behind = start + len(event.content)
    return pieces


def _piece(event: Event, role: str | None, start: int | None) -> Piece:
    return Piece(
        text=event.content,
        kind=event.kind,
        role=role,
        speaker=event.speaker,
        start=start,
        mentioned=event.mentioned,
        occurred=event.occurred,
    )


def _shown(value: object) -> str:
    return repr(value)[:80]
