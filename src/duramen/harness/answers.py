"""What an agent answers, in whichever way it does, as chat messages."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Any, TypeAlias

from duramen.errors import BadContentError
from duramen.said import text_of
from duramen.types import Message

Agent: TypeAlias = "Callable[[list[Message]], Any]"
"""Takes chat messages, the newest last, and returns text, a message, or a list of new messages; or awaits to do so.

Or it is a generator, which yields pieces of text and messages as they come.
"""

Heard: TypeAlias = "Callable[[str | Message], None]"
"""Is told each piece of text and each message as soon as the agent says it, on the loop of the memory."""

_NOT_SAID = frozenset({"role", "content", "id", "name"})


async def answer_of(agent: Agent, messages: list[Message], heard: Heard | None = None) -> list[Message]:
    """Call `agent`, in a thread if it does not await, and return what it says as messages.

    Args:
        agent: What is called.
        messages: What it is shown.
        heard: Is told each piece of what a generator yields, and else each message, or the text if that is all.

    Raises:
        BadContentError: It returned something else.
    """
    said = agent(messages) if _awaits(agent) else await asyncio.to_thread(agent, messages)
    said = await said if isinstance(said, Awaitable) else said
    if isinstance(said, AsyncIterator | Iterator):
        return await _streamed(said, heard)
    answered = messages_in(said)
    for one in (said,) if isinstance(said, str) else answered:
        if heard is not None and one:
            heard(one)
    return answered


def with_system(agent: Agent, system: str) -> Agent:
    """Return an agent that is shown `system` first, as a message of the system, before what `agent` was shown without it."""

    async def awaited(messages: list[Message]) -> object:
        answer: object = await agent([{"role": "system", "content": system}, *messages])
        return answer

    def called(messages: list[Message]) -> object:
        answer: object = agent([{"role": "system", "content": system}, *messages])
        return answer

    if not system.strip():
        return agent
    return awaited if _awaits(agent) else called


def _awaits(agent: Agent) -> bool:
    return inspect.iscoroutinefunction(agent) or inspect.iscoroutinefunction(type(agent).__call__)


async def _streamed(pieces: AsyncIterator[object] | Iterator[object], heard: Heard | None) -> list[Message]:
    """Take what comes, and return it as messages: text that is not parted by a message is one."""
    answered: list[Message] = []
    texts: list[str] = []
    async with aclosing(_each(pieces)) as each:
        async for piece in each:
            if isinstance(piece, str):
                texts.append(piece)
            else:
                (message,) = messages_in(piece) if isinstance(piece, Mapping) else _refused(piece)
                answered += [*_joined(texts), message]
                texts, piece = [], message
            if heard is not None and piece:
                heard(piece)
    return [*answered, *_joined(texts)]


async def _each(pieces: AsyncIterator[object] | Iterator[object]) -> AsyncGenerator[object]:
    """Go through `pieces`; those that are not awaited for are fetched in threads, one after the other."""
    if isinstance(pieces, AsyncIterator):
        async with AsyncExitStack() as stack:
            if inspect.isasyncgen(pieces):
                stack.push_async_callback(pieces.aclose)
            async for piece in pieces:
                yield piece
        return
    end = object()
    while (piece := await asyncio.to_thread(next, pieces, end)) is not end:
        yield piece


def _joined(texts: Sequence[str]) -> list[Message]:
    return [{"role": "assistant", "content": "".join(texts)}] if any(texts) else []


def _refused(piece: object) -> list[Message]:
    raise BadContentError(
        f"The agent yielded a {type(piece).__name__}. Yield pieces of text, or messages ({{'role': 'assistant', 'content': "
        f"'…'}}). Nothing was saved."
    )


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
