from __future__ import annotations

import subprocess
import sys

import pytest

from duramen.errors import NamespaceError
from duramen.language_models.scripted import ScriptedModel
from duramen.namespaces import EPISODES, REFLECTIONS
from duramen.strategies.episodic import EpisodicStrategy
from duramen.strategy import Trigger
from tests.strategies.episodic_talks import Shelf, talk, work

REBOOKED = """
U: My flight to Porto was cancelled. Can you rebook me?
A: I found a seat on the 18:40 and rebooked you.
U: Perfect, thank you!
"""


async def test_an_episode_says_what_was_wanted_what_was_done_and_how_it_came_out() -> None:
    made = await EpisodicStrategy(reflections=None)(work(REBOOKED))

    (episode,) = made.candidates
    assert episode.kind == "episode"
    assert episode.text == (
        "Ada asked to rebook them; the agent found a seat on the 18:40 and rebooked them; "
        "it succeeded: “Perfect, thank you!”."
    )
    assert episode.settled
    assert made.left == ()


async def test_the_details_of_an_episode_are_its_parts_by_name() -> None:
    made = await EpisodicStrategy(reflections=None)(work(REBOOKED))

    assert made.candidates[0].details == {
        "situation": "My flight to Porto was cancelled.",
        "intent": "rebook them",
        "actions": ["I found a seat on the 18:40 and rebooked you."],
        "outcome": "I found a seat on the 18:40 and rebooked you.",
        "assessment": "success",
        "justification": "The user said: “Perfect, thank you!”.",
        "reflection": "To rebook them, this helped: I found a seat on the 18:40 and rebooked you.",
    }


async def test_an_episode_comes_from_all_its_events_and_lasted_from_the_first_to_the_last() -> None:
    events = talk(REBOOKED)

    made = await EpisodicStrategy(reflections=None)(work(events))

    episode = made.candidates[0]
    assert episode.sources == tuple(event.id for event in events)
    assert episode.occurred is not None
    assert (episode.occurred.start, episode.occurred.end) == (events[0].mentioned, events[-1].mentioned)
    assert episode.mentioned == events[-1].mentioned


async def test_the_events_of_an_episode_that_goes_on_are_left() -> None:
    events = talk(REBOOKED)

    made = await EpisodicStrategy()(work(events[:2]))

    assert made.candidates == ()
    assert list(made.left) == [event.id for event in events[:2]]


async def test_small_talk_is_consumed_and_not_left() -> None:
    made = await EpisodicStrategy()(work("U: Hi there!\nA: Hello! How are you?\nU: Fine, thanks."))

    assert (made.candidates, made.left) == ((), ())


async def test_small_talk_before_a_request_is_not_left_with_it() -> None:
    events = talk("U: Good morning!\nA: Good morning!\nU: Can you book a table for two?")

    made = await EpisodicStrategy()(work(events))

    assert list(made.left) == [events[2].id]


async def test_what_ends_one_task_and_begins_another_belongs_to_both() -> None:
    events = talk(
        "U: Order a bag of coffee beans.\nA: Ordered, it arrives on Friday.\n"
        "U: Thanks! Another question: is the museum in Ghent open on Monday?"
    )

    made = await EpisodicStrategy(reflections=None)(work(events))

    assert [episode.sources for episode in made.candidates] == [tuple(event.id for event in events)]
    assert list(made.left) == [events[2].id]


@pytest.mark.parametrize(("seconds", "written"), [(299, 0), (301, 1)])
async def test_silence_ends_an_episode(seconds: float, written: int) -> None:
    asked = work("U: Cancel my gym membership.\nA: I cancelled your membership.", seconds=seconds)

    made = await EpisodicStrategy(reflections=None)(asked)

    assert len(made.candidates) == written
    assert len(made.left) == (0 if written else 2)


async def test_without_an_idle_time_silence_ends_nothing() -> None:
    strategy = EpisodicStrategy(trigger=Trigger(messages=2))

    made = await strategy(work("U: Cancel my gym membership.\nA: I cancelled your membership.", seconds=1e6))

    assert len(made.left) == 2


async def test_a_request_that_nobody_did_anything_about_comes_to_nothing() -> None:
    made = await EpisodicStrategy()(work("U: Can you book a table for tonight?\n…"))

    assert (made.candidates, made.left) == ((), ())


