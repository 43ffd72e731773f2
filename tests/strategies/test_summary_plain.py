import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from duramen.language.tokens import count_tokens
from duramen.strategies.summary_plain import LEAST, Said, dated, fitted, of_event, read, worths, written
from duramen.types import Event
from tests.strategies.summary_talks import GUITAR, MONDAY, TRIP, turns

TELLS = [
    "My sister lives in Ghent.",
    "We decided to sell the car.",
    "Can you find a plumber?",
    "The deadline is 14 April.",
    "The invoice came to 312 euros.",
    "I'm allergic to hazelnuts.",
    "Wir ziehen im Mai nach Lissabon.",
    "Her name is Marta Silva.",
]
TALKS = [
    "Hi there!",
    "Thanks so much, bye!",
    "That sounds wonderful!",
    "How can I help you today?",
    "Is there anything else I can do for you?",
    "Let me know if you need more.",
    "Haha, wow.",
    "You're welcome!",
]


def condensed(events: list[Event], *, tokens: int) -> str:
    """Say in at most so many tokens what the turns came to."""
    return written(fitted([said for event in events for said in of_event(event)], tokens=tokens))


@pytest.mark.parametrize("text", TELLS)
def test_what_tells_something_is_worth_keeping(text: str) -> None:
    assert worths([Said("Ada", text)])[0] >= LEAST


@pytest.mark.parametrize("text", TALKS)
@pytest.mark.parametrize("speaker", ["Ada", "Assistant"])
def test_small_talk_is_not(text: str, speaker: str) -> None:
    assert worths([Said(speaker, text)])[0] < LEAST


def test_what_is_said_first_is_worth_more_than_what_repeats_it() -> None:
    first, again = worths([Said("Ada", "The bakery opens at seven."), Said("Ben", "The bakery opens at seven.")])

    assert first > again


def test_names_of_who_speaks_are_worth_nothing() -> None:
    ada, marta = (
        worths([Said("Ada", "Bread is here."), Said("Ben", f"Bread is near {name}.")])[1] for name in ("Ada", "Marta")
    )

    assert ada < marta


def test_a_conversation_is_condensed_to_what_it_came_to() -> None:
    told = condensed(turns([*TRIP, *GUITAR]), tokens=400)

    assert told.splitlines() == [
        "User: I want to fly to Porto next Friday (2026-03-06). Can you find a flight in the morning?",
        "Assistant: I found two flights to Porto: TAP 1023 at 07:45 for 89 euros. Ryanair at 09:10 for 49 euros.",
        "User: Great, let's take the TAP one.",
        "Assistant: Done, I booked TAP 1023 for you.",
        "User: By the way, my daughter starts guitar lessons tomorrow (2026-03-03). We need a small guitar.",
        "Assistant: A 3/4 size guitar suits most children between 8 and 11.",
        "User: She is nine, so that guitar fits.",
    ]


@pytest.mark.parametrize("tokens", [1, 5, 20, 60, 120])
def test_no_more_is_said_than_there_is_room_for(tokens: int) -> None:
    told = condensed(turns([*TRIP, *GUITAR]), tokens=tokens)

    assert count_tokens(told) <= tokens


def test_where_there_is_little_room_what_says_most_stays() -> None:
    assert condensed(turns([*TRIP, *GUITAR]), tokens=25) == "User: I want to fly to Porto next Friday (2026-03-06)."


def test_the_only_sentence_is_cut_where_there_is_no_room_for_it() -> None:
    told = condensed(turns([("user", "Oranges cost nine euros " * 500)]), tokens=20)

    assert told.startswith("User: Oranges cost nine")
    assert told.endswith("…")
    assert count_tokens(told) <= 20


def test_nothing_worth_it_is_nothing() -> None:
    assert condensed([], tokens=10) == ""
    assert condensed(turns([("user", "Hello!"), ("assistant", "Hi!")]), tokens=10) == ""


def test_code_is_left_out() -> None:
    said = [("user", "My code for 5 rovers fails:\n```python\nbook('Mars', 100)\n```"), ("assistant", "We fixed it.")]

    assert condensed(turns(said), tokens=100) == "User: My code for 5 rovers fails:\nAssistant: We fixed it."


def test_the_name_of_a_speaker_cannot_pass_for_what_is_said() -> None:
    assert condensed(turns([("Ada: Dr. Kim", "I live in Ghent.")]), tokens=50) == "Ada Dr Kim: I live in Ghent."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met yesterday.", "We met yesterday (2026-03-01)."),
        ("I fly next Friday at 7.", "I fly next Friday (2026-03-06) at 7."),
        ("We moved last year.", "We moved last year (2025)."),
        ("They left last month.", "They left last month (2026-02)."),
        ("It rained last week.", "It rained last week (2026-02-23 to 2026-03-01)."),
        ("I bought shoes on Saturday.", "I bought shoes on Saturday (2026-02-28)."),
        ("We will meet on Saturday.", "We will meet on Saturday (2026-03-07)."),
        ("The party is on Saturday.", "The party is on Saturday."),
        ("She gets married on 2 May.", "She gets married on 2 May."),
        ("We married on 2 May 2019.", "We married on 2 May 2019."),
        ("Tomorrow never dies.", "Tomorrow (2026-03-03) never dies."),
    ],
)
def test_relative_dates_get_those_of_the_calendar_where_they_are_sure(text: str, expected: str) -> None:
    assert dated(text, MONDAY) == expected


def test_an_event_is_read_with_its_speaker() -> None:
    anonymous, agent = turns([("", "I live in Ghent."), ("assistant", "- Noted:\n- Ghent")])

    assert of_event(anonymous) == [Said("ada", "I live in Ghent.")]
    assert of_event(agent) == [Said("Assistant", "Noted: Ghent.")]


def test_a_huge_turn_is_read_in_part() -> None:
    (event,) = turns([("user", "My flat has 3 rooms. " * 100_000)])

    assert len(of_event(event)) < 1000


def test_the_oldest_goes_before_the_newest_of_the_same_worth() -> None:
    said = [Said("Ada", f"Zone {letter} costs {n} euros.") for n, letter in enumerate("abcdef", start=10)]

    kept = fitted(said, tokens=30, aging=0.5)

    assert said[0] not in kept
    assert said[-1] in kept


@example([("Ada", "0"), ("Ada", "1")], 8)
@given(
    st.lists(st.tuples(st.sampled_from(["Ada", "Ben", ""]), st.text(max_size=60).filter(str.strip)), max_size=6),
    st.integers(1, 60),
)
def test_any_turns_are_condensed_within_the_room(said: list[tuple[str, str]], tokens: int) -> None:
    told = condensed(turns(said), tokens=tokens)

    assert count_tokens(told) <= tokens
    assert written(read(told)) == told
