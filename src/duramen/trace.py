"""How a recall came about, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ArmName = Literal["semantic", "keyword", "graph", "temporal"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time, from `start` up to but not including `end`; both aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ArmRank:
    """Where an arm placed a memory: its rank, from 1, and the arm's own score, comparable within the arm only."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How a recall came about.

    Attributes:
        arms: For each hit, by memory id: the arms that found it, with rank and score.
        closer: For each hit that was looked at closely, by memory id: what it gained, by name: late interaction with
            its `own` tokens, those `near` it and those of its `session`, the `speaker` whom the query names, and so on.
        reranked: For each hit that a reranker read, by memory id: the reranker's own score.
        paths: For hits that the graph led to, by memory id: the steps from a name in the query or from another memory.
        dates: The ranges of time that the query names; `time` is all that it asks of time, in words.
        entities: The names known to the bank; `corrected` has words of the query that were read as (part of) a name.
        parts: The questions that the query was taken apart into; just itself if it asks one thing.
        searched: How many memories passed the filters.
        milliseconds: Time spent, by stage; `wait` is for what was retained just before and not searchable yet.
        dropped: Hits that passed every filter but did not fit, by reason: `limit`, `max_tokens`, `min_score`, `without`,
            `repeats` (a question that was asked, or heard, already), and `min_` with the name of an arm.
    """

    arms: Mapping[str, Mapping[ArmName, ArmRank]] = field(default_factory=dict)
    closer: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    reranked: Mapping[str, float] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[Interval, ...] = ()
    time: str = ""
    entities: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    searched: int = 0
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
