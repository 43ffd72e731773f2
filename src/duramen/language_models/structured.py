"""Asking any model for an object of a given shape, and once more when what it wrote does not fit."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from duramen.errors import BadAnswerError
from duramen.language.tokens import count_tokens, encodable
from duramen.language_model import Answered, Prompt, Shape, Usage
from duramen.language_models.prompts import fenced
from duramen.language_models.reading import UnreadableError, read

_HOW = (
    "Answer with one JSON object that fits the JSON schema below, and with nothing else: no explanation, no Markdown.\n"
    "JSON schema: {schema}"
)
_AGAIN = "Your earlier answer could not be used. Answer again: one JSON object that fits the schema, and nothing else."
_QUOTED = 4_000  # characters of a bad answer that the model is shown again


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a request."""

    role: Literal["system", "user"]
    content: str


Ask = Callable[[Sequence[Message], dict[str, Any], int], Awaitable[tuple[str, "Usage | None"]]]
"""Sends one request to a model: the messages, the JSON schema of the answer and how many tokens it may have at most. Gives
the text of the answer and what it took, or None if the model does not say. Raises `ModelUnavailableError`."""

METER: ContextVar[Callable[[Usage], None] | None] = ContextVar("METER", default=None)
"""Is told what a request took as soon as it is answered, whatever becomes of the answer."""


async def structured(ask: Ask, prompt: Prompt, shape: type[Shape], *, name: str, max_tokens: int) -> Answered[Shape]:
    """Ask for an answer of `shape`; once more, with what was wrong, if the first does not fit.

    Args:
        ask: Sends one request to the model.
        prompt: Its data is passed on as it is: fenced already.
        shape: A pydantic model. Its schema, without titles, stands in the request.
        name: What the model is called in errors.
        max_tokens: What each of the two answers may have.

    Raises:
        BadAnswerError: The second answer did not fit, either. It says what was wrong with both.
        ModelUnavailableError: As `ask` raises it.
    """
    schema = schema_of(shape)
    how = _HOW.format(schema=json.dumps(schema, ensure_ascii=False))
    system = Message("system", encodable(f"{prompt.instructions}\n\n{how}"))
    text, usage = await _asked(ask, (system, Message("user", encodable(prompt.data))), schema, max_tokens)
    try:
        return Answered(value=read(text, shape), usage=usage)
    except UnreadableError as error:
        first = error
    repair = Message("user", encodable(_repair(prompt, text, first)))
    text, more = await _asked(ask, (system, repair), schema, max_tokens)
    try:
        value = read(text, shape)
    except UnreadableError as error:
        raise BadAnswerError(
            f"The model {name!r} gave no usable {shape.__name__}, also when told so: first, {first}; then, {error}. It "
            f"may be too small for this, or `max_tokens` ({max_tokens}) too low: try a larger one."
        ) from error
    return Answered(value=value, usage=Usage(read=usage.read + more.read, written=usage.written + more.written))


def schema_of(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of `shape` without titles, which only repeat the names."""
    schema: dict[str, Any] = _untitled(shape.model_json_schema())
    return schema


def _repair(prompt: Prompt, text: str, problem: UnreadableError) -> str:
    # What the model wrote may quote what a user said, so it is data as well.
    quoted = text if len(text) <= _QUOTED else f"{text[:_QUOTED]} …"
    return "\n\n".join((prompt.data, fenced("earlier-answer", quoted), fenced("what-was-wrong", str(problem)), _AGAIN))


async def _asked(ask: Ask, messages: Sequence[Message], schema: dict[str, Any], max_tokens: int) -> tuple[str, Usage]:
    text, usage = await ask(messages, schema, max_tokens)
    if usage is None:
        usage = Usage(read=sum(count_tokens(message.content) for message in messages), written=count_tokens(text))
    meter = METER.get()
    if meter is not None:
        meter(usage)
    return text, usage


def _untitled(node: Any, *, named: bool = False) -> Any:
    """Return `node` without titles; `named` where its keys are names of fields, one of which may be `title`."""
    if isinstance(node, list):
        return [_untitled(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value
        if key in {"default", "enum", "const", "examples"} and not named
        else _untitled(value, named=not named and key in {"properties", "$defs"})
        for key, value in node.items()
        if named or key != "title"
    }