async def test_a_very_long_episode_is_written_as_it_stands() -> None:
    said = "U: Help me sort these photos.\n" + "\n".join(f"A: I sorted photo {n}." for n in range(250))

    made = await EpisodicStrategy(reflections=None)(work(said))

    assert len(made.candidates[0].sources) == 200
    assert len(made.candidates[0].details["actions"]) == 12


async def test_events_worked_through_again_replace_their_episode_and_count_once() -> None:
    shelf, strategy = Shelf(), EpisodicStrategy()
    first = work(REBOOKED, shelf=shelf)
    shelf.take(await strategy(first), first)
    before = {memory.id for memory in shelf.memories}

    again = await strategy(work(REBOOKED, shelf=shelf))

    assert {candidate.replaces for candidate in again.candidates} <= before
    assert len(shelf.of("reflection")) == 1
    assert all(candidate.kind == "episode" for candidate in again.candidates)


async def test_text_of_any_kind_makes_no_error() -> None:
    said = "U: \x00\ud800 ¿? 😀\nA: \n\nU: " + "please " * 3000 + "\nA: " + "I booked the room. " * 3000 + "\nU: thanks"

    made = await EpisodicStrategy()(work(said))

    assert len(made.candidates) == 2


def test_reflections_must_not_be_filed_deeper_than_episodes_or_elsewhere() -> None:
    with pytest.raises(NamespaceError, match="above"):
        EpisodicStrategy(namespace=REFLECTIONS, reflections=EPISODES)
    with pytest.raises(NamespaceError, match="above"):
        EpisodicStrategy(reflections="/elsewhere/{actorId}/")


def test_reflections_may_be_filed_with_their_episodes() -> None:
    assert EpisodicStrategy(reflections=EPISODES).namespaces == (EPISODES, EPISODES)


async def test_without_a_template_there_are_no_reflections() -> None:
    strategy = EpisodicStrategy(reflections=None)

    made = await strategy(work(REBOOKED))

    assert strategy.namespaces == (EPISODES,)
    assert [candidate.kind for candidate in made.candidates] == ["episode"]


def test_other_prompts_are_another_version() -> None:
    versions = {
        EpisodicStrategy().version,
        EpisodicStrategy(prompt="Find episodes.").version,
        EpisodicStrategy(reflection_prompt="Find episodes.").version,
    }

    assert len(versions) == 3


async def test_a_model_that_does_not_answer_is_done_without() -> None:
    made = await EpisodicStrategy()(work(REBOOKED, model=ScriptedModel([])))

    assert [candidate.kind for candidate in made.candidates] == ["episode", "reflection"]
    assert made.fallbacks == 1
    assert "scripted" in made.notes[0]


def test_without_a_model_pydantic_is_not_loaded() -> None:
    code = "import sys, duramen.strategies.episodic; print('pydantic' in sys.modules)"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "False"


PORT = """
U: Docker says "port is already allocated" on 5432.
A: Another process listens there. Map it to 5433 in the compose file.
"""


async def _after_silence(said: str) -> tuple[Shelf, str]:
    shelf, strategy = Shelf(), EpisodicStrategy(reflections=None)
    events = talk(f"{PORT.strip()}\nU: {said}")
    first = work(events[:2], shelf=shelf, seconds=3600)
    shelf.take(await strategy(first), first)
    second = work(events[2:], history=events[:2], shelf=shelf)
    shelf.take(await strategy(second), second)
    (episode,) = shelf.of("episode")
    return shelf, episode.details["assessment"]


@pytest.mark.parametrize(
    ("said", "assessment"),
    [
        ("works now, thanks", "success"),
        ("that didn't help in the end", "failure"),
        ("I had a lovely weekend by the sea, far away from all computers", "unknown"),
        ("will try that tomorrow", "unknown"),
    ],
)
async def test_what_is_said_of_an_episode_after_silence_had_ended_it_changes_its_assessment(
    said: str, assessment: str
) -> None:
    shelf, found = await _after_silence(said)

    assert found == assessment
    assert len(shelf.memories) == 1


async def test_an_episode_that_is_assessed_later_comes_from_what_was_said_later_too() -> None:
    shelf, _ = await _after_silence("works now, thanks")

    (episode,) = shelf.of("episode")
    assert episode.sources == ("s1-0", "s1-1", "s1-2")
    assert episode.text.endswith("; it succeeded: “works now, thanks”.")
    assert "not known" not in episode.text
    assert episode.details["justification"] == "The user said: “works now, thanks”."
