"""Real parts for the tests: a chat model that says what it was told to, both ways to run an agent, and looks into both."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import Field, PrivateAttr

from duramen import MemoryEngine

ADA = "user:ada"
BOB = "user:bob"
SEEDS = {ADA: "Ada moved to Lisbon in March.", BOB: "Bob moved to Oslo in April."}
ASKS = "Where should Ada spend the weekend?"
ANSWER = "By the sea."

Reply = str | AIMessage | Exception
"""What a model does when it is called: say this, or raise it."""


class ScriptedModel(BaseChatModel):
    """Says the next line of its script, or what it always says, word by word when it is streamed."""

    script: list[Any] = Field(default_factory=list)
    always: Callable[[list[BaseMessage]], Reply] = lambda _: "Noted."
    prompts: list[list[BaseMessage]] = Field(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, *script: Reply, **rest: Any) -> None:
        super().__init__(script=list(script), **rest)  # type: ignore[call-arg]  # a field of its own

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def shown(self) -> list[str]:
        """Each prompt as one text."""
        return ["\n".join(f"{message.type}: {message.content}" for message in prompt) for prompt in self.prompts]

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=tools, **options)

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        with self._lock:
            place = len(self.prompts)
            self.prompts.append([message.model_copy(deep=True) for message in messages])
        reply = self.script[place] if place < len(self.script) else self.always(messages)
        if isinstance(reply, Exception):
            raise reply
        return AIMessage(reply) if isinstance(reply, str) else reply.model_copy()

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        yield from _chunks(self._next(messages))

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(self._next(messages)):
            yield chunk
            await asyncio.sleep(0)


def _chunks(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    if message.tool_calls:
        calls = [
            {
                "type": "tool_call_chunk",
                "name": call["name"],
                "args": json.dumps(call["args"]),
                "id": call["id"],
                "index": i,
            }
            for i, call in enumerate(message.tool_calls)
        ]
        yield ChatGenerationChunk(message=AIMessageChunk(content=message.content, tool_call_chunks=calls))  # type: ignore[arg-type]  # dicts, as the stub's TypedDict is made of
        return
    words = str(message.content).split(" ")
    for place, word in enumerate(words):
        yield ChatGenerationChunk(message=AIMessageChunk(content=word if place == 0 else f" {word}"))


def calling(*names: str, words: str = "", **arguments: Any) -> AIMessage:
    """Return what a model says when it calls the tools of `names`, each with the same arguments."""
    calls = [{"name": name, "args": arguments, "id": f"call-{place}-{name}"} for place, name in enumerate(names)]
    return AIMessage(words, tool_calls=calls)


@tool
def weather() -> str:
    """Tell the weather."""
    return "Sunshine."


class Sync:
    """Runs an agent without `await`, as here inside a running loop."""

    async def invoke(self, agent: Any, given: Any, config: Any = None, **rest: Any) -> Any:
        return agent.invoke(given, config, **rest)

    async def stream(self, agent: Any, given: Any, config: Any = None, *, most: int | None = None, **rest: Any) -> Any:
        """Return the chunks, at most so many: then the reader goes away."""
        chunks = []
        stream = agent.stream(given, config, **rest)
        for chunk in stream:
            chunks.append(chunk)
            if len(chunks) == most:
                break
        stream.close()
        return chunks

    async def at_once(self, agent: Any, *runs: tuple[Any, Any]) -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(agent.invoke, given, config) for given, config in runs))


class Async:
    """Runs an agent with `await`."""

    async def invoke(self, agent: Any, given: Any, config: Any = None, **rest: Any) -> Any:
        return await agent.ainvoke(given, config, **rest)

    async def stream(self, agent: Any, given: Any, config: Any = None, *, most: int | None = None, **rest: Any) -> Any:
        """Return the chunks, at most so many: then the reader goes away."""
        chunks = []
        stream = agent.astream(given, config, **rest)
        async for chunk in stream:
            chunks.append(chunk)
            if len(chunks) == most:
                break
        await stream.aclose()
        return chunks

    async def at_once(self, agent: Any, *runs: tuple[Any, Any]) -> list[Any]:
        return await asyncio.gather(*(agent.ainvoke(given, config) for given, config in runs))


Face = Sync | Async
"""A way to run an agent."""


def of(user: str, thread: str = "thread") -> RunnableConfig:
    """Return the config of a run for `user`."""
    return {"configurable": {"thread_id": f"{user}-{thread}", "user_id": user}}


def saying(text: str, **rest: Any) -> Any:
    """Return the input of a run in which the user says `text`."""
    return {"messages": [{"role": "user", "content": text, **rest}]}


async def seed(memory: MemoryEngine) -> None:
    """Let both users' banks know something that nobody says in a test."""
    for bank, text in SEEDS.items():
        await memory.retain(bank, text, key="seed")


async def said(memory: MemoryEngine, bank: str = ADA) -> list[str]:
    """Return what was retained in `bank`, beside the seed, in order."""
    events = (await memory.events(bank, limit=1000)).items
    return [event.content for event in events if event.key != "seed"]


def leaks(*where: Any) -> list[str]:
    """Return which of the things that are only to be recalled are written down in `where`."""
    text = "".join(
        repr([one.storage, one.blobs, one.writes]) if isinstance(one, InMemorySaver) else repr(one) for one in where
    )
    return [word for word in ("recalled-memory", "Lisbon", "Oslo") if word in text]
