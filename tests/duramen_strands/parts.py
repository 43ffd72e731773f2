"""A model that follows a script and keeps what it was shown, and what tests ask of agents and memories."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strands import Agent, tool
from strands.models import Model
from strands.types.content import Message, Messages
from strands.types.interrupt import InterruptResponseContent
from strands.types.streaming import StreamEvent

from duramen import Event, MemoryEngine

ROOT = Path(__file__).parents[2]
"""From where `-m tests.…` runs."""

FACTS = {"user:ada": "Ada lives in Lisbon.", "user:bob": "Bob lives in Bergen."}
QUESTION = "Where do I live?"
FENCE = "<recalled-memory"

MIDDLEWARE = hasattr(Agent, "add_middleware")
"""Whether recalled text can be put where we want it; before 1.62 Strands' own injector has its own mind."""

TRACKED = "tracking_id" in Message.__annotations__
"""Whether messages have ids, as from 1.47 on."""


@dataclass(frozen=True)
class Use:
    """The model calls a tool."""

    name: str
    input: dict[str, Any] = field(default_factory=dict)
    id: str = "call-1"
    text: str = ""


@dataclass(frozen=True)
class TakenBack:
    """A guardrail takes back what the user said."""

    text: str = "I cannot talk about that."


Line = str | Use | TakenBack | Exception


class Speaker(Model):
    """Says `lines`, one a call, word by word, and "Done." when they are used up; raises those that are errors.

    Attributes:
        shown: The messages of each call. `prompts`: its system prompt.
    """

    def __init__(self, *lines: Line) -> None:
        self.lines = list(lines)
        self.shown: list[list[Message]] = []
        self.prompts: list[str | None] = []
        self.before: Callable[[], Awaitable[None]] | None = None

    def update_config(self, **model_config: Any) -> None:
        """Has nothing to configure."""

    def get_config(self) -> dict[str, Any]:
        return {}

    async def stream(
        self, messages: list[Message], tool_specs: Any = None, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncIterable[StreamEvent]:
        self.shown.append(copy.deepcopy(messages))
        self.prompts.append(system_prompt)
        if self.before is not None:
            await self.before()
        line = self.lines.pop(0) if self.lines else "Done."
        if isinstance(line, Exception):
            raise line
        await asyncio.sleep(0)
        yield {"messageStart": {"role": "assistant"}}
        if isinstance(line, TakenBack):
            yield {"redactContent": {"redactUserContentMessage": "[taken back]"}}
            line = line.text
        for event in _text(line.text if isinstance(line, Use) else line):
            yield event
        if isinstance(line, Use):
            for event in _use(line):
                yield event
        yield {"messageStop": {"stopReason": "tool_use" if isinstance(line, Use) else "end_turn"}}
        usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
        yield {"metadata": {"usage": usage, "metrics": {"latencyMs": 0}}}  # type: ignore[typeddict-item]  # as providers send it

    async def structured_output(
        self, output_model: Any, prompt: Any, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, Any], None]:
        yield {"output": output_model()}

    def texts(self, call: int = -1) -> str:
        """Return what the model was shown at a call, the system prompt first."""
        return f"{self.prompts[call]}\n{json.dumps(self.shown[call], ensure_ascii=False, default=repr)}"


def _text(text: str) -> list[StreamEvent]:
    if not text:
        return []
    deltas: list[StreamEvent] = [
        {"contentBlockDelta": {"delta": {"text": word}}} for word in text.replace(" ", " \0").split("\0")
    ]
    return [{"contentBlockStart": {"start": {}}}, *deltas, {"contentBlockStop": {}}]


def _use(use: Use) -> list[StreamEvent]:
    return [
        {"contentBlockStart": {"start": {"toolUse": {"name": use.name, "toolUseId": use.id}}}},
        {"contentBlockDelta": {"delta": {"toolUse": {"input": json.dumps(use.input)}}}},
        {"contentBlockStop": {}},
    ]


@tool
def look_up(city: str) -> str:
    """Look up the weather of a city."""
    return f"It rains in {city}."


def agent_of(*lines: Line, **options: Any) -> tuple[Agent, Speaker]:
    """Return an agent that says nothing on the terminal, and its model."""
    model = Speaker(*lines)
    return Agent(model=model, callback_handler=None, **options), model


def as_user(name: str) -> dict[str, Any]:
    """Return the invocation state of a user."""
    return {"user_id": name}


async def seed(memory: MemoryEngine) -> None:
    """Give two users a fact each, so that what is recalled where it should not be would be seen."""
    for bank, fact in FACTS.items():
        await memory.retain(bank, fact, key="fact")


async def kept(memory: MemoryEngine, bank: str = "user:ada") -> list[str]:
    """Return what was retained in `bank` beside what `seed` put there, in the order in which it was said."""
    events: list[Event] = list((await memory.events(bank, limit=1000)).items)
    return [
        f"{'assistant' if one.kind == 'experience' else 'user'}: {one.content}" for one in events if one.key != "fact"
    ]


def texts(messages: Messages) -> list[str]:
    """Return what is said in `messages`."""
    return [content["text"] for message in messages for content in message["content"] if "text" in content]


def answer(interrupt: str, response: str) -> list[InterruptResponseContent]:
    """Return what goes on with an agent that was interrupted."""
    return [{"interruptResponse": {"interruptId": interrupt, "response": response}}]
