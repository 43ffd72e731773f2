"""Conversations out of thin air, for measuring speed: any number of turns, the same in every run.

Words are drawn by Zipf's law from 20 000 English ones, without the most frequent ranks: those are mostly function words,
which are not searched. Turns come in sessions, and some speak of somebody or something by a capitalised name.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

import duramen
from duramen import CapitalsEntityFinder, Item
from duramen.language.tokens import VOCABULARY as TOKENS
from duramen.protocols import Embedder
from duramen.retain.pipeline import searchable
from duramen.retain.worker import Pace

VOCABULARY, FUNCTION_WORDS, NAMES = 20_000, 100, 500
WORDS, TURNS = 25, 25
"""Words in a turn, turns in a session."""

SPEAKER = "Ines"
BEGIN = datetime(2024, 1, 1, tzinfo=timezone.utc)
AT_ONCE = 1000
"""Turns in one retain."""

NAMED, DATED = 0.3, 0.1
"""Share of turns and questions that name something, and of questions that name a time."""

DIMENSIONS = 384

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]
"""Called with how many turns are ready to be recalled."""


class Corpus:
    """Turns and questions from one seed; the first turns are the same however many are asked for."""

    def __init__(self, seed: int = 11) -> None:
        self._random = random.Random(seed)
        listed = TOKENS.read_text(encoding="utf-8").split()
        words = [word for word in listed if len(word) > 2 and word.isascii() and word.isalpha()]  # by frequency
        self._names = [word.capitalize() for word in words[VOCABULARY:][:NAMES]]
        self._words = words[FUNCTION_WORDS:VOCABULARY]
        self._weights = list(accumulate(1.0 / rank for rank in range(FUNCTION_WORDS + 1, VOCABULARY + 1)))

    def turns(self, count: int) -> list[Item]:
        """Return the next `count` turns, one a minute, in sessions."""
        return [
            Item(
                content=self._text(),
                key=f"turn-{place}",
                occurred=BEGIN + timedelta(minutes=place),
                actor=SPEAKER,
                session=f"session-{place // TURNS}",
            )
            for place in range(count)
        ]

    def questions(self, turns: Sequence[Item], count: int) -> list[str]:
        """Return `count` different questions, each after some of `turns`, and some with a name or a month besides."""
        asked: dict[str, None] = {}
        while len(asked) < count:
            name = f" with {self._random.choice(self._names)}" if self._random.random() < NAMED else ""
            month = " in March 2024" if self._random.random() < DATED else ""
            asked[f"{self.question(self._random.choice(turns))}{name}{month}?"] = None
        return list(asked)

    def question(self, turn: Item) -> str:
        """Return a question after `turn`, by three of its words, without its question mark."""
        words = self._random.sample(str(turn.content).casefold().split(), 3)
        return f"What did {SPEAKER} say about {words[0]} {words[1]} and the {words[2]}"

    def _text(self) -> str:
        words = self._random.choices(self._words, cum_weights=self._weights, k=WORDS)
        if self._random.random() < NAMED:
            words[self._random.randrange(1, WORDS)] = self._random.choice(self._names)
        return " ".join(words)


class StoredEmbedder:
    """Looks vectors up that were drawn beforehand, so that what is measured is everything but the model.

    It goes by the name of a real embedder where that one is to read the bank later: speed does not depend on what the
    numbers in a vector are. Like those of real models, the vectors share a direction, so that most cosines are above 0.

    Args:
        texts: All that will ever be embedded.
        name: What it goes by.
    """

    def __init__(self, texts: Sequence[str], name: str = "stored") -> None:
        self.name = name
        self.dimensions = DIMENSIONS
        self._rows = {text: row for row, text in enumerate(texts)}
        generator = np.random.default_rng(len(texts))
        self.vectors: Vectors = generator.standard_normal((len(texts), DIMENSIONS), dtype=np.float32)
        self.vectors += np.float32(0.5)
        self.vectors /= np.linalg.norm(self.vectors, axis=1, keepdims=True)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return self.vectors[[self._rows[text] for text in texts]]

    async def aclose(self) -> None:
        """Nothing is held."""


def searched(turns: Sequence[Item]) -> list[str]:
    """Return the texts of `turns` as they are embedded."""
    return [searchable(str(turn.content), turn.actor) for turn in turns]


async def fill(
    directory: Path, banks: Mapping[str, Sequence[Item]], embedder: Embedder, progress: Progress = lambda _: None
) -> None:
    """Retain all `banks` in a new store, wait until everything can be recalled, and close it."""
    total = sum(map(len, banks.values()))
    async with duramen.open(
        directory, embedder=embedder, entities=CapitalsEntityFinder(), durability="process", pace=Pace(batch=512)
    ) as memory:
        for bank, turns in banks.items():
            for at in range(0, len(turns), AT_ONCE):
                await memory.retain(bank, turns[at : at + AT_ONCE])
        while left := await memory.flush(seconds=1.0):
            progress(total - left)
    progress(total)
