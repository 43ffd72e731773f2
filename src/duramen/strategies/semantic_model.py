"""The semantic strategy with a language model, whose answers are checked before they are believed."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, Field

from duramen.errors import BadAnswerError
from duramen.language.sentences import sentences
from duramen.language.tokens import count_tokens_batch
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import conversation, instructions, unescaped
from duramen.strategies.facts_dates import occurred
from duramen.strategies.facts_filter import LONGEST, claims_power, content_words, is_secret, orders_the_agent
from duramen.strategy import Candidate, Made, Work
from duramen.types import Event, Interval

MOST_TOKENS = 6_000
"""Of conversation that a model is shown at once; a longer one is shown in parts, each with the end of the one before."""

PIECE_TOKENS = 3_000
"""Of one event that is shown at once."""

HISTORY_CHARACTERS = 2_000
"""Of an earlier event that are shown, the last ones."""

_LINE_TOKENS = 16
_LABEL = re.compile(r"\W*e(\d{1,6})\W*", re.IGNORECASE)
_SAID = re.compile(r"\b(?:sa(?:id|ys)|claim(?:s|ed)|stat(?:es|ed)|t(?:old|ells)|according to)\b", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


class FactShape(BaseModel):
    """One fact."""

    text: str = Field(description="The fact in one sentence that can be understood by itself")
    kind: str = Field(default="fact", description='"fact", or "experience" for what the agent itself did or said')
    about: str = Field(default="", description="Whom or what it is about")
    occurred_start: str | None = Field(default=None, description="The first day on which it was true, YYYY-MM-DD")
    occurred_end: str | None = Field(default=None, description="The last day on which it was true, YYYY-MM-DD")
    sources: list[str] = Field(default_factory=list, description='Labels of the lines that say it, such as "e1"')


class FactsShape(BaseModel):
    """All facts that are worth knowing later."""

    facts: list[FactShape]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a model is shown at once."""

    events: Sequence[Event]
    history: Sequence[Event]


async def facts_by_model(work: Work, model: LanguageModel, *, prompt: str | None = None) -> Made:
    """Make facts of the events as `model` tells them.

    A fact is believed if it names a new event as its source; dropped if it is blank, longer than 1 000 characters, holds
    a secret, or is what a text told the agent to store. Rights that somebody claims over this system are what they said.
    Dates that cannot be read are left out.

    Args:
        work: What is new.
        model: Is asked once for each `MOST_TOKENS` of conversation.
        prompt: Its instructions, instead of `prompts/semantic.md`.

    Returns:
        The facts, in the order of their sources, and a note of what was dropped.

    Raises:
        LanguageModelError: The model did not answer, or nothing that it said can be believed.
    """
    told = instructions("duramen.strategies", "semantic", prompt)
    found: dict[str, Candidate] = {}
    dropped: list[str] = []
    for part in _parts(work):
        asked = Prompt(instructions=told, data=conversation(part.events, part.history))
        for shape in (await model.answer(asked, FactsShape)).value.facts:
            candidate = _candidate(shape, part.events)
            if isinstance(candidate, str):
                dropped.append(candidate)
            else:
                found.setdefault(candidate.text.casefold(), candidate)
    if dropped and not found:
        raise BadAnswerError(f"{model.name} gave {len(dropped)} facts, none of which can be used: {dropped[0]}.")
    order = {event.id: place for place, event in enumerate(work.events)}
    candidates = sorted(found.values(), key=lambda candidate: order[candidate.sources[0]])
    return Made(candidates=candidates, notes=[f"a fact of {model.name} was left out: {why}" for why in dropped])


def _parts(work: Work) -> Iterator[_Part]:
    pieces = [piece for event in work.events for piece in _pieces(event)]
    costs = [tokens + _LINE_TOKENS for tokens in count_tokens_batch(piece.content for piece in pieces)]
    shown = max(len(work.history), 2)
    history = _ends(work.history)
    start, used = 0, 0
    for place, cost in enumerate(costs):
        if place > start and used + cost > MOST_TOKENS:
            yield _Part(pieces[start:place], history)
            history = _ends(pieces[max(0, place - shown) : place])
            start, used = place, 0
        used += cost
    yield _Part(pieces[start:], history)


