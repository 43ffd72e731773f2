"""An answer by a language model that looks things up, whose every statement cites memories that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duramen.errors import BadAnswerError
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import fenced, listing
from duramen.reflect.gathering import Gathered, cited_text
from duramen.reflect.guidance import Guidance, guided, shown, step_of
from duramen.reflect.shapes import Said, Step
from duramen.types import Budget, Hit, Query, Reflection, Statement

STEPS: dict[Budget, int] = {"low": 2, "mid": 4, "high": 8}
"""How often a model may look further before it has to answer."""


async def think(
    model: LanguageModel, query: Query, gathered: Gathered, guidance: Guidance, *, nothing: str
) -> Reflection:
    """Answer `query` with `model`, which may look further.

    Every statement keeps only the sources that it was shown; one without any is left out. Notes count both. The steps
    begin with the prepared answers that it was shown.

    Args:
        model: What answers.
        query: The question.
        gathered: What was found for it.
        guidance: What the answer is to keep to.
        nothing: What to say when nothing is known.

    Raises:
        LanguageModelError: The model did not help.
    """
    looked: list[str] = []
    left = STEPS[query.budget]
    told = guided("reflect", guidance)
    while True:
        step = (await model.answer(_prompt(told, query, gathered, (looked, left), guidance), Step)).value
        if step.action == "answer" or (left == 0 and step.statements):
            reflection = _reflection(model, query, gathered, step.statements, nothing)
            return replace(reflection, steps=(*map(step_of, guidance.models), *looked))
        if left == 0:
            raise BadAnswerError(f"The model {model.name!r} did not answer when it was to look no further.")
        seen = await _look(step, query, gathered)
        left = 0 if seen in looked else left - 1  # asking the same in vain again would be all that follows
        looked.append(seen)


async def _look(step: Step, query: Query, gathered: Gathered) -> str:
    """Do what the model wants to see; return what it was and what came of it."""
    if step.action == "expand":
        found, what = await gathered.expand(step.memory or ""), f"expand {step.memory}"
    elif step.query and step.query.strip():
        found = await gathered.search(replace(query, text=step.query.strip()))
        what = f"{step.action} {step.query.strip()!r}"
    else:
        found, what = 0, f"{step.action} nothing"
    return f"{what}: {found} more"


def _prompt(
    told: str, query: Query, gathered: Gathered, so_far: tuple[Sequence[str], int], guidance: Guidance
) -> Prompt:
    looked, left = so_far
    parts = [fenced("question", query.text), f"Asked on {query.at:%Y-%m-%d}.", *shown(guidance)]
    parts.append(listing(gathered.shown()))
    if looked:
        parts.append(fenced("looked-up", "\n".join(looked)))
    parts.append(f"You may look further {left} times." if left else "Answer now.")
    return Prompt(instructions=told, data="\n\n".join(parts))


def _reflection(
    model: LanguageModel, query: Query, gathered: Gathered, said: Sequence[Said], nothing: str
) -> Reflection:
    sources: list[Hit] = []
    statements: list[Statement] = []
    unknown = 0
    for one in said:
        cited = [hit for label in one.sources if (hit := gathered.by_label(label)) is not None]
        unknown += len(one.sources) - len(cited)
        if not cited or not one.text.strip():
            continue
        for hit in cited:
            if hit not in sources:  # a hit has no hash
                sources.append(hit)
        places = tuple(sorted({sources.index(hit) + 1 for hit in cited}))
        statements.append(Statement(" ".join(one.text.split()), places))
    counts = {
        "statements without a source were left out": len(said) - len(statements),
        "sources that are not there were left out": unknown,
    }
    return Reflection(
        bank=gathered.bank,
        question=query.text,
        text=cited_text(statements) or nothing,
        sources=tuple(sources),
        statements=tuple(statements),
        model=model.name,
        notes=tuple(f"{count} {what}" for what, count in counts.items() if count),
    )
