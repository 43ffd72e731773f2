"""What an agent answers, in whichever way it does, as chat messages."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from duramen.errors import BadContentError
from duramen.said import text_of
from duramen.types import Message

Agent: TypeAlias = "Callable[[list[Message]], Any]"
"""Takes chat messages, the newest last, and returns text, a message, or a list of new messages; or awaits to do so."""


_NOT_SAID = frozenset({"role", "content", "id", "name"})


async def answer_of(agent: Agent, messages: list[Message]) -> list[Message]:
    """Call `agent`, in a thread if it does not await, and return what it says as messages.

    Raises:
        BadContentError: It returned something else.
    """
    awaits = inspect.iscoroutinefunction(agent) or inspect.iscoroutinefunction(type(agent).__call__)
    said = agent(messages) if awaits else await asyncio.to_thread(agent, messages)
    return messages_in(await said if isinstance(said, Awaitable) else said)


def messages_in(said: object) -> list[Message]:
    """Return what an agent returned as messages.

    Raises:
        BadContentError: It is neither text, nor a message, nor a list of messages.
    """
    if isinstance(said, str):
        return [{"role": "assistant", "content": said}]
    if isinstance(said, Mapping):
        return [{"role": "assistant", **said}]
    if isinstance(said, Sequence) and all(isinstance(one, Mapping) for one in said):
        return [{"role": "assistant", **one} for one in said]
    raise BadContentError(
        f"The agent returned a {type(said).__name__}. Return text, a message ({{'role': 'assistant', 'content': '…'}}), or a "
        f"list of the new messages. Nothing was saved."
    )


def asked_in(message: str | Message | Sequence[Message]) -> list[Message]:
    """Return what a user says as messages.

    Raises:
        BadContentError: It is blank, or no message.
    """
    given: object = message
    if isinstance(given, str):
        messages: list[Message] = [{"role": "user", "content": given}]
    elif isinstance(given, Mapping):
        messages = [{"role": "user", **given}]
    elif isinstance(given, Sequence) and given and all(isinstance(one, Mapping) for one in given):
        messages = [dict(one) for one in given]
    else:
        messages = []
    if not any(_says(one) for one in messages):
        raise BadContentError(f"The message is {given!r}. Say something, as text or as chat messages.")
    return messages


def _says(message: Message) -> bool:
    """Tell whether there is anything in `message`: words, a picture, or the call or result of a tool."""
    content = message.get("content")
    if text_of(content).strip():
        return True
    if not isinstance(content, str | type(None)):
        parts = content if isinstance(content, Sequence) else (content,)
        if any(not isinstance(part, Mapping) or set(part) - {"type", "text"} for part in parts if part):
            return True
    return any(message[name] for name in message if name not in _NOT_SAID)


def with_recalled(messages: Sequence[Message], block: str) -> list[Message]:
    """Return a copy of `messages` with `block` at the end of the newest message of the user."""
    shown = [dict(one) for one in messages]
    for message in reversed(shown) if block else ():
        if message.get("role", "user") == "user":
            content = message.get("content")
            if isinstance(content, str):
                message["content"] = f"{content}\n\n{block}"
            else:
                message["content"] = [*(content or ()), {"type": "text", "text": block}]
            break
    return list(shown)
