"""How much of the evidence comes back: `python -m tests.benchmarks.quality`.

For each conversation of `$DURAMEN_DATA/locomo/dev.json` (or `--data FILE`): one bank, one item a turn, and for every
question the places of its evidence turns among the first 20 hits. Beside Duramen, in the same run and over the same
texts: plain BM25, plain dense retrieval, and the two fused. Banks are filled once and asked in every way.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import duramen
from duramen.conversations import Conversation, load
from duramen.engine import MemoryEngine
from duramen.evaluation import Case, Report, Result, compared, embedder_at, evaluate, retain
from duramen.evaluation.comparing import Difference
from duramen.evaluation.locomo import CATEGORIES, items, of
from duramen.evaluation.running import Progress as Told
from duramen.evaluation.running import silent
from duramen.evaluation.tables import figure
from duramen.protocols import Embedder
from duramen.recall.asking import Asked
from duramen.types import Budget
from tests.benchmarks import baselines
from tests.benchmarks.ablation import ABLATIONS, changed

BUDGETS: tuple[Budget, ...] = ("low", "mid", "high")
SHIPPED: Budget = "mid"
ASKED: Asked = {"limit": baselines.DEPTH, "max_tokens": 100_000}


async def beside(
    conversations: Sequence[Conversation], cases: Sequence[Case], embedder: Embedder, told: Told = silent
) -> list[Report]:
    """Measure the baselines, each a report named after its method."""
    results: dict[str, list[Result]] = {}
    for done, conversation in enumerate(conversations):
        asked = [case for case in cases if case.bank == conversation.name and case.keys]
        for name, found in (await baselines.measured(conversation, asked, embedder)).items():
            results.setdefault(name, []).extend(found)
        told("baselines", done + 1, len(conversations))
    return [Report(name=name, format="locomo", results=tuple(found)) for name, found in results.items()]


async def fill(memory: MemoryEngine, conversations: Sequence[Conversation], told: Told = silent) -> None:
    """Retain every conversation in a bank of its own, and wait until it can be recalled."""
    for conversation in conversations:
        await retain(memory, conversation.name, items(conversation), progress=told)


async def by_budget(memory: MemoryEngine, cases: Sequence[Case], told: Told = silent) -> list[Report]:
    """Measure Duramen with each budget."""
    asked: list[Asked] = [{**ASKED, "budget": budget} for budget in BUDGETS]
    reports = [await evaluate(memory, cases, progress=told, **one) for one in asked]
    return [
        replace(report, name=f"Duramen, {budget}", format="locomo")
        for report, budget in zip(reports, BUDGETS, strict=True)
    ]


async def ablated(memory: MemoryEngine, cases: Sequence[Case], told: Told = silent) -> list[Report]:
    """Measure Duramen as shipped with one thing at a time switched off."""
    asked: Asked = {**ASKED, "budget": SHIPPED}
    return [
        replace(await evaluate(changed(memory, change), cases, progress=told, **asked), name=name, format="locomo")
        for name, change in ABLATIONS
    ]


def recalled(reports: Sequence[Report]) -> Table:
    """Draw how much of the evidence each method finds; the first figures are over the answerable questions."""
    drawn = _table("Evidence turns recalled, categories 1 to 4", "method", "@5", "@10", "@20")
    for name in (*(f"{category} @10" for category in CATEGORIES.values()), "nDCG@10", "all @10", "MRR", "tokens"):
        drawn.add_column(name, justify="right")
    for report in reports:
        level = report.levels[0]
        scores = report.scores(level)
        cells = [f"{scores['recall@5'].value:.3f}", figure(scores["recall@10"]), f"{scores['recall@20'].value:.3f}"]
        cells += [_of_category(report, category) for category in CATEGORIES.values()]
        cells += [f"{scores[name].value:.3f}" for name in ("nDCG@10", "all@10", "MRR")]
        drawn.add_row(report.name, *cells, f"{tokens:.0f}" if (tokens := report.tokens().value) else "-")
    return drawn


def nothing_known(reports: Sequence[Report]) -> Table:
    """Draw how well "nothing known" is said of what cannot be answered."""
    drawn = _table('"Nothing known"', "of which questions", "said so", "and was right", "false alarms")
    for report in reports:
        for category in dict.fromkeys(one.case.category for one in report.results if one.case.nothing):
            known = report.nothing_known(category)
            drawn.add_row(
                f"{report.name}: {category}",
                *map(figure, (known.recognised, known.precision, known.false_alarms)),
            )
    return drawn


def times(reports: Sequence[Report]) -> Table:
    """Draw how long each stage takes."""
    drawn = _table("Milliseconds, p50 / p95", "stage", *(report.name for report in reports))
    stages = [report.stages() for report in reports]
    for stage in dict.fromkeys(name for one in stages for name in one):
        drawn.add_row(stage, *(f"{one[stage][0]:.2f} / {one[stage][1]:.2f}" if stage in one else "-" for one in stages))
    return drawn


def ablation(shipped: Report, reports: Sequence[Report]) -> Table:
    """Draw what is lost with each part: recall@10 with the paired difference, and by category."""
    drawn = _table(
        "Ablation, recall@10", "variant", "1 to 4", "less as shipped", *CATEGORIES.values(), "nDCG@10", "ms but embed"
    )
    for report in (shipped, *reports):
        level = report.levels[0]
        lost: Difference | None = compared(shipped, report) if report is not shipped else None
        scores = report.scores(level)
        drawn.add_row(
            report.name,
            f"{scores['recall@10'].value:.3f}",
            figure(lost.scores[level.name]["recall@10"], signed=True) if lost else "",
            *(_of_category(report, category) for category in CATEGORIES.values()),
            f"{scores['nDCG@10'].value:.3f}",
            f"{report.stages()['total but embed'][0]:.2f}",
        )
    return drawn


async def main(path: Path, *, embedder: str | None, ablate: bool) -> None:
    """Measure every conversation of the file and print the tables."""
    conversations = load(path)
    data = of(conversations)
    cases = [case for material in data.materials for case in material.cases]
    part = embedder_at(embedder) if embedder else duramen.MiniLMEmbedder()
    console = Console(width=None if sys.stdout.isatty() else 200)
    with tempfile.TemporaryDirectory() as directory, _bars() as told:
        plain = await beside(conversations, cases, part, told)
        async with duramen.open(directory, embedder=part, durability="process") as memory:
            await fill(memory, conversations, told)
            ours = await by_budget(memory, cases, told)
            lost = await ablated(memory, cases, told) if ablate else []
    console.print(recalled([*plain, *ours]), nothing_known(ours), times(ours))
    if ablate:
        console.print(ablation(ours[BUDGETS.index(SHIPPED)], lost))
    console.print(
        f"{len(conversations)} conversations, {sum(len(one.questions) for one in conversations)} questions with evidence "
        f"({sum(one.dropped for one in conversations)} left out, {sum(one.repaired for one in conversations)} mended); "
        f"embedder {part.name}. Intervals: percentile bootstrap over questions, 95 %."
    )


@contextmanager
def _bars() -> Iterator[Told]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("begin")

        def told(what: str, done: int, of: int | None) -> None:
            progress.update(task, description=what, completed=done, total=of)

        yield told


def _of_category(report: Report, category: str) -> str:
    scores = report.scores(report.levels[0], category)
    return f"{scores['recall@10'].value:.3f}" if scores else "-"


def _table(title: str, *columns: str) -> Table:
    drawn = Table(title=title)
    for place, name in enumerate(columns):
        drawn.add_column(name, justify="right" if place else "left")
    return drawn


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a file in the LoCoMo format")
    parser.add_argument("--embedder", help="module:object, in place of the default embedder")
    parser.add_argument("--ablate", action="store_true", help="also switch the parts of recall off, one at a time")
    given = parser.parse_args()
    if given.data is None and "DURAMEN_DATA" not in os.environ:
        sys.exit("Skipped: set DURAMEN_DATA to a folder with locomo/dev.json, or give --data FILE.")
    data = given.data or Path(os.environ["DURAMEN_DATA"]) / "locomo" / "dev.json"
    asyncio.run(main(data, embedder=given.embedder, ablate=given.ablate))
