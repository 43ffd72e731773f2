"""The keyword arm: memories that use the query's words, or stand next to some that do."""

from __future__ import annotations

import numpy as np

from duramen.index.bank import BankIndex
from duramen.recall.search import Rows, Scores, Search
from duramen.types import ArmName

PREVIOUS, NEXT, SESSION = 0.5, 0.3, 0.2
"""How much of its own score a memory lends to the one after it, to the one before it, and to the rest of its session.

A question is often answered in a turn that shares no word with it, right after a turn that does.
"""

SHORT = 40.0
"""Terms up to which a memory takes all that its neighbours lend; longer ones speak for themselves, and take less."""


class KeywordArm:
    """Scores by BM25 with the bank's own statistics, smoothed over the neighbours in the session.

    BM25 is given as the share of what the query's terms could score at most, so that it means the same for long and
    short queries and in every bank: near 1, all the rare words of the query are there, repeatedly.

    Source:
        Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009,
        https://doi.org/10.1561/1500000019
    """

    name: ArmName = "keyword"

    def __call__(self, search: Search) -> Scores | None:
        """Return the smoothed share of every memory, in [0, 2], shape (memories,); None if no term is in the bank."""
        own = search.index.terms.scores(search.codes)
        rows = np.flatnonzero(own)
        if rows.size == 0:
            return None
        own *= np.float32(1.0 / search.index.terms.ceiling(search.codes))
        return smooth(search.index, own, rows)


def smooth(index: BankIndex, own: Scores, rows: Rows) -> Scores:
    """Return `own` scores, shape (memories,), above 0 in `rows`, with what neighbours and the session's best lend."""
    scores, sessions = own[rows], index.sessions
    best = np.zeros(int(sessions.max(initial=-1)) + 2, dtype=np.float32)
    np.maximum.at(best, sessions[rows], SESSION * scores)
    best[-1] = 0.0  # memories without a session are no session
    lent = best[sessions]
    for share, side in ((PREVIOUS, index.next[rows]), (NEXT, index.previous[rows])):
        there = side >= 0
        lent[side[there]] += share * scores[there]  # no two memories have the same neighbour on the same side
    lengths = np.maximum(index.terms.lengths, SHORT, dtype=np.float32)
    lent *= np.float32(SHORT) / lengths
    lent += own
    return lent
