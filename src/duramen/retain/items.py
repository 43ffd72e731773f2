"""From what a caller gives to `retain` to events: checked, cleaned, and with a key each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from reprlib import repr
from typing import Any

from typing_extensions import TypedDict

from duramen.block import strip
from duramen.errors import BadContentError, BadInputError
from duramen.language.entities import merged
from duramen.naming import digest, event_id
from duramen.said import text_of
from duramen.times import aware, later, parse_time
from duramen.types import Event, Item, Kind, Message

MAX_CHARACTERS = 32 * 2**20
"""The longest text that one item may hold; longer sources are better given in parts."""

MAX_ENTITIES, MAX_ENTITY = 1000, 500
"""How many names may be given for one item, and the characters of one: each memory made of the item has them all."""

_TICK = timedelta(microseconds=1)  # what is given together without times keeps its order by them
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'\u2019-]){0,39}")
AGENT_ROLES = frozenset({"assistant", "ai", "agent", "model", "tool", "function"})
"""Roles of messages that are what the agent itself said or did."""
_MUTE_ROLES = frozenset({"system", "developer"})
_DATA_ROLE = "data"  # of what nobody says


class Options(TypedDict):
    """What `retain` was told about its content as a whole."""

    key: str | None
    occurred: datetime | None
    actor: str | None
    session: str | None
    tags: Sequence[str]
    metadata: Mapping[str, str] | None
    document: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be retained.

    Attributes:
        keys: One per item.
        events: Those of all items, in order.
        beyond: The id that the event after the last of each item would have; see `Journal.append`.
    """

    keys: tuple[str, ...]
    events: tuple[Event, ...]
    beyond: tuple[str, ...]


def items_of(content: str | Sequence[Message] | Sequence[Item], options: Options) -> Sequence[Item]:
    """Return the batch that `content` is, or the one item that it is with `options`.

    Raises:
        BadInputError: Options beside a batch, whose items carry them.
    """
    if _is_batch(content):
        if any(options.values()):
            raise BadInputError("With a batch, give key, occurred, tags and the rest on each `Item`.")
        return [item for item in content if isinstance(item, Item)]
    occurred = options["occurred"]
    return [
        Item(
            content=content,  # type: ignore[arg-type]  # not a batch, so text or messages; `given` checks
            key=options["key"],
            occurred=parse_time(occurred, BadInputError, "occurred") if occurred is not None else None,
            actor=options["actor"],
            session=options["session"],
            tags=options["tags"],
            metadata=options["metadata"] or {},
            document=options["document"],
        )
    ]


def given(bank: str, items: Sequence[Item], *, now: datetime) -> Given:
    """Turn `items` into events, in order, with the key of each item.

    Messages of the roles `system` and `developer` and messages without text are left out, and so are blocks of
    recalled memories. Characters that cannot be stored (NUL, lone surrogates) become U+FFFD.

    Raises:
        BadContentError: An item without any text, content of another type, or text over `MAX_CHARACTERS`.
    """
    keys: list[str] = []
    events: list[Event] = []
    beyond: list[str] = []
    for place, item in enumerate(items):
        said = _said(item, place)
        key = _clean(item.key) if item.key is not None else _key_of(item, said, place)
        keys.append(key)
        begin = _when(item) or later(now, len(events) * _TICK)
        entities = _entities(item.entities)
        expires = None if item.expires is None else parse_time(item.expires, BadContentError, "expires")
        events.extend(
            Event(
                id=event_id(key, position),
                bank=bank,
                key=key,
                position=position,
                content=text,
                kind=kind,
                actor=_optional(item.actor, "actor"),
                session=_optional(item.session, "session"),
                speaker=speaker,
                document=_optional(item.document, "document"),
                mentioned=at or later(begin, position * _TICK),
                occurred=at or _when(item),
                stored=now,
                tags=_tags(item.tags),
                metadata=_metadata(item.metadata),
                entities=entities,
                expires=expires,
            )
            for position, (text, kind, speaker, at) in enumerate(said)
        )
        beyond.append(event_id(key, len(said)))
    return Given(tuple(keys), tuple(events), tuple(beyond))


def _is_batch(content: object) -> bool:
    return isinstance(content, Sequence) and not isinstance(content, str) and any(isinstance(i, Item) for i in content)


_Said = tuple[str, Kind, "str | None", "datetime | None"]


