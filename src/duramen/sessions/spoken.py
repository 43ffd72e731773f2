"""What of an event is remembered: its words, as an item to retain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from duramen.block import strip
from duramen.said import text_of
from duramen.sessions.events import Json, Payload, Said, SessionEvent
from duramen.sessions.payloads import payload_of
from duramen.sessions.summaries import is_summary
from duramen.types import Item

_MUTE = frozenset({"system", "developer"})
_LONGEST_PATH = 100


def item_of(event: SessionEvent, at: datetime | None) -> Item | None:
    """Return the item to retain of `event`, or None if nothing in it is to be remembered.

    What the user, the agent and others said is, and `Json`: a chat message in it as if it had been said, all else in lines
    "key: value", which nobody says. A `Blob` is not, nor what a tool said, an instruction of the
    system, a recalled memory, or the summary of a truncated history.

    Args:
        event: Its id is the key of the item.
        at: When it happened, if the caller said so.
    """
    messages = [message for item in event.payload if (message := _message(item)) is not None] if event.extract else []
    if not messages:
        return None
    branch = {} if event.branch is None else {"branch": event.branch}
    return Item(
        content=messages,
        key=event.id,
        occurred=at,
        actor=event.actor,
        session=event.session,
        metadata={**event.metadata, **branch, **event.variables},
        expires=event.expires,
    )


def spoken_places(payload: Sequence[Payload]) -> list[int]:
    """Return the places of the items of `payload` of which something is remembered, each as one message, from 0.

    >>> spoken_places([Said("tool", "22 °C"), Said("user", "Warm!")])
    [1]
    """
    return [place for place, item in enumerate(payload) if _message(item) is not None]


def unwrapped(text: str) -> str:
    """Return the words in `text` if that is a chat message written as JSON, `{"message": {"content": …}}`, else `text`.

    Session managers of frameworks write messages so where only text can be kept. Tool calls and results have no words.
    """
    message = _wrapped(text)
    return text if message is None else text_of(message["content"])


def _wrapped(value: object) -> Mapping[str, Any] | None:
    """Return the chat message in `{"message": {"content": …}}`, which may be written as JSON, else None."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.lstrip().startswith("{") else None
        except (ValueError, RecursionError):
            return None
    message = value.get("message") if isinstance(value, Mapping) else None
    return message if isinstance(message, Mapping) and "content" in message else None


def _message(item: Payload) -> dict[str, Any] | None:
    """Return what an item of a payload adds to what is remembered."""
    if isinstance(item, Json):
        wrapped = _wrapped(item.value)
        if wrapped is None:
            return _spoken("data", "\n".join(_lines(item.value)), None)
        (item,) = payload_of(wrapped)
    if not isinstance(item, Said) or item.role == "tool":
        return None
    message = item.message or {}
    if str(message.get("role")).casefold() in _MUTE or is_summary({"role": item.role, "content": item.text}):
        return None
    # Without a name, what others say would pass for the words of the actor.
    return _spoken(item.role, unwrapped(item.text), message.get("name") or ("other" if item.role == "other" else None))


def _lines(value: object, path: str = "") -> Iterator[str]:
    """Write data for a reader: "home city: Rome", a line for each value, and one for a list of plain values."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            # Deep below long keys, data would else grow many times over.
            yield from _lines(inner, f"{path[-_LONGEST_PATH:]} {key}".strip())
    elif isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        for inner in value:
            yield from _lines(inner, path)
    elif told := ", ".join(filter(None, map(_told, value))) if isinstance(value, list) else _told(value):
        yield f"{' '.join(path.split())}: {' '.join(told.split())}" if path else told


def _told(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _spoken(role: str, text: str, name: object) -> dict[str, Any] | None:
    if not strip(text).strip():
        return None
    return {"role": role, "content": text, **({} if name is None else {"name": str(name)})}
