"""The running summary as a language model writes it: compared with what was said before it is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from duramen.errors import BadAnswerError
from duramen.language.dates import FoundDate, placed_dates
from duramen.language.stemming import guess
from duramen.language.terms import terms
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import conversation, instructions, listing, unescaped
from duramen.strategies.summary_names import names_of
from duramen.strategies.summary_plain import Said, names_in, read
from duramen.strategies.summary_topics import Topic, room_for
from duramen.strategy import Work
from duramen.types import Event, Memory

LEAST_KEPT = 0.25
"""How much of what a topic said before its new state says at least, by terms; if less, the old is kept beside it."""

_LABEL = re.compile(r"m(\d+)", re.IGNORECASE)
_EVENT = re.compile(r"e(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
_CAPITALISED = ("german",)
"""Languages in which a capital letter tells no name."""
_LONGEST_NAME = 60
_YEAR = re.compile(r"\d{4}")
_NO_SHIFT = (timedelta(0),)
_SHIFTS = tuple(timedelta(days=days) for days in (-366, -365, 0, 365, 366))


class TopicShape(BaseModel):
    """A topic as it stands now."""

    topic: str = Field(description="Its name, exactly as it stands if there is one already")
    summary: str = Field(description="All that matters of it now")
    sources: list[str] = Field(description='Labels of the new lines that it takes up, such as "e1"')


class SummaryShape(BaseModel):
    """The topics that changed, and those that are new."""

    topics: list[TopicShape]


@dataclass(frozen=True, slots=True)
class _Material:
    """What a summary may speak of: the words, numbers and days of what was said and of what was known."""

    words: set[str] = field(default_factory=lambda: {"user", "assistant", "agent"})
    terms: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    days: list[tuple[datetime, datetime]] = field(default_factory=list)
    capitals: bool = False
    """Whether it is in a language in which a capital letter tells no name."""

    def take(self, text: str, at: datetime) -> None:
        self.words.update(word.casefold() for word in _WORD.findall(text))
        self.terms.update(terms(text))
        self.numbers.update(_NUMBER.findall(text))
        self.days.extend((placed.found.start, placed.found.end) for placed in placed_dates(text, at))

    def holds(self, sentence: str, at: datetime) -> bool:
        """Tell whether every name, number and day in `sentence` is among these."""
        rest = sentence
        for date in reversed(placed_dates(sentence, at)):
            if _NUMBER.search(date.found.text) and not self._names_day(date.found):
                return False
            rest = f"{rest[: date.start]} {rest[date.end :]}"
        said = self.numbers | {str(value) for value, word in enumerate(_NUMBERS) if word in self.words}
        return said.issuperset(_NUMBER.findall(rest)) and self._names(rest)

    def _names(self, text: str) -> bool:
        if self.capitals:
            return True
        named = [word for name in names_in(text) for word in _WORD.findall(name)]
        return all(word.casefold() in self.words or self.terms.issuperset(terms(word)) for word in named)

    def _names_day(self, found: FoundDate) -> bool:
        """Tell whether a day was named; without a year it may be in this one, the one before or the one after."""
        shifts = _NO_SHIFT if _YEAR.search(found.text) else _SHIFTS
        return any(
            first < found.end + shift and found.start + shift < after for first, after in self.days for shift in shifts
        )


async def summarised(
    work: Work, model: LanguageModel, topics: list[Topic], known: Sequence[Memory], *, prompt: str | None, most: int
) -> list[str]:
    """Bring `topics` up to date as a model says, and return what was unusual about its answer.

    A topic is believed if it names new lines as its sources; of its sentences, those whose names, numbers and days were
    said. A topic that would lose most of what it said keeps it.

    Args:
        work: What is new.
        model: Writes the topics.
        topics: Those that there are, from `known`, in its order; new ones are added.
        known: Their memories.
        prompt: Its instructions, instead of `prompts/summary.md`.
        most: How many topics there may be.

    Raises:
        LanguageModelError: The model did not answer, or nothing that it said can be believed.
    """
    data = f"{listing(known)}\n\n{conversation(work.events, work.history)}"
    asked = Prompt(instructions=instructions("duramen.strategies", "summary", prompt), data=data)
    answer = (await model.answer(asked, SummaryShape)).value.topics
    material = _material(work, known)
    believed = [_apply(shape, work.events, topics, material, most) for shape in answer]
    refused = believed.count(False)
    if answer and refused == len(answer):
        raise BadAnswerError(f"{model.name} gave {len(answer)} topics, none of which follows from what was said.")
    return [f"{refused} of {len(answer)} topics of {model.name} do not follow from what was said"] if refused else []


def _material(work: Work, known: Iterable[Memory]) -> _Material:
    words = [word.casefold() for event in (*work.history, *work.events) for word in _WORD.findall(event.content)]
    material = _Material(capitals=guess(words) in _CAPITALISED)
    for event in (*work.history, *work.events):
        said = f"{event.speaker or event.actor or ''}: {event.content}"
        material.take(f"{said}\n{event.mentioned.date().isoformat()}", event.mentioned)
    for memory in known:
        material.take(memory.text, memory.mentioned)
    return material


def _apply(shape: TopicShape, events: Sequence[Event], topics: list[Topic], material: _Material, most: int) -> bool:
    """Let one topic be as the model says; False if that is not to be believed."""
    last = events[-1].mentioned
    labels = {int(found[1]) for label in shape.sources if (found := _EVENT.fullmatch(label.strip()))}
    sources = [events[label - 1] for label in sorted(labels) if 1 <= label <= len(events)]
    name = " ".join(unescaped(shape.topic).split()).strip(" .:")[:_LONGEST_NAME]
    summary = " ".join(unescaped(shape.summary).split()).removeprefix(f"{name}: ")
    said = [each for each in read(summary) if material.holds(str(each), last)]
    if not (name and sources and said):
        return False
    topic = _called(name, topics)
    if topic is None:
        topic = room_for(topics, most, at=sources[0].mentioned)
        topic.name = topic.name or (name if material.holds(name, last) else names_of([said[0].text])[0])
    topic.said = said if _keeps(topic.said, said) else [*topic.said, *said]
    for event in sources:
        topic.take(event)
    return True


def _called(name: str, topics: Sequence[Topic]) -> Topic | None:
    """Return the topic of this name, or of this label in the listing."""
    label = _LABEL.fullmatch(name)
    if label and 1 <= int(label[1]) <= len(topics):
        return topics[int(label[1]) - 1]
    return next((topic for topic in topics if topic.name.casefold() == name.casefold()), None)


def _keeps(before: Sequence[Said], after: Sequence[Said]) -> bool:
    """Tell whether enough of what a topic said is still said."""
    old, new = ({term for each in said for term in terms(each.text)} for said in (before, after))
    return len(old & new) >= LEAST_KEPT * len(old)
