import subprocess
import sys
from dataclasses import replace

import pytest

from duramen.errors import NamespaceError, StrategyError
from duramen.language.tokens import count_tokens
from duramen.strategies.summary import MOST_TOPICS, TOPIC_TOKENS, SummaryStrategy
from duramen.strategy import Trigger
from tests.strategies.summary_talks import GUITAR, HOTEL, MONDAY, NAMESPACE, TRIP, Filed, follow, later, turns, work

MATTERS = "kitchen garden violin tax dentist sailing bakery printer novel compost violet chess stamp kayak".split()  # noqa: SIM905


def of(known: Filed, word: str) -> str:
    """Return the one summary that `word` is in."""
    (found,) = [summary for summary in known.topics.values() if word in summary]
    return found


async def test_a_session_becomes_one_memory_a_topic() -> None:
    known, _ = await follow(SummaryStrategy(), turns([*TRIP, *GUITAR]))

    assert len(known.memories) == 2
    assert "TAP 1023" in of(known, "Porto")
    assert "She is nine" in of(known, "lessons")


async def test_a_memory_reads_by_itself_and_begins_with_its_topic() -> None:
    known, _ = await follow(SummaryStrategy(), turns(TRIP))

    (memory,) = known.memories
    assert memory.kind == "summary"
    assert memory.text.startswith("Flights to Porto: User: I want to fly to Porto next Friday (2026-03-06).")
    assert "\n" not in memory.text
    assert memory.details == {"topic": "Flights to Porto", "summary": known.topics["Flights to Porto"], "turns": 4}


async def test_new_turns_bring_the_memory_of_their_topic_up_to_date() -> None:
    strategy = SummaryStrategy()
    known, _ = await follow(strategy, turns(TRIP))
    (before,) = known.memories

    made = await strategy(work(turns(HOTEL, first=6), known, history=turns(TRIP)[-2:]))

    (candidate,) = made.candidates
    assert candidate.replaces == before.id
    assert candidate.sources == (*before.sources, "e6", "e7")
    assert candidate.details["turns"] == before.details["turns"] + 2
    assert "23 kg" in candidate.text
    assert "I booked TAP 1023" in candidate.text


async def test_a_topic_is_taken_up_again_after_another() -> None:
    known, _ = await follow(SummaryStrategy(), turns([*TRIP, *GUITAR, *HOTEL]))

    assert len(known.memories) == 2
    assert "23 kg" in of(known, "07:45")


async def test_a_topic_is_taken_up_again_after_a_pause() -> None:
    strategy = SummaryStrategy()
    known, _ = await follow(strategy, turns(TRIP))
    events = later(turns([*GUITAR, *HOTEL], first=6), hours=9)

    known, _ = await follow(strategy, events, known=known)

    assert len(known.memories) == 2
    assert "23 kg" in of(known, "07:45")


async def test_small_talk_makes_nothing() -> None:
    made = await SummaryStrategy()(work(turns([("user", "Hi! How are you?"), ("assistant", "Fine, thank you!")])))

    assert not made.candidates


async def test_a_question_and_the_yes_that_answers_it_are_kept_together() -> None:
    said = [("assistant", "Shall I book the table at Osteria Blu for 8 people?"), ("user", "Yes, please.")]

    known, _ = await follow(SummaryStrategy(), turns(said))

    assert "Yes, please." in of(known, "Osteria Blu")


async def test_the_yes_that_answers_the_turn_before_is_kept_when_it_comes_alone() -> None:
    said = [("assistant", "Shall I book the table at Osteria Blu for 8 people?"), ("user", "Yes, please.")]

    known, _ = await follow(SummaryStrategy(), turns(said), at_once=1)

    assert "Yes, please." in of(known, "Osteria Blu")


async def test_the_same_events_again_change_nothing() -> None:
    strategy = SummaryStrategy()
    events = turns([*TRIP, *GUITAR])
    known, _ = await follow(strategy, events)

    _, made = await follow(strategy, events, known=known)

    assert [one.candidates for one in made] == [[], [], []]


async def test_the_same_conversation_over_and_over_piles_up_nothing() -> None:
    said = [*TRIP, *GUITAR]
    known, _ = await follow(SummaryStrategy(), turns(said))
    once = known.topics

    for time in range(1, 20):
        await follow(SummaryStrategy(), turns(said, first=time * len(said)), known=known)

    assert known.topics == once


