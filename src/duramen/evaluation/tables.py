"""What an evaluation prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from duramen.evaluation.comparing import Difference
from duramen.evaluation.intervals import Estimate
from duramen.evaluation.judging import Result
from duramen.evaluation.report import Level, Report
from duramen.plain import plain
from duramen.terminal import counted

_BY_CATEGORY = ("recall@10", "all@10", "nDCG@10", "recall_any@5", "recall_all@10", "ndcg_any@10")

SHOWN = 3
"""Hits that are printed with a failure."""


def show(
    out: Console, reports: Sequence[Report], *, differences: Mapping[str, Difference] | None = None, failures: int = 0
) -> None:
    """Print reports of the same questions beside one another, and what tells them apart.

    Args:
        out: Where to.
        reports: At least one.
        differences: By what is compared with what, such as `mid vs low`: the first less the second.
        failures: How many of the worst questions to print for each report.
    """
    first = reports[0]
    unanswerable = sum(result.case.nothing for result in first.results)
    out.print(
        f"{counted(len(first.results), 'question')}, {unanswerable} of which cannot be answered. "
        f"Behind each figure its 95 % interval.",
        soft_wrap=True,
    )
    for report in reports:
        _heading(out, report)
    for level in first.levels:
        out.print(_scores(level, reports, differences or {}))
        if len(first.categories) > 1:
            out.print(_categories(level, reports))
    if unanswerable:
        out.print(_nothing_known(reports))
    out.print(_costs(reports))
    _unpaired(out, differences or {})
    for report in reports:
        _failures(out, report, failures)
    for warning in dict.fromkeys(warning for report in reports for warning in report.warnings):
        out.print(f"Note: {plain(warning)}", style="yellow", soft_wrap=True)


def figure(estimate: Estimate | None, *, signed: bool = False) -> str:
    """Return a figure with its interval, as text.

    >>> figure(Estimate(0.5, 0.25, 1.0, 8)), figure(Estimate(-0.5, -0.75, 0.0, 8), signed=True)
    ('.500 [.250, 1.000]', '-.500 [-.750, +.000]')
    """
    if estimate is None:
        return "-"
    value, low, high = (
        f"{number:{'+' if signed else ''}.3f}".replace("0.", ".", 1) if abs(number) < 1 else f"{number:.3f}"
        for number in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} [{low}, {high}]"


def _heading(out: Console, report: Report) -> None:
    asked = ", ".join(f"{name} {value}" for name, value in report.asked.items()) or "as recall has it by default"
    out.print(f"{plain(report.name) + ': ' if report.name else ''}{plain(asked)}", soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if place else "left")
    return table


def _named(reports: Sequence[Report]) -> list[str]:
    return [plain(report.name) or "mean" for report in reports]


def _scores(level: Level, reports: Sequence[Report], differences: Mapping[str, Difference]) -> Table:
    sizes = len(reports[0].measured(level))
    table = _table(f"{level.name}: {counted(sizes, 'answerable question')}", "metric", *_named(reports), *differences)
    scores = [report.scores(level) for report in reports]
    if not differences:
        table.add_column("what it is")
    for metric in level.metrics if sizes else ():
        figures = [one[metric.name] for one in scores]
        lost = [one.scores.get(level.name, {}).get(metric.name) for one in differences.values()]
        if differences:  # whose intervals say more than those of each run, and there is room for one of them
            table.add_row(
                metric.name, *(f"{one.value:.3f}" for one in figures), *(figure(d, signed=True) for d in lost)
            )
        else:
            table.add_row(metric.name, *map(figure, figures), metric.meaning)
    return table


def _categories(level: Level, reports: Sequence[Report]) -> Table:
    """Draw the categories: several measures of one report, or the first of them of several reports."""
    chosen = [metric.name for metric in level.metrics if metric.name in _BY_CATEGORY]
    alone = len(reports) == 1
    table = _table(
        "" if alone else f"{level.name}: {chosen[0]} by category",
        "category",
        "n",
        *(chosen if alone else _named(reports)),
    )
    for category in reports[0].categories:
        scores = [report.scores(level, category) for report in reports]
        if all(scores):
            figures = [scores[0][name] for name in chosen] if alone else [one[chosen[0]] for one in scores]
            table.add_row(plain(category), str(figures[0].n), *map(figure, figures))
    return table


def _nothing_known(reports: Sequence[Report]) -> Table:
    table = _table('"Nothing known"', "of which questions", "said so", "and was right", "false alarms")
    for report in reports:
        unanswerable = dict.fromkeys(one.case.category for one in report.results if one.case.nothing)
        for category in [None, *unanswerable] if len(unanswerable) > 1 else [None]:
            known = report.nothing_known(category)
            name = " ".join(filter(None, (plain(report.name), plain(category or "all unanswerable"))))
            table.add_row(name, figure(known.recognised), figure(known.precision), figure(known.false_alarms))
    return table


def _costs(reports: Sequence[Report]) -> Table:
    table = _table("What a recall costs", "", *_named(reports))
    table.add_row("tokens", *(f"{report.tokens().value:.0f}" for report in reports))
    stages = [report.stages() for report in reports]
    for stage in dict.fromkeys(name for one in stages for name in one):
        cells = (f"{one[stage][0]:.2f} / {one[stage][1]:.2f}" if stage in one else "-" for one in stages)
        table.add_row(f"{stage}, ms p50 / p95", *cells)
    if len(reports) > 1:
        table.caption = "A question is embedded once, for the first settings that ask it."
        table.caption_justify = "left"
    return table


def _unpaired(out: Console, differences: Mapping[str, Difference]) -> None:
    for name, one in differences.items():
        if one.unpaired:
            out.print(
                f"Note: {plain(name)} compares {counted(one.paired, 'question')}; "
                f"{one.unpaired} are in one of them only and left out.",
                style="yellow",
                soft_wrap=True,
            )


def _failures(out: Console, report: Report, count: int) -> None:
    worst = report.failures(count)
    if worst:
        out.print(f"\nThe worst questions{' of ' + plain(report.name) if report.name else ''}", style="italic")
    for result in worst:
        out.print(f"{plain(result.case.question)}", style="bold", soft_wrap=True)
        for line in _expected(result):
            out.print(f"  {line}", soft_wrap=True)
        for rank, hit in enumerate(result.found[:SHOWN], start=1):
            out.print(
                f"  {rank}. {hit.score:.2f}  {plain(hit.key)}  {plain(hit.text)[:160]}", style="dim", soft_wrap=True
            )
        if not result.found:
            out.print("  nothing was found", style="dim")


def _expected(result: Result) -> list[str]:
    if result.case.nothing:
        return ["expected that nothing is known, and the recall was confident"]
    wanted = [*zip(result.case.expected, result.places, strict=True)]
    wanted += zip((f"session {name}" for name in result.case.sessions), result.sessions, strict=True)
    return [f"expected {plain(name)}: {'not found' if place is None else f'number {place}'}" for name, place in wanted]
