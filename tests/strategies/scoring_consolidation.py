"""How often the rules of consolidation decide as a person would, on cases written for it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from duramen.embedders.minilm import MiniLMEmbedder
from duramen.jobs.consolidation import Compared, judge
from duramen.jobs.revising import LIKENESS
from duramen.ledger import Decision
from duramen.types import Memory

DECISIONS: tuple[Decision, ...] = ("add", "skip", "update", "supersede")


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate beside what is known, and what to do with it."""

    id: str
    part: str
    compared: Compared
    decision: Decision
    other: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """How the cases were decided.

    Attributes:
        table: How often a decision was expected and another one taken.
        right: How often decision and other memory were as expected; `wrong` are the ids of the rest.
    """

    table: Counter[tuple[Decision, Decision]]
    right: int
    wrong: Sequence[str]

    @property
    def accuracy(self) -> float:
        """The share of cases decided as expected, the other memory included."""
        return self.right / self.table.total() if self.table else 0.0

    @property
    def kept(self) -> float:
        """The share of the cases to be added in which nothing was hidden: neither the candidate nor another."""
        hidden = self.table["add", "skip"] + self.table["add", "supersede"]
        expected = sum(count for (expected, _), count in self.table.items() if expected == "add")
        return 1.0 - hidden / expected if expected else 1.0

    def precision(self, decision: Decision) -> float:
        """The share of times that `decision` was right, of those that it was taken; 1 if it never was."""
        taken = sum(count for (_, given), count in self.table.items() if given == decision)
        return self.table[decision, decision] / taken if taken else 1.0

    def recall(self, decision: Decision) -> float:
        """The share of times that `decision` was taken, of those that it was expected; 1 if it never was."""
        expected = sum(count for (wanted, _), count in self.table.items() if wanted == decision)
        return self.table[decision, decision] / expected if expected else 1.0

    def __str__(self) -> str:
        """Return it as a table."""
        total = self.table.total()
        lines = [
            f"{self.right} of {total} right ({self.accuracy:.3f}); nothing hidden in {self.kept:.3f} of those to add"
        ]
        lines.append(f"{'expected':12}{''.join(f'{given:>11}' for given in DECISIONS)}  precision  recall")
        for decision in DECISIONS:
            counts = "".join(f"{self.table[decision, given]:>11}" for given in DECISIONS)
            lines.append(f"{decision:12}{counts}{self.precision(decision):>11.2f}{self.recall(decision):>8.2f}")
        return "\n".join([*lines, f"wrong: {' '.join(self.wrong)}"])


def load_consolidation(path: Path) -> list[Case]:
    """Read cases from a JSON file, with the cosines that the default embedder gives them."""
    return asyncio.run(_embedded(json.loads(path.read_text(encoding="utf-8"))["cases"]))


def score_consolidation(cases: Sequence[Case]) -> Score:
    """Decide `cases` without a model."""
    table: Counter[tuple[Decision, Decision]] = Counter()
    wrong = []
    for case in cases:
        verdict = judge(case.compared)
        table[case.decision, verdict.decision] += 1
        if (verdict.decision, verdict.other) != (case.decision, case.other):
            wrong.append(case.id)
    return Score(table, len(cases) - len(wrong), wrong)


async def _embedded(raws: Sequence[dict[str, object]]) -> list[Case]:
    embedder = MiniLMEmbedder()
    try:
        return [await _case(raw, embedder) for raw in raws]
    finally:
        await embedder.aclose()


async def _case(raw: dict[str, object], embedder: MiniLMEmbedder) -> Case:
    known, candidate, expected = raw["known"], raw["candidate"], raw["expected"]
    assert isinstance(known, list)
    assert isinstance(candidate, dict)
    assert isinstance(expected, dict)
    memories = [_memory(f"m{number}", each) for number, each in enumerate(known)]
    made = _memory("candidate", candidate)
    vectors = await embedder.embed([memory.text for memory in (made, *memories)])
    cosines = (vectors[1:] @ vectors[0]).clip(0.0, 1.0).tolist()
    similar = sorted(zip(memories, cosines, strict=True), key=lambda pair: -pair[1])
    other = expected["other"]
    return Case(
        id=str(raw["id"]),
        part=str(raw["part"]),
        compared=Compared(made=made, similar=[pair for pair in similar if pair[1] >= LIKENESS]),
        decision=expected["decision"],
        other=None if other is None else f"m{other}",
    )


def _memory(id: str, raw: dict[str, str]) -> Memory:
    said = datetime.fromisoformat(raw["date"]).replace(tzinfo=timezone.utc)
    return Memory(id=id, bank="b", text=raw["text"], event="e", key=id, mentioned=said, stored=said)


if __name__ == "__main__":
    cases = load_consolidation(Path(sys.argv[1]))
    for part in sorted({case.part for case in cases}):
        print(f"{part}: {score_consolidation([case for case in cases if case.part == part])}\n")  # noqa: T201 - a report
