"""What became of one memory in a recall, as data and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from duramen.plain import plain
from duramen.types import ArmName, ArmRank, Memory

Reason = Literal[
    "filtered",
    "shortlist",
    "limit",
    "max_tokens",
    "min_score",
    "without",
    "repeats",
    "min_semantic",
    "min_keyword",
    "min_graph",
    "min_temporal",
    "pending",
    "failed",
    "unknown",
    "gone",
]
"""Why a memory is not a hit.

A filter held it back; it was not among the best of the arms; `limit`, `max_tokens`, `min_score`, `without`, `repeats`,
or `min_` and an arm, as in `Trace.dropped`; its event is still pending, or failed; the bank has no such memory; it was
forgotten meanwhile.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of one memory in a recall. Ranks count from 1; those of arms are among all memories of the bank.

    Attributes:
        id: The memory's id, or what was asked for if there is no such memory.
        memory: The memory; None if there is none.
        part: The question in the query that the places are for, if it asks several; that for which it stood best.
        hit: Its place among the hits; None if it is not one.
        score: Its score in the end, in [0, 1]; None if it did not come so far. `ranked` is its place by that score.
        arms: Where each arm that had something to go by placed it; None where the arm did not find it.
        shares: What each arm, and who said it, adds to the fused score.
        fused: Its place and score after fusion, among those that pass the filters; None if it does not pass.
        closer: What the closer look added, by name (see `Trace.closer`), and `looked` its place after that.
        reranked: The reranker's own score, if it read it.
        way: How the graph led to it, in words.
        by: The words of the memory that holds instead, if it is superseded; `memory.superseded` says since when.
        instead: The words of a memory of this recall that it holds instead of.
        refused: What holds it back, in words by the name of the filter.
        reason: Why it is not a hit; None if it is. `told` says it in words.
    """

    id: str
    memory: Memory | None = None
    part: str = ""
    hit: int | None = None
    score: float | None = None
    ranked: int | None = None
    arms: Mapping[ArmName, ArmRank | None] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    fused: ArmRank | None = None
    closer: Mapping[str, float] = field(default_factory=dict)
    looked: int | None = None
    reranked: float | None = None
    way: str = ""
    by: str = ""
    instead: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    reason: Reason | None = None
    told: str = ""

    def title(self) -> str:
        """Say which memory it is, on one line: when it was said, by whom, and what."""
        return heading(self.memory) if self.memory is not None else self.id

    def lines(self) -> list[str]:
        """Say what became of it, in words for people, a line each."""
        return [plain(line) for line in (self._course(), *self._details())]

    def __str__(self) -> str:
        """Say which memory it is and what became of it."""
        return "\n".join([self.title(), *(f"  {line}" for line in self.lines())])

    def _course(self) -> str:
        ranks = ", ".join(_placed(name, rank) for name, rank in self.arms.items())
        if self.refused:
            held = "Held back: " + "; ".join(self.refused.values()) + "."
            return f"{held} Apart from that: {ranks}." if ranks else held
        stages = ", ".join([*([ranks] if ranks else []), *self._stages()])
        if self.hit is not None:
            return f"{_upper(stages)}: hit {self.hit}, score {self.score:.2f}."
        return f"{_upper(stages)}, then dropped: {self.told}." if stages else f"{_upper(self.told)}."

    def _stages(self) -> Iterator[str]:
        if self.fused is not None:
            yield f"{ordinal(self.fused.rank)} after fusion"
        if self.looked is not None:
            yield f"{ordinal(self.looked)} after the closer look"
        if self.reranked is not None:
            yield f"given {self.reranked:.2f} by the reranker"
        if self.ranked is not None and self.ranked not in (self.looked, self.hit):
            yield f"{ordinal(self.ranked)} in the end"

    def _details(self) -> Iterator[str]:
        if self.part:
            yield f"Of the questions in the query it fits best: {quoted(self.part)}"
        counted = [f"{name} {share:+.2f}" for name, share in self.shares.items() if abs(share) >= 0.005]
        if counted:
            yield f"Counted in fusion: {', '.join(counted)}."
        closer = [f"{name} {share:+.2f}" for name, share in self.closer.items() if abs(share) >= 0.005]
        if closer:
            yield f"Counted in the closer look: {', '.join(closer)}."
        if self.way:
            yield f"The graph came to it by: {self.way}"
        if self.memory is not None and self.memory.superseded is not None:
            instead = f", when this was said, which goes before it: {self.by}" if self.by else "."
            yield f"No longer so since {day(self.memory.superseded)}{instead}"
        if self.instead:
            yield f"It takes the place of what was said before: {self.instead}"


def heading(memory: Memory) -> str:
    """Return a memory on one line: when it was said, by whom, and what."""
    speaker = f"{plain(memory.speaker)}: " if memory.speaker else ""
    return f"{memory.mentioned:%Y-%m-%d}  {speaker}{plain(memory.text)}"


def quoted(text: str, most: int = 80) -> str:
    """Return `text` in quotation marks, on one line, its end left out where it is longer than `most` characters."""
    line = plain(text)
    return f'"{line}"' if len(line) <= most else f'"{line[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"'


def ordinal(number: int) -> str:
    """Return a rank as people write it.

    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112, 1003)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th', '1003rd']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def day(moment: datetime) -> str:
    """Return the date of `moment`, with the time if it is not midnight.

    >>> day(datetime(2026, 3, 2)), day(datetime(2026, 3, 2, 12, 5))
    ('2026-03-02', '2026-03-02 12:05')
    """
    is_midnight = not (moment.hour or moment.minute or moment.second)
    return moment.strftime("%Y-%m-%d") if is_midnight else moment.strftime("%Y-%m-%d %H:%M")


def _placed(name: ArmName, rank: ArmRank | None) -> str:
    return f"not found by {name}" if rank is None else f"{ordinal(rank.rank)} in {name} ({rank.score:.2f})"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
