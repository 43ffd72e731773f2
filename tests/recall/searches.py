"""Small indexes to search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np

from duramen.index.bank import BankIndex
from duramen.language.terms import term_codes
from duramen.protocols import Asked
from duramen.recall.reading import read
from duramen.recall.search import Search
from duramen.times import microseconds
from duramen.types import BankVersion, Budget, Query, Row

START = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def told(
    text: str,
    *,
    session: str | None = None,
    entities: Sequence[str] = (),
    day: int | None = None,
    occurred: tuple[datetime, datetime] | None = None,
    vector: Sequence[float] = (1.0, 0.0),
    **row: object,
) -> dict[str, object]:
    """Describe a memory of a small index; `row` are further fields of its row, as they are."""
    return {
        "text": text,
        "session": session,
        "entities": tuple(entities),
        "day": day,
        "occurred": occurred,
        "vector": vector,
        "row": row,
    }


def index_of(*memories: dict[str, object]) -> BankIndex:
    """Build an index of memories, one a day unless they name a day, numbered and identified by their place from 0."""
    rows = [row_of(place, memory) for place, memory in enumerate(memories)]
    return BankIndex.build(BankVersion(1, len(rows), 0, "e", 2), rows)


def search_of(
    index: BankIndex, text: str, *, at: datetime = START, budget: Budget = "mid", vector: Sequence[float] = (1.0, 0.0)
) -> Search:
    """Read a query against `index`."""
    return read(Query(text=text, at=at, budget=budget), index, Asked(np.array(vector, dtype=np.float32)))


def row_of(place: int, memory: dict[str, object]) -> Row:
    """Make the row of a memory that `told` described."""
    day = memory["day"] if memory["day"] is not None else place
    assert isinstance(day, int)
    occurred = memory["occurred"]
    plain = Row(
        number=place + 1,
        id=str(place),
        kind="fact",
        event=str(place),
        position=0,
        actor=None,
        session=memory["session"],  # type: ignore[arg-type]  # as `told` made it; so below
        speaker=None,
        mentioned=microseconds(START + day * DAY),
        occurred=(microseconds(occurred[0]), microseconds(occurred[1])) if isinstance(occurred, tuple) else None,
        superseded=None,
        tags=(),
        entities=memory["entities"],  # type: ignore[arg-type]
        tokens=5,
        vector=np.array(memory["vector"], dtype=np.float32),
        terms=term_codes(str(memory["text"])),
    )
    return replace(plain, **memory["row"])  # type: ignore[arg-type]  # as `told` was given them
