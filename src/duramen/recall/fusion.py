"""Fusion: the scores of several arms made one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from duramen.recall.search import Rows, Scores
from duramen.types import ArmName

WEIGHTS: Mapping[ArmName, float] = {"semantic": 0.5, "keyword": 1.0, "graph": 0.05, "temporal": 0.15}

BLOCK = 64
STRETCH, STEEP = np.float32(1.15), np.float32(1.4)


def weighted(arms: Mapping[ArmName, Scores], weights: Mapping[ArmName, float] = WEIGHTS) -> Scores:
    """Fuse by the weighted sum of scores; an arm without a weight counts nothing.

    The arms' scores are absolute shares, so that an arm which found nothing good says little, where a fusion of
    ranks would let its best guess count as much as a sure hit.

    Args:
        arms: Scores by arm, each of shape (memories,).
        weights: How much each arm counts.

    Returns:
        Shape (memories,).
    """
    fused = np.zeros_like(next(iter(arms.values())))
    for name, scores in arms.items():
        weight = weights.get(name, 0.0)
        if weight:
            fused += np.float32(weight) * scores
    return fused


def rrf(arms: Mapping[ArmName, Scores], *, k: int = 60) -> Scores:
    """Fuse by reciprocal rank: each memory scores the sum of `1 / (k + rank)` over the arms that found it.

    Uses ranks only: for arms whose scores mean nothing together. Memories with the same score share the better rank.

    Args:
        arms: Scores by arm, each of shape (memories,); memories that an arm did not find score 0.
        k: Damps the lead of the top ranks. 60 is the value of the paper.

    Returns:
        Shape (memories,), in `[0, len(arms) / (k + 1)]`.

    Source:
        Cormack, Clarke & Büttcher, SIGIR 2009, https://doi.org/10.1145/1571941.1572114
    """
    fused = np.zeros_like(next(iter(arms.values())))
    for scores in arms.values():
        found = scores > 0
        fused[found] += (1.0 / (k + ranks(scores, np.flatnonzero(found)))).astype(np.float32)
    return fused


def ranks(scores: Scores, rows: Rows) -> Rows:
    """Return the rank of each of `rows` among all `scores` above 0, from 1; equal scores share the better rank."""
    asked = scores[rows]
    rising = np.sort(scores[scores > max(0.0, float(asked.min(initial=np.inf)))])
    return rising.size - np.searchsorted(rising, asked, side="right") + 1


def best(scores: Scores, count: int) -> Rows:
    """Return the rows of the `count` highest scores, best first; of equal scores the first rows."""
    # `count` blocks have a score of at least `least`, so all of the highest have; reading is cheaper than sorting
    peaks = scores[: scores.size - scores.size % BLOCK].reshape(-1, BLOCK).max(axis=1, initial=-np.inf)
    least = np.partition(peaks, -count)[-count] if 0 < count < peaks.size else -np.inf
    rows = np.flatnonzero(scores >= least)
    return rows[np.argsort(-scores[rows], kind="stable")][:count]


def calibrated(fused: Scores) -> Scores:
    """Turn fused scores of the default `WEIGHTS` into scores in [0, 1] that mean the same everywhere; order is kept.

    The curve was set on conversations of many sessions: the best hit for a question about somebody else's life
    scores 0.19 in the median, a turn that answers the question 0.52, and the best hit for an answerable question 0.61.
    """
    scores: Scores = np.tanh((STRETCH * np.maximum(fused, 0.0)) ** STEEP)
    return scores
