"""The keyword arm: memories that use the query's words, or stand next to some that do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.recall.search import Rows, Scores, Search
from duramen.types import ArmName

K1, B = 0.9, 0.4
"""How much repeats of a term count, and how much longer memories are held back.

Both are lower than is usual for pages: a memory is a few sentences, and a longer one mostly says more. They are the
defaults of Anserini, https://doi.org/10.1145/3239571, for passages.
"""

PHRASE = 0.5
"""What it adds that two terms stand side by side as in the query, in shares of the inverse frequency of the lesser."""

MANY = 2048
"""Memories with the rarer term of two, above which it takes too long to look where the other is."""

PREVIOUS, NEXT, SESSION = 0.5, 0.3, 0.2
"""How much of its own score a memory lends to the one after it, to the one before it, and to the rest of its session.

A question is often answered in a turn that shares no word with it, right after a turn that does.
"""

SHORT = 40.0
"""Terms up to which a memory takes all that its neighbours lend; longer ones speak for themselves, and take less."""


LENDERS = 20_000
"""Memories that lend to others, at most."""

STEP = 2**16
"""Memories worked on at a time: so many numbers stay in the processor's cache."""


@dataclass(slots=True)
class KeywordArm:
    """Scores by BM25 with the bank's own statistics, smoothed over the neighbours in the session.

    BM25 is given as the share of what the query's terms could score at most, so that it means the same for long and
    short queries and in every bank: near 1, all the rare words of the query are there, repeatedly.

    Source:
        Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009,
        https://doi.org/10.1561/1500000019

    Attributes:
        smoothed: Let memories lend to their neighbours. Those that stand by themselves, such as facts, do without.
    """

    name: ArmName = "keyword"
    smoothed: bool = True

    def __call__(self, search: Search) -> Scores | None:
        """Return the smoothed share of every memory, shape (memories,); None if no term is in the bank.

        It lies in [0, 2], and higher only where phrases of the query are repeated word by word.
        """
        terms = search.index.terms
        own = terms.scores(np.concatenate([search.codes, search.variants]), k1=K1, b=B)
        _add_phrases(own, search)
        for code, weight in search.expansion.items():
            own += np.float32(weight) * terms.scores(np.array([code], dtype=np.uint32), k1=K1, b=B)
        if not own.any():
            return None
        own *= np.float32(1.0 / terms.ceiling(search.codes, k1=K1))
        return smooth(search.index, own) if self.smoothed else own


def _add_phrases(own: Scores, search: Search) -> None:
    """Add to `own` scores what terms side by side are worth."""
    terms, size = search.index.terms, len(search.index)
    found = {code: terms.frequency(code) for code in set(chain(*search.pairs))}
    for first, second in search.pairs:
        rarer = min(first, second, key=found.__getitem__)
        if found[rarer] > MANY:
            continue
        frequency = max(found[first], found[second])
        worth = PHRASE * math.log1p((size - frequency + 0.5) / (frequency + 0.5))
        rows = terms.rows_of(rarer).astype(np.intp)
        own[search.index.order.beside(first, second, rows)] += np.float32(worth)


def smooth(index: BankIndex, own: Scores) -> Scores:
    """Add to `own` scores, shape (memories,), what neighbours and the session's best lend.

    Of many more than `LENDERS` memories with a score, only about so many lend, those with the highest.
    """
    rows = _lenders(own)
    scores = own[rows]
    best = np.zeros(index.session_count + 1, dtype=np.float32)
    np.maximum.at(best, index.sessions[rows], SESSION * scores)
    best[-1] = 0.0  # memories without a session are no session
    taken = index.derived("taken", np.float32, lambda first: _taken(index.terms.lengths[first:]))
    for start in range(0, len(own), STEP):
        here = slice(start, start + STEP)
        lent = best.take(index.sessions[here])
        lent *= taken[here]
        own[here] += lent
    for share, side in ((PREVIOUS, index.next[rows]), (NEXT, index.previous[rows])):
        there = np.flatnonzero(side >= 0)
        lent_to = side[there].astype(np.intp)
        own[lent_to] += share * scores[there] * taken[lent_to]  # each memory is next to one at most
    return own


def _lenders(own: Scores) -> Rows:
    step = own.size // LENDERS
    if step < 4:
        return np.flatnonzero(own > 0.0)
    sample = own[::step]
    sample = sample[sample > 0.0]  # numpy is slow to partition many equal values
    wanted = LENDERS // step
    if sample.size <= wanted:
        return np.flatnonzero(own > 0.0)
    return np.flatnonzero(own >= np.partition(sample, -wanted)[-wanted])


def _taken(lengths: npt.NDArray[np.int32]) -> Scores:
    """Return what part of what is lent to them memories of so many terms take."""
    taken: Scores = np.maximum(lengths, SHORT, dtype=np.float32)
    np.divide(np.float32(SHORT), taken, out=taken)
    return taken
