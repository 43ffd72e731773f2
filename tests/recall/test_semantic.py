from __future__ import annotations

import pytest

from duramen.recall.semantic import SemanticArm
from tests.recall.searches import index_of, search_of, told


def test_scores_are_cosines_and_what_points_away_scores_nothing() -> None:
    index = index_of(
        told("same", vector=(1.0, 0.0)),
        told("between", vector=(0.6, 0.8)),
        told("across", vector=(0.0, 1.0)),
        told("away", vector=(-1.0, 0.0)),
    )

    scores = SemanticArm()(search_of(index, "anything", vector=(1.0, 0.0)))

    assert scores is not None
    assert scores.tolist() == pytest.approx([1.0, 0.6, 0.0, 0.0])