def _said(item: Item, place: int) -> list[_Said]:
    where = f"Item {place} of this retain"
    content: object = item.content
    said: list[_Said]
    if isinstance(content, str):
        said = [(_clean(strip(content)), "fact", _named(_optional(item.actor, "actor")), None)]
    elif isinstance(content, Sequence) and all(isinstance(message, Mapping) for message in content):
        said = [_said_in(message, item) for message in content if message.get("role") not in _MUTE_ROLES]
    else:
        raise BadContentError(
            f"{where} is a {type(content).__name__}. Give text, a list of chat messages "
            f"({{'role': 'user', 'content': '…'}}), or a list of `duramen.Item` for a batch. Nothing was retained."
        )
    said = [one for one in said if one[0].strip()]
    if not said:
        raise BadContentError(f"{where} holds no text, so there is nothing to remember. Nothing was retained.")
    length = sum(len(text) for text, *_ in said)
    if length > MAX_CHARACTERS:
        raise BadContentError(
            f"{where} holds {length:,} characters; one item may hold {MAX_CHARACTERS:,}. "
            f"Split it and give the parts the same `document`. Nothing was retained."
        )
    return said


def _said_in(message: Message, item: Item) -> _Said:
    role = str(message.get("role", "user")).casefold()
    of_agent = role in AGENT_ROLES
    name = message.get("name") or (role if of_agent else None if role == _DATA_ROLE else _named(item.actor) or role)
    at = message.get("timestamp")
    return (
        _clean(strip(text_of(message.get("content")))),
        "experience" if of_agent else "fact",
        None if name is None else _clean(str(name)),
        parse_time(at, BadContentError, "timestamp") if at is not None else None,
    )


def _named(actor: str | None) -> str | None:
    """Return `actor` if it reads like a name; an id says nothing to a reader or an embedder, and costs both."""
    return actor if actor is not None and _NAME.fullmatch(actor) else None


def _key_of(item: Item, said: Sequence[_Said], place: int) -> str:
    """Name an item that came without a key: by its message id, else by what it is and where it stands."""
    if not isinstance(item.content, str) and len(said) == 1:
        ids = [message["id"] for message in item.content if message.get("id")]
        if len(ids) == 1:
            return _clean(str(ids[0]))
    occurred = _when(item)
    return digest(
        *(f"{speaker}\0{text}\0{at.isoformat() if at else ''}" for text, _, speaker, at in said),
        item.actor or "",
        item.session or "",
        item.document or "",
        occurred.isoformat() if occurred else "",
        str(place),
    )


def _when(item: Item) -> datetime | None:
    return aware(item.occurred) if item.occurred is not None else None


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _optional(value: object, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise BadContentError(
            f"`{name}` is {value!r}. Give its id as text, or leave it out; a blank one would mix up memories."
        )
    return _clean(value)


def _tags(tags: Sequence[Any]) -> tuple[str, ...]:
    if isinstance(tags, str) or not all(isinstance(tag, str) and tag.strip() for tag in tags):
        raise BadContentError(f"`tags` is {tags!r}. Give a list of texts, none of them blank. Nothing was retained.")
    return tuple(sorted({_clean(tag) for tag in tags}))


def _entities(entities: Any) -> tuple[str, ...]:
    is_list = isinstance(entities, Collection) and not isinstance(entities, str)
    if not is_list or not all(isinstance(name, str) and name.strip() for name in entities):
        raise BadContentError(
            f"`entities` is {repr(entities)}. Give a list of names, none of them blank. Nothing was retained."
        )
    names = merged((" ".join(_clean(name).split()) for name in entities), ())
    longest = max(map(len, names), default=0)
    if len(names) > MAX_ENTITIES or longest > MAX_ENTITY:
        raise BadContentError(
            f"`entities` has {len(names):,} names, the longest of {longest:,} characters. Give at most {MAX_ENTITIES:,} "
            f"names of at most {MAX_ENTITY:,} characters. Nothing was retained."
        )
    return names


def _metadata(metadata: Mapping[Any, Any]) -> dict[str, str]:
    wrong = [name for name, value in metadata.items() if not (isinstance(name, str) and isinstance(value, str))]
    if wrong:
        raise BadContentError(
            f"The metadata {wrong[0]!r} is a {type(metadata[wrong[0]]).__name__}. "
            f"Metadata is text by name; convert it with `str` or `json.dumps`. Nothing was retained."
        )
    return {_clean(name): _clean(value) for name, value in metadata.items()}
