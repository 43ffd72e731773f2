"""Two reports of the same questions, compared question by question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from duramen.evaluation.intervals import Estimate, mean, means
from duramen.evaluation.judging import Result
from duramen.evaluation.report import Level, Report


@dataclass(frozen=True, slots=True)
class Difference:
    """Two reports of the same questions compared, question by question.

    Attributes:
        scores: By level and metric: the mean of the differences, `other` less `base`.
        tokens: The same of the length of the recalled blocks.
        paired: How many questions both have.
        unpaired: How many only one of them has; those are left out.
    """

    scores: Mapping[str, Mapping[str, Estimate]]
    tokens: Estimate | None
    paired: int
    unpaired: int


def compared(base: Report, other: Report) -> Difference:
    """Compare `other` with `base`, pairing the questions by their identity."""
    first, second = _by_identity(base), _by_identity(other)
    both = [name for name in first if name in second]
    scores: dict[str, dict[str, Estimate]] = {}
    for level in other.levels:
        pairs = [
            (level.places(first[name]), level.places(second[name])) for name in both if _counts(second[name], level)
        ]
        rows = [[metric.measure(b) - metric.measure(a) for metric in level.metrics] for a, b in pairs if a and b]
        if rows:
            scores[level.name] = dict(zip([metric.name for metric in level.metrics], means(rows), strict=True))
    return Difference(
        scores=scores,
        tokens=mean([second[name].tokens - first[name].tokens for name in both]) if both else None,
        paired=len(both),
        unpaired=len(first) + len(second) - 2 * len(both),
    )


def _counts(result: Result, level: Level) -> bool:
    return not result.case.nothing and bool(level.places(result))


def _by_identity(report: Report) -> dict[str, Result]:
    """Name each result by its case; a case that is there again gets the number of its repetition."""
    named: dict[str, Result] = {}
    times: dict[str, int] = {}
    for result in report.results:
        name = result.case.identity
        times[name] = times.get(name, 0) + 1
        named[name if times[name] == 1 else f"{name} {times[name]}"] = result
    return named
