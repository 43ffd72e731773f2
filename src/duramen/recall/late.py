"""Late interaction: the tokens of the query against those of the best memories, and of what was said around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.index.token_codes import Decoded, shortened, whole_words, worth_comparing
from duramen.language.terms import term_codes
from duramen.recall.search import Scores, Search
from duramen.recall.shortlist import Shortlist
from duramen.types import Budget

COMPARED: Mapping[Budget, int] = {"low": 0, "mid": 64, "high": 200}
"""How many of the best memories are looked at token by token."""

SAYS_WHEN = 0.3
"""What is left of the weight of words by which a query only says when."""

MOST_TOKENS = 64
"""Tokens of a query that are compared, the rarest ones; a question has about ten."""


_WORD = re.compile(r"\w+")


class AskedTokens:
    """The tokens of a query that are worth comparing, with how much each counts.

    Half of the weight is shared out evenly, half by how rare the word is in the bank. Words that only say when ("before
    we moved to Lisbon") count a part of that: what is asked for is something else.

    Args:
        tokens: Unit rows, shape (n, dimensions).
        words: The n tokens as text.
        search: The query that they are of.
    """

    def __init__(self, tokens: Scores, words: Sequence[str], search: Search) -> None:
        index = search.index
        worth = np.flatnonzero(worth_comparing(words))
        whole = whole_words(words)
        rarity = np.array([_rarity(index, whole[place]) for place in worth], dtype=np.float32)
        most = np.argsort(-rarity, kind="stable")[:MOST_TOKENS]
        rarity = rarity[most]
        self.tokens = shortened(tokens[worth[most]])
        shares = rarity / rarity.sum() if rarity.any() else np.full(len(rarity), 1.0 / max(1, len(rarity)))
        weights = (shares + 1.0 / max(1, len(rarity))) / 2.0
        when = {word for event in search.time.events for word in _WORD.findall(event.text.casefold())}
        weights[[whole[place] in when for place in worth[most]]] *= SAYS_WHEN
        self.weights: Scores = (weights / (weights.sum() or 1.0)).astype(np.float32)

    def matched(self, decoded: Decoded) -> Scores:
        """Return how well each memory matches each token: the best cosine among its own, in [0, 1].

        Its shape is (tokens, memories); 0 also where a memory has no tokens, or those of another model.
        """
        matched = np.zeros((len(self.tokens), len(decoded.counts)), dtype=np.float32)
        having = np.flatnonzero(decoded.counts)
        if having.size and self.tokens.shape[1] == decoded.tokens.shape[1]:
            starts = np.concatenate([[0], np.cumsum(decoded.counts[having])[:-1]])
            cosines = np.maximum.reduceat(self.tokens @ decoded.tokens.T, starts, axis=1)
            matched[:, having] = cosines.clip(0.0, 1.0)
        return matched


def late_scores(asked: AskedTokens, decoded: Decoded, listed: Shortlist) -> Mapping[str, Scores]:
    """Score the memories of a shortlist by MaxSim over three circles: their own tokens, the turns around, the session.

    A turn says "Yes, in May!", and the turn before it asked about the wedding: for each token of the query the best
    match may lie in any turn of the circle. Only memories that are themselves on the list count as around.

    Returns:
        By circle (`own`, `near` for up to two turns away, `session`): scores in [0, 1], shape (memories,). Those
        without token codes score what they share in meaning as a whole.

    Source:
        Khattab & Zaharia, ColBERT, SIGIR 2020, https://arxiv.org/abs/2004.12832, for MaxSim; the circles are our own.
    """
    matched = asked.matched(decoded)
    matched[:, decoded.counts == 0] = listed.meaning[decoded.counts == 0]
    near = _around(_around(matched, listed), listed)
    session = _within(matched, listed.sessions)
    return {"own": asked.weights @ matched, "near": asked.weights @ near, "session": asked.weights @ session}


def _within(matched: Scores, sessions: npt.NDArray[np.int32]) -> Scores:
    """Return for each memory the best of its session; one without a session has itself."""
    order = np.argsort(sessions, kind="stable")
    ordered = sessions[order]
    begins = np.flatnonzero(np.concatenate([[True], (ordered[1:] != ordered[:-1]) | (ordered[1:] < 0)]))
    best = np.maximum.reduceat(matched[:, order], begins, axis=1)
    within = np.empty_like(matched)
    within[:, order] = np.repeat(best, np.diff(begins, append=len(order)), axis=1)
    return within


def _around(matched: Scores, listed: Shortlist) -> Scores:
    """Return for each memory the best of itself and of its neighbours on the list."""
    padded = np.concatenate([matched, np.zeros((len(matched), 1), dtype=np.float32)], axis=1)  # where -1 points
    best: Scores = np.maximum(matched, np.maximum(padded[:, listed.before], padded[:, listed.after]))
    return best


def centres(decoded: Decoded) -> Scores:
    """Return the mean direction of the tokens of each memory, shape (memories, dimensions); 0 without tokens."""
    sums: npt.NDArray[np.float32] = np.zeros((len(decoded.counts), decoded.tokens.shape[1]), dtype=np.float32)
    having = np.flatnonzero(decoded.counts)
    if having.size:
        starts = np.concatenate([[0], np.cumsum(decoded.counts[having])[:-1]])
        sums[having] = np.add.reduceat(decoded.tokens, starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: Scores = sums / np.maximum(lengths, np.float32(1e-9))
    return unit


def _rarity(index: BankIndex, word: str) -> float:
    """Return the inverse frequency of a word in the bank; a word that the bank lacks counts as the rarest."""
    codes = term_codes(word)
    return index.terms.idf(int(codes[0])) if len(codes) else 0.0