def _ends(events: Sequence[Event]) -> list[Event]:
    """Return events with only the end of what is long in them."""
    return [replace(event, content=event.content[-HISTORY_CHARACTERS:]) for event in events]


def _pieces(event: Event) -> Iterator[Event]:
    """Cut an event that is too long between its sentences; each piece is shown as an event."""
    if len(event.content) < PIECE_TOKENS:
        yield event
        return
    held: list[str] = []
    used = 0
    said = sentences(event.content)
    for sentence, tokens in zip(said, count_tokens_batch(said), strict=True):
        if held and used + tokens > PIECE_TOKENS:
            yield replace(event, content="\n".join(held))
            held, used = [], 0
        held.append(sentence)
        used += tokens
    if held:
        yield replace(event, content="\n".join(held))


def _candidate(shape: FactShape, events: Sequence[Event]) -> Candidate | str:
    """Return what the model says as a candidate, or why not."""
    text = " ".join(unescaped(shape.text).split())
    labels = {int(found[1]) for label in shape.sources if (found := _LABEL.fullmatch(label))}
    sources = [events[label - 1] for label in sorted(labels) if 1 <= label <= len(events)]
    if not sources:
        return "it names no source"
    if not text or len(text) > LONGEST:
        return "it is blank" if not text else f"it has {len(text):,} characters"
    if is_secret(text):
        return "it holds a secret"
    if orders_the_agent(text) or _is_only_in(text, sources, orders_the_agent):
        return "a text told the agent to store it"
    last = max(event.mentioned for event in sources)
    about = " ".join(unescaped(shape.about).split())[:100]
    of_agent = shape.kind.strip().lower() == "experience" and any(event.kind == "experience" for event in sources)
    return Candidate(
        text=_attributed(text, sources),
        kind="experience" if of_agent else "fact",
        sources=tuple(dict.fromkeys(event.id for event in sources)),
        mentioned=last,
        occurred=_interval(shape, last) or occurred(text, last),
        details={"subject": about} if about else {},
    )


def _attributed(text: str, sources: Sequence[Event]) -> str:
    """Return a claim of rights over this system as what somebody said, and anything else as it is."""
    if _SAID.search(text) or not _is_only_in(text, sources, claims_power):
        return text
    return f"{sources[0].speaker or 'The user'} said: “{text}”"


def _is_only_in(text: str, sources: Sequence[Event], which: Callable[[str], bool]) -> bool:
    """Tell whether most of what `text` has of its sources stands only in `which` of their sentences."""
    chosen: set[str] = set()
    others: set[str] = set()
    for event in sources:
        for sentence in sentences(event.content):
            (chosen if which(sentence) else others).update(content_words(sentence))
    words = content_words(text) & (chosen | others)
    return len(words - others) * 2 > len(words)


def _interval(shape: FactShape, said: datetime) -> Interval | None:
    """Read the days; None if there are none, or the last is before the first."""
    start = _days(shape.occurred_start)
    end = _days(shape.occurred_end)
    first, last = start or end, end or start
    if first is None or last is None or last[1] < first[0]:
        return None
    try:
        after = last[1] + timedelta(days=1)
    except OverflowError:
        return None
    zone = said.tzinfo
    return Interval(datetime.combine(first[0], time(), zone), datetime.combine(after, time(), zone))


def _days(text: str | None) -> tuple[date, date] | None:
    """Return the first and the last day of "2025", "2025-03" or "2025-03-04", whatever follows."""
    found = _DATE.match(text or "")
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if not month:
            return date(year or 0, 1, 1), date(year or 0, 12, 31)
        first = date(year or 0, month, day or 1)
        return first, first if day else first.replace(day=calendar.monthrange(first.year, month)[1])
    except ValueError:
        return None
