"""The two forms of a strategy: with a language model, and without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from duramen.errors import LanguageModelError
from duramen.language_model import LanguageModel
from duramen.strategies.checked import CheckedModel
from duramen.strategy import Made, Work


async def either(
    work: Work, with_model: Callable[[Work, LanguageModel], Awaitable[Made]], without: Callable[[Work], Awaitable[Made]]
) -> Made:
    """Do `work` with its language model if it has one that helps, else without.

    A model does not help that does not answer, or whose answer cannot be about the work; see `CheckedModel`.

    Returns:
        What was made. If a model did not help, a note says why, and `fallbacks` is one more.
    """
    if work.model is None:
        return await without(work)
    model = CheckedModel(work.model, [event.content for event in (*work.history, *work.events)])
    try:
        return await with_model(work, model)
    except LanguageModelError as error:
        made = await without(work)
        note = f"without a model, since {work.model.name} did not help: {error}"
        return replace(made, notes=(*made.notes, note), fallbacks=made.fallbacks + 1)
