from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.strategies.episodic import EpisodicStrategy
from duramen.strategies.episodic_reflections import ALIKE, MOST_EPISODES, alike, confidence
from duramen.types import Memory
from tests.strategies.episodic_talks import BEGIN, Shelf, talk, work

WORKED = "U: Can you reset my router password?\nA: I sent a reset link to your phone.\nU: That worked, thanks!"
FAILED = "U: Please reset the password of my router.\nA: Unfortunately the router is too old for that.\nU: Forget it."
OTHER = "U: Book a table for two on Friday.\nA: I booked a table at Nonna's for Friday at 8.\nU: Great, thank you!"


async def _after(*talks: str) -> list[Memory]:
    """Return the reflections after these talks, each a session of its own."""
    shelf, strategy = Shelf(), EpisodicStrategy()
    for number, said in enumerate(talks):
        given_ = work(talk(said, session=f"s{number}", begin=BEGIN + timedelta(days=number)), shelf=shelf)
        shelf.take(await strategy(given_), given_)
    return shelf.of("reflection")


async def test_a_first_success_gives_a_reflection_of_little_confidence() -> None:
    (reflection,) = await _after(WORKED)

    assert reflection.text == (
        "When the task was “reset their router password”, this worked (1 of 1 times): I sent a reset link to your phone."
    )
    assert reflection.details["confidence"] == 0.33
    assert (reflection.details["supported"], reflection.details["contradicted"]) == (1, 0)
    assert reflection.namespace == "/strategies/episodic/actors/ada/"


async def test_another_success_in_another_session_confirms_it() -> None:
    (reflection,) = await _after(WORKED, WORKED)

    assert (reflection.details["supported"], reflection.details["confidence"]) == (2, 0.5)
    assert "2 of 2 times" in reflection.text
    assert set(reflection.sources) == {f"s{session}-{turn}" for session in (0, 1) for turn in range(3)}


async def test_a_failure_contradicts_it() -> None:
    (reflection,) = await _after(WORKED, WORKED, FAILED)

    assert (reflection.details["supported"], reflection.details["contradicted"]) == (2, 1)
    assert reflection.details["confidence"] == 0.4
    assert "Did not work: Unfortunately the router is too old for that." in reflection.details["hints"]


async def test_more_failures_than_successes_turn_it_round() -> None:
    (reflection,) = await _after(WORKED, FAILED, FAILED)

    assert "this did not work (2 of 3 times)" in reflection.text
    assert (reflection.details["supported"], reflection.details["contradicted"]) == (2, 1)


async def test_another_kind_of_task_gives_another_reflection() -> None:
    reflections = await _after(WORKED, OTHER)

    assert [one.details["supported"] for one in reflections] == [1, 1]


async def test_an_episode_of_unknown_outcome_teaches_nothing() -> None:
    shelf, strategy = Shelf(), EpisodicStrategy()

    made = await strategy(work("U: What do I need to register a car?\nA: A title and an inspection.\n…", shelf=shelf))

    assert [candidate.kind for candidate in made.candidates] == ["episode"]


async def test_two_episodes_of_one_batch_make_one_reflection() -> None:
    made = await EpisodicStrategy()(work(f"{WORKED}\n{FAILED}"))

    assert [candidate.kind for candidate in made.candidates] == ["episode", "episode", "reflection"]
    assert made.candidates[-1].details["contradicted"] == 1


async def test_old_episodes_are_counted_though_their_brief_is_dropped() -> None:
    (reflection,) = await _after(*[WORKED] * (MOST_EPISODES + 3))

    assert reflection.details["supported"] == MOST_EPISODES + 3
    assert len(reflection.details["episodes"]) == MOST_EPISODES
    assert len(reflection.sources) == 3 * MOST_EPISODES


async def test_each_brief_names_the_events_behind_it() -> None:
    (reflection,) = await _after(WORKED)

    assert reflection.details["episodes"] == [
        {
            "intent": "reset their router password",
            "action": "I sent a reset link to your phone.",
            "assessment": "success",
            "outcome": "I sent a reset link to your phone.",
            "sources": ["s0-0", "s0-1", "s0-2"],
        }
    ]


@pytest.mark.parametrize(
    ("intent", "other", "same"),
    [
        ("rebook their cancelled flight to Porto", "rebook a flight to Berlin", True),
        ("reset their password", "password reset", True),
        ("reset their password", "reset the router", False),
        ("book a table", "book a flight", False),
        ("", "book a table", False),
    ],
)
def test_intents_are_alike_by_the_stems_of_what_is_done_to_what(intent: str, other: str, same: bool) -> None:
    assert (alike(intent, other) >= ALIKE) is same


@given(st.integers(0, 500), st.integers(0, 500))
def test_confidence_rises_with_support_and_falls_with_contradiction(supported: int, contradicted: int) -> None:
    sure = confidence(supported, contradicted)

    assert 0.1 <= sure <= 1
    assert confidence(supported + 1, contradicted) >= sure
    assert confidence(supported, contradicted + 1) <= sure
