"""Episodes and reflections with a language model. What it answers is checked against what it was shown."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from duramen.errors import LanguageModelError
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import conversation, fenced, instructions, listing
from duramen.strategies.episodic_assessing import Assessment, quoted
from duramen.strategies.episodic_plain import known_again
from duramen.strategies.episodic_reflections import MOST_EPISODES, read, reflections
from duramen.strategies.episodic_shapes import EpisodeShape, EpisodesShape, ReflectionShape, ReflectionsShape
from duramen.strategies.episodic_turns import Turn
from duramen.strategies.episodic_writing import MOST_ACTIONS, brief
from duramen.strategy import Candidate, Made, Work
from duramen.trace import Interval
from duramen.types import Event, Memory

LONGEST_TEXT = 600
"""Characters of a text by a model that are kept; `hints` may be three times as long."""

_PACKAGE = "duramen.strategies"
_SIMILAR = 6
_LABEL = re.compile(r"\W*(e|m|p)(\d{1,4})\W*", re.IGNORECASE)
_ENDED = {
    "success": "it succeeded",
    "failure": "it failed",
    "partial": "it succeeded in part",
    "unknown": "how it came out is not known",
}


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the owner of the strategy set: prompts in place of ours, and when silence ends an episode."""

    episode: str | None
    reflection: str | None
    idle_seconds: float | None


@dataclass(frozen=True, slots=True)
class _Range:
    """An episode as the model sees it, and the events that it stands for, from `first` up to but without `end`."""

    shape: EpisodeShape
    first: int
    end: int
    ended: bool


async def made(work: Work, model: LanguageModel, prompts: Instructions, reflections_at: str | None) -> Made:
    """Ask for the episodes of `work`, and then for what those that have ended teach.

    Raises:
        LanguageModelError: The model did not help with the episodes. If it only does not help with the reflections, they
            are drawn without it, and a note says so.
    """
    idle = _is_idle(work, prompts.idle_seconds)
    status = "Nobody has said anything since; the conversation has fallen silent." if idle else "It may go on."
    prompt = Prompt(
        instructions=instructions(_PACKAGE, "episode", prompts.episode),
        data=f"{conversation(work.events, work.history)}\n{fenced('status', status)}",
    )
    answer = (await model.answer(prompt, EpisodesShape)).value
    notes: list[str] = []
    ranges = _ranges(answer.episodes, work.events, idle=idle, notes=notes)
    episodes = await known_again(work, tuple(_episode(one, work.events) for one in ranges if one.ended))
    learned: Sequence[Candidate] = ()
    fallbacks = 0
    if episodes and reflections_at is not None:
        try:
            learned = await _learned(work, model, prompts.reflection, episodes, reflections_at, notes)
        except LanguageModelError as error:
            learned = await reflections(work, episodes, reflections_at)
            notes.append(f"reflections without a model, since {model.name} did not help: {error}")
            fallbacks = 1
    return Made(candidates=(*episodes, *learned), left=_left(ranges, work.events), notes=notes, fallbacks=fallbacks)


def _is_idle(work: Work, seconds: float | None) -> bool:
    return seconds is not None and (work.now - work.events[-1].mentioned).total_seconds() > seconds


def _place(label: str, kind: str, among: int) -> int | None:
    """Return the place, from 0, that a label of the model's stands for; None if there is no such thing."""
    found = _LABEL.fullmatch(label)
    if found is None or found[1].casefold() != kind or not 1 <= int(found[2]) <= among:
        return None
    return int(found[2]) - 1


def _ranges(given: Sequence[EpisodeShape], events: Sequence[Event], *, idle: bool, notes: list[str]) -> list[_Range]:
    """Return the episodes that stand for events that there are, in which an agent did something, in order."""
    found: list[_Range] = []
    for shape in given:
        first, last = _place(shape.first, "e", len(events)), _place(shape.last, "e", len(events))
        if first is None or last is None or last < first or not shape.intent.strip():
            notes.append(f"left out an episode that the model placed at {shape.first[:20]!r} to {shape.last[:20]!r}")
            continue
        ended = shape.ended or idle
        acted = any(Turn(event).by != "user" for event in events[first : last + 1])
        if ended and not acted:
            notes.append(f"left out an episode from {shape.first[:20]!r} in which nobody did anything")
            continue
        found.append(_Range(shape, first, last + 1, ended))
    found.sort(key=lambda one: (one.first, -one.end))
    # An episode inside another is the same one told twice.
    return [one for at, one in enumerate(found) if not any(one.end <= other.end for other in found[:at])]


def _left(ranges: Sequence[_Range], events: Sequence[Event]) -> list[str]:
    """Return the events of episodes that go on; those of the last with all that follows it."""
    places: set[int] = set()
    for at, one in enumerate(ranges):
        if not one.ended:
            places.update(range(one.first, one.end if at + 1 < len(ranges) else len(events)))
    return [events[place].id for place in sorted(places)]


