"""Conversations out of thin air, for measuring speed: any number of turns, the same in every run.

Words are drawn by Zipf's law from 20 000 English ones, without the most frequent ranks: those are mostly function words,
which are not searched. Turns come in sessions, and some speak of somebody or something by a capitalised name.
"""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

import duramen
from duramen import CapitalsEntityFinder, Item
from duramen.index.token_codes import WIDTH, encode
from duramen.language.terms import term_codes
from duramen.language.tokens import VOCABULARY as TOKENS
from duramen.protocols import Embedder, Storage, TokenVectors
from duramen.retain.pipeline import searchable
from duramen.retain.worker import Pace
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Event, Indexed, Memory

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
DRAWN_AT_ONCE = 50_000
ALIKE = 0.29
"""What all vectors have in common, beside what each has of its own, which is 1 long."""

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


def drawn(count: int) -> Vectors:
    """Draw unit vectors that are spread like those of MiniLM: all a little alike, and most different in few directions.

    The first 32, 64 and 128 principal components hold 0.47, 0.63 and 0.81 of the variance there, and 0.47, 0.62 and
    0.77 here.
    """
    generator = np.random.default_rng(count)
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(np.float32)
    spread = (np.arange(DIMENSIONS, dtype=np.float32) + 8.0) ** -0.55
    spread /= np.linalg.norm(spread)
    vectors = np.empty((count, DIMENSIONS), dtype=np.float32)
    for start in range(0, count, DRAWN_AT_ONCE):
        some = generator.standard_normal((min(DRAWN_AT_ONCE, count - start), DIMENSIONS), dtype=np.float32)
        some *= spread
        some[:, -1] += ALIKE
        some /= np.linalg.norm(some, axis=1, keepdims=True)
        vectors[start : start + len(some)] = some @ rotation
    return vectors


class StoredEmbedder:
    """Looks vectors up that were drawn beforehand, so that what is measured is everything but the model.

    It goes by the name of a real embedder where that one is to read the bank later.

    Args:
        texts: All that will ever be embedded.
        name: What it goes by.
    """

    def __init__(self, texts: Sequence[str], name: str = "stored") -> None:
        self.name = name
        self.dimensions = DIMENSIONS
        self._rows = {text: row for row, text in enumerate(texts)}
        self.vectors = drawn(len(texts))

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return self.vectors[[self._rows[text] for text in texts]]

    async def aclose(self) -> None:
        """Nothing is held."""


def searched(turns: Sequence[Item]) -> list[str]:
    """Return the texts of `turns` as they are embedded."""
    return [searchable(str(turn.content), turn.actor) for turn in turns]


class WordedEmbedder(StoredEmbedder):
    """Has a vector for each word, too, so that memories are compared with a query word by word, as by the real model."""

    token_dimensions = WIDTH

    def __init__(self, texts: Sequence[str], name: str = "stored") -> None:
        super().__init__(texts, name)
        self._words: dict[str, Vectors] = {}

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        words = [text.split() for text in texts]
        tokens = [np.stack([self._word(word) for word in each]) for each in words]
        return TokenVectors(vectors=await self.embed(texts), tokens=tokens, words=words)

    def _word(self, word: str) -> Vectors:
        if word not in self._words:
            drawn_for = np.random.default_rng(zlib.crc32(word.encode())).standard_normal(WIDTH, dtype=np.float32)
            self._words[word] = drawn_for / np.linalg.norm(drawn_for)
        return self._words[word]


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


async def pour(
    directory: Path, banks: Mapping[str, Sequence[Item]], embedder: StoredEmbedder, progress: Progress = lambda _: None
) -> None:
    """Put all `banks` into a new store, as `fill` would with names by their capitals, in a tenth of the time."""
    store = SQLiteStore(directory, durability="process")
    await store.open()
    await pour_into(store, banks, embedder, progress)
    await store.aclose()


async def pour_into(
    store: Storage, banks: Mapping[str, Sequence[Item]], embedder: StoredEmbedder, progress: Progress = lambda _: None
) -> None:
    """Put all `banks` into an open store; see `pour`."""
    done = 0
    for bank, turns in banks.items():
        for at in range(0, len(turns), AT_ONCE):
            some = turns[at : at + AT_ONCE]
            events = [_event(bank, turn) for turn in some]
            await store.append(bank, events)
            leases = await store.lease(limit=len(events), seconds=600, bank=bank)
            memories = await _indexed(events, searched(some), embedder)
            await store.put(leases, memories, embedder=embedder.name)
            done += len(some)
            progress(done)


def _event(bank: str, turn: Item) -> Event:
    assert turn.key is not None
    assert turn.occurred is not None
    return Event(
        id=hashlib.blake2b(f"{bank}/{turn.key}".encode(), digest_size=16).hexdigest(),
        bank=bank,
        key=turn.key,
        content=str(turn.content),
        actor=turn.actor,
        session=turn.session,
        speaker=turn.actor,
        mentioned=turn.occurred,
        stored=turn.occurred,
    )


async def _indexed(events: Sequence[Event], texts: Sequence[str], embedder: StoredEmbedder) -> list[Indexed]:
    late = [b""] * len(texts)
    if isinstance(embedder, WordedEmbedder):
        given = await embedder.embed_tokens(texts)
        late = [encode(tokens, words, embedder.name) for tokens, words in zip(given.tokens, given.words, strict=True)]
    vectors = await embedder.embed(texts)
    return [
        Indexed(memory=_memory(event), vector=vector, terms=term_codes(text), late=codes)
        for event, text, vector, codes in zip(events, texts, vectors, late, strict=True)
    ]


def _memory(event: Event) -> Memory:
    return Memory(
        id=hashlib.blake2b(f"{event.id}/0".encode(), digest_size=16).hexdigest(),
        bank=event.bank,
        text=event.content,
        event=event.id,
        key=event.key,
        actor=event.actor,
        session=event.session,
        speaker=event.speaker,
        mentioned=event.mentioned,
        stored=event.stored,
        entities=tuple(word for word in event.content.split() if word[0].isupper()),
        tokens=WORDS,
    )
