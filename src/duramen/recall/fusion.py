"""Fusion: the scores of several arms made one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from duramen.recall.search import Scores
from duramen.types import ArmName

WEIGHTS: Mapping[ArmName, float] = {"semantic": 0.4, "keyword": 1.0, "graph": 0.1, "temporal": 0.1}


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


def ranks(scores: Scores, rows: np.ndarray) -> np.ndarray:
    """Return the rank of each of `rows` among all `scores` above 0, from 1; equal scores share the better rank."""
    rising = np.sort(scores[scores > 0])
    return rising.size - np.searchsorted(rising, scores[rows], side="right") + 1


def calibrated(fused: Scores) -> Scores:
    """Turn fused scores of the default `WEIGHTS` into scores in [0, 1] that mean the same everywhere.

    What is unrelated stays below 0.2, a direct answer reaches 0.5 and more. The order is kept.
    """
    return np.tanh(fused)
