"""A language model that says what it was told to: for tests, and to show what a model would make of something."""

from __future__ import annotations

import inspect
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel

from duramen.errors import ModelUnavailableError
from duramen.language_model import Answered, Prompt, Shape, Usage
from duramen.language_models.structured import Message, structured

Answer: TypeAlias = str | Mapping[str, Any] | BaseModel | Exception
"""Text as a model would write it, prose and half a JSON included; a mapping or an object, written as JSON; or an error to
raise."""

Function = Callable[[Prompt, type[BaseModel]], "Answer | Awaitable[Answer]"]


class ScriptedModel:
    """Answers from a script. What is in it goes through the same reading and repair as what a real model writes.

    Args:
        answers: One for each request, a repair being a request of its own; or a function that makes each of them from the
            prompt and the shape asked for. When they are used up, the model is unavailable.
        name: What the model is called.

    Attributes:
        prompts: What it was asked, in order. `requests`: the messages of each request, the repairs included.
        closed: Whether it was closed.
    """

    def __init__(self, answers: Iterable[Answer] | Function = (), *, name: str = "scripted") -> None:
        self.name = name
        self.prompts: list[Prompt] = []
        self.requests: list[Sequence[Message]] = []
        self.closed = False
        self._function = answers if callable(answers) else None
        self._answers = deque(() if callable(answers) else answers)

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """See `LanguageModel`."""
        self.prompts.append(prompt)

        async def ask(messages: Sequence[Message], schema: Mapping[str, Any], limit: int) -> tuple[str, Usage | None]:
            self.requests.append(messages)
            return _written(await self._next(prompt, shape)), None

        return await structured(ask, prompt, shape, name=self.name, max_tokens=max_tokens)

    async def aclose(self) -> None:
        """See `LanguageModel`."""
        self.closed = True

    async def _next(self, prompt: Prompt, shape: type[BaseModel]) -> Answer:
        if self._function is not None:
            made = self._function(prompt, shape)
            return await made if inspect.isawaitable(made) else made
        if not self._answers:
            raise ModelUnavailableError(
                f"The script of {self.name!r} has no answer to request {len(self.requests)}. Give it one more."
            )
        return self._answers.popleft()


def _written(answer: Answer) -> str:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, str):
        return answer
    if isinstance(answer, BaseModel):
        return answer.model_dump_json(by_alias=True)
    return json.dumps(answer, default=str)
