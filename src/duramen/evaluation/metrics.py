"""Measures of one question, each in [0, 1], from the places at which the expected things were found.

The places of a question are, for each expected thing, the rank from 1 of the first hit that is it, or None. There is
at least one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Places = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure with the name it goes by, and that name in words."""

    name: str
    measure: Callable[[Places], float]
    meaning: str


def recall_at(places: Places, k: int) -> float:
    """Return the share of the expected things among the first `k` hits."""
    return sum(place is not None and place <= k for place in places) / len(places)


def any_at(places: Places, k: int) -> float:
    """Return 1 if at least one of the expected things is among the first `k` hits, else 0."""
    return float(recall_at(places, k) > 0)


def all_at(places: Places, k: int) -> float:
    """Return 1 if all expected things are among the first `k` hits, else 0."""
    return float(recall_at(places, k) == 1)


def reciprocal_rank(places: Places) -> float:
    """Return 1 / rank of the first hit that is expected, 0 without one. Its mean over questions is the MRR."""
    return max((1 / place for place in places if place is not None), default=0.0)


def ndcg_at(places: Places, k: int) -> float:
    """Return the normalised discounted cumulative gain of the first `k` hits, with binary gains.

    A hit gains 1 if it is the first to bring an expected thing, divided by log2(rank + 1); the sum is divided by that
    of the best order. Things that one hit brings together count as one, so that 1 can be reached.

    Source:
        Järvelin & Kekäläinen, ACM TOIS 20(4), 2002, https://doi.org/10.1145/582415.582418, with the discount that
        trec_eval made customary, which also tells the first rank from the second.
    """
    return _ndcg(places, k, lambda rank: 1 / math.log2(rank + 1))


def ndcg_any_at(places: Places, k: int) -> float:
    """Return what LongMemEval calls `ndcg_any@k`: as `ndcg_at`, but the gain is divided by log2(rank) from rank 2 on.

    Source:
        Wu et al., LongMemEval, ICLR 2025, https://arxiv.org/abs/2410.10813, and the code published with it.
    """
    return _ndcg(places, k, lambda rank: 1 / max(1.0, math.log2(rank)))


def _ndcg(places: Places, k: int, gain: Callable[[int], float]) -> float:
    found = {place for place in places if place is not None}
    relevant = len(found) + sum(place is None for place in places)
    best = sum(gain(rank) for rank in range(1, min(relevant, k) + 1))
    return sum(gain(place) for place in sorted(found) if place <= k) / best


def _at(name: str, measure: Callable[[Places, int], float], k: int, meaning: str) -> Metric:
    return Metric(f"{name}@{k}", lambda places: measure(places, k), meaning.format(k=k))


PLAIN: tuple[Metric, ...] = (
    *(_at("recall", recall_at, k, "share of the expected in the first {k}") for k in (5, 10, 20)),
    _at("any", any_at, 10, "any of it in the first {k}"),
    _at("all", all_at, 10, "all of it in the first {k}"),
    _at("nDCG", ndcg_at, 10, "gain of the first {k}, by rank"),
    Metric("MRR", reciprocal_rank, "1 / rank of the first expected"),
)
"""The measures of questions of one's own and of LoCoMo."""

OFFICIAL: tuple[Metric, ...] = tuple(
    _at(name, measure, k, meaning)
    for k in (5, 10)
    for name, measure, meaning in (
        ("recall_any", any_at, "any of it in the first {k}"),
        ("recall_all", all_at, "all of it in the first {k}"),
        ("ndcg_any", ndcg_any_at, "gain of the first {k}, by rank"),
    )
)
"""The measures that LongMemEval publishes, by its names."""
