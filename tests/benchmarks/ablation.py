"""What each part of recall brings: the pipeline with one thing at a time switched off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from typing_extensions import Unpack

from duramen.engine import MemoryEngine
from duramen.identity import Bank, bank_name
from duramen.recall.asking import Asked, query_of
from duramen.recall.fusion import rrf
from duramen.recall.pipeline import Arm, RecallPipeline
from duramen.recall.planning import Plan
from duramen.recall.search import Scores, Search
from duramen.types import ArmName, Recall

Change = Callable[[RecallPipeline], RecallPipeline]


@dataclass
class Off:
    """In place of an arm: it finds nothing."""

    name: ArmName

    def __call__(self, search: Search) -> Scores | None:
        return np.zeros(len(search.index), dtype=np.float32)


@dataclass
class WordsAlone:
    """The keyword arm without what neighbours and the session lend."""

    name: ArmName = "keyword"

    def __call__(self, search: Search) -> Scores | None:
        scores = search.index.terms.scores(search.codes)
        if not scores.any():
            return None
        scores *= np.float32(1.0 / search.index.terms.ceiling(search.codes))
        return scores


@dataclass(frozen=True)
class Changed:
    """The banks of an engine, which has worked all of them through, recalled from by another pipeline."""

    memory: MemoryEngine
    pipeline: RecallPipeline

    async def recall(self, bank: Bank, query: str, **asked: Unpack[Asked]) -> Recall:
        return await self.memory.portal.run(self.pipeline(bank_name(bank), query_of(query, **asked)))


def in_place(arm: Arm) -> Change:
    """Return what puts `arm` in the place of that of its name."""
    return lambda pipeline: replace(pipeline, arms=[arm if one.name == arm.name else one for one in pipeline.arms])


def without(*names: str) -> Change:
    """Return what leaves parts of the closer look out."""
    return lambda pipeline: replace(
        pipeline, weights={name: weight for name, weight in pipeline.weights.items() if name not in names}
    )


def by_fusion_alone(pipeline: RecallPipeline) -> RecallPipeline:
    return replace(pipeline, compared=dict.fromkeys(pipeline.compared, 0))


def in_one(pipeline: RecallPipeline) -> RecallPipeline:
    return replace(pipeline, plan=lambda text: Plan(parts=(text,)))


def by_rank(pipeline: RecallPipeline) -> RecallPipeline:
    return replace(pipeline, fuse=rrf)


ABLATIONS: Sequence[tuple[str, Change]] = (
    ("without the semantic arm", in_place(Off("semantic"))),
    ("without the keyword arm", in_place(Off("keyword"))),
    ("without the graph arm", in_place(Off("graph"))),
    ("without the temporal arm", in_place(Off("temporal"))),
    ("without neighbours and session", in_place(WordsAlone())),
    ("reciprocal rank fusion", by_rank),
    ("without the closer look", by_fusion_alone),
    ("closer look without own tokens", without("own")),
    ("closer look without the turns around", without("near")),
    ("closer look without the session", without("session")),
    ("closer look without the meaning of the whole", without("semantic")),
    ("closer look without the speaker asked about", without("speaker", "agent")),
    ("closer look without time", without("temporal")),
    ("closer look without the graph", without("graph")),
    ("compound questions not taken apart", in_one),
)
"""Each line of the table, and how the pipeline of an engine becomes the one that it measures."""


def changed(memory: MemoryEngine, change: Change) -> Changed:
    """Return the banks of `memory` with one thing changed in how they are recalled from."""
    return Changed(memory, change(memory._parts.recall.said))
