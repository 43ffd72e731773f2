"""How sure a figure is: percentile bootstrap over questions.

The questions are drawn anew, with replacement, `RESAMPLES` times, and the figure is reckoned from each draw; the
interval holds the middle 95 % of what comes out. Drawing whole questions makes no assumption about how a measure is
distributed. With few questions, or where all have the same value, the interval is too narrow.

Source:
    Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 2000
SEED = 20_020_422
"""The same questions give the same interval, in every run."""
_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `n` questions, with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def means(values: Sequence[Sequence[float]] | Floats) -> list[Estimate]:
    """Estimate the mean of each column, all from the same draws.

    Args:
        values: One row a question, at least one, and one column a measure.
    """
    table = np.asarray(values, dtype=np.float64)
    n = len(table)
    low, high = np.percentile(_sums(table) / n, (2.5, 97.5), axis=0)
    columns = zip(table.mean(axis=0), low, high, strict=True)
    return [Estimate(float(value), float(least), float(most), n) for value, least, most in columns]


def mean(values: Sequence[float]) -> Estimate:
    """Estimate the mean of `values`, one a question, at least one."""
    return means([[value] for value in values])[0]


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate | None:
    """Estimate a sum over another, such as a precision; `n` is the sum below. None if that is 0.

    Args:
        numerators: One a question.
        denominators: One a question, 0 or more. Draws in which they sum to 0 are left out.
    """
    table = np.column_stack([numerators, denominators]).astype(np.float64)
    above, below = table.sum(axis=0)
    if not below:
        return None
    sums = _sums(table)
    sums = sums[sums[:, 1] > 0]
    low, high = np.percentile(sums[:, 0] / sums[:, 1], (2.5, 97.5))
    return Estimate(float(above / below), float(low), float(high), int(below))


def _sums(table: Floats) -> Floats:
    """Return the sums of the columns in each draw, shape (RESAMPLES, columns)."""
    return np.concatenate([counts @ table for counts in _draws(len(table))])


def _draws(n: int) -> Iterator[Floats]:
    """Yield how often each of `n` questions was drawn, a block of draws at a time, to bound the memory."""
    random = np.random.default_rng(SEED)
    step = max(1, _AT_ONCE // n)
    for start in range(0, RESAMPLES, step):
        draws = min(step, RESAMPLES - start)
        picked = random.integers(0, n, size=(draws, n)) + n * np.arange(draws)[:, np.newaxis]
        yield np.bincount(picked.ravel(), minlength=draws * n).reshape(draws, n).astype(np.float64)
