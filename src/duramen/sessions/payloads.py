"""From what a caller appends to the payload of an event, checked; and from a payload to chat messages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from duramen.errors import BadContentError
from duramen.said import text_of
from duramen.sessions.events import MAX_ITEMS, MAX_TEXT, ROLES, Blob, Json, Payload, Role, Said
from duramen.sessions.tools import calls_of, results_of
from duramen.types import Message

MAX_DEPTH = 200
"""How deep values may be nested."""

GivenPayload: TypeAlias = "str | Message | Payload | Sequence[str | Message | Payload]"
"""Text said by the user, a chat message, a `Said`, `Blob` or `Json`, or several of these."""

_SYNONYMS: Mapping[str, Role] = {"human": "user", "ai": "assistant", "model": "assistant", "function": "tool"}


def payload_of(given: GivenPayload) -> tuple[Payload, ...]:
    """Return the payload that `given` is: checked, and a copy of it, so that nothing changes it afterwards.

    A chat message becomes a `Said` if there are words in it and neither a tool call nor the result of one, otherwise `Blob({"message": …})`.

    Raises:
        BadContentError: Something else than what `GivenPayload` lists, a text over `MAX_TEXT` characters, over
            `MAX_ITEMS` items, or a value that JSON cannot hold.
    """
    several = isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping)
    items = list(given) if several else [given]  # type: ignore[arg-type]  # an iterable, as was just found
    if len(items) > MAX_ITEMS:
        raise BadContentError(
            f"The payload has {len(items)} items; an event may hold {MAX_ITEMS}. Append them in several events. "
            f"Nothing was kept."
        )
    return tuple(_item(item) for item in items)


def messages_of(payload: Iterable[Payload]) -> list[Message]:
    """Return the chat messages of `payload`, in order; what is none is left out."""
    messages: list[Message] = []
    for item in payload:
        if isinstance(item, Said):
            messages.append(item.message or {"role": item.role, "content": item.text})
        elif isinstance(item, Blob) and (message := message_in(item.value)) is not None:
            messages.append(message)
    return messages


def message_in(value: object) -> Message | None:
    """Return the chat message of a value `{"message": {…}}` as `payload_of` makes it, else None."""
    message = value.get("message") if isinstance(value, Mapping) and len(value) == 1 else None
    return message if isinstance(message, Mapping) and "role" in message else None


def _item(given: object) -> Payload:
    if isinstance(given, str):
        return _said(Said("user", given))
    if isinstance(given, Said):
        return _said(given)
    if isinstance(given, Blob):
        return Blob(_plain(given.value))
    if isinstance(given, Json):
        return Json(_plain(given.value))
    if isinstance(given, Mapping) and ("role" in given or "content" in given):
        return _message(given)
    raise BadContentError(
        f"A payload holds a {type(given).__name__}, which is no item of one. Give text, chat messages "
        f"({{'role': 'user', 'content': '…'}}), `Said`, `Blob` or `Json`. Nothing was kept."
    )


def _said(said: Said) -> Said:
    text: object = said.text
    if said.role not in ROLES or not isinstance(text, str):
        raise BadContentError(
            f"`Said` has the role {said.role!r} and a text of type {type(text).__name__}. Give one of the roles "
            f"{', '.join(ROLES)} and a text. Nothing was kept."
        )
    if len(said.text) > MAX_TEXT:
        raise BadContentError(
            f"A text has {len(said.text):,} characters; it may have {MAX_TEXT:,}. Give it in parts, or as a `Blob` if "
            f"nothing need be remembered of it. Nothing was kept."
        )
    return said if said.message is None else Said(said.role, said.text, _plain(said.message))


def _message(given: Message) -> Payload:
    message = dict(given)
    if isinstance(message.get("timestamp"), datetime):
        message["timestamp"] = message["timestamp"].isoformat()
    message.setdefault("role", "user")
    name = str(message["role"]).casefold()
    text = text_of(message.get("content"))
    if calls_of(message) or any(results_of(message)) or (not text.strip() and message.get("content") != text):
        return Blob({"message": _plain(message)})
    if len(text) > MAX_TEXT:
        return Blob({"message": _plain(message)})
    role = _SYNONYMS.get(name, next((role for role in ROLES if role == name), "other"))
    plain = message == {"role": role, "content": text}
    return Said(role, text, None if plain else _plain(message))


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a copy of `value` in the types that JSON has.

    Raises:
        BadContentError: JSON has no such value, or it is nested too deeply.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise _no_json(f"the number {value}")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if depth >= MAX_DEPTH:
        raise _no_json(f"something that is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {_name(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    raise _no_json(f"a {type(value).__name__}")


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise _no_json(f"the key {key!r} of type {type(key).__name__}")
    return key


def _no_json(what: str) -> BadContentError:
    return BadContentError(
        f"A payload holds {what}, which cannot be kept as JSON. Convert it first, bytes to base64 for example. "
        f"Nothing was kept."
    )
