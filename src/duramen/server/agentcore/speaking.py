"""What is said to a harness, as chat messages; and what its agent says, as the events that AWS's clients read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duramen.harness.answers import Agent
from duramen.said import text_of
from duramen.sessions.tools import inner, role_of
from duramen.types import Message

Event = tuple[str, Mapping[str, Any]]
"""The name of a member of the stream, and what it holds."""

_CALLS, _RESULTS, _END = "tool_use", "tool_result", "end_turn"


def chat(given: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Return the messages that were sent as chat messages.

    What is text alone becomes text; tool calls, their results and reasoning stay as they came, in Bedrock's own form.
    """
    return [{"role": one["role"], "content": _content(one["content"])} for one in given]


def system_text(given: Sequence[Mapping[str, Any]]) -> str:
    """Return the words of a system prompt, block by block."""
    return "\n".join(block["text"] for block in given if "text" in block)


def in_turns(agent: Agent) -> Agent:
    """Return an agent that is shown as one message what the user said in several in a row, as models want it.

    So a session goes on after a turn that nobody answered. What is more than text stays as it is.
    """

    def called(messages: list[Message]) -> object:
        answer: object = agent(_in_turns(messages))
        return answer

    return called


def _in_turns(messages: Sequence[Message]) -> list[Message]:
    shown: list[Message] = []
    for message in messages:
        before = shown[-1] if shown else {}
        if all(one.get("role") == "user" and isinstance(one.get("content"), str) for one in (before, message)):
            shown[-1] = {**before, **message, "content": f"{before['content']}\n\n{message['content']}"}
        else:
            shown.append(message)
    return shown


class Speech:
    """Tells what an agent says as events, each as soon as it can be known.

    A message is started, has blocks, each with an index, its pieces and an end, and is stopped. Blocks of text begin with
    their first piece.
    """

    def __init__(self) -> None:
        self._role: str | None = None
        self._index = 0
        self._in_text = False
        self._spoke = False
        self._stop = _END

    def said(self, piece: str | Message) -> Iterator[Event]:
        """Go through the events that tell of the next piece of text, or of a whole message.

        Text that is followed by a tool call of the agent is one message with it.
        """
        if isinstance(piece, str):
            yield from self._started("assistant")
            self._in_text = True
            yield self._delta({"text": piece})
            return
        blocks = list(_blocks(piece))
        yield from self._started("user" if any("toolResult" in (start or ()) for start, _ in blocks) else "assistant")
        for start, delta in blocks:
            yield from self._block(start, delta)
        yield from self.stopped()

    def ended(self) -> Iterator[Event]:
        """Go through the events that tell that the agent says no more."""
        if self._role is not None or not self._spoke:
            yield from self._started("assistant")
            yield from self.stopped()

    def late(self) -> Iterator[Event]:
        """Go through the events that tell that the agent took too long."""
        yield from self._started("assistant")
        yield from self.stopped("timeout_exceeded")

    def stopped(self, reason: str | None = None) -> Iterator[Event]:
        """Go through the events that stop the message that is being told.

        Args:
            reason: Why; by what it holds, if None.
        """
        yield from self._text_ended()
        yield "messageStop", {"stopReason": reason or self._stop}
        self._role = None

    def _started(self, role: str) -> Iterator[Event]:
        if self._role == role:
            return
        if self._role is not None:
            yield from self.stopped()
        self._role, self._stop, self._spoke = role, _END, True
        yield "messageStart", {"role": role}

    def _block(self, start: Mapping[str, Any] | None, delta: Mapping[str, Any]) -> Iterator[Event]:
        yield from self._text_ended()
        if start is not None:
            self._stop = _CALLS if "toolUse" in start else _RESULTS
            yield "contentBlockStart", {"contentBlockIndex": self._index, "start": start}
        yield self._delta(delta)
        yield from self._block_ended()

    def _delta(self, delta: Mapping[str, Any]) -> Event:
        return "contentBlockDelta", {"contentBlockIndex": self._index, "delta": delta}

    def _text_ended(self) -> Iterator[Event]:
        if self._in_text:
            self._in_text = False
            yield from self._block_ended()

    def _block_ended(self) -> Iterator[Event]:
        yield "contentBlockStop", {"contentBlockIndex": self._index}
        self._index += 1


def _content(blocks: Sequence[Mapping[str, Any]]) -> str | list[Mapping[str, Any]]:
    if all(set(block) == {"text"} for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return list(blocks)


_Block = tuple[Mapping[str, Any] | None, Mapping[str, Any]]
"""How a block starts, if it says so, and what it holds."""


def _blocks(message: Message) -> Iterator[_Block]:
    """Go through the blocks of a message, whichever framework wrote it; see `duramen.sessions.tools`."""
    said = inner(message)
    content = said.get("content")
    if role_of(message) == "tool":
        yield _result(said.get("tool_call_id"), content)
        return
    for part in [content] if isinstance(content, str | Mapping) else content or ():
        yield from _part(part)
    for call in said.get("tool_calls") or ():
        function = call.get("function", call)
        yield _call(call.get("id"), function.get("name"), function.get("arguments", function.get("args")))


def _part(part: Any) -> Iterator[_Block]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "tool_use":
        yield _call(part.get("id"), part.get("name"), part.get("input"))
    elif kind == "tool_result":
        yield _result(part.get("tool_use_id"), part.get("content"), failed=bool(part.get("is_error")))
    elif isinstance(part, Mapping) and "toolUse" in part:
        call = part["toolUse"]
        yield _call(call.get("toolUseId"), call.get("name"), call.get("input"))
    elif isinstance(part, Mapping) and "toolResult" in part:
        result = part["toolResult"]
        yield _result(result.get("toolUseId"), result.get("content"), failed=result.get("status") == "error")
    elif text_of(part):
        yield None, {"text": text_of(part)}


def _call(called: Any, name: Any, given: Any) -> _Block:
    told = given if isinstance(given, str) else json.dumps({} if given is None else given, default=str)
    return {"toolUse": {"toolUseId": str(called or "call"), "name": str(name)}}, {"toolUse": {"input": told or "{}"}}


def _result(called: Any, content: Any, *, failed: bool = False) -> _Block:
    blocks: list[Mapping[str, Any]] = []
    for part in [content] if isinstance(content, str | Mapping) else content or ():
        if isinstance(part, Mapping) and "json" in part:
            blocks.append({"json": part["json"]})
        elif text_of(part):
            blocks.append({"text": text_of(part)})
    start = {"toolResult": {"toolUseId": str(called or "call"), "status": "error" if failed else "success"}}
    return start, {"toolResult": blocks}
