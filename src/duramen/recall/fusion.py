"""Fusion: the scores of several arms made one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from duramen.recall.search import Rows, Scores
from duramen.types import ArmName

WEIGHTS: Mapping[ArmName, float] = {"semantic": 0.5, "keyword": 1.0, "graph": 0.15, "temporal": 0.15}

BROUGHT: Mapping[ArmName, float] = {**WEIGHTS, "semantic": 1.0}
"""The weights beside an embedder that a user brings, who will have chosen a better one than the default."""

BLOCK = 64

FEW, SORTED = 256, 2**14
"""For so few ranks, among more scores than that, counting what is above each is faster than sorting."""

ANSWER, SPREAD = 0.53, 0.154
CLOSE_ANSWER, CLOSE_SPREAD = 5.2, 1.15
"""Which raw score is as likely to answer as not, before and after the closer look, and how fast that changes around it."""


def weighted(arms: Mapping[ArmName, Scores], size: int, weights: Mapping[ArmName, float] = WEIGHTS) -> Scores:
    """Fuse by the weighted sum of scores; an arm without a weight counts nothing.

    The arms' scores are absolute shares, so that an arm which found nothing good says little, where a fusion of
    ranks would let its best guess count as much as a sure hit.

    Args:
        arms: Scores by arm, each of shape (memories,).
        size: How many memories there are.
        weights: How much each arm counts.

    Returns:
        Shape (memories,).
    """
    fused = np.zeros(size, dtype=np.float32)
    for name, scores in arms.items():
        weight = weights.get(name, 0.0)
        if weight:
            fused += np.float32(weight) * scores
    return fused


def rrf(arms: Mapping[ArmName, Scores], size: int, *, k: int = 60) -> Scores:
    """Fuse by reciprocal rank: each memory scores the sum of `1 / (k + rank)` over the arms that found it.

    Uses ranks only: for arms whose scores mean nothing together. Memories with the same score share the better rank.

    Args:
        arms: Scores by arm, each of shape (memories,); memories that an arm did not find score 0.
        size: How many memories there are.
        k: Damps the lead of the top ranks. 60 is the value of the paper.

    Returns:
        Shape (memories,), in `[0, len(arms) / (k + 1)]`.

    Source:
        Cormack, Clarke & Büttcher, SIGIR 2009, https://doi.org/10.1145/1571941.1572114
    """
    fused = np.zeros(size, dtype=np.float32)
    for scores in arms.values():
        found = scores > 0
        fused[found] += (1.0 / (k + ranks(scores, np.flatnonzero(found)))).astype(np.float32)
    return fused


def ranks(scores: Scores, rows: Rows) -> Rows:
    """Return the rank of each of `rows` among all `scores` above 0, from 1; equal scores share the better rank."""
    asked = scores[rows]
    above = scores[scores > max(0.0, float(asked.min(initial=np.inf)))]
    if above.size <= SORTED or asked.size > FEW:
        above.sort()
        return above.size - np.searchsorted(above, asked, side="right") + 1
    counts = {value: np.count_nonzero(above > np.float32(value)) for value in set(asked.tolist())}
    return np.array([1 + counts[value] for value in asked.tolist()], dtype=np.intp)


def best(scores: Scores, count: int) -> Rows:
    """Return the rows of the `count` highest scores, best first; of equal scores the first rows."""
    # `count` blocks have a score of at least `least`, so all of the highest have; reading is cheaper than sorting
    peaks = scores[: scores.size - scores.size % BLOCK].reshape(-1, BLOCK).max(axis=1, initial=-np.inf)
    least = np.partition(peaks, -count)[-count] if 0 < count < peaks.size else -np.inf
    rows = np.flatnonzero(scores >= least)
    return rows[np.argsort(-scores[rows], kind="stable")][:count]


def calibrated(fused: Scores) -> Scores:
    """Turn fused scores of the default `WEIGHTS` into scores in [0, 1] that mean the same everywhere; order is kept.

    The curve was set on conversations of many sessions: the best hit for a question about somebody else's life scores
    about 0.15 in the median and 0.3 at most in nine of ten, a turn that answers the question 0.5 to 0.8.

    Source:
        Platt, Probabilistic Outputs for Support Vector Machines, 1999, for the curve.
    """
    return _logistic(fused, ANSWER, SPREAD)


def closely_calibrated(looked_at: Scores) -> Scores:
    """Do what `calibrated` does for scores after the closer look."""
    return _logistic(looked_at, CLOSE_ANSWER, CLOSE_SPREAD)


def _logistic(raw: Scores, middle: float, spread: float) -> Scores:
    scores = 1.0 / (1.0 + np.exp((np.float32(middle) - raw) / np.float32(spread)))
    return np.where(raw > 0, scores, 0.0).astype(np.float32)
