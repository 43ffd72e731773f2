"""What is evaluated: questions with what a recall should bring, and what is retained for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from duramen.recall.asking import Asked
from duramen.types import Item

Format = Literal["own", "locomo", "longmemeval"]
"""Where questions come from: a file of the user's own, or one in the format of LoCoMo or of LongMemEval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question, and what a recall should bring.

    Each of `keys`, `memories` and `contains` is one thing to be found; a hit may be several of them.

    Attributes:
        bank: Where it is asked; None for the bank that `evaluate` is given.
        keys: Of items; any memory made of the item counts.
        memories: Ids of memories.
        contains: Texts that a hit must contain, whatever their case and white space.
        sessions: Names of sessions. They are looked for, apart from the rest, among the sessions of the hits, each
            counted once, in the order of its best hit.
        category: Groups questions in the report.
        at: The moment of the question; that of the evaluation if None.
        nothing: The bank cannot answer it. What is expected beside that is what misleads, and counts in its category
            alone.
        answer: For the reader of the report; recall brings memories and no answers.
        id: Tells the question from all others; made of what it asks and expects if left empty.
    """

    question: str
    bank: str | None = None
    keys: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    category: str = ""
    at: datetime | None = None
    nothing: bool = False
    answer: str | None = None
    id: str = ""

    @property
    def expected(self) -> tuple[str, ...]:
        """All that is looked for among the hits, in the order of `Result.places`."""
        return (*self.keys, *self.memories, *self.contains)

    @property
    def identity(self) -> str:
        """Return `id`, or a hash of what is asked where and what is expected."""
        at = self.at.isoformat() if self.at is not None else None
        asked = [self.bank, self.question, at, self.nothing, self.keys, self.memories, self.contains, self.sessions]
        return self.id or hashlib.blake2b(json.dumps(asked).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Some questions, with what is to be retained before they are asked.

    Attributes:
        bank: Where `items` go; unused without any.
        passing: The bank is for these questions alone, and may be forgotten when they have been asked.
    """

    cases: Sequence[Case]
    bank: str = ""
    items: Sequence[Item] = ()
    passing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A file of questions.

    Attributes:
        materials: To be gone through once; those of large files are read as they are needed.
        asked: Options of recall that the measures of this format presume; the user's come first.
        notes: What the reader of the report should know about the file.
    """

    format: Format
    materials: Iterable[Material]
    asked: Asked = field(default_factory=Asked)
    notes: tuple[str, ...] = ()
