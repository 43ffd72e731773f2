from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.language.time_intent import MOST_EVENTS, EventAnchor, Relation, TimeIntent, read_time
from tests.language.date_expressions import WEDNESDAY


@pytest.mark.parametrize(
    "question",
    [
        "What was the most recent book Ada read?",
        "When did Ada last visit the dentist?",
        "What did Ada last say about the garden?",
        "What is the last movie we saw?",
        "What was her last job?",
        "What is Ada's latest hobby?",
        "Which is the newest member of the team?",
        "When was the last time that we met?",
    ],
)
def test_a_question_for_the_latest(question: str) -> None:
    assert read_time(question, WEDNESDAY).order == "latest"


@pytest.mark.parametrize(
    "question",
    [
        "What was her first job?",
        "When did Bob first meet Ada?",
        "Where did they originally live?",
        "What did she initially think of it?",
        "What is the earliest thing you know about me?",
        "What was the name of her very first pet?",
        "When was the first time that we met?",
    ],
)
def test_a_question_for_the_first(question: str) -> None:
    assert read_time(question, WEDNESDAY).order == "earliest"


@pytest.mark.parametrize(
    "question",
    [
        "What did Ada do last week?",
        "What did Ada do over the last two weeks?",
        "What happened last season?",
        "What is her last name?",
        "What is Ada's first name?",
        "At first glance, what did she think?",
        "Does she know first aid?",
        "What did they do in the first week of June?",
        "How long did it last?",
        "Who came in first?",
        "What does Ada think about art?",
    ],
)
def test_a_question_that_asks_for_no_order(question: str) -> None:
    assert read_time(question, WEDNESDAY).order is None


@pytest.mark.parametrize(
    "question",
    [
        "Where does Ada live?",
        "Where does my sister work now?",
        "Who is my boss?",
        "Who is Ada dating?",
        "What is Bob's job?",
        "What is my current address?",
        "What does Ada do for a living?",
        "Does Ada still live in Rome?",
        "Is Ada married?",
        "How old is Bob?",
        "Which city is Ada living in these days?",
        "What has Ada been up to recently?",
        "What is Bob working on at the moment?",
    ],
)
def test_a_question_about_the_present(question: str) -> None:
    assert read_time(question, WEDNESDAY).current


@pytest.mark.parametrize(
    "question",
    [
        "What does Ada think about art?",
        "What is Ada's favourite color?",
        "Where did Ada live?",
        "Was Ada married?",
        "Did Ada paint a still life?",
        "What had she done by now?",
        "Who lived next door in 2019?",
        "Where does Ada live in 2019?",
        "How many children does Ada have?",
    ],
)
def test_a_question_that_is_not_about_the_present(question: str) -> None:
    assert not read_time(question, WEDNESDAY).current


@pytest.mark.parametrize(
    ("question", "relation", "words"),
    [
        ("What did Ada do before the wedding?", "before", "the wedding"),
        ("After Ada moved to Lisbon, what did she do?", "after", "Ada moved to Lisbon"),
        ("After the wedding what did Ada do?", "after", "the wedding"),
        ("What has she read since she started the new job?", "since", "she started the new job"),
        ("What happened during the trip to Rome?", "during", "the trip to Rome"),
        ("What did she eat while she was in Rome?", "during", "she was in Rome"),
        ("Where did she work before she joined the museum?", "before", "she joined the museum"),
        ("How did Ada feel prior to the race?", "before", "the race"),
        ("Where did she live until the move?", "before", "the move"),
        ("How did Ada feel before the race and what did she eat?", "before", "the race"),
        ("What did she do after she moved to Lisbon in 2022?", "after", "she moved to Lisbon in 2022"),
        ("What did she read after the trip in June 2022?", "after", "the trip"),
    ],
)
def test_a_question_by_something_that_was_told_of(question: str, relation: Relation, words: str) -> None:
    assert read_time(question, WEDNESDAY).events == (EventAnchor(relation, words),)


@pytest.mark.parametrize(
    "question",
    [
        "What did Ada do after 5 May 2023?",
        "What did Ada do before 2020?",
        "What happened since last winter?",
        "What did Ada do after that?",
        "What does Ada do after work?",
        "Who was the baby named after?",
        "Who looks after the cat?",
        "Did she like it after all?",
    ],
)
def test_a_question_that_names_no_event(question: str) -> None:
    assert read_time(question, WEDNESDAY).events == ()


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("What did she do after she moved to Lisbon in 2022?", ()),
        ("What did she read after the trip in June 2022?", ("2022-06-01 to 2022-07-01",)),
    ],
)
def test_a_date_within_the_words_of_an_event_is_not_the_date_of_the_question(
    question: str, dates: tuple[str, ...]
) -> None:
    assert tuple(map(str, read_time(question, WEDNESDAY).dates)) == dates


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did Ada do last week?", "2023-05-15 to 2023-05-22"),
        ("What was the last film she saw in 2022?", "2022-01-01 to 2023-01-01; latest"),
        ("Where did she first live before the wedding?", 'before "the wedding"; earliest'),
        ("Where does Ada live?", "now"),
        ("What does Ada think about art?", ""),
    ],
)
def test_what_was_understood_can_be_said(question: str, said: str) -> None:
    assert read_time(question, WEDNESDAY).describe() == said


def test_a_question_that_asks_nothing_of_time_is_false() -> None:
    assert not read_time("What does Ada think about art?", WEDNESDAY)
    assert read_time("Where does Ada live?", WEDNESDAY)
    assert read_time("", WEDNESDAY) == TimeIntent()


PARTS = st.sampled_from(
    [
        "when",
        "did",
        "Ada",
        "last",
        "first",
        "before",
        "after",
        "since",
        "during",
        "while",
        "the",
        "trip",
        "in",
        "2022",
        "?",
        ",",
        "is",
        "now",
        "still",
    ]
)


@given(st.one_of(st.text(st.characters(exclude_categories=[])), st.lists(PARTS, max_size=20).map(" ".join)))
@settings(deadline=None)
def test_any_text_can_be_asked(text: str) -> None:
    asked = read_time(text, WEDNESDAY)

    assert len(asked.events) <= MOST_EVENTS
    assert all(event.text.strip() for event in asked.events)
    assert not (asked.order and asked.current)
