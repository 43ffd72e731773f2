"""What is given to be kept as a document, and what a document is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Mode = Literal["replace", "append"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text to keep as a document, or as a part of one.

    Attributes:
        content: The text. A JSON list of chat messages, and lines like `User: …` and `Assistant: …`, are read as a
            conversation: what the agent said is an experience, and the rest are facts.
        document: The id of the document. Without one it gets one that follows from its content and when it occurred, so
            that the same thing twice is one.
        mode: `replace` what the document held before, of which unchanged chunks stay as they are, or `append` to it.
            Several sources of one call with one document are one after the other.
        occurred: When it was said; now if None. With `timeless`, nothing is dated by it.
        context: What it is about, in a few words; kept, returned, and embedded with no chunk.
        entities: Names that are known to be in it.
        session, actor: Which conversation it is of, and whose.
        speaker, kind: Who says it, and whether it is what the agent itself said or did; read from a conversation.
    """

    content: str
    document: str | None = None
    mode: Mode = "replace"
    occurred: datetime | None = None
    timeless: bool = False
    context: str | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    entities: Sequence[str] = ()
    session: str | None = None
    actor: str | None = None
    speaker: str | None = None
    kind: Literal["fact", "experience"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as it is kept.

    Attributes:
        text: The whole of it. `digest` tells whether it is the same (SHA-256 in hexadecimal digits).
        chunks: The ids of its chunks, in order; each is the id of an event.
        retained: What was last given with it (context, mode, occurred …), of what JSON can hold.
    """

    id: str
    bank: str
    text: str
    digest: str
    chunks: tuple[str, ...]
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    retained: Mapping[str, object] = field(default_factory=dict)
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a document: `id` is that of its event; `place` counts from 0."""

    id: str
    document: str
    bank: str
    place: int
    text: str
    created: datetime
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """The acknowledgement: everything named here is on disk.

    Attributes:
        documents: The id of the document of each source, in order.
        events: The ids of all chunks that are new or were changed; `kept` counts those that stayed as they were, and
            `removed` those that went.
    """

    bank: str
    documents: tuple[str, ...]
    events: tuple[str, ...]
    kept: int = 0
    removed: int = 0
