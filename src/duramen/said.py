"""The words in a chat message, of whichever framework: what was said, and not what was thought, called or shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_UNSPOKEN = frozenset({"reasoning", "thinking", "redacted_thinking", "tool_use", "tool_call", "tool_result"})


def text_of(content: object) -> str:
    """Return the text of `content`: plain, or the `text` of its parts, line by line.

    Images, tool calls and their results, and reasoning have none, whether the part says so by its `type` or by the key
    that its content stands at (`{"reasoningContent": …}`, `{"toolResult": …}`).
    """
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return "" if content.get("type") in _UNSPOKEN else text_of(content.get("text"))
    if isinstance(content, Iterable):
        return "\n".join(text for text in map(text_of, content) if text)
    return ""
