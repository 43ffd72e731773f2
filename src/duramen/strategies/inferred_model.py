"""Values of labels as a language model finds them: checked before they are believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field

from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import conversation, fenced, instructions, unescaped
from duramen.strategies.inferred import InferredLabel, LabelValue
from duramen.strategy import Candidate
from duramen.types import Event

VALUES_AT_ONCE = 100
"""Values that a model is asked for in one request: so many memories, each with all its labels; at least one memory."""

SHOWN = 24_000
"""Characters of what was said that one request shows, each of its lines as much of its end as the others leave."""

_LEAST_SHOWN = 200
_ROOM = 500
_ROOM_OF_EACH = 50
_MARK = re.compile(r"[\W_]*([a-z]\d+)[\W_]*", re.IGNORECASE)

_One = str | float | bool | None


class LabelShape(BaseModel):
    """One label of one memory."""

    memory: str = Field(description='The memory, such as "c1"')
    label: str = Field(description='The label, such as "k1"')
    value: _One | list[_One] = Field(description="Its value: a text, a number, or a list of texts")


class LabelsShape(BaseModel):
    """All labels of the memories that have a value."""

    labels: list[LabelShape]


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a model said.

    Attributes:
        values: Of each candidate, by key; what it does not show is left out.
        wrong: How many values were left out since they do not fit.
    """

    values: Sequence[Mapping[str, LabelValue]]
    wrong: int


async def infer(
    candidates: Sequence[Candidate], events: Sequence[Event], labels: Sequence[InferredLabel], model: LanguageModel
) -> Inferred:
    """Ask `model` for the labels of `candidates`, in requests of about `VALUES_AT_ONCE` values.

    Args:
        candidates: Memories that were made of the events.
        events: What is shown of these are those that a candidate names as its sources.
        labels: Those that all of the candidates have.
        model: Its values are believed if they fit the label.

    Raises:
        LanguageModelError: The model did not answer.
    """
    values: list[Mapping[str, LabelValue]] = []
    wrong = 0
    for some in _parts(candidates, max(1, VALUES_AT_ONCE // len(labels))):
        room = _ROOM + _ROOM_OF_EACH * len(some) * len(labels)
        answered = await model.answer(_prompt(some, events, labels), LabelsShape, max_tokens=room)
        found, lost = _believed(answered.value, len(some), labels)
        values += found
        wrong += lost
    return Inferred(values, wrong)


def _parts(candidates: Sequence[Candidate], most: int) -> Iterator[Sequence[Candidate]]:
    for start in range(0, len(candidates), most):
        yield candidates[start : start + most]


def _prompt(some: Sequence[Candidate], events: Sequence[Event], labels: Sequence[InferredLabel]) -> Prompt:
    sources = {id for candidate in some for id in candidate.sources}
    shown = [event for event in events if event.id in sources]
    marks = {event.id: f"e{number}" for number, event in enumerate(shown, start=1)}
    most = max(_LEAST_SHOWN, SHOWN // max(1, len(shown)))
    lines = [
        f"c{number} [{', '.join(marks[id] for id in candidate.sources if id in marks)}] {' '.join(candidate.text.split())}"
        for number, candidate in enumerate(some, start=1)
    ]
    said = conversation([replace(event, content=event.content[-most:]) for event in shown])
    listed = "\n".join(_described(f"k{number}", label) for number, label in enumerate(labels, start=1))
    return Prompt(
        instructions=f"{instructions('duramen.strategies', 'labels')}\n\n{listed}",
        data=f"{said}\n\n{fenced('memories', chr(10).join(lines))}",
    )


def _described(mark: str, label: InferredLabel) -> str:
    told = [" ".join(text.split()) for text in (label.definition, label.instruction)]
    return " ".join((f"{mark} {label.key!r} ({_values(label)}):", *(text for text in told if text)))


def _values(label: InferredLabel) -> str:
    if label.type == "number":
        bounds = (("from", label.least), ("to", label.greatest))
        return " ".join(("a number", *(f"{word} {bound:g}" for word, bound in bounds if bound is not None)))
    among = f", of these: {', '.join(map(repr, label.allowed))}" if label.allowed else ""
    plain = ", in ASCII letters, digits and . _ : / = + @ - only" if label.plain and not label.allowed else ""
    return f"{'a text' if label.type == 'text' else f'a list of up to {label.most} texts'}{among}{plain}"


def _believed(
    answer: LabelsShape, many: int, labels: Sequence[InferredLabel]
) -> tuple[list[dict[str, LabelValue]], int]:
    named = {label.key: label for label in labels}
    named |= {f"k{number}": label for number, label in enumerate(labels, start=1)}
    found: list[dict[str, LabelValue]] = [{} for _ in range(many)]
    wrong = 0
    for shape in answer.labels:
        place = _number(shape.memory)
        label = named.get(shape.label) or named.get(_mark(shape.label))
        if shape.value is None or shape.value == []:
            continue
        value = None if label is None else label.fitting(_unescaped(shape.value))
        if label is None or value is None or not 1 <= place <= many:
            wrong += 1
        else:
            found[place - 1][label.key] = value
    return found, wrong


def _unescaped(value: Any) -> Any:
    if isinstance(value, list):
        return [_unescaped(one) for one in value]
    return unescaped(value) if isinstance(value, str) else value


def _number(said: str) -> int:
    mark = _mark(said)
    return int(mark[1:7]) if mark.startswith("c") else 0


def _mark(said: str) -> str:
    found = _MARK.fullmatch(said.strip())
    return found[1].lower() if found else ""
