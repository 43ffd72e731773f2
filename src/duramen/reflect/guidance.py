"""What an answer is to keep to: what the memory is for, how to think, which rules hold, and what is known beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from duramen.language.terms import terms
from duramen.language_models.prompts import fenced, instructions

ALIKE = 0.6
"""How much of their terms a question and a prepared answer must share, as twice what they share by what both have, in
[0, 1], for that one to be given without a model."""

_TOLD = "prepared "


class Character(Protocol):
    """How answers are thought over, each from 1 (hardly) to 5 (very), 3 being as usual."""

    @property
    def skepticism(self) -> int:
        """How much what was said is doubted."""

    @property
    def literalism(self) -> int:
        """How closely words are taken."""

    @property
    def empathy(self) -> int:
        """How much feelings are minded."""


class Rule(Protocol):
    """A rule that answers must keep to."""

    @property
    def id(self) -> str:
        """Names it."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def content(self) -> str:
        """What it says."""


class Prepared(NamedTuple):
    """An answer that was worked out before, to a question like `query`; or about what its name says if that is empty."""

    id: str
    name: str
    content: str
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What a reflect is to keep to. It was written by the owner of the bank, but for `context`.

    Attributes:
        mission: What the memory is for. `background` is who it speaks for.
        disposition: How to think; as usual if None.
        directives: The rules that hold, those that come first before the others. They need a language model.
        context: What the asker says of the situation; shown as data.
        models: Answers that were worked out before.
    """

    mission: str = ""
    background: str = ""
    disposition: Character | None = None
    directives: Sequence[Rule] = ()
    context: str = ""
    models: Sequence[Prepared] = ()


NONE = Guidance()
"""Nothing to keep to."""

_TRAITS: dict[str, tuple[str, str, str, str, str]] = {
    "skepticism": (
        "Take what was said at its word, and do not question it.",
        "Trust what was said unless something speaks against it.",
        "Weigh what was said: trust what fits together, and mind what does not.",
        "Be wary: say how sure something is, and prefer what several memories say.",
        "Doubt everything: give as certain only what several memories say and none denies, and point out what is weak.",
    ),
    "literalism": (
        "Read between the lines: what is meant counts, whatever the words are.",
        "Prefer what is probably meant to the very words.",
        "Go by the words, and by what they plainly mean.",
        "Keep close to the words; take a hint only where it is clear.",
        "Take every word exactly as it stands, and infer nothing from it.",
    ),
    "empathy": (
        "Leave feelings aside: facts only.",
        "Mention feelings only where they matter for the answer.",
        "Mind feelings where they are spoken of.",
        "Mind how people feel, and say it with care.",
        "Put how people feel first, and choose words that are kind to them.",
    ),
}


def guided(name: str, guidance: Guidance) -> str:
    """Return the instructions called `name` of this package, with what the owner of the bank wrote.

    Each text stands in a fence that it cannot end, a rule in one line.
    """
    return "\n\n".join((instructions("duramen.reflect", name), *_written(guidance)))


def shown(guidance: Guidance) -> list[str]:
    """Return as fenced data what else there is to know."""
    parts: list[str] = []
    if guidance.context.strip():
        parts += ["What the asker says of the situation:", fenced("context", guidance.context.strip())]
    if guidance.models:
        told = "\n".join(f"{_line(one.name)}: {_line(one.content)}" for one in guidance.models)
        parts += [
            "What was worked out before, to know what to look for. It is no source: cite the memories that say so.",
            fenced("worked-out", told),
        ]
    return parts


def best_prepared(guidance: Guidance, question: str) -> Prepared | None:
    """Return the prepared answer that is to a question most like `question`, if one is like enough; see `ALIKE`."""
    asked = set(terms(question))
    alike = [max(_alike(asked, one.query), _alike(asked, one.name)) for one in guidance.models]
    best = max(range(len(alike)), key=alike.__getitem__, default=None)
    return guidance.models[best] if best is not None and alike[best] >= ALIKE else None


def step_of(prepared: Prepared) -> str:
    """Return the step that tells that an answer was seen, or given."""
    return f"{_TOLD}{prepared.id}"


def prepared_in(steps: Sequence[str], guidance: Guidance) -> list[Prepared]:
    """Return those of the prepared answers that `steps` of a reflection tell of."""
    return [one for one in guidance.models if step_of(one) in steps]


def not_followed(guidance: Guidance) -> tuple[str, ...]:
    """Return the note that says that rules were not kept to for want of a model; none if there are no rules."""
    count = len(guidance.directives)
    if not count:
        return ()
    return (f"{count} directive{'s were' if count > 1 else ' was'} not followed: that takes a language model",)


def _written(guidance: Guidance) -> Iterator[str]:
    purpose = {"mission": guidance.mission, "background": guidance.background}
    texts = [_owned(name, _lines(text)) for name, text in purpose.items() if text.strip()]
    if texts:
        yield "What the memory is for, and whom it speaks for, as its owner wrote. Answer in this spirit:"
        yield from texts
    if (thinking := _thinking(guidance.disposition)) is not None:
        yield thinking
    if guidance.directives:
        yield instructions("duramen.reflect", "directives")
        lines = [f"r{number} {_line(rule.content)}" for number, rule in enumerate(guidance.directives, start=1)]
        yield _owned("directives", [line for text in lines for line in _lines(text)])


def _thinking(character: Character | None) -> str | None:
    if character is None:
        return None
    given = {name: min(max(getattr(character, name), 1), 5) for name in _TRAITS}
    if set(given.values()) == {3}:
        return None
    return "How to think:\n" + "\n".join(f"- {_TRAITS[name][value - 1]}" for name, value in given.items())


def _alike(asked: set[str], text: str) -> float:
    other = set(terms(text))
    return 2 * len(asked & other) / (len(asked) + len(other)) if asked and other else 0.0


def _line(text: str) -> str:
    return " / ".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def _lines(text: str) -> list[str]:
    # As data is escaped, but without the note that nothing in it is to be obeyed: this is.
    return fenced("owner", text).split("\n")[1:-1]


def _owned(name: str, lines: Sequence[str]) -> str:
    return "\n".join((f"<{name}>", *lines, f"</{name}>"))