async def test_a_session_has_few_topics_and_each_is_short() -> None:
    said = [
        ("user", f"By the way, my {matter} number {number} costs {number + 20} euros in {matter.title()}town.")
        for number, matter in enumerate(MATTERS * 12)
    ]

    known, _ = await follow(SummaryStrategy(), turns(said), at_once=8)

    assert len(known.memories) == MOST_TOPICS
    assert len({topic.casefold() for topic in known.topics}) == MOST_TOPICS
    assert all(count_tokens(memory.details["summary"]) <= TOPIC_TOKENS for memory in known.memories)
    assert sum(memory.details["turns"] for memory in known.memories) == len(said)
    assert {id for memory in known.memories for id in memory.sources} == {f"e{n}" for n in range(len(said))}


async def test_what_says_least_goes_first_and_of_that_the_oldest() -> None:
    filler = [("user", f"The weather over the flat was rather grey and dull, part {n}.") for n in range(12)]
    said = [("user", "We decided to rent the flat in Braga for 640 euros from 1 May."), *filler]

    known, _ = await follow(SummaryStrategy(), turns(said), at_once=13)

    summary = of(known, "640 euros")
    assert "part 11" in summary
    assert "part 1." not in summary


async def test_a_turn_without_any_end_is_cut_short() -> None:
    known, _ = await follow(SummaryStrategy(), turns([("user", "我" * 3000)]))

    (memory,) = known.memories
    assert memory.details["summary"].endswith("…")
    assert count_tokens(memory.details["summary"]) <= TOPIC_TOKENS


async def test_a_memory_filed_by_others_is_a_topic_too() -> None:
    known, _ = await follow(SummaryStrategy(), turns(TRIP))
    foreign = replace(known.memories[0], text="Flight: Ada flies to Porto.", details={}, sources=())
    known.memories = [foreign]

    made = await SummaryStrategy()(work(turns(HOTEL, first=6), known))

    (candidate,) = made.candidates
    assert candidate.replaces == foreign.id
    assert candidate.text.startswith("Flight: Ada flies to Porto. User: Back to the flight")


async def test_what_is_no_summary_is_left_alone() -> None:
    known, _ = await follow(SummaryStrategy(), turns(TRIP))
    known.memories = [replace(known.memories[0], kind="fact")]

    made = await SummaryStrategy()(work(turns(HOTEL, first=6), known))

    assert [candidate.replaces for candidate in made.candidates] == [None]


@pytest.mark.parametrize(
    "namespace", ["/strategies/{memoryStrategyId}/actors/{actorId}/", "/sessions/", "/{sesionId}/", "/{sessionId/"]
)
def test_a_template_in_which_sessions_would_meet_is_refused(namespace: str) -> None:
    with pytest.raises(NamespaceError):
        SummaryStrategy(namespace=namespace)


def test_a_blank_prompt_is_refused() -> None:
    with pytest.raises(StrategyError, match="prompt of the strategy 'summary' is blank"):
        SummaryStrategy(prompt=" ")


def test_a_template_gets_its_slashes() -> None:
    assert SummaryStrategy(namespace="sums/{actorId}/{sessionId}").namespaces == ("/sums/{actorId}/{sessionId}/",)


def test_it_begins_after_some_turns_or_a_pause() -> None:
    strategy = SummaryStrategy()

    assert strategy.trigger == Trigger(messages=4, idle_seconds=60, history=2)
    assert (strategy.unit, strategy.merges) == ("session", False)


def test_without_a_model_pydantic_is_not_loaded() -> None:
    script = "import sys, duramen.strategies.summary, duramen.strategies.book; print('pydantic' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_its_version_changes_with_its_prompt() -> None:
    versions = {SummaryStrategy(prompt=prompt).version for prompt in (None, "Briefly.", "At length.")}

    assert len(versions) == 3
    assert SummaryStrategy(prompt="Briefly.").version == SummaryStrategy(prompt="Briefly.", name="other").version


async def test_the_time_of_a_topic_is_that_of_its_last_turn() -> None:
    known, _ = await follow(SummaryStrategy(), turns(TRIP))

    assert known.memories[0].mentioned == turns(TRIP)[5].mentioned > MONDAY
    assert known.memories[0].namespace == NAMESPACE
