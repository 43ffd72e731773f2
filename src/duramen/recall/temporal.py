"""The temporal arm: memories from the time that the query names."""

from __future__ import annotations

import numpy as np

from duramen.recall.search import Scores, Search
from duramen.times import microseconds
from duramen.types import ArmName

SAID = 0.7
"""What a memory scores that was said in the range, against 1 for one that tells of something in it."""


class TemporalArm:
    """Scores memories whose occurred or mentioned time falls into a range of time named in the query."""

    name: ArmName = "temporal"

    def __call__(self, search: Search) -> Scores | None:
        """Return how well every memory fits the time, in [0, 1], shape (memories,); None if the query names no time."""
        if not search.dates:
            return None
        index = search.index
        scores = np.zeros(len(index), dtype=np.float32)
        for date in search.dates:
            start, end = microseconds(date.start), microseconds(date.end)
            said = (index.mentioned >= start) & (index.mentioned < end)
            true = index.dated & (index.start < end) & (np.maximum(index.end, index.start + 1) > start)
            np.maximum(scores, np.where(true, np.float32(1.0), np.where(said, np.float32(SAID), 0.0)), out=scores)
        return scores if scores.any() else None
