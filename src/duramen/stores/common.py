"""What every store does alike: recognising repeats, cutting out what is forgotten, selecting, and paging."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

from duramen.errors import BadQueryError, EmbedderMismatchError
from duramen.ledger import JobState
from duramen.times import microseconds
from duramen.types import BankVersion, Event, Indexed, Interval, Page, Row

PENDING, DONE, FAILED = 0, 1, 2
"""The states of an event in a journal. A leased event is pending: its worker may die."""

EARLIEST = -(2**63)
"""Before all moments in microseconds."""

LATEST = 2**63 - 1
"""Behind them all."""

Listing = Literal["memories", "events", "appended", "made", "banks", "jobs", "revisions"]

JOB_STATES: Mapping[JobState, int] = {"pending": PENDING, "done": DONE, "failed": FAILED}

STATES: Sequence[JobState] = ("pending", "done", "failed")
"""Those of `JOB_STATES` by their numbers."""

T = TypeVar("T")


def digest_of(event: Event) -> bytes:
    """Return 16 bytes that are the same for two events of the same content.

    `mentioned` and `stored` do not count: they differ between retries when the caller gave no time. An event without
    entities has the digest that it had when events could have none.
    """
    parts: list[object] = [
        event.content,
        event.kind,
        sorted(event.tags),
        sorted(event.metadata.items()),
        event.document,
        event.speaker,
        event.actor,
        event.session,
        None if event.occurred is None else microseconds(event.occurred),
    ]
    if event.entities:
        parts.append(sorted(event.entities))
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def mark_of(bank: str, event: str) -> bytes:
    """Return the 16 bytes that remember a forgotten event, by the names of its bank and itself."""
    return hashlib.blake2b(json.dumps([bank, event]).encode(), digest_size=16).digest()


def check_embedder(bank: str, version: BankVersion, embedder: str, memories: Sequence[Indexed]) -> None:
    """Raise `EmbedderMismatchError` unless vectors of `embedder` can stand beside those of the bank."""
    if version.embedder not in (None, embedder):
        raise EmbedderMismatchError(bank, kept=str(version.embedder), given=embedder)
    lengths = {len(indexed.vector) for indexed in memories}
    kept = version.dimensions or min(lengths, default=0)
    if strange := lengths - {kept}:
        raise EmbedderMismatchError(
            bank, kept=f"{embedder} with {kept} dimensions", given=f"{embedder} with {min(strange)} dimensions"
        )


def row_of(number: int, indexed: Indexed) -> Row:
    """Return what the bank index reads of a memory with this row number."""
    memory = indexed.memory
    return Row(
        number=number,
        id=memory.id,
        kind=memory.kind,
        event=memory.event,
        position=memory.position,
        actor=memory.actor,
        session=memory.session,
        speaker=memory.speaker,
        mentioned=microseconds(memory.mentioned),
        occurred=_ends(memory.occurred),
        superseded=None if memory.superseded is None else microseconds(memory.superseded),
        tags=memory.tags,
        entities=memory.entities,
        tokens=memory.tokens,
        vector=indexed.vector,
        terms=indexed.terms,
        claims=indexed.claims,
        namespace=memory.namespace,
    )


def _ends(interval: Interval | None) -> tuple[int, int] | None:
    return None if interval is None else (microseconds(interval.start), microseconds(interval.end))


def page_of(found: Sequence[T], limit: int, listing: Listing, place: Callable[[T], Sequence[int | str]]) -> Page[T]:
    """Make a page of `limit` out of `found`, which holds one more entry if there is a next page.

    Args:
        found: Entries from the cursor on, in the order of the listing.
        limit: Entries on a page.
        listing: The method that pages, so that it knows its own cursors.
        place: Where an entry stands in that order.
    """
    items = tuple(found[:limit])
    return Page(items, _encode(listing, place(items[-1])) if len(found) > limit else None)


def check_limit(limit: int) -> None:
    """Raise `BadQueryError` unless a page may have `limit` entries."""
    if limit < 1:
        raise BadQueryError(f"`limit` is {limit}; a page holds 1 entry or more. Give a positive number.")


def place_in(cursor: str | None, listing: Listing, start: tuple[int | str, ...]) -> list[int | str]:
    """Return the place that `cursor` remembers, or `start` when there is none.

    Raises:
        BadQueryError: The cursor is not one of this listing.
    """
    if cursor is None:
        return list(start)
    place: list[int | str]
    try:
        name, *place = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise _foreign(cursor, listing) from error
    kinds = [type(part) for part in place]
    if name != listing or kinds != [type(part) for part in start] or not all(map(_storable, place)):
        raise _foreign(cursor, listing)
    return place


def _storable(part: int | str) -> bool:
    if isinstance(part, str):
        return part == part.encode(errors="ignore").decode()
    return EARLIEST <= part < -EARLIEST


def _encode(listing: Listing, place: Sequence[int | str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([listing, *place]).encode()).decode()


def _foreign(cursor: str, listing: Listing) -> BadQueryError:
    shown = cursor if len(cursor) <= 60 else f"{cursor[:60]}…"
    return BadQueryError(
        f"The cursor {shown!r} was not given by `{listing}`. Leave it out for the first page, and pass on "
        f"`page.next` as it is for the others."
    )
