# Full stops and question marks of many scripts, which resemble each other.
# ruff: noqa: RUF001
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.sentences import is_question, is_small_talk, sentences

CUT = [
    "Dr. Kim met Mrs. Lopez. | They talked.",
    "J. K. Rowling wrote it. | So did I. | And you?",
    "It took 3.5 hours and cost $4.20. | Fine.",
    "We met at 5 p.m. | Then we left.",
    "She works for the U.S. Army in Mt. Vernon. | He doesn't.",
    "We sell tea, coffee, etc. in the shop. | Come by.",
    "i moved to lisbon. | it was great. | you should come",
    "Well... | I think so… maybe not.",
    "I went... and came back.",
    "Really?! | No way!!! | Yes.",
    "I got the job 🎉 | We celebrate tomorrow :) | Thanks",
    "I got the job! 🎉🎉 | We celebrate.",
    'He said "I quit. I am done." and left. | "Really?" she asked. | "Yes."',
    "“Stop. Now.” | She stopped.",
    "The flat (no lift. no heating.) is cheap. | We took it.",
    "See https://a.example/b.c?d=e.f for v1.2.3. | It works.",
    "No. | I won't. | Ask room no. 5 about it.",
    "Plan A failed. | Plan B. | We go.",
    "I live with Ann B. Smith. | I like it.",
    "Am 3. März ziehe ich um. | Ich bin 34. | Wir feiern z.B. am See.",
    "¿Dónde vives? | ¡Qué bien! | Vivo en Sevilla con la Sra. Ruiz.",
    "我搬到里斯本了。 | 你呢？ | 我很好！",
    "「行くよ。今日。」 | と言った。 | はい。",
    "मैं दिल्ली में हूँ। | तुम?",
    "أعيش في القاهرة. | وأنت؟",
    "**Done.** | Next one.",
    "I am 34. | My sister is 31.",
]


@pytest.mark.parametrize("marked", CUT)
def test_sentences_are_cut_where_they_end(marked: str) -> None:
    expected = [part.strip() for part in marked.split("|")]

    found = sentences(" ".join(expected))

    assert found == expected


def test_lists_headings_and_code_are_sentences_of_their_own() -> None:
    text = "# Trip. Plan\nTo buy:\n- milk\n- 2. eggs\n1. One\n```py\nx = 1. \n\ny = 2\n```\nafter"

    found = sentences(text)

    assert found == [
        "# Trip. Plan", "To buy:", "- milk", "- 2. eggs", "1. One", "```py\nx = 1. \n\ny = 2\n```", "after",
    ]  # fmt: skip


def test_wrapped_lines_are_joined_and_short_ones_are_not() -> None:
    text = "The letter was written by hand on a very long roll of paper and then\nsent by ship.\nHi\nthere"

    found = sentences(text)

    assert found == [
        "The letter was written by hand on a very long roll of paper and then sent by ship.", "Hi", "there",
    ]  # fmt: skip


def test_blank_text_has_no_sentences() -> None:
    assert sentences(" \n\t\n") == []


@given(st.text(alphabet=st.sampled_from(list("aA1.!?…。\"”“() \n-:)🎉é\t'`|#")), max_size=80))
def test_nothing_but_whitespace_is_lost(text: str) -> None:
    found = sentences(text)

    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(sentence == sentence.strip() and sentence for sentence in found)


@pytest.mark.parametrize("text", ["." * 50_000, " " * 50_000 + "?", "(" * 50_000, ":)" * 25_000, "🎉" * 50_000])
def test_endless_runs_are_read_like_any_other_text(text: str) -> None:
    found = sentences(text)

    assert "".join(found) == text.strip()
    assert is_question(text) is text.endswith("?")
    assert not is_small_talk("x" + text + "x")


@pytest.mark.parametrize(
    "sentence",
    [
        "Where do you live?", "where do you live", "you moved, right? 😊", "So, how was the trip", "¿Vives aquí?",
        "你呢？", "وأنت؟", "Did you see it", "“Is it far?”", "Τι κάνεις;", "Any news about the flat", "what's your name",
        "Hey Tom, do you have a dog", "What about you?!",
    ],
)  # fmt: skip
def test_what_asks_is_a_question(sentence: str) -> None:
    assert is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "How I met her is a long story.", "I wonder where he lives.", "When I was young, we had a dog.", "What a day!",
        "I asked “Is it far?” and left.", "Which is why we left.", "Will is my brother.", "",
    ],
)  # fmt: skip
def test_what_tells_is_no_question(sentence: str) -> None:
    assert not is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Hi!", "Hello Tom", "Good morning, Ada!", "How are you", "Thanks so much, Ada!", "You're welcome.", "That's so cool!",
        "That sounds great!", "Wow, that's amazing", "Congrats on the new job!", "I'm so happy for you!", "Haha, yes exactly",
        "See you soon 👋", "Take care!", "👍", "...", "Hope you have a good time.", "I totally agree", "Glad to hear that, Ada.",
        "Muchas gracias 😊", "Danke schön!", "Merci beaucoup", "Ciao!", "谢谢！", "ありがとうございます。", "Спасибо большое!",
        "Sounds like a lot of fun!", "No problem", "I love it!", "Oh my god", "You got this!", "Good luck with the exam.",
    ],
)  # fmt: skip
def test_greetings_thanks_and_reactions_are_small_talk(sentence: str) -> None:
    assert is_small_talk(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Hi, I moved to Lisbon.", "Great, the flat is mine.", "I love Berlin.", "I'm Ada.", "I have a dog.", "I will come tomorrow.",
        "Thanks to the grant I could study in Porto.", "Yes, we got married in May.", "My sister is a nurse.", "Danke, ich wohne in Graz.",
        "I am happy with my new flat.", "No, I quit.", "Gracias, vivo en Madrid.", "That was the day my son was born.",
        "I can't eat nuts.", "I'm vegetarian.", "Nice is a city in France.",
    ],
)  # fmt: skip
def test_what_tells_something_is_no_small_talk(sentence: str) -> None:
    assert not is_small_talk(sentence)
