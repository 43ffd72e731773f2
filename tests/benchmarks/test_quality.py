"""The benchmark of quality on the conversations that ship with Duramen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.table import Table

import duramen
from duramen import HashingEmbedder, MemoryEngine
from duramen.conversations import Conversation, load
from duramen.evaluation import Case, Report
from duramen.evaluation.locomo import CATEGORIES, of
from tests.benchmarks import baselines, quality
from tests.benchmarks.ablation import ABLATIONS
from tests.conftest import engine

SHIPPED = Path(duramen.__file__).parent / "demo" / "conversation.json"


def beginning(conversation: Conversation, *, sessions: int) -> Conversation:
    """Cut a conversation to its first sessions, and to two questions of each category that they answer."""
    kept = conversation.sessions[:sessions]
    turns = {turn.id for session in kept for turn in session.turns}
    answered = [question for question in conversation.questions if turns.issuperset(question.evidence)]
    questions = [q for category in CATEGORIES for q in [q for q in answered if q.category == category][:2]]
    return replace(conversation, sessions=kept, questions=tuple(questions))


CONVERSATIONS = [beginning(one, sessions=2) for one in load(SHIPPED)]
CASES = [case for material in of(CONVERSATIONS).materials for case in material.cases]


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[MemoryEngine]:
    async with engine(tmp_path / "memory") as memory:
        await quality.fill(memory, CONVERSATIONS)
        yield memory


def cells(table: Table, column: int) -> list[str]:
    return [str(cell) for cell in table.columns[column].cells]


async def test_every_budget_is_measured_beside_bm25_dense_and_fused_retrieval(filled: MemoryEngine) -> None:
    plain = await quality.beside(CONVERSATIONS, CASES, HashingEmbedder())
    ours = await quality.by_budget(filled, CASES)

    drawn = quality.recalled([*plain, *ours])

    methods = ["BM25", "dense", "BM25 + 0.5 dense", "RRF of both", "Duramen, low", "Duramen, mid", "Duramen, high"]
    assert cells(drawn, 0) == methods
    assert {len(report.measured(report.levels[0])) for report in (*plain, *ours)} == {_answerable(CASES)}
    assert all(report.scores(report.levels[0])["recall@20"].value > 0.3 for report in (*plain, *ours))
    assert cells(drawn, -1)[:4] == ["-"] * 4
    assert all(int(tokens) > 0 for tokens in cells(drawn, -1)[4:])


async def test_stages_and_nothing_known_are_drawn_for_each_budget(filled: MemoryEngine) -> None:
    ours = await quality.by_budget(filled, CASES)

    assert {"embed", "keyword", "total"} <= set(cells(quality.times(ours), 0))
    assert cells(quality.nothing_known(ours), 0)[:2] == ["Duramen, low: adversarial", "Duramen, low: wrong bank"]


async def test_an_ablation_has_a_line_for_each_part_that_is_switched_off(filled: MemoryEngine) -> None:
    _, shipped, _ = await quality.by_budget(filled, CASES)

    lost = await quality.ablated(filled, CASES)

    assert cells(quality.ablation(shipped, lost), 0) == ["Duramen, mid", *(name for name, _ in ABLATIONS)]
    changed = [report.name for report in lost if _found(report) != _found(shipped)]
    assert {"without the keyword arm", "without the semantic arm", "reciprocal rank fusion"} <= set(changed)


def test_bm25_scores_rare_words_that_a_text_repeats_highest() -> None:
    texts = ["the kiln and the kiln", "the kiln", "the shed", "the bowl"]

    scores = baselines.bm25(texts, ["kiln", "tuba"])

    assert scores[0].argsort().tolist()[::-1][:2] == [0, 1]
    assert scores[0, 2] == scores[0, 3] == 0.0
    assert not scores[1].any()


def test_fusions_are_by_shares_of_the_best_and_by_ranks() -> None:
    words, meanings = np.array([[4.0, 2.0, 0.0]]), np.array([[0.2, 0.8, 0.4]])

    assert baselines.weighted(words, meanings).round(3).tolist() == [[1.125, 1.0, 0.25]]
    assert baselines.rrf(words, meanings).round(5).tolist() == [
        [round(1 / 61 + 1 / 63, 5), round(1 / 62 + 1 / 61, 5), round(1 / 63 + 1 / 62, 5)]
    ]


def _answerable(cases: Sequence[Case]) -> int:
    return sum(not case.nothing for case in cases)


def _found(report: Report) -> list[tuple[str, ...]]:
    return [tuple(hit.id for hit in result.found) for result in report.results]
