"""Shortlists, and token vectors to compare them by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from duramen.index.bank import BankIndex
from duramen.index.token_codes import Decoded
from duramen.recall.late import AskedTokens
from duramen.recall.ranking import shortlist
from duramen.recall.search import Scores
from duramen.recall.shortlist import Shortlist
from tests.recall.searches import search_of


def listed(index: BankIndex, rows: Sequence[int] | None = None, text: str = "anything") -> Shortlist:
    """List these rows of an index, best first; all of them unless given."""
    rows = range(len(index)) if rows is None else rows
    fused = np.zeros(len(index), dtype=np.float32)
    fused[list(rows)] = np.linspace(1.0, 0.5, len(rows), dtype=np.float32)
    return shortlist(search_of(index, text), fused, None, len(index)).first(len(rows))


def asked(index: BankIndex, *words: str, dimensions: int = 4, text: str = "anything") -> AskedTokens:
    """Ask for words, each of which points along an axis of its own; they are of a query with this text."""
    return AskedTokens(np.eye(len(words), dimensions, dtype=np.float32), words, search_of(index, text))


def decoded(*memories: Sequence[Sequence[float]], dimensions: int = 4) -> Decoded:
    """Give each memory these token vectors."""
    tokens = np.array([token for memory in memories for token in memory], dtype=np.float32).reshape(-1, dimensions)
    return Decoded(tokens, np.array([len(memory) for memory in memories], dtype=np.intp))


def along(axis: int, share: float = 1.0, dimensions: int = 4) -> list[float]:
    """Return a unit vector whose cosine to an axis is `share`; the rest is along the last axis."""
    vector = [0.0] * dimensions
    vector[-1] = float(np.sqrt(1.0 - share**2))
    vector[axis] = share
    return vector


def rounded(scores: Scores) -> list[float]:
    """Return scores to compare by eye."""
    return [round(score, 3) for score in scores.tolist()]
