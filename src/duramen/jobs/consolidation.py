"""Consolidation: what each candidate is to the memories that are alike."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duramen.jobs.consolidation_rules import changed_at, clearly_same, compare
from duramen.language_model import LanguageModel
from duramen.ledger import Decision
from duramen.types import Memory

ALIKE = 0.3
"""Cosine below which a candidate and a memory have nothing to say to each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A candidate beside what is alike.

    Attributes:
        made: The candidate as a memory.
        similar: Current memories filed at the same place, by their cosine with it, in [0, 1], best first.
    """

    made: Memory
    similar: Sequence[tuple[Memory, float]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a candidate; see `duramen.ledger.Decision`.

    Attributes:
        other: The id of the memory that is updated, superseded or repeated; with `add`, of the newer one that
            contradicts the candidate, or None.
        since: With `supersede`: since when the other is no longer so. With `add`: since when the candidate itself is
            no longer so, being older than what contradicts it.
        text: With `update`: what to keep, if it is not the candidate as it stands.
    """

    decision: Decision = "add"
    other: str | None = None
    since: datetime | None = None
    text: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """A verdict for each candidate, in order, with what was unusual about finding them."""

    verdicts: Sequence[Verdict]
    notes: Sequence[str] = ()
    fallbacks: int = 0


async def consolidate(
    candidates: Sequence[Compared], model: LanguageModel | None = None, *, prompt: str | None = None
) -> Verdicts:
    """Say what to do with each of `candidates`, in order.

    Args:
        candidates: What strategies propose; those of one strategy.
        model: Decides on those that are like something known and not literally the same; without one, `judge` does.
        prompt: Other instructions than ours.

    Returns:
        A verdict for each. A model that fails, or answers what cannot be done, is replaced by `judge`, with a note.
    """
    open_to = [place for place, one in enumerate(candidates) if not _is_clear(one)]
    if model is None or not open_to:
        return Verdicts(verdicts=await asyncio.to_thread(lambda: [judge(one) for one in candidates]))
    from duramen.jobs.consolidation_model import decided  # without a model, pydantic is never imported

    asked = await decided([candidates[place] for place in open_to], model, prompt=prompt)
    answered = dict(zip(open_to, asked.verdicts, strict=True))
    verdicts = [answered[place] if place in answered else judge(one) for place, one in enumerate(candidates)]
    return Verdicts(verdicts=verdicts, notes=asked.notes, fallbacks=asked.fallbacks)


def judge(candidate: Compared) -> Verdict:
    """Decide without a model.

    Only what the texts say counts, and only one other memory: one that says the same comes before one that is contradicted,
    and that before one that is refined. Where they are not sure, the candidate is added: a repetition costs less than the
    loss of something true.
    """
    found = [
        (finding, other)
        for other, cosine in candidate.similar
        if cosine >= ALIKE and (finding := compare(candidate.made, other, cosine))
    ]
    if not found:
        return Verdict()
    finding, other = max(found, key=lambda pair: pair[0].rank)
    return ruled(candidate.made, other, finding.decision, finding.reason)


def ruled(made: Memory, other: Memory, decision: Decision, reason: str, *, text: str | None = None) -> Verdict:
    """Return the verdict of `decision` about `other`; what is older than what contradicts it is added as already over.

    Since when it is over is what the newer of the two says, or else when it was said: never before the older was said.
    """
    if decision != "supersede":
        return Verdict(decision=decision, other=other.id, text=text, reason=reason)
    older, newer = (made, other) if made.mentioned < other.mentioned else (other, made)
    since = changed_at(older, newer)
    if older is made:
        return Verdict(decision="add", other=other.id, since=since, reason=reason)
    return Verdict(decision="supersede", other=other.id, since=since, reason=reason)


def _is_clear(candidate: Compared) -> bool:
    """Tell whether nothing is like a candidate, or something literally the same."""
    alike = [other for other, cosine in candidate.similar if cosine >= ALIKE]
    return not alike or any(clearly_same(candidate.made, other) for other in alike)