def _episode(one: _Range, events: Sequence[Event]) -> Candidate:
    shape, behind = one.shape, events[one.first : one.end]
    assessment = shape.assessment.strip().casefold()
    details: dict[str, Any] = {
        "situation": _short(shape.situation),
        "intent": _short(shape.intent),
        "actions": [_short(action) for action in shape.actions if action.strip()][:MOST_ACTIONS],
        "outcome": _short(shape.outcome),
        "assessment": assessment if assessment in get_args(Assessment) else "unknown",
        "justification": _short(shape.justification),
        "reflection": _short(shape.reflection),
    }
    return Candidate(
        text=_text(details),
        kind="episode",
        sources=tuple(event.id for event in behind),
        mentioned=behind[-1].mentioned,
        occurred=Interval(behind[0].mentioned, max(event.mentioned for event in behind)),
        details=details,
        settled=True,
    )


def _text(details: dict[str, Any]) -> str:
    situation = details["situation"].rstrip(".") or "A task"
    did = "; ".join(action.rstrip(".") for action in details["actions"][-3:])
    parts = [f"{situation}. Wanted: {details['intent'].rstrip('.')}.", f"Done: {did}." if did else ""]
    result = details["outcome"].rstrip(".")
    parts.append(
        f"{result}; {_ENDED[details['assessment']]}." if result else f"{_ENDED[details['assessment']].capitalize()}."
    )
    return " ".join(part for part in parts if part)


async def _learned(
    work: Work, model: LanguageModel, prompt: str | None, episodes: Sequence[Candidate], at: str, notes: list[str]
) -> list[Candidate]:
    known = await _known(work, episodes, at)
    shown = "\n".join(f"p{number} {_told(one)}" for number, one in enumerate(episodes, start=1))
    asked = Prompt(
        instructions=instructions(_PACKAGE, "reflection", prompt),
        data=f"{fenced('episodes', shown)}\n{listing(known)}\n{fenced('counts', _counts(known))}",
    )
    answer = (await model.answer(asked, ReflectionsShape)).value
    found: list[Candidate] = []
    replaced: set[int] = set()
    for shape in answer.reflections[: len(episodes)]:
        behind = sorted({place for label in shape.sources if (place := _place(label, "p", len(episodes))) is not None})
        old = None if shape.replaces is None else _place(shape.replaces, "m", len(known))
        if not behind or not shape.insight.strip() or old in replaced or (shape.replaces and old is None):
            notes.append(f"left out a reflection that names what there is not: {shape.title[:60]!r}")
            continue
        replaced |= set() if old is None else {old}
        found.append(_reflection(shape, [episodes[place] for place in behind], None if old is None else known[old], at))
    return found


async def _known(work: Work, episodes: Sequence[Candidate], at: str) -> list[Memory]:
    near: dict[str, tuple[float, Memory]] = {}
    for one in episodes:
        for memory, score in await work.known.similar(str(one.details["intent"]), namespace=at, limit=_SIMILAR):
            if memory.kind == "reflection" and score > near.get(memory.id, (-1.0, memory))[0]:
                near[memory.id] = (score, memory)
    best = sorted(near.values(), key=lambda pair: -pair[0])[: 2 * _SIMILAR]
    return [memory for _, memory in best]


def _told(one: Candidate) -> str:
    details = one.details
    lesson = f" Lesson: {details['reflection']}" if details["reflection"] else ""
    return " ".join(f"{one.text} Shown by: {details['justification']}{lesson}".split())


def _counts(known: Sequence[Memory]) -> str:
    return "\n".join(
        f"m{number}: confidence {memory.details.get('confidence')}, supported by {memory.details.get('supported')} "
        f"episodes, contradicted by {memory.details.get('contradicted')}"
        for number, memory in enumerate(known, start=1)
    )


def _reflection(shape: ReflectionShape, episodes: Sequence[Candidate], old: Memory | None, at: str) -> Candidate:
    """Write a reflection. New episodes support the old one unless the model is less sure than before."""
    before = None if old is None else read(old)
    former = {} if old is None else old.details
    sure = _confidence(shape.confidence)
    briefs: list[dict[str, Any]] = [{**brief(one.details), "sources": list(one.sources)} for one in episodes]
    fresh = [one for one in briefs if before is None or one not in before.episodes]
    agrees = sure >= _number(former.get("confidence"))
    listed = [*([] if before is None else before.episodes), *fresh]
    kept = listed[-MOST_EPISODES:]
    details: dict[str, Any] = {
        "title": _short(shape.title),
        "use_cases": _short(shape.use_cases),
        "hints": quoted(shape.hints, 3 * LONGEST_TEXT),
        "confidence": sure,
        "supported": int(_number(former.get("supported"))) + (len(fresh) if agrees else 0),
        "contradicted": int(_number(former.get("contradicted"))) + (0 if agrees else len(fresh)),
        "episodes": kept,
    }
    return Candidate(
        text=_short(shape.insight),
        kind="reflection",
        sources=tuple(dict.fromkeys(source for one in kept for source in one["sources"])),
        mentioned=max(one.mentioned for one in episodes),
        details=details,
        namespace=at,
        replaces=None if old is None else old.id,
        settled=True,
    )


def _confidence(given: float) -> float:
    return round(min(1.0, max(0.1, given)), 2) if math.isfinite(given) else 0.1


def _number(given: object) -> float:
    return float(given) if isinstance(given, (int, float)) and math.isfinite(given) else 0.0


def _short(text: str) -> str:
    return quoted(text, LONGEST_TEXT)
