"""Between the messages of Strands and those of Duramen, and where recalled text goes among them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from duramen.said import text_of
from duramen.types import Message as Said

Placement = Literal["user", "system"]
"""Where recalled text goes: at the tail of the newest user message, which leaves the cached beginning of the prompt as
it was, or at the tail of the system prompt."""

Message: TypeAlias = Mapping[str, Any]
"""A message of Strands: `role`, a list of content blocks, and from 1.47 on a `tracking_id`."""


def said_in(message: Message, *, name: str | None = None, source: str | None = None) -> Said:
    """Return `message` as Duramen reads it.

    Args:
        message: Of a user or an assistant. One that carries results of tools is a tool's.
        name: What names it, beside its tracking id.
        source: Who wrote it, if not the one its role names.
    """
    blocks = _blocks(message)
    results = [block["toolResult"] for block in blocks if "toolResult" in block]
    return {
        "role": "tool" if results else str(message.get("role", "user")),
        "content": [_answered(result) for result in results] if results else [_spoken(block) for block in blocks],
        "id": name or message.get("tracking_id") or None,
        "source": source,
        "tool_calls": any("toolUse" in block for block in blocks),
    }


def words_of(content: object) -> str:
    """Return the words in an input of an agent: text, content blocks, or messages."""
    if isinstance(content, Sequence) and not isinstance(content, str):
        return "\n".join(filter(None, (words_of(part.get("content", part)) for part in _mappings(content))))
    return text_of(_spoken(content) if isinstance(content, Mapping) else content)


def is_composed(message: Message) -> bool:
    """Tell whether `message` was put together by a graph or a swarm for one of its nodes."""
    texts = [str(block["text"]) for block in _blocks(message) if "text" in block]
    if not texts:
        return False
    by_graph = texts[0].startswith("Original Task:") and "\nInputs from previous nodes:" in texts
    return by_graph or (texts[0].startswith("Context:\n") and "swarm coordination tools" in texts[0])


def with_memory(messages: Sequence[Message], place: int, text: str) -> list[Any]:
    """Return `messages` with `text` at the tail of that at `place`, without touching any of them."""
    message = messages[place]
    # Some providers run neighbouring blocks of text together.
    tail = {"text": f"\n\n{text}" if any("text" in block for block in _blocks(message)) else text}
    return [*messages[:place], {**message, "content": [*message["content"], tail]}, *messages[place + 1 :]]


def with_instruction(prompt: object, text: str) -> Any:
    """Return a system prompt, which is text, blocks or None, with `text` at its tail."""
    if not prompt:
        return text
    if isinstance(prompt, str):
        return f"{prompt}\n\n{text}"
    return [*_mappings(prompt), {"text": f"\n\n{text}"}]


def place_of(messages: Sequence[Message], asked: Message | None) -> int | None:
    """Return where in `messages`, a copy of a conversation, the message `asked` is, or else the newest of the user."""
    newest = None
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        if message.get("role") != "user" or any("toolResult" in block for block in _blocks(message)):
            continue
        if asked is None or _same(message, asked):
            return place
        newest = place if newest is None else newest
    return newest


def _same(one: Message, other: Message) -> bool:
    tracked = one.get("tracking_id"), other.get("tracking_id")
    return tracked[0] == tracked[1] if all(tracked) else one.get("content") == other.get("content")


def _spoken(block: Mapping[str, Any]) -> Any:
    """Return the part of a content block that was said: also when it is cited, or marked for a guardrail."""
    cited, guarded = block.get("citationsContent"), block.get("guardContent")
    if isinstance(cited, Mapping):
        return {"text": text_of(cited.get("content"))}
    if isinstance(guarded, Mapping):
        return {"text": text_of(guarded.get("text"))}
    return block


def _answered(result: object) -> Any:
    content = result.get("content") if isinstance(result, Mapping) else None
    return {
        "text": "\n".join(
            json.dumps(part["json"], ensure_ascii=False, default=str) if "json" in part else text_of(part)
            for part in _mappings(content)
        )
    }


def _blocks(message: Message) -> list[Mapping[str, Any]]:
    return list(_mappings(message.get("content")))


def _mappings(content: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, Sequence) and not isinstance(content, str):
        yield from (part for part in content if isinstance(part, Mapping))
