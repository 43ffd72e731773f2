"""The semantic arm: memories that mean what the query means."""

from __future__ import annotations

from duramen.recall.search import Scores, Search
from duramen.types import ArmName


class SemanticArm:
    """Scores by cosine similarity to the query's vector; what points away from it scores 0."""

    name: ArmName = "semantic"

    def __call__(self, search: Search) -> Scores | None:
        """Return the cosine of every memory, in [0, 1], shape (memories,)."""
        return search.meaning(search.index.vectors.scores(search.vector))
