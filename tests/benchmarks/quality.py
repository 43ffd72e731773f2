"""How much of the evidence comes back: `python -m tests.benchmarks.quality`.

For each conversation of `$DURAMEN_DATA/locomo/dev.json` (or `--data FILE`): one bank, one item a turn, and for every
question the share of its evidence turns among the first 5, 10 and 20 hits. Beside Duramen, in the same run and over
the same texts: plain BM25 and plain dense retrieval.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import duramen
from duramen.conversations import Conversation, load
from duramen.embedders.minilm import MiniLMEmbedder
from duramen.language.terms import terms
from duramen.retain.pipeline import searchable
from duramen.types import Item

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open", 4: "single-hop", 5: "adversarial"}
DEPTHS = (5, 10, 20)


@dataclass
class Tally:
    """The shares of evidence found, by category and depth."""

    shares: dict[tuple[int, int], list[float]] = field(default_factory=dict)

    def add(self, category: int, evidence: Sequence[str], ranking: Sequence[str]) -> None:
        for depth in DEPTHS:
            found = len(set(evidence) & set(ranking[:depth])) / len(set(evidence))
            self.shares.setdefault((category, depth), []).append(found)

    def mean(self, categories: Sequence[int], depth: int) -> tuple[float, float]:
        """Return the mean share and the half-width of its 95 % interval."""
        shares = [share for category in categories for share in self.shares.get((category, depth), [])]
        return float(np.mean(shares)), 1.96 * float(np.std(shares)) / math.sqrt(len(shares))


Ranker = Callable[[str], Sequence[str]]


def bm25(ids: Sequence[str], texts: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> Ranker:
    """Rank by textbook BM25 over the same terms."""
    documents = [terms(text) for text in texts]
    lengths = np.array([len(document) for document in documents], dtype=float)
    postings: dict[str, dict[int, int]] = {}
    for row, document in enumerate(documents):
        for term in document:
            postings.setdefault(term, {}).setdefault(row, 0)
            postings[term][row] += 1

    def rank(question: str) -> Sequence[str]:
        scores = np.zeros(len(ids))
        for term in set(terms(question)):
            found = postings.get(term, {})
            idf = math.log(1 + (len(ids) - len(found) + 0.5) / (len(found) + 0.5))
            for row, count in found.items():
                scores[row] += idf * count * (k1 + 1) / (count + k1 * (1 - b + b * lengths[row] / lengths.mean()))
        return [ids[row] for row in np.argsort(-scores, kind="stable")[: max(DEPTHS)]]

    return rank


async def dense(ids: Sequence[str], texts: Sequence[str], questions: Sequence[str]) -> Ranker:
    """Rank by cosine in the space of the default embedder."""
    embedder = MiniLMEmbedder()
    vectors, asked = await embedder.embed(texts), await embedder.embed(questions)
    await embedder.aclose()
    best = np.argsort(-(asked @ vectors.T), axis=1)[:, : max(DEPTHS)]
    rankings = {question: [ids[row] for row in rows] for question, rows in zip(questions, best, strict=True)}
    return rankings.__getitem__


async def measure(conversation: Conversation, tallies: dict[str, Tally], directory: Path) -> int:
    """Add the results for one conversation; return how many tokens its recalled blocks took."""
    turns = [(session, turn) for session in conversation.sessions for turn in session.turns]
    ids = [turn.id for _, turn in turns]
    texts = [searchable(turn.text, turn.speaker) for _, turn in turns]
    rankers = {"BM25": bm25(ids, texts), "dense": await dense(ids, texts, [q.text for q in conversation.questions])}
    items = [
        Item(content=turn.text, key=turn.id, occurred=turn.at, actor=turn.speaker, session=str(session.number))
        for session, turn in turns
    ]
    tokens = 0
    async with duramen.open(directory / conversation.name) as memory:
        await memory.retain("conversation", items, wait=True)
        for question in conversation.questions:
            recall = await memory.recall(
                "conversation",
                question.text,
                limit=max(DEPTHS),
                max_tokens=100_000,
                at=conversation.sessions[-1].at,
            )
            tokens += recall.tokens
            ranking = [hit.memory.key for hit in recall.hits]
            tallies["Duramen"].add(question.category, question.evidence, ranking)
            for name, rank in rankers.items():
                tallies[name].add(question.category, question.evidence, rank(question.text))
    return tokens


def table(tallies: dict[str, Tally]) -> Table:
    """Draw the results."""
    drawn = Table(title="Share of evidence turns recalled")
    drawn.add_column("method")
    for depth in DEPTHS:
        drawn.add_column(f"1-4 @{depth}", justify="right")
    for name in CATEGORIES.values():
        drawn.add_column(f"{name} @10", justify="right")
    for name, tally in tallies.items():
        cells = [f"{mean:.3f} ±{wide:.3f}" for mean, wide in (tally.mean((1, 2, 3, 4), depth) for depth in DEPTHS)]
        cells += [f"{tally.mean((category,), 10)[0]:.3f}" for category in CATEGORIES]
        drawn.add_row(name, *cells)
    return drawn


async def main(path: Path) -> None:
    """Measure every conversation of the file and print the table."""
    conversations = load(path)
    tallies = {name: Tally() for name in ("BM25", "dense", "Duramen")}
    console = Console(width=None if sys.stdout.isatty() else 160)
    tokens = 0
    with tempfile.TemporaryDirectory() as directory, Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("conversations", total=len(conversations))
        for conversation in conversations:
            tokens += await measure(conversation, tallies, Path(directory))
            progress.advance(task)
    questions = sum(len(conversation.questions) for conversation in conversations)
    console.print(table(tallies))
    console.print(
        f"{len(conversations)} conversations, {questions} questions with evidence "
        f"({sum(c.dropped for c in conversations)} left out, {sum(c.repaired for c in conversations)} repaired); "
        f"{tokens / questions:.0f} tokens for {max(DEPTHS)} hits on average."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a file in the LoCoMo format")
    given = parser.parse_args().data
    if given is None and "DURAMEN_DATA" not in os.environ:
        sys.exit("Skipped: set DURAMEN_DATA to a folder with locomo/dev.json, or give --data FILE.")
    asyncio.run(main(given or Path(os.environ["DURAMEN_DATA"]) / "locomo" / "dev.json"))
