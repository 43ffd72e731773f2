"""What strategies make without a language model, and what it is good for: `python -m tests.benchmarks.strategies`.

For each conversation of `$DURAMEN_DATA/locomo/dev.json` (or `--data FILE`): one bank with and one without strategies. How
many memories each strategy makes, how many tokens a prompt takes compared with the whole history, and how much of the
evidence comes back: among the hits (as without strategies), with what strategies made beside them, and from that alone.
What a strategy made brings the turns that it was made from.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

import duramen
from duramen.conversations import Conversation, load
from duramen.engine import MemoryEngine
from duramen.evaluation.metrics import recall_at
from duramen.language.tokens import count_tokens_batch
from duramen.naming import event_id
from duramen.recall.asking import Asked
from duramen.types import Hit, Item, Page

STRATEGIES = ("semantic", "summary", "preference", "episodic")
ANSWERABLE = {1, 2, 3, 4}
DEPTH = 10

T = TypeVar("T")


@dataclass
class Measured:
    """What was counted over all conversations."""

    turns: int = 0
    turn_tokens: int = 0
    made: Counter[str] = field(default_factory=Counter)
    made_tokens: Counter[str] = field(default_factory=Counter)
    revised: Counter[str] = field(default_factory=Counter)
    recalled: dict[str, list[float]] = field(default_factory=dict)
    tokens: dict[str, list[int]] = field(default_factory=dict)

    def note(self, way: str, found: float, tokens: int) -> None:
        """Note one question: the share of its evidence that was found, and the tokens of the block."""
        self.recalled.setdefault(way, []).append(found)
        self.tokens.setdefault(way, []).append(tokens)


def items(conversation: Conversation) -> list[Item]:
    """Return the turns of a conversation, which is one actor's, so that strategies see both speakers."""
    return [
        Item(
            content=[{"role": "user", "name": turn.speaker, "content": turn.text}],
            key=turn.id,
            occurred=turn.at,
            actor=conversation.name,
            session=str(session.number),
        )
        for session in conversation.sessions
        for turn in session.turns
    ]


async def measure(memory: MemoryEngine, plain: MemoryEngine, conversation: Conversation, into: Measured) -> None:
    """Retain one conversation in both, and ask its questions in each way."""
    bank = conversation.name
    given = items(conversation)
    for one in (memory, plain):
        await one.retain(bank, given)
        await one.wait_idle(bank, finish=True)
    into.turns += len(given)
    into.turn_tokens += sum(count_tokens_batch([turn.text for one in conversation.sessions for turn in one.turns]))
    for made in await everything(partial(memory.memories, bank, namespace="/")):
        into.made[str(made.strategy)] += 1
        into.made_tokens[str(made.strategy)] += made.tokens
    into.revised.update([one.decision for one in await everything(partial(memory.revisions, bank))])
    for question in conversation.questions:
        if question.category in ANSWERABLE:
            await ask(memory, plain, bank, question.text, question.evidence, into)


async def ask(
    memory: MemoryEngine, plain: MemoryEngine, bank: str, question: str, evidence: Sequence[str], into: Measured
) -> None:
    """Ask one question in each way."""
    asked: Asked = {"limit": DEPTH}
    apart: Asked = {"limit": DEPTH, "namespaces": "/"}
    without = await plain.recall(bank, question, **asked)
    beside = await memory.recall(bank, question, **asked)
    alone = await memory.recall(bank, question, **apart)
    wanted = {key: event_id(key, 0) for key in evidence}
    for way, hits, recall in (
        ("turns, without strategies", without.hits, without),
        ("turns, with strategies", beside.hits, beside),
        ("turns and what is shown beside", (*beside.hits, *beside.made), beside),
        ("what strategies made alone", alone.hits, alone),
    ):
        into.note(way, share(hits, wanted), recall.tokens)


def share(hits: Sequence[Hit], wanted: Mapping[str, str]) -> float:
    """Return the share of the evidence, ids of events by key, that `hits` are, or were made from."""
    found = {hit.memory.key for hit in hits}
    sources = {source for hit in hits for source in hit.memory.sources}
    places = [1 if key in found or event in sources else None for key, event in wanted.items()]
    return recall_at(places, DEPTH)


async def everything(listing: Callable[..., Awaitable[Page[T]]]) -> list[T]:
    """Return all pages of a listing."""
    found: list[T] = []
    cursor: str | None = None
    while True:
        page = await listing(cursor=cursor, limit=1000)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def tables(measured: Measured) -> list[Table]:
    """Draw what was measured."""
    made = Table(title="What strategies made")
    for name in ("strategy", "memories", "a turn", "tokens", "of the turns' tokens"):
        made.add_column(name, justify="left" if name == "strategy" else "right")
    for strategy, count in measured.made.most_common():
        tokens = measured.made_tokens[strategy]
        made.add_row(
            strategy, str(count), f"{count / measured.turns:.2f}", str(tokens), f"{tokens / measured.turn_tokens:.2f}"
        )
    recalled = Table(title=f"Evidence recalled among the first {DEPTH}, categories 1 to 4")
    for name in ("where", "recall", "tokens of the block"):
        recalled.add_column(name, justify="left" if name == "where" else "right")
    for way, found in measured.recalled.items():
        tokens_of = measured.tokens[way]
        recalled.add_row(way, f"{sum(found) / len(found):.3f}", f"{sum(tokens_of) / len(tokens_of):.0f}")
    return [made, recalled]


async def main(path: Path) -> None:
    """Measure every conversation of the file and print the tables."""
    conversations = load(path)
    measured = Measured()
    console = Console(width=None if sys.stdout.isatty() else 160)
    embedder = duramen.MiniLMEmbedder()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        async with (
            duramen.open(one, embedder=embedder, durability="process", strategies=STRATEGIES) as memory,
            duramen.open(other, embedder=embedder, durability="process") as plain,
        ):
            for conversation in track(conversations, console=Console(stderr=True)):
                await measure(memory, plain, conversation, measured)
    console.print(*tables(measured))
    console.print(
        f"{len(conversations)} conversations, {measured.turns} turns, {measured.turn_tokens} tokens in all, "
        f"{measured.turn_tokens / len(conversations):.0f} a conversation. Revisions: "
        + ", ".join(f"{name} {count}" for name, count in measured.revised.most_common())
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a file in the LoCoMo format")
    given = parser.parse_args()
    if given.data is None and "DURAMEN_DATA" not in os.environ:
        sys.exit("Skipped: set DURAMEN_DATA to a folder with locomo/dev.json, or give --data FILE.")
    asyncio.run(main(given.data or Path(os.environ["DURAMEN_DATA"]) / "locomo" / "dev.json"))
