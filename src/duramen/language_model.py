"""The seam to a language model: one method, which returns an object of the shape that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

Shape = TypeVar("Shape", bound="BaseModel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is asked.

    Attributes:
        instructions: Ours, or those that the owner of the strategy wrote: what to do. Never anything that a user of an
            agent said.
        data: What to do it with, fenced and escaped; see `duramen.language_models.prompts`.
    """

    instructions: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What answering took: tokens read and written, as the model counts them or else as we do."""

    read: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[Shape]):
    """A validated answer, and what it took, the repair included."""

    value: Shape
    usage: Usage


class LanguageModel(Protocol):
    """Answers prompts in a given shape. Safe to call many times at once from one event loop."""

    @property
    def name(self) -> str:
        """What it is called in jobs and notes, such as `openai:gpt-5-mini`."""

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """Return an answer of the pydantic model `shape`, at most `max_tokens` long.

        An answer that does not fit the shape is asked for once more, with what was wrong about it.

        Raises:
            BadAnswerError: That one did not fit, either.
            ModelUnavailableError: The model could not be reached, refused, or took too long.
            QuotaError: What this bank may use is used up.
        """

    async def aclose(self) -> None:
        """Let go of connections and memory."""


class Models(Protocol):
    """Lends language models to the work for a bank, and counts what each bank uses."""

    def for_bank(self, bank: str, model: LanguageModel | None = None) -> LanguageModel | None:
        """Return `model` as `bank` may use it, the engine's own if that is None, or None if there is neither."""
