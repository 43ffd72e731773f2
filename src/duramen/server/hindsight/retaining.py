"""From what a client gives to be retained to sources of documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from duramen.documents.chunking import DEFAULT_CHARACTERS
from duramen.documents.reading import Reading, read
from duramen.documents.reserved import plain, with_reserved
from duramen.documents.source import Source
from duramen.errors import BadContentError
from duramen.server.hindsight.routing import Body, Reply
from duramen.strategies.observation_scopes import SCOPES, scopes_of
from duramen.tasks.content import About, Content
from duramen.times import parse_time, utc_now

MAX_ITEMS = 1_000
MAX_TAGS = 1_000
"""On one item; a tag has at most `MAX_TAG` characters."""

MAX_TAG = 500
MAX_ENTITIES = 1_000
"""On one item."""

MAX_BLOCKS = 10_000
"""In one content."""

SPEAKER, KIND = "duramen.speaker", "duramen.kind"
"""In the metadata that a remote memory sends: who says it, and whether it is what the agent itself said or did."""

_KINDS: Mapping[str, Literal["fact", "experience"]] = {"fact": "fact", "experience": "experience"}

Name = Annotated[str, StringConstraints(max_length=1_000)]


class EntityGiven(Body):
    """Somebody or something that is known to be spoken of."""

    text: str
    type: str | None = None


class Block(Body):
    """A piece of content: text. Pictures and files need a model that sees, and are refused."""

    type: str
    text: str | None = None


class RetainItem(Body):
    """One text to retain.

    Attributes:
        timestamp: When it was said, as ISO 8601 text; "unset" for what holds at any time; null for now.
    """

    content: str | Annotated[list[Block], Field(max_length=MAX_BLOCKS)]
    timestamp: str | None = None
    context: str | None = None
    metadata: dict[str, str] | None = None
    document_id: Name | None = None
    entities: Annotated[list[EntityGiven], Field(max_length=MAX_ENTITIES)] | None = None
    resolve_entities: bool | None = True
    tags: list[str] | None = None
    observation_scopes: Literal["per_tag", "combined", "all_combinations", "shared"] | list[list[str]] | None = None
    strategy: str | None = None
    update_mode: Literal["replace", "append"] | None = None


class RetainRequest(Body):
    """What is to be retained; all of it, or nothing."""

    items: Annotated[list[RetainItem], Field(min_length=1, max_length=MAX_ITEMS)]
    async_: Annotated[bool | None, Field(alias="async")] = False
    document_tags: list[str] | None = None
    operation_id: str | None = None


class TokenUsage(Reply):
    """What a language model read and wrote for it."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int = 0
    thoughts_tokens: int = 0


class RetainReply(Reply):
    """The acknowledgement: what was sent is kept."""

    success: bool = True
    bank_id: str
    items_count: int
    async_: Annotated[bool, Field(alias="async")]
    operation_id: str | None = None
    operation_ids: list[str] | None = None
    usage: TokenUsage | None = None


def sources_of(items: Sequence[RetainItem], tags: Iterable[str] | None, now: datetime | None = None) -> list[Source]:
    """Return the sources that `items` are.

    Args:
        items: What was sent.
        tags: Those of all items.
        now: When it was sent, for items without a time; None for the time at which they are retained.

    Raises:
        BadContentError: One of them cannot be kept as it is.
    """
    return [_source(place, item, tags or (), now) for place, item in enumerate(items)]


def check(bank: str, sources: Iterable[Source]) -> Content:
    """Refuse now what could not be retained later, when nobody waits to be told. It takes as long as cutting the texts.

    Returns:
        What a task holds that is to retain them, as its `items`.

    Raises:
        BadContentError: One of `sources` cannot be kept as it is.
    """
    now = utc_now()
    readings = [read(bank, source, now=now, characters=DEFAULT_CHARACTERS) for source in sources]
    return Content(name="items", of=[_about(reading, now) for reading in readings])


def text_of(content: str | Sequence[Block], what: str) -> str:
    """Return the text of a content.

    Raises:
        BadContentError: It is blank, or holds what is no text.
    """
    if isinstance(content, str):
        text = content
    else:
        other = next((block.type for block in content if block.type != "text" or block.text is None), None)
        if other is not None:
            raise BadContentError(
                f"{what} holds a block of type {other!r}, and only text can be read here. Give its text, or send the "
                f"file to files/retain. Nothing was retained."
            )
        text = "\n".join(block.text or "" for block in content)
    if not text.strip():
        raise BadContentError(f"{what} is blank. Give the text to retain. Nothing was retained.")
    return text


def all_tags(what: str, *tags: Iterable[str] | None) -> tuple[str, ...]:
    """Return `tags` as one, each once and in order.

    Raises:
        BadContentError: There are too many, or one is too long or blank.
    """
    found = tuple(dict.fromkeys(tag for some in tags for tag in some or ()))
    if len(found) > MAX_TAGS:
        raise BadContentError(f"{what} has {len(found):,} tags; it may have {MAX_TAGS:,}. Nothing was retained.")
    for tag in found:
        if len(tag) > MAX_TAG or not tag.strip():
            raise BadContentError(
                f"{what} has the tag {tag[:40]!r}. A tag has 1 to {MAX_TAG} characters, and is not blank."
            )
    return found


def whose(tags: Iterable[str], metadata: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return session and actor: what the only tag `session:…` or `user:…` names, or else the metadata."""
    tags = tuple(tags)
    session = _only(tags, "session:") or metadata.get("duramen:session") or metadata.get("runtime_session_id")
    actor = _only(tags, "user:") or metadata.get("duramen:actor") or metadata.get("user_id")
    return session or None, actor or None


def kept_metadata(metadata: Mapping[str, str] | None, scopes: Any = None) -> dict[str, str]:
    """Return what is kept of the metadata that was sent; names of our own are not to be had from outside."""
    kept = with_reserved(plain(metadata or {}))
    if scopes is not None:
        kept[SCOPES] = json.dumps(scopes)
    return kept


def _source(place: int, item: RetainItem, tags: Iterable[str], now: datetime | None) -> Source:
    what = f"items[{place}]"
    own = all_tags(what, item.tags, tags)
    session, actor = whose(own, item.metadata or {})
    timeless = item.timestamp is not None and item.timestamp.strip().lower() == "unset"
    if item.timestamp is None or timeless:
        occurred = now
    else:
        occurred = parse_time(item.timestamp, BadContentError, f"{what}.timestamp")
    metadata = kept_metadata(item.metadata, item.observation_scopes)
    scopes_of(own, metadata.get(SCOPES))
    return Source(
        content=text_of(item.content, what),
        document=item.document_id or None,
        mode=item.update_mode or "replace",
        occurred=occurred,
        timeless=timeless,
        context=item.context or None,
        tags=own,
        metadata=metadata,
        entities=[entity.text for entity in item.entities or () if entity.text.strip()],
        session=session,
        speaker=(item.metadata or {}).get(SPEAKER),
        kind=_KINDS.get((item.metadata or {}).get(KIND, "")),
        actor=actor,
    )


def _about(reading: Reading, now: datetime) -> About:
    times = [piece.mentioned for piece in reading.pieces]
    return About(
        document=reading.document,
        session=reading.about.session,
        actor=reading.about.actor,
        first=min(times, default=now),
        last=max(times, default=now),
    )


def _only(tags: Sequence[str], prefix: str) -> str | None:
    named = {tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)}
    return named.pop() if len(named) == 1 else None
