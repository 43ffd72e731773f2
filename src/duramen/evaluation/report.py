"""What came out of all questions: the figures, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from duramen.evaluation.cases import Format
from duramen.evaluation.intervals import Estimate, mean, means, ratio
from duramen.evaluation.judging import Result
from duramen.evaluation.metrics import OFFICIAL, PLAIN, Metric, Places, recall_at
from duramen.terminal import counted

FEW = 30
"""With fewer questions than this, an interval says little, and the report says so."""


@dataclass(frozen=True, slots=True)
class Level:
    """What is counted as found: hits (or turns, where an item is a turn), or the sessions that they come from."""

    name: str
    places: Callable[[Result], Places]
    metrics: tuple[Metric, ...]


def _hits(result: Result) -> Places:
    return result.places


def _sessions(result: Result) -> Places:
    return result.sessions


LEVELS: Mapping[Format, tuple[Level, ...]] = {
    "own": (Level("hits", _hits, PLAIN), Level("sessions", _sessions, PLAIN)),
    "locomo": (Level("turns", _hits, PLAIN),),
    "longmemeval": (Level("sessions", _sessions, OFFICIAL), Level("turns", _hits, OFFICIAL)),
}
"""At which levels the questions of each format are measured, and by what."""


@dataclass(frozen=True, slots=True)
class NothingKnown:
    """How well the recalls knew that the bank knows nothing.

    Attributes:
        recognised: Of the questions that cannot be answered, the share where the recall said so (its recall).
        precision: Of the questions where the recall said so, the share that cannot be answered. It falls with the
            share of answerable questions among those asked.
        false_alarms: Of the answerable questions, the share where the recall said that nothing is known.
    """

    recognised: Estimate | None
    precision: Estimate | None
    false_alarms: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an evaluation found out.

    Attributes:
        name: Tells it from others of the same questions, such as `budget=low`.
        asked: The options of recall that were given.
        results: One a question, in the order asked.
        notes: What its reader should know.
    """

    results: tuple[Result, ...]
    format: Format = "own"
    name: str = ""
    asked: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of the questions, in the order of their first one."""
        return tuple(dict.fromkeys(result.case.category for result in self.results if result.case.category))

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels at which any question says what is expected."""
        return tuple(level for level in LEVELS[self.format] if any(map(level.places, self.results)))

    def measured(self, level: Level, category: str | None = None) -> tuple[Result, ...]:
        """Return the results that count at `level`: all that expect anything there and can be answered.

        Args:
            level: One of `levels`.
            category: Only these, and then also those that cannot be answered.
        """
        return tuple(
            result
            for result in self.results
            if level.places(result)
            and (not result.case.nothing if category is None else result.case.category == category)
        )

    def scores(self, level: Level, category: str | None = None) -> dict[str, Estimate]:
        """Return the mean of each metric of `level` over what is `measured`; empty if nothing is."""
        results = self.measured(level, category)
        if not results:
            return {}
        rows = [[metric.measure(level.places(result)) for metric in level.metrics] for result in results]
        return dict(zip([metric.name for metric in level.metrics], means(rows), strict=True))

    def nothing_known(self, category: str | None = None) -> NothingKnown:
        """Return how well "nothing known" was said, of all unanswerable questions or those of `category`."""
        asked = [
            result for result in self.results if not result.case.nothing or category in (None, result.case.category)
        ]
        said = [float(not result.confident) for result in asked]
        unanswerable = [float(result.case.nothing) for result in asked]
        answerable = [1 - one for one in unanswerable]
        return NothingKnown(
            recognised=ratio(_both(said, unanswerable), unanswerable),
            precision=ratio(_both(said, unanswerable), said),
            false_alarms=ratio(_both(said, answerable), answerable),
        )

    def tokens(self) -> Estimate:
        """Return the length of a recalled block in tokens."""
        return mean([result.tokens for result in self.results])

    def stages(self) -> dict[str, tuple[float, float]]:
        """Return the median and the 95th percentile of each stage's time, in milliseconds.

        A stage counts where it ran. `total` is their sum, and `total but embed` what is left of it when the question is
        embedded already.
        """
        times: dict[str, list[float]] = {}
        for result in self.results:
            for stage, spent in result.milliseconds.items():
                times.setdefault(stage, []).append(spent)
        totals = [sum(result.milliseconds.values()) for result in self.results]
        embedded = [result.milliseconds.get("embed", 0.0) for result in self.results]
        times["total but embed"] = [total - embed for total, embed in zip(totals, embedded, strict=True)]
        times["total"] = totals
        return {
            stage: (float(np.percentile(spent, 50)), float(np.percentile(spent, 95))) for stage, spent in times.items()
        }

    def failures(self, count: int) -> tuple[Result, ...]:
        """Return the worst questions, worst first: those that miss most of what they expect among the first ten hits.

        Unanswerable questions count as missed where the recall was confident.
        """
        scored = [(_success(self, result), place) for place, result in enumerate(self.results)]
        return tuple(self.results[place] for success, place in sorted(scored) if success < 1)[:count]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the figures less than they seem."""
        answerable = sum(not result.case.nothing for result in self.results)
        pending = sum(result.pending > 0 for result in self.results)
        told = []
        if answerable < FEW:
            told.append(
                f"Only {counted(answerable, 'answerable question')}: with fewer than {FEW} the intervals mean little."
            )
        if pending:
            told.append(
                f"{counted(pending, 'question was', 'questions were')} asked while events were pending; run it again when none are."
            )
        return (*self.notes, *told)


def _success(report: Report, result: Result) -> float:
    if result.case.nothing:
        return float(not result.confident)
    shares = [recall_at(found, 10) for level in report.levels if (found := level.places(result))]
    return sum(shares) / len(shares) if shares else 1.0


def _both(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [a * b for a, b in zip(one, other, strict=True)]
