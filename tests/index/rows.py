"""Rows to index."""

from dataclasses import replace

import numpy as np

from duramen.types import BankVersion, Row

DIMENSIONS = 3

_PLAIN = Row(
    number=1,
    id="memory",
    kind="fact",
    event="event",
    position=0,
    actor=None,
    session=None,
    speaker=None,
    mentioned=0,
    occurred=None,
    superseded=None,
    tags=(),
    entities=(),
    tokens=5,
    vector=np.zeros(DIMENSIONS, dtype=np.float32),
    terms=np.zeros(0, dtype=np.uint32),
)


def row(number: int, **changes: object) -> Row:
    """Return a plain row with its own vector and terms, and `changes`."""
    vector = np.array([number, 1.0, -number], dtype=np.float32)
    terms = np.array([number, number, 7], dtype=np.uint32)
    plain = replace(_PLAIN, number=number, id=f"memory-{number}", event=f"event-{number}", vector=vector, terms=terms)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the names are checked when it runs


def version(last: int, *, removals: int = 0, number: int = 1) -> BankVersion:
    return BankVersion(number, last, removals, "embedder", DIMENSIONS)
