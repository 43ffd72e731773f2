"""Consolidation: what each candidate is to the memories that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duramen.jobs.consolidation_rules import compare
from duramen.language_model import LanguageModel
from duramen.ledger import Decision
from duramen.types import Memory


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
        other: The id of the memory that is updated, superseded or repeated.
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
        model: Decides where the rules of `judge` are not sure; without one, those decide alone.
        prompt: Other instructions than ours.
    """
    return Verdicts(verdicts=[judge(one) for one in candidates])


def judge(candidate: Compared) -> Verdict:
    """Decide without a model."""
    made = candidate.made
    found = [(finding, other) for other, cosine in candidate.similar if (finding := compare(made, other, cosine))]
    if not found:
        return Verdict()
    finding, other = max(found, key=lambda pair: pair[0].rank)
    return verdict(candidate, finding.decision, other, finding.reason)


def verdict(candidate: Compared, decision: Decision, other: Memory, reason: str) -> Verdict:
    made = candidate.made
    if decision != "supersede":
        return Verdict(decision=decision, other=other.id, reason=reason)
    if made.mentioned < other.mentioned:
        return Verdict(decision="add", since=other.mentioned, reason=reason)
    return Verdict(decision="supersede", other=other.id, since=made.mentioned, reason=reason)
