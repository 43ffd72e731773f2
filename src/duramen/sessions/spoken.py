"""What of an event is remembered: its words, as an item to retain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from duramen.block import strip
from duramen.said import text_of
from duramen.sessions.events import Json, Payload, Said, SessionEvent
from duramen.sessions.summaries import is_summary
from duramen.types import Item

_MUTE = frozenset({"system", "developer"})


def item_of(event: SessionEvent, at: datetime | None) -> Item | None:
    """Return the item to retain of `event`, or None if nothing in it is to be remembered.

    What the user, the agent and others said is, and `Json`. A `Blob` is not, nor what a tool said, an instruction of the
    system, a recalled memory, or the summary of a truncated history.

    Args:
        event: Its id is the key of the item.
        at: When it happened, if the caller said so.
    """
    messages = [message for item in event.payload if (message := _message(item)) is not None]
    if not messages or not event.extract:
        return None
    branch = {} if event.branch is None else {"branch": event.branch}
    return Item(
        content=messages,
        key=event.id,
        occurred=at,
        actor=event.actor,
        session=event.session,
        metadata={**event.metadata, **branch},
        expires=event.expires,
    )


def unwrapped(text: str) -> str:
    """Return the words in `text` if that is a chat message written as JSON, `{"message": {"content": …}}`, else `text`.

    Session managers of frameworks write messages so where only text can be kept. Tool calls and results have no words.
    """
    if not text.lstrip().startswith("{"):
        return text
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return text
    message = read.get("message") if isinstance(read, Mapping) else None
    return text_of(message["content"]) if isinstance(message, Mapping) and "content" in message else text


def _message(item: Payload) -> dict[str, Any] | None:
    """Return what an item of a payload adds to what is remembered."""
    if isinstance(item, Json):
        value = item.value if isinstance(item.value, str) else json.dumps(item.value, ensure_ascii=False)
        return _spoken("other", unwrapped(value), "data")
    if not isinstance(item, Said) or item.role == "tool":
        return None
    message = item.message or {}
    if str(message.get("role")).casefold() in _MUTE or is_summary({"role": item.role, "content": item.text}):
        return None
    # Without a name, what others say would pass for the words of the actor.
    return _spoken(item.role, unwrapped(item.text), message.get("name") or ("other" if item.role == "other" else None))


def _spoken(role: str, text: str, name: object) -> dict[str, Any] | None:
    if not strip(text).strip():
        return None
    return {"role": role, "content": text, **({} if name is None else {"name": str(name)})}
