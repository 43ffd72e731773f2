import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BadInputError
from duramen.language.tokens import count_tokens
from duramen.strategies.summary_plain import LEAST, Said, condense, dated, fitted, of_event, read, worths, written
from duramen.types import Message
from tests.strategies.summary_talks import GUITAR, MONDAY, TRIP, turns

MESSAGES: list[Message] = [
    {"role": speaker, "content": content, "timestamp": MONDAY} for speaker, content in [*TRIP, *GUITAR]
]
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
    condensed = condense(MESSAGES, tokens=400)

    assert condensed.splitlines() == [
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
    condensed = condense(MESSAGES, tokens=tokens)

    assert count_tokens(condensed) <= tokens


def test_where_there_is_little_room_what_says_most_stays() -> None:
    assert condense(MESSAGES, tokens=25) == "User: I want to fly to Porto next Friday (2026-03-06)."


def test_the_only_sentence_is_cut_where_there_is_no_room_for_it() -> None:
    condensed = condense([{"role": "user", "content": "Oranges cost nine euros " * 500}], tokens=20)

    assert condensed.startswith("User: Oranges cost nine")
    assert condensed.endswith("…")
    assert count_tokens(condensed) <= 20


def test_nothing_worth_it_is_nothing() -> None:
    assert condense([], tokens=10) == ""
    assert condense([{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi!"}], tokens=10) == ""


def test_instructions_tools_code_and_recalled_memories_are_left_out() -> None:
    messages: list[Message] = [
        {"role": "system", "content": "You book flights to Mars for 100 euros."},
        {"role": "tool", "content": "Mars flight 7 found for 100 euros"},
        {"role": "user", "content": "My code for 5 rovers fails:\n```python\nbook('Mars', 100)\n```"},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "text": "Mars 100"}, {"type": "text", "text": "We fixed it."}],
        },
    ]

    condensed = condense(messages, tokens=100)

    assert condensed == "User: My code for 5 rovers fails:\nAssistant: We fixed it."


def test_the_name_of_a_message_is_who_said_it() -> None:
    said = condense([{"role": "user", "name": "Ada: Dr. Kim", "content": "I live in Ghent."}], tokens=50)

    assert said == "Ada Dr Kim: I live in Ghent."


def test_a_summary_of_no_tokens_makes_no_sense() -> None:
    with pytest.raises(BadInputError, match="tokens is 0"):
        condense(MESSAGES, tokens=0)


def test_a_timestamp_that_is_none_is_refused() -> None:
    with pytest.raises(BadInputError, match="timestamp"):
        condense([{"role": "user", "content": "I live in Ghent.", "timestamp": "soon"}], tokens=10)


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


@given(
    st.lists(
        st.tuples(st.sampled_from(["Ada", "Ben", ""]), st.text(max_size=60).filter(str.strip)).map(
            lambda pair: {"role": "user", "name": pair[0], "content": pair[1]}
        ),
        max_size=6,
    ),
    st.integers(1, 60),
)
def test_any_messages_are_condensed_within_the_room(messages: list[Message], tokens: int) -> None:
    condensed = condense(messages, tokens=tokens)

    assert count_tokens(condensed) <= tokens
    assert written(read(condensed)) == condensed
