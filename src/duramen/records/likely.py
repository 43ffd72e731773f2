"""Which of many banks are worth a full search: those that hold what is most like a question, or has most of its words."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from duramen.index.cache import IndexCache
from duramen.language.terms import term_codes
from duramen.protocols import AskedEmbedder
from duramen.recall.search import allowed
from duramen.types import Query

T = TypeVar("T")


async def likeliest(
    asked: Mapping[T, tuple[str, Query]], indexes: IndexCache, embedder: AskedEmbedder, most: int
) -> list[T]:
    """Return those whose banks have anything that their filters let through: all, or the likeliest if they are many.

    Only one memory of each bank is looked at, the nearest by meaning, and how many words of the question the bank has.
    That takes a fraction of a search.

    Args:
        asked: What each bank is asked, all in the same words.
        indexes: Of what strategies made and what was put by hand.
        embedder: Of the questions.
        most: How many are returned by meaning; as many more are by their words.
    """
    nearest: dict[T, float] = {}
    words: dict[T, int] = {}
    for one, (bank, query) in asked.items():
        await asyncio.sleep(0)  # others have their turn between the banks
        index = await indexes.get(bank)
        if index is None or not len(index):
            continue
        mask = allowed(index, query)
        if mask is not None and not mask.any():
            continue
        nearest[one], words[one] = 0.0, 0
        if len(asked) > most and index.version.embedder == embedder.name:
            question = await embedder.ask(query.text)
            cosines = index.vectors.scores(question.vector)
            nearest[one] = float(np.max(cosines if mask is None else cosines[mask]))
            words[one] = sum(index.terms.frequency(code) > 0 for code in dict.fromkeys(term_codes(query.text)))
    if len(nearest) <= most:
        return list(nearest)
    best = heapq.nlargest(most, nearest, key=lambda one: nearest[one])
    by_words = heapq.nlargest(most, nearest, key=lambda one: (words[one], nearest[one]))
    return list(dict.fromkeys((*best, *by_words)))
