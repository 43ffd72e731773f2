"""Events as the items of Hindsight's API, and its results as memories.

What the API has no field for travels in the metadata, under names that begin with `duramen.`, which every server keeps as
they are; a server of ours also reads the session and the actor, as `duramen:session` and `duramen:actor`. Each event is a
document of its own, named by the key and position of the event, so that the same thing twice is one on every server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duramen.client.names import document_of, meant, position_in
from duramen.errors import BadContentError, UnsupportedError
from duramen.language.tokens import count_tokens
from duramen.naming import event_id
from duramen.retain.items import Given
from duramen.times import EPOCH, aware, parse_time
from duramen.types import KINDS, Event, Interval, Item, Kind, Memory

RESERVED = "duramen."
"""What the names begin with under which we send what the API has no field for."""

_TOLD = ("session", "actor")  # also to a server of ours, which keeps them as what they are
_OF_SERVER = "duramen:"
_NAMES = frozenset({"key", "session", "actor", "speaker", "kind", "document"})

TYPES: Mapping[str, Kind] = {"world": "fact", "experience": "experience", "observation": "observation"}
"""What the API calls the kinds that it has."""

OBSERVER = "observation"
"""The strategy that made what a server calls an observation, if it does not say."""

_KINDS: Mapping[str, Kind] = {kind: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be sent, in order: `item` is put into the bank, as JSON; of `trim` the later documents are deleted.

    Attributes:
        item: An item of the API.
        trim: The key of an item, of which the events from position `beyond` on are no more.
    """

    item: Mapping[str, Any] | None = None
    trim: str | None = None
    beyond: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as data that JSON can hold."""
        return {"item": self.item} if self.item is not None else {"trim": self.trim, "beyond": self.beyond}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outgoing:
        """Return what `to_json` was given."""
        return cls(item=data.get("item"), trim=data.get("trim"), beyond=int(data.get("beyond", 0)))


def outgoing(items: Sequence[Item], given: Given) -> list[Outgoing]:
    """Return what retaining `given`, made of `items`, sends.

    Raises:
        UnsupportedError: Something about it cannot be sent.
    """
    documents: dict[str, Outgoing] = {}
    for event in given.events:
        item = _item(event)
        documents.pop(item["document_id"], None)  # given twice, the last counts, and where it stands
        documents[item["document_id"]] = Outgoing(item=item)
    lengths = {event.key: event.position + 1 for event in given.events}
    replaced = {key for item, key in zip(items, given.keys, strict=True) if item.key is not None and not _is_one(item)}
    return [*documents.values(), *(Outgoing(trim=key, beyond=lengths[key]) for key in lengths if key in replaced)]


def plain(metadata: Mapping[str, Any] | None) -> dict[str, str]:
    """Return `metadata` without the reserved names: what the caller gave."""
    return {name: str(value) for name, value in (metadata or {}).items() if not _is_reserved(name)}


def memory_of(bank: str, result: Mapping[str, Any], *, mentioned: datetime = EPOCH) -> Memory:
    """Return a result of a recall, a fact of a reflection or a row of a listing as a memory.

    Args:
        bank: Where it is from.
        result: As the API has it.
        mentioned: When it was said, if the result does not tell.
    """
    metadata: Mapping[str, Any] = result.get("metadata") or {}
    document = result.get("document_id")
    key = metadata.get(f"{RESERVED}key") or (meant(document) if document else str(result.get("id")))
    ours = f"{RESERVED}key" in metadata
    type: str = result.get("type") or result.get("fact_type") or "world"
    said = _time(result.get("mentioned_at")) or _time(result.get("date")) or mentioned
    text = str(result.get("text") or "")
    context = result.get("context")
    return Memory(
        id=str(result.get("id") or ""),
        bank=bank,
        text=text,
        kind=_kind(type, metadata),
        event=event_id(key, position_in(document or "") if ours else 0),
        key=key,
        actor=metadata.get(f"{RESERVED}actor"),
        session=metadata.get(f"{RESERVED}session"),
        speaker=metadata.get(f"{RESERVED}speaker"),
        document=metadata.get(f"{RESERVED}document", None if ours else document),
        mentioned=said,
        occurred=_occurred(result),
        stored=said,
        tags=tuple(result.get("tags") or ()),
        metadata=plain(metadata),
        entities=_entities(result.get("entities")),
        tokens=count_tokens(text),
        strategy=OBSERVER if type == "observation" else None,
        sources=tuple(result.get("source_fact_ids") or result.get("source_memory_ids") or ()),
        details={"context": context} if context else {},
    )


def _item(event: Event) -> dict[str, Any]:
    if event.expires is not None:
        raise UnsupportedError("`expires`", "Retain it without, and forget it when its time has come.")
    reserved = {
        "key": event.key,
        "session": event.session,
        "actor": event.actor,
        "speaker": event.speaker,
        "kind": None if event.kind == "fact" else event.kind,
        "document": event.document,
    }
    taken = sorted(filter(_is_reserved, event.metadata))
    if taken:
        raise BadContentError(f"The metadata {taken[0]!r} has a name that is reserved. Nothing was retained.")
    item: dict[str, Any] = {
        "content": event.content,
        "timestamp": event.mentioned.isoformat(),
        "document_id": document_of(event.key, event.position),
        "metadata": {
            **event.metadata,
            **{f"{RESERVED}{name}": value for name, value in reserved.items() if value is not None},
            **{f"{_OF_SERVER}{name}": str(reserved[name]) for name in _TOLD if reserved[name] is not None},
        },
    }
    if event.tags:
        item["tags"] = list(event.tags)
    if event.entities:
        item["entities"] = [{"text": name} for name in event.entities]
    return item


def _is_one(item: Item) -> bool:
    """Tell whether this is one message under its own id, which was never more than one event."""
    messages = [] if isinstance(item.content, str) else list(item.content)
    return len(messages) == 1 and messages[0].get("id") == item.key


def _kind(type: str, metadata: Mapping[str, Any]) -> Kind:
    known = TYPES.get(type, "fact")
    told = f"{_OF_SERVER}kind" if known == "observation" else f"{RESERVED}kind"
    return _KINDS.get(str(metadata.get(told)), known)


def _is_reserved(name: str) -> bool:
    return name.startswith(_OF_SERVER) or (name.startswith(RESERVED) and name.removeprefix(RESERVED) in _NAMES)


def _occurred(result: Mapping[str, Any]) -> Interval | None:
    start = _time(result.get("occurred_start"))
    return None if start is None else Interval(start, max(start, _time(result.get("occurred_end")) or start))


def _entities(entities: Any) -> tuple[str, ...]:
    names: Iterable[Any] = entities.split(",") if isinstance(entities, str) else entities or ()
    return tuple(str(name).strip() for name in names if str(name).strip())


def _time(text: Any) -> datetime | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        return aware(parse_time(text, BadContentError, "time"))
    except BadContentError:
        return None
