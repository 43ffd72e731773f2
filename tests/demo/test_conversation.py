import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest

CONVERSATION = files("duramen") / "demo" / "conversation.json"
SAMPLES: list[dict[str, Any]] = json.loads(CONVERSATION.read_text(encoding="utf-8"))
USERS = ["ines", "dilan"]


@pytest.fixture(params=USERS)
def sample(request: pytest.FixtureRequest) -> dict[str, Any]:
    (found,) = [sample for sample in SAMPLES if sample["sample_id"] == request.param]
    return found


def sessions(sample: dict[str, Any]) -> list[list[dict[str, str]]]:
    conversation = sample["conversation"]
    return [conversation[f"session_{number}"] for number in range(1, count_sessions(sample) + 1)]


def count_sessions(sample: dict[str, Any]) -> int:
    return sum(isinstance(value, list) for value in sample["conversation"].values())


def turns(sample: dict[str, Any]) -> Iterator[dict[str, str]]:
    for session in sessions(sample):
        yield from session


def dates(sample: dict[str, Any]) -> list[datetime]:
    texts = [sample["conversation"][f"session_{number}_date_time"] for number in range(1, count_sessions(sample) + 1)]
    return [datetime.strptime(text, "%I:%M %p on %d %B, %Y").replace(tzinfo=timezone.utc) for text in texts]


def test_there_are_two_users_and_one_assistant() -> None:
    assert [sample["sample_id"] for sample in SAMPLES] == USERS
    assert {sample["conversation"]["speaker_b"] for sample in SAMPLES} == {"Sage"}
    assert [sample["conversation"]["speaker_a"] for sample in SAMPLES] == ["Ines", "Dilan"]


def test_a_conversation_holds_only_speakers_sessions_and_their_dates(sample: dict[str, Any]) -> None:
    numbers = range(1, count_sessions(sample) + 1)

    expected = {"speaker_a", "speaker_b"}
    expected |= {f"session_{number}" for number in numbers} | {f"session_{number}_date_time" for number in numbers}

    assert set(sample["conversation"]) == expected


def test_each_user_has_many_sessions_of_real_length(sample: dict[str, Any]) -> None:
    lengths = [len(session) for session in sessions(sample)]

    assert len(lengths) >= 8
    assert min(lengths) >= 10
    assert max(lengths) <= 18


def test_session_dates_parse_increase_and_span_half_a_year(sample: dict[str, Any]) -> None:
    times = dates(sample)

    assert times == sorted(set(times))
    assert times[-1] - times[0] >= timedelta(days=183)


def test_turn_ids_count_up_within_their_session(sample: dict[str, Any]) -> None:
    for number, session in enumerate(sessions(sample), start=1):
        expected = [f"D{number}:{position}" for position in range(1, len(session) + 1)]

        assert [turn["dia_id"] for turn in session] == expected


def test_the_user_opens_each_session_and_the_two_take_turns(sample: dict[str, Any]) -> None:
    user, assistant = sample["conversation"]["speaker_a"], sample["conversation"]["speaker_b"]

    for session in sessions(sample):
        expected = [assistant if position % 2 else user for position in range(len(session))]

        assert [turn["speaker"] for turn in session] == expected


def test_no_two_turns_say_the_same() -> None:
    texts = Counter(turn["text"].strip().casefold() for sample in SAMPLES for turn in turns(sample))

    assert "" not in texts
    assert [text for text, count in texts.items() if count > 1] == []


def test_a_turn_has_the_fields_of_the_format_and_no_others(sample: dict[str, Any]) -> None:
    assert {frozenset(turn) for turn in turns(sample)} == {frozenset({"speaker", "dia_id", "text"})}


def test_evidence_names_turns_that_exist(sample: dict[str, Any]) -> None:
    known = {turn["dia_id"] for turn in turns(sample)}

    missing = [question["question"] for question in sample["qa"] if not known.issuperset(question["evidence"])]

    assert missing == []


def test_a_question_that_can_be_answered_has_an_answer_and_evidence(sample: dict[str, Any]) -> None:
    for question in sample["qa"]:
        if question["category"] != 5:
            assert set(question) == {"question", "answer", "evidence", "category"}
            assert question["answer"]
            assert question["evidence"]


def test_a_question_that_cannot_be_answered_names_only_the_tempting_answer(sample: dict[str, Any]) -> None:
    unanswerable = [question for question in sample["qa"] if question["category"] == 5]

    assert {frozenset(question) for question in unanswerable} == {
        frozenset({"question", "evidence", "category", "adversarial_answer"})
    }


def test_a_multi_hop_question_needs_more_than_one_turn(sample: dict[str, Any]) -> None:
    hops = [len(set(question["evidence"])) for question in sample["qa"] if question["category"] == 1]

    assert min(hops) >= 2


def test_every_category_is_asked_often_enough_to_mean_something(sample: dict[str, Any]) -> None:
    asked = Counter(question["category"] for question in sample["qa"])

    assert set(asked) == {1, 2, 3, 4, 5}
    assert min(asked.values()) >= 8


@pytest.mark.parametrize(("user", "least"), [("ines", 60), ("dilan", 45)])
def test_there_are_enough_questions_and_none_twice(user: str, least: int) -> None:
    (questions,) = [[one["question"] for one in sample["qa"]] for sample in SAMPLES if sample["sample_id"] == user]

    assert len(questions) >= least
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize(
    ("owner", "fact"),
    [
        ("ines", "+31 6 5550 1738"),
        ("ines", "4:11:52"),
        ("ines", "Coimbra"),
        ("ines", "penicillin"),
        ("ines", "Pixel"),
        ("dilan", "1:56:20"),
        ("dilan", "Zeynep"),
        ("dilan", "EpiPen"),
        ("dilan", "Dobsonian"),
        ("dilan", "Bruno"),
    ],
)
def test_a_telltale_fact_is_said_by_one_user_only(owner: str, fact: str) -> None:
    said_by = {sample["sample_id"] for sample in SAMPLES if any(fact in turn["text"] for turn in turns(sample))}

    assert said_by == {owner}
