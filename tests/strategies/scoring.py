"""How well the deterministic forms read conversations that were written to judge them.

The cases in `data/` were written by somebody who had not seen the strategies; those of the part `held` were not looked at
when the rules were made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from duramen.namespaces import EPISODES, PREFERENCES, resolve, variables
from duramen.strategies.episodic import EpisodicStrategy
from duramen.strategies.preference import PreferenceStrategy
from duramen.strategy import Candidate, Strategy, Work
from duramen.types import Event, Memory

DATA = Path(__file__).parent / "data"
BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)
SAME_SPAN = 0.5
"""Share of the events of two episodes that they have in common, from which they are the same."""


class Nothing:
    """Nothing is known."""

    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        return ()

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        return ()


@dataclass
class Score:
    """What was found of what was expected.

    Attributes:
        found: Expected things that were found; `made` are those that were found at all, `right` those of them expected.
        assessed: Episodes found whose assessment is the expected one.
        missed: Ids of the cases in which something is missing; `wrong` those with something that was not expected.
    """

    expected: int = 0
    found: int = 0
    made: int = 0
    right: int = 0
    assessed: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what was made that was expected."""
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        """The share of what was expected that was made."""
        return self.found / self.expected if self.expected else 1.0

    @property
    def assessment(self) -> float:
        """The share of the episodes found that were assessed as expected."""
        return self.assessed / self.found if self.found else 1.0

    def note(self, id: str, expected: int, found: int, made: int) -> None:
        """Count one case, in which each thing that was made is at most one of those expected."""
        self.expected, self.found = self.expected + expected, self.found + found
        self.made, self.right = self.made + made, self.right + found
        self.missed += [id] * (found < expected)
        self.wrong += [id] * (made > found)


def cases(name: str, part: str) -> list[dict[str, Any]]:
    """Return the cases of one file and part."""
    read: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    return [case for case in read if case["part"] == part]


async def preferences(part: str) -> Score:
    """Measure the preference strategy. A candidate is the expected one if it has half of the words named there."""
    score = Score()
    for case in cases("preferences", part):
        made = await _made(PreferenceStrategy(), case, PREFERENCES)
        left = [one.text.casefold() for one in made]
        found = 0
        for expected in case["expected"]:
            words = [word.casefold() for word in expected["says"]]
            match = next((text for text in left if 2 * sum(word in text for word in words) >= len(words)), None)
            if match is not None:
                left.remove(match)
                found += 1
        score.note(case["id"], len(case["expected"]), found, len(made))
    return score


async def episodes(part: str) -> Score:
    """Measure the episodic strategy. An episode is the expected one if they share half of their events."""
    score = Score()
    for case in cases("episodes", part):
        made = [one for one in await _made(EpisodicStrategy(), case, EPISODES) if one.kind == "episode"]
        left = list(made)
        found = 0
        for expected in case["expected"]:
            match = next((one for one in left if _shared(one, expected) >= SAME_SPAN), None)
            if match is not None:
                left.remove(match)
                found += 1
                score.assessed += match.details["assessment"] == expected["assessment"]
        score.note(case["id"], len(case["expected"]), found, len(made))
    return score


async def _made(strategy: Strategy, case: Mapping[str, Any], template: str) -> Sequence[Candidate]:
    events = [_event(place, message) for place, message in enumerate(case["messages"])]
    values = variables(strategy.name, "ada", "s1")
    work = Work(
        bank="b",
        strategy=strategy.name,
        events=events,
        history=(),
        namespace=resolve(template, values),
        variables=values,
        known=Nothing(),
        model=None,
        now=events[-1].mentioned + timedelta(minutes=case.get("idle_minutes", 0)),
        actor="ada",
        session="s1",
    )
    return (await strategy(work)).candidates


def _event(place: int, message: Mapping[str, Any]) -> Event:
    at = BEGIN + timedelta(minutes=message.get("minute", 0), seconds=place)
    of_agent = message["role"] in ("assistant", "tool")
    return Event(
        id=str(place),
        bank="b",
        key=str(place),
        content=message["content"],
        kind="experience" if of_agent else "fact",
        speaker=message.get("name") or (message["role"] if of_agent else "user"),
        actor="ada",
        session="s1",
        mentioned=at,
        stored=at,
    )


def _shared(candidate: Candidate, expected: Mapping[str, Any]) -> float:
    made = {int(source) for source in candidate.sources}
    wanted = set(range(expected["first"], expected["last"] + 1))
    return len(made & wanted) / len(made | wanted)
