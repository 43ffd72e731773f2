from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from duramen.errors import StrategyError
from duramen.jobs.checking import checked
from duramen.retain.worker import Pace
from duramen.strategies import Candidate, FunctionStrategy, Work
from duramen.types import Interval
from tests.conftest import engine

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
SOUND = Candidate(text="Ada keeps bees.", kind="fact", sources=("e1",), mentioned=NOON)
WRONG: list[dict[str, Any]] = [
    {"kind": "preferences"},
    {"sources": ("nope",)},
    {"sources": "e1"},
    {"sources": ()},
    {"mentioned": "2026-03-02"},
    {"occurred": Interval("2026", "2027")},  # type: ignore[arg-type]  # what somebody's code may give
    {"namespace": "no//path"},
    {"details": {"x": object()}},
]


def test_a_sound_candidate_is_left_as_it_is() -> None:
    assert checked(SOUND, "f", {"e1", "e2"}) == SOUND


def test_naive_times_are_read_as_utc_and_paths_get_their_slashes() -> None:
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001  what is being shown
    given = replace(SOUND, mentioned=naive, occurred=Interval(naive, naive), namespace="facts/ada")

    candidate = checked(given, "f", {"e1"})

    assert candidate.mentioned == NOON
    assert candidate.occurred == Interval(NOON, NOON)
    assert candidate.namespace == "/facts/ada/"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong}"[:40])
def test_what_cannot_be_filed_is_refused_with_the_name_of_its_strategy(wrong: dict[str, Any]) -> None:
    with pytest.raises(StrategyError, match="'f' proposes a memory"):
        checked(replace(SOUND, **wrong), "f", {"e1"})


@pytest.mark.parametrize("wrong", [one for one in WRONG if one != {"sources": ()}], ids=lambda wrong: f"{wrong}"[:40])
async def test_a_strategy_that_proposes_nonsense_fails_and_the_bank_goes_on(
    address: str, wrong: dict[str, Any]
) -> None:
    def nonsense(work: Work) -> list[Candidate]:
        return [replace(SOUND, **{"sources": (work.events[0].id,), **wrong})]

    strategies = [FunctionStrategy(name="f", function=nonsense)]
    async with engine(address, strategies=strategies, pace=Pace(attempts=1)) as memory:
        await memory.retain("b", "Ada keeps bees.", wait=True)
        [job] = (await memory.jobs("b")).items
        recall = await memory.recall("b", "bees")

    assert job.state == "failed"
    assert "proposes a memory" in job.reason
    assert len(recall.hits) == 1


async def test_a_strategy_that_ends_the_program_only_fails(address: str) -> None:
    def leave(work: Work) -> None:
        raise SystemExit(3)

    strategies = [FunctionStrategy(name="f", function=leave)]
    async with engine(address, strategies=strategies, pace=Pace(attempts=1)) as memory:
        await memory.retain("b", "Ada keeps bees.", wait=True)
        [job] = (await memory.jobs("b")).items

    assert (job.state, job.reason) == ("failed", "SystemExit: 3")


async def test_what_others_said_in_a_session_of_that_name_is_no_history_of_nobody(address: str) -> None:
    seen: list[str] = []

    def look(work: Work) -> None:
        seen.extend(event.content for event in work.history)

    async with engine(address, strategies=[FunctionStrategy(name="f", function=look)]) as memory:
        await memory.retain("b", "Alice's secret.", actor="alice", session="s1", wait=True)
        await memory.retain("b", "Nobody's words.", session="s1", wait=True)
        await memory.retain("b", "More of nobody's.", session="s1", wait=True)

    assert seen == ["Nobody's words."]
