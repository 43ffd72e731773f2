"""Documents that were not given whole: events that a plain `retain` said to be of one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from duramen.documents.reserved import MADE, plain
from duramen.documents.source import Chunk, Document
from duramen.protocols import Storage
from duramen.types import Event, Selection

_PAGE = 1000


async def loose_events(store: Storage, bank: str, document: str, known: Collection[str] = ()) -> Sequence[Event]:
    """Return the events of a document but those with the ids `known`, by time mentioned.

    Looks through the whole bank, unless nothing is remembered of the document and nothing is pending that might be.
    """
    remembered = await store.memories(bank, Selection(document=document), cursor=None, limit=1)
    backlog = await store.backlog(bank)
    if not remembered.items and not backlog.pending and not backlog.failed:
        return []
    events: list[Event] = []
    cursor = None
    while True:
        page = await store.events(bank, Selection(document=document), cursor=cursor, limit=_PAGE)
        events += [event for event in page.items if event.id not in known]
        cursor = page.next
        if cursor is None:
            return events


def loose_document(document: str, bank: str, events: Sequence[Event]) -> Document:
    """Return what is known of a document by its events, at least one."""
    text = "\n\n".join(event.content for event in events)
    metadata: dict[str, str] = {}
    for event in events:
        metadata |= plain(event.metadata)
    return Document(
        id=document,
        bank=bank,
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        chunks=tuple(event.id for event in events),
        tags=tuple(sorted({tag for event in events for tag in event.tags})),
        metadata=metadata,
        created=min(event.stored for event in events),
        updated=max(event.stored for event in events),
    )


def loose_chunks(document: str, bank: str, events: Sequence[Event]) -> Sequence[Chunk]:
    """Return its events as its chunks, in order."""
    return [
        Chunk(
            id=event.id,
            document=document,
            bank=bank,
            place=place,
            text=event.content,
            created=event.stored,
            tags=event.tags,
            metadata=plain(event.metadata),
        )
        for place, event in enumerate(events)
    ]


def with_tags(tags: tuple[str, ...]) -> Callable[[Event], Event]:
    """Return what gives an event these tags."""
    return lambda event: replace(event, tags=tags)


def remade(event: Event) -> Event:
    """Return an event that is like `event`, and yet one of which memories are to be made."""
    return replace(event, metadata={**event.metadata, MADE: str(int(event.metadata.get(MADE, "0")) + 1)})
