"""The summary of a conversation by a language model, for `Summarization`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pydantic import BaseModel, Field

from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import fenced, instructions
from duramen.said import text_of
from duramen.types import Message


class Summary(BaseModel):
    """A conversation, shortened."""

    summary: str = Field(max_length=20_000)


def summarizer(model: LanguageModel, prompt: str | None) -> Callable[[Sequence[Message]], Coroutine[Any, Any, str]]:
    """Return what lets `model` write summaries, told what to do by `prompt` or the usual instructions."""

    async def summarize(messages: Sequence[Message]) -> str:
        lines = [f"{message.get('role', 'user')}: {text_of(message.get('content'))}" for message in messages]
        told = instructions("duramen.harness", "summarize", prompt)
        answered = await model.answer(Prompt(instructions=told, data=fenced("messages", "\n".join(lines))), Summary)
        return answered.value.summary

    return summarize
