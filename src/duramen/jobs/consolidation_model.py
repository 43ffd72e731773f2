"""Consolidation by a language model: several candidates at a time, checked against what it was shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from duramen.errors import LanguageModelError
from duramen.jobs.consolidation import Compared, Verdict, Verdicts, judge, ruled
from duramen.language.terms import terms
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import fenced, instructions, listing, unescaped
from duramen.ledger import Decision
from duramen.types import Memory

AT_ONCE = 20
"""Candidates of one request."""

LONGEST_MERGED = 1_000
"""Characters of two memories in one."""

_ROOM = 1000
_ROOM_OF_EACH = 400
_LABEL = re.compile(r"[\W_]*([a-z]\d+)[\W_]*", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


class DecisionShape(BaseModel):
    """What one candidate is to what is known."""

    candidate: str = Field(description="The label of the candidate, such as c1.")
    decision: Decision
    other: str | None = Field(default=None, description="The label of the memory concerned, such as m1; none with add.")
    text: str | None = Field(
        default=None, description="With update: what to keep, if it is not the candidate as it is."
    )
    reason: str = Field(default="", description="Why, in a few words.")


class DecisionsShape(BaseModel):
    """A decision for each candidate."""

    decisions: list[DecisionShape]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Candidates of one request, by label, and what is known, by label."""

    candidates: dict[str, Compared]
    known: dict[str, Memory]


async def decided(candidates: Sequence[Compared], model: LanguageModel, *, prompt: str | None = None) -> Verdicts:
    """Let `model` decide on each of `candidates`, in order, in requests of at most `AT_ONCE`.

    What it answers about labels that it was not given, what it leaves out, and what lacks the other memory is decided by
    the rules, with a note. If it does not answer, so is all the rest: `fallbacks` is then 1.
    """
    told = instructions("duramen.jobs", "consolidation", prompt)
    verdicts: list[Verdict] = []
    notes: list[str] = []
    for start in range(0, len(candidates), AT_ONCE):
        some = candidates[start : start + AT_ONCE]
        try:
            found, strange = await _ask(some, model, told)
        except LanguageModelError as error:
            rest = [judge(one) for one in candidates[start:]]
            note = f"compared by rules, since {model.name} did not help: {error}"
            return Verdicts(verdicts=[*verdicts, *rest], notes=[*notes, note], fallbacks=1)
        verdicts += found
        notes += strange
    return Verdicts(verdicts=verdicts, notes=notes)


async def _ask(some: Sequence[Compared], model: LanguageModel, told: str) -> tuple[list[Verdict], list[str]]:
    asked = _labelled(some)
    prompt = Prompt(instructions=told, data=_shown(asked))
    room = _ROOM + _ROOM_OF_EACH * len(some)
    answered = await model.answer(prompt, DecisionsShape, max_tokens=room)
    given: dict[str, DecisionShape] = {}
    for one in answered.value.decisions:
        given.setdefault(_label(one.candidate), one)
    verdicts, notes = [], []
    for label, compared in asked.candidates.items():
        verdict = _believed(compared, given.get(label), asked.known)
        if verdict is None:
            notes.append(f"{model.name} gave no decision on {compared.made.text[:60]!r} that fits: compared by rules")
        verdicts.append(verdict or judge(compared))
    if unknown := given.keys() - asked.candidates.keys():
        notes.append(f"{model.name} decided on {len(unknown)} candidates that there are not")
    return verdicts, notes


def _labelled(some: Sequence[Compared]) -> _Asked:
    known = {memory.id: memory for compared in some for memory, _ in compared.similar}
    return _Asked(
        candidates={f"c{number}": compared for number, compared in enumerate(some, start=1)},
        known={f"m{number}": memory for number, memory in enumerate(known.values(), start=1)},
    )


def _shown(asked: _Asked) -> str:
    labels = {memory.id: label for label, memory in asked.known.items()}
    lines = [
        f"{label} [{compared.made.mentioned.date().isoformat()}; resembles "
        f"{', '.join(labels[memory.id] for memory, _ in compared.similar)}] {' '.join(compared.made.text.split())}"
        for label, compared in asked.candidates.items()
    ]
    return f"{listing(list(asked.known.values()))}\n\n{fenced('candidates', chr(10).join(lines))}"


def _believed(compared: Compared, given: DecisionShape | None, known: dict[str, Memory]) -> Verdict | None:
    """Return what the model decided, if that can be done."""
    if given is None:
        return None
    reason = " ".join(given.reason.split())[:200]
    if given.decision == "add":
        return Verdict(reason=reason)
    other = known.get(_label(given.other or ""))
    if other is None or all(memory.id != other.id for memory, _ in compared.similar):
        return None
    text = _merged(given.text, compared.made, other) if given.decision == "update" else None
    return ruled(compared.made, other, given.decision, reason, text=text)


def _merged(text: str | None, made: Memory, other: Memory) -> str | None:
    """Return the words of the model for two memories, if they say something of both and no number that neither has."""
    text = " ".join(unescaped(text or "").split())
    if not text or len(text) > LONGEST_MERGED or text == made.text:
        return None
    said = set(terms(text))
    numbers = set(_NUMBER.findall(f"{made.text} {other.text}"))
    founded = bool(said & set(terms(made.text))) and bool(said & set(terms(other.text)))
    return text if founded and numbers.issuperset(_NUMBER.findall(text)) else None


def _label(said: str) -> str:
    found = _LABEL.fullmatch(said.strip())
    return found[1].lower() if found else ""
