"""Preferences as a language model finds them: checked before they are believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

from pydantic import BaseModel, Field

from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import conversation, instructions, unescaped
from duramen.strategies.preference_grammar import Polarity
from duramen.strategies.preference_objects import is_secret
from duramen.strategies.preference_plain import holder_of, is_agents
from duramen.strategies.preference_topics import CATEGORIES, MOST, OTHER, categories
from duramen.strategy import Candidate, Made, Work
from duramen.types import Event

LONGEST = 500
"""Characters of a preference or its text; a longer one is no preference."""

MOST_FOUND = 50
"""Preferences of one answer that are read."""

_LABEL = re.compile(r"e(\d{1,6})", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z][a-z-]{1,19}")
_POLARITIES = ("likes", "dislikes", "wants", "rule")


class PreferenceShape(BaseModel):
    """One preference."""

    preference: str = Field(description='What is preferred, without the name: "prefers window seats when flying"')
    text: str = Field(description='A sentence with the name: "Ada prefers window seats when flying."')
    context: str = Field(default="", description="What was said, or the situation that shows it")
    categories: list[str] = Field(default_factory=list, description="One to three")
    explicit: bool = Field(default=True, description="Whether it was stated, and not only shown by what somebody does")
    polarity: str = Field(default="likes", description="likes, dislikes, wants or rule")
    sources: list[str] = Field(description='Labels of the new lines that say so, such as "e1"')


class PreferencesShape(BaseModel):
    """All preferences of the new lines."""

    preferences: list[PreferenceShape]


async def written_of(work: Work, model: LanguageModel, *, prompt: str | None) -> Made:
    """Return the preferences that a model finds in the new events.

    One is believed if it names a new line that a user said, is not blank and not longer than `LONGEST`, and holds no
    secret. A note says how many were not.

    Raises:
        LanguageModelError: The model did not answer.
    """
    asked = Prompt(
        instructions=instructions("duramen.strategies", "preference", prompt),
        data=conversation(work.events, work.history),
    )
    answer = (await model.answer(asked, PreferencesShape)).value.preferences
    believed = [candidate for shape in answer[:MOST_FOUND] if (candidate := _candidate(shape, work.events))]
    once = list({candidate.text.casefold(): candidate for candidate in reversed(believed)}.values())[::-1]
    refused = len(answer) - len(believed)
    notes = [f"{refused} of {len(answer)} preferences of {model.name} were left out"] if refused else []
    return Made(candidates=sorted(once, key=lambda candidate: candidate.mentioned), notes=notes)


def _candidate(shape: PreferenceShape, events: Sequence[Event]) -> Candidate | None:
    sources = _sources(shape.sources, events)
    said = [event for event in sources if not is_agents(event)]
    preference, text, context = (_flat(part) for part in (shape.preference, shape.text, shape.context))
    text = text or (f"{holder_of(said[0])} {preference}" if said else "")
    if not said or not preference or max(len(preference), len(text)) > LONGEST or is_secret(f"{text} {context}"):
        return None
    return Candidate(
        text=text if text.endswith((".", "!", "?", "…")) else f"{text}.",
        kind="preference",
        sources=tuple(event.id for event in sources),
        mentioned=said[-1].mentioned,
        speaker=said[-1].speaker,
        details={
            "preference": preference,
            "context": context[:LONGEST],
            "categories": _categories(shape.categories, preference),
            "explicit": shape.explicit,
            "polarity": _polarity(shape.polarity),
        },
    )


def _sources(labels: Iterable[str], events: Sequence[Event]) -> list[Event]:
    found = {int(label[1]) for given in labels if (label := _LABEL.fullmatch(given.strip()))}
    return [events[number - 1] for number in sorted(found) if 1 <= number <= len(events)]


def _categories(given: Iterable[str], preference: str) -> list[str]:
    """Return the categories that are known, then other short words; ours if there are none."""
    named = list(dict.fromkeys(name.strip().casefold() for name in given))
    known = [name for name in named if name in CATEGORIES and name != OTHER]
    new = [name for name in named if name not in CATEGORIES and _CATEGORY.fullmatch(name)]
    return [*known, *new][:MOST] or list(categories(preference))


def _polarity(given: str) -> Polarity:
    low = given.strip().casefold()
    return cast("Polarity", low) if low in _POLARITIES else "likes"


def _flat(text: str) -> str:
    return " ".join(unescaped(text).split())
