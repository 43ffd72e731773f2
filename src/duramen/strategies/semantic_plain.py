"""The semantic strategy without a language model: facts by rules over sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import regex

from duramen.language.relations import written_name
from duramen.language.sentences import sentences
from duramen.strategies.facts_chat import Told, Turn, last_question, told_in
from duramen.strategies.facts_clean import cleaned
from duramen.strategies.facts_data import data_facts, is_data
from duramen.strategies.facts_document import document_facts
from duramen.strategies.facts_people import WINDOW, Spoken, spoken_of
from duramen.strategies.facts_person import Voices
from duramen.strategy import Candidate, Made, Work
from duramen.types import Event

AGENT = "the assistant"
USER = "the user"
"""What those are called whose name is not known."""

_ADDRESSED = regex.compile(
    r"(?:^(?i:hey|hi|hello|dear)\s+)(?P<name>\p{Lu}\p{Ll}+)\s*[,!]|(?:^|[.!?]\s+)(?P<called>\p{Lu}\p{Ll}+), (?:you|your)\b"
)
_TOOLS = frozenset({"tool", "function"})


async def facts_by_rules(work: Work) -> Made:
    """Make facts of the events by rules; a millisecond or two an event, in a thread."""
    return Made(candidates=await asyncio.to_thread(candidates_of, work.events, work.history))


def candidates_of(events: Sequence[Event], history: Sequence[Event] = ()) -> list[Candidate]:
    """Return what `events` tell, in order, each once; `history` only helps to understand it."""
    everything = [*history, *events]
    found: dict[str, Candidate] = {}
    for at, event in enumerate(events, start=len(history)):
        if (event.speaker or "").casefold() in _TOOLS:
            continue
        for candidate in _of_event(event, everything[:at], everything):
            first = found.setdefault(candidate.text.casefold(), candidate)
            if first is not candidate and event.id not in first.sources:
                found[candidate.text.casefold()] = replace(first, sources=(*first.sources, event.id))
    return list(found.values())


def voices_of(event: Event, everything: Sequence[Event]) -> Voices:
    """Say who speaks in `event` and, if there is only one whom it can be, to whom."""
    me = _called(event)
    others = {_called(other) for other in everything if (other.speaker or "").casefold() not in _TOOLS} - {me}
    if len(others) > 1:
        return Voices(me)
    if event.kind == "experience":
        return Voices(me, next(iter(others), written_name(event.actor) or USER))
    addressed = _ADDRESSED.search(event.content)
    return Voices(me, next(iter(others), (addressed["name"] or addressed["called"]) if addressed else AGENT))


def _called(event: Event) -> str:
    if event.kind == "experience":
        return written_name(event.speaker) or AGENT
    return written_name(event.speaker) or written_name(event.actor) or USER


def _of_event(event: Event, before: Sequence[Event], everything: Sequence[Event]) -> list[Candidate]:
    if event.document is not None:
        return [_candidate(event, Told(one.text, one.occurred)) for one in document_facts(event)]
    if is_data(event):
        return [_candidate(event, Told(text, when)) for text, when in data_facts(event)]
    voices = voices_of(event, everything)
    names = sorted({voices.you or voices.me, *(_called(other) for other in everything)}, key=len, reverse=True)
    previous = before[-1] if before else None
    asked = last_question(previous.content) if previous is not None and _called(previous) != voices.me else ""
    turn = Turn(
        event=event,
        voices=voices,
        names=names,
        asked=asked,
        asker=_called(previous) if previous is not None else "",
        before=_just_spoken_of(previous, everything) if previous is not None else (),
    )
    return [_candidate(event, told) for told in told_in(turn)]


def _just_spoken_of(previous: Event, everything: Sequence[Event]) -> list[Spoken]:
    voices = voices_of(previous, everything)
    return [spoken_of(cleaned(sentence), voices) for sentence in sentences(previous.content[-1000:])[-WINDOW:]]


def _candidate(event: Event, told: Told) -> Candidate:
    subject = told.subject[:1].upper() + told.subject[1:]
    return Candidate(
        text=told.text,
        kind="experience" if event.kind == "experience" else "fact",
        sources=(event.id,),
        mentioned=event.mentioned,
        occurred=told.occurred,
        speaker=told.speaker,
        details={"subject": subject} if subject else {},
    )
