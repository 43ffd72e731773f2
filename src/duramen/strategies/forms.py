"""The two forms of a strategy: with a language model, and without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from duramen.errors import LanguageModelError
from duramen.language_model import LanguageModel
from duramen.strategy import Made, Work


async def either(
    work: Work, with_model: Callable[[Work, LanguageModel], Awaitable[Made]], without: Callable[[Work], Awaitable[Made]]
) -> Made:
    """Do `work` with its language model if it has one that answers, else without.

    Returns:
        What was made. If a model did not answer, a note says why, and `fallbacks` is one more.
    """
    if work.model is None:
        return await without(work)
    try:
        return await with_model(work, work.model)
    except LanguageModelError as error:
        made = await without(work)
        note = f"without a model, since {work.model.name} did not help: {error}"
        return replace(made, notes=(*made.notes, note), fallbacks=made.fallbacks + 1)
