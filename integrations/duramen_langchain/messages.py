"""Between LangChain's messages and Duramen's, and where recalled text goes among them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from duramen.said import text_of
from duramen.types import Message

Placement = Literal["user", "system"]
"""Where recalled text goes: at the tail of the newest user message, which leaves the cached beginning of the prompt as
it was, or at the tail of the system message."""

# What middleware of LangChain says in the agent's place, unmarked, when it ends a run.
_NOTICE = re.compile(
    r"model call limits exceeded: |(?:tool|'[^']+' tool) call limit reached: |model call failed after \d+ attempts? with ",
    re.IGNORECASE,
)


def message_of(message: BaseMessage, *, lasting: bool = True, structured: bool = False) -> Message:
    """Return `message` as Duramen reads it.

    A tool's answer without an id is named by the call that it answers. `lc_source`, by which middleware marks messages
    that it wrote itself (summaries, notices), becomes the `source`; so does what LangChain's own limits say unmarked.

    Args:
        message: Any message but a `RemoveMessage`.
        lasting: Whether its id names it beyond this run, as it does where a checkpointer keeps the conversation. Where
            nothing does, the same message has another id at the next call, and is named by what it says instead.
        structured: Whether answers that are JSON are results for a program rather than words for the user.
    """
    identity = message.id
    if identity is None and isinstance(message, ToolMessage):
        identity = f"tool-{message.tool_call_id}"
    return {
        "role": getattr(message, "role", message.type).removesuffix("MessageChunk"),
        "content": message.content,
        "id": identity if lasting else None,
        "turn": identity,
        "name": message.name if isinstance(message, HumanMessage) else None,
        "source": message.additional_kwargs.get("lc_source") or _maker_of(message, structured),
        "tool_calls": isinstance(message, AIMessage) and bool(message.tool_calls or message.invalid_tool_calls),
    }


def messages_of(messages: Iterable[object], *, lasting: bool = True, structured: bool = False) -> list[Message]:
    """Return those of `messages` that are messages, as Duramen reads them; see `message_of`."""
    return [
        message_of(message, lasting=lasting, structured=structured)
        for message in messages
        if isinstance(message, BaseMessage) and message.type != "remove"
    ]


def with_tail(message: BaseMessage, text: str) -> Any:
    """Return a copy of `message` that ends with `text`; the message itself stays as it is."""
    if isinstance(message.content, str):
        content: Any = f"{message.content}\n\n{text}" if message.content else text
    else:
        content = [*message.content, {"type": "text", "text": text}]
    return message.model_copy(update={"content": content})


def with_memory(messages: Sequence[AnyMessage], text: str | None, *, placement: Placement = "user") -> list[AnyMessage]:
    """Return `messages` with recalled `text` in its place, without touching any of them.

    Args:
        messages: A conversation; not changed, and neither are its messages.
        text: A block, as in `Recall.text`; nothing is added when it is empty.
        placement: See `Placement`. Messages that middleware wrote for the user are not the user's. Where there is no
            such message, the block becomes a system message in front.
    """
    if not text:
        return list(messages)
    place = place_of(messages, placement)
    if place is None:
        return [SystemMessage(text), *messages]
    return [*messages[:place], with_tail(messages[place], text), *messages[place + 1 :]]


def place_of(messages: Sequence[AnyMessage], placement: Placement) -> int | None:
    """Return the index of the message that takes the recalled text, or None if there is none."""
    if placement == "system":
        return next((place for place, message in enumerate(messages) if isinstance(message, SystemMessage)), None)
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        if isinstance(message, HumanMessage) and not message.additional_kwargs.get("lc_source"):
            return place
    return None


def _maker_of(message: BaseMessage, structured: bool) -> str | None:
    """Return what made an answer that no model meant for the user."""
    if not isinstance(message, AIMessage) or message.tool_calls:
        return None
    text = text_of(message.content)
    if _NOTICE.match(text):
        return "middleware"
    return "structured_output" if structured and _is_json(text) else None


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
