"""Verdicts: which other memory, since when, and that nothing is lost."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.jobs.consolidation import Verdict, consolidate, judge
from duramen.types import Interval
from tests.jobs.consolidation_cases import beside, memory


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def on(first: str, end: str) -> Interval:
    return Interval(day(first), day(end))


def test_beside_nothing_a_candidate_is_added() -> None:
    assert judge(beside(memory("Ada keeps bees."))) == Verdict()


def test_what_is_hardly_alike_is_not_compared() -> None:
    verdict = judge(beside(memory("Ada keeps bees."), memory("Ada keeps bees!", id="m"), cosine=0.2))

    assert verdict.decision == "add"


def test_long_texts_are_the_same_only_to_their_end() -> None:
    begins = "Ada keeps bees. " * 100

    assert judge(beside(memory(f"{begins}And hens."), memory(f"{begins}And goats."))).decision == "add"
    assert judge(beside(memory(f"{begins}And hens."), memory(f"{begins}And hens!"))).decision == "skip"


def test_the_same_words_on_another_day_are_the_same() -> None:
    known = memory("Ada lives in Lisbon.", "2025-03-02", id="m")

    verdict = judge(beside(memory("ada lives in  Lisbon", "2025-05-02"), known))

    assert (verdict.decision, verdict.other) == ("skip", "m")


def test_the_same_words_of_another_time_are_two() -> None:
    known = memory("Ada visited Porto.", "2024-01-02", occurred=on("2023-06-01", "2023-07-01"))
    again = memory("Ada visited Porto.", "2025-01-02", occurred=on("2024-06-01", "2024-07-01"))

    assert judge(beside(again, known)).decision == "add"


def test_the_same_words_of_times_that_meet_are_one() -> None:
    known = memory("Ada visited Porto.", "2024-01-02", occurred=on("2023-06-01", "2023-07-01"))
    again = memory("Ada visited Porto.", "2024-02-02", occurred=on("2023-06-10", "2023-06-12"))

    assert judge(beside(again, known)).decision == "skip"


def test_the_same_words_count_a_relative_date_from_when_they_were_said() -> None:
    known = memory("Ada visited Porto last week.", "2025-03-02")
    again = memory("Ada visited Porto last week.", "2025-05-02")

    assert judge(beside(again, known)).decision == "add"


def test_a_season_in_a_habit_is_no_date() -> None:
    known = memory("Ada skis in winter.", "2023-03-02")

    assert judge(beside(memory("Ada skis in winter.", "2025-05-02"), known)).decision == "skip"


def test_moving_where_one_lives_already_is_nothing_new() -> None:
    known = memory("Ada moved to Lisbon in the week of 3 March 2025.", "2025-03-12")

    verdict = judge(beside(memory("Ada moved to Lisbon in the week of 10 March 2025.", "2025-03-19"), known))

    assert verdict.decision == "skip"


def test_a_change_counts_from_when_it_was_said() -> None:
    known = memory("Ada works at Siemens.", "2025-01-10", id="m")

    verdict = judge(beside(memory("Ada now works for Bosch.", "2025-05-02"), known))

    assert (verdict.decision, verdict.other, verdict.since) == ("supersede", "m", day("2025-05-02"))


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("Since 3 April 2025 the shop stays shut on Sundays.", "2025-04-03"),
        ("Since 3 April 2019 the shop stays shut on Sundays.", "2025-01-10"),
    ],
)
def test_a_change_counts_from_the_date_that_it_tells_but_not_from_before_the_other_was_said(
    text: str, since: str
) -> None:
    known = memory("The shop is open on Sundays.", "2025-01-10")

    verdict = judge(beside(memory(text, "2025-05-02"), known))

    assert (verdict.decision, verdict.since) == ("supersede", day(since))


def test_the_day_that_something_is_moved_to_is_not_when_that_was_decided() -> None:
    known = memory("The concert is on 7 June 2025.", "2025-01-10")

    verdict = judge(beside(memory("The concert has been postponed to 9 July 2025.", "2025-05-02"), known))

    assert (verdict.decision, verdict.since) == ("supersede", day("2025-05-02"))


def test_what_is_older_than_what_contradicts_it_is_added_as_already_over() -> None:
    known = memory("Ada now works for Bosch.", "2025-05-02", id="m")

    verdict = judge(beside(memory("Ada works at Siemens.", "2025-01-10"), known))

    assert (verdict.decision, verdict.other, verdict.since) == ("add", "m", day("2025-05-02"))


def test_an_old_habit_said_late_is_over_when_its_end_is_known() -> None:
    known = memory("Tariq has given up cigarettes.", "2025-05-02")

    verdict = judge(beside(memory("Tariq smokes.", "2024-01-10"), known))

    assert (verdict.decision, verdict.since) == ("add", day("2025-05-02"))


def test_what_happened_long_before_changes_nothing_since() -> None:
    known = memory("Ada lives in Porto.", "2025-01-10")

    assert judge(beside(memory("Ada moved to Lisbon in March 2019.", "2025-05-02"), known)).decision == "add"


def test_another_occasion_after_the_first_has_passed_moves_nothing() -> None:
    known = memory("The meeting is on 5 May 2025.", "2025-05-01")

    assert judge(beside(memory("The meeting is on 12 June 2025.", "2025-05-20"), known)).decision == "add"


def test_a_memory_that_tells_much_more_is_not_superseded_for_a_part() -> None:
    known = memory(
        "Ada lives in Porto with her sister Eva, works at the harbour as a welder, sings in a choir on Tuesdays, and "
        "keeps bees on the roof of the old mill.",
        "2025-01-10",
    )

    assert judge(beside(memory("Ada moved to Lisbon.", "2025-05-02"), known)).decision == "add"


def test_what_says_the_same_comes_before_what_is_contradicted() -> None:
    same = memory("Ada works for Bosch now.", "2025-04-10", id="same")
    other = memory("Ada works at Siemens.", "2025-01-10", id="other")

    verdict = judge(beside(memory("Ada now works for Bosch.", "2025-05-02"), other, same))

    assert (verdict.decision, verdict.other) == ("skip", "same")


def test_a_contradiction_comes_before_a_refinement() -> None:
    refined = memory("Ada works for Bosch.", "2025-04-10", id="refined")
    over = memory("Ada works at Siemens.", "2025-01-10", id="over")

    verdict = judge(beside(memory("Ada now works for Bosch as a welder.", "2025-05-02"), refined, over))

    assert (verdict.decision, verdict.other) == ("supersede", "over")


def test_what_the_agent_did_is_not_what_somebody_said() -> None:
    known = memory("The table is booked for Friday.", kind="fact")

    assert judge(beside(memory("The table is booked for Friday.", kind="experience"), known)).decision == "add"


@pytest.mark.parametrize("kind", ["episode", "reflection", "summary"])
def test_of_what_tells_a_whole_only_the_same_is_merged(kind: str) -> None:
    known = memory("Ada planned a trip.", kind=kind)

    assert judge(beside(memory("Ada planned a trip to Rome with Eva.", kind=kind), known)).decision == "add"
    assert judge(beside(memory("Ada planned a trip!", kind=kind), known)).decision == "skip"


def test_a_preference_turned_round_supersedes() -> None:
    known = memory("Ada likes olives.", kind="preference", details={"preference": "likes olives", "polarity": "likes"})
    turned = memory("Ada dislikes olives.", kind="preference", details={"preference": "dislikes olives"})

    assert judge(beside(turned, known)).decision == "supersede"


def test_a_speaker_by_name_is_whom_i_means() -> None:
    known = memory("Ada lives in Lisbon.", id="m")

    assert judge(beside(memory("I live in Lisbon.", speaker="Ada"), known)).other == "m"
    assert judge(beside(memory("I live in Lisbon.", speaker="Ben"), known)).decision == "add"


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_judged(known: str, candidate: str) -> None:
    verdict = judge(beside(memory(candidate, id="c"), memory(known, "2025-05-17", id="m")))

    assert verdict.decision == "add" or verdict.other == "m"


@given(st.text(min_size=1, max_size=200).filter(lambda text: any(map(str.isalpha, text))))
def test_any_text_repeats_itself(text: str) -> None:
    assert judge(beside(memory(text, id="c"), memory(text, id="m"))).other == "m"


async def test_each_candidate_has_a_verdict_in_order() -> None:
    known = memory("Ada lives in Lisbon.", "2025-03-02", id="m")
    candidates = [beside(memory("Ada keeps bees."), known), beside(memory("Ada lives in Lisbon."), known)]

    verdicts = await consolidate(candidates)

    assert [one.decision for one in verdicts.verdicts] == ["add", "skip"]
    assert (verdicts.notes, verdicts.fallbacks) == ((), 0)


async def test_of_nothing_come_no_verdicts() -> None:
    assert (await consolidate([])).verdicts == []
