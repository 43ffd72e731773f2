"""How the plain form puts what was said: as a sentence about somebody, which can be read by itself."""

from __future__ import annotations

import pytest

from duramen.strategies.preference_grammar import others, third
from duramen.strategies.preference_reading import read
from duramen.strategies.preference_topics import CATEGORIES, MOST, OTHER, categories


@pytest.mark.parametrize(
    ("said", "text", "polarity", "explicit"),
    [
        ("I prefer window seats when flying.", "Ada prefers window seats when flying.", "likes", True),
        ("When flying, I prefer window seats.", "Ada prefers window seats when flying.", "likes", True),
        ("I really don't like my coffee sweet.", "Ada doesn't like their coffee sweet.", "dislikes", True),
        ("I can't stand loud bars.", "Ada can't stand loud bars.", "dislikes", True),
        ("I'm not a fan of horror films.", "Ada isn't a fan of horror films.", "dislikes", True),
        ("I always want an aisle seat.", "Ada always wants an aisle seat.", "wants", True),
        ("I am vegetarian.", "Ada is vegetarian.", "rule", True),
        ("My favourite colour is green.", "Ada's favourite colour is green.", "likes", True),
        ("Tea over coffee, any day.", "Ada prefers tea to coffee.", "likes", True),
        ("No dairy for me.", "Ada wants no dairy.", "dislikes", True),
        ("Call me Al.", "Ada wants to be called Al.", "rule", True),
        ("Please always answer briefly.", "Ada wants the agent always to answer briefly.", "rule", True),
        (
            "Don't use emojis in your answers.",
            "Ada wants the agent not to use emojis in its answers.",
            "rule",
            True,
        ),
        ("Never call me before nine.", "Ada wants the agent never to call them before nine.", "rule", True),
        (
            "Whenever you book a hotel for me, choose a quiet room.",
            "Ada wants the agent to choose a quiet room whenever it books a hotel for them.",
            "rule",
            True,
        ),
        ("I like it when you give examples.", "Ada likes it when the agent gives examples.", "likes", True),
        (
            "I'd rather you didn't use my first name.",
            "Ada would rather the agent didn't use their first name.",
            "rule",
            True,
        ),
        ("Every Sunday I go hiking.", "Ada goes hiking every Sunday.", "likes", False),
        ("As usual, the aisle seat.", "Ada usually wants the aisle seat.", "likes", False),
        ("Shorter, please, as I said.", "Ada wants answers that are shorter.", "rule", False),
        ("Too long again.", "Ada wants answers that are shorter.", "rule", False),
        (
            "I switched to oat milk and am never going back.",
            "Ada has changed to oat milk for good.",
            "likes",
            False,
        ),
        ("I stopped eating meat two years ago.", "Ada no longer eats meat.", "dislikes", False),
        ("I used to love sushi, but now I can't stand it.", "Ada can't stand sushi.", "dislikes", True),
        ("Olives? Can't stand them.", "Ada can't stand olives.", "dislikes", True),
        ("Ich trinke lieber Tee als Kaffee.", "Ada: Ich trinke lieber Tee als Kaffee.", "likes", True),
    ],
)
def test_what_is_said_becomes_a_sentence_about_its_speaker(said: str, text: str, polarity: str, explicit: bool) -> None:
    (stated,) = read(said)

    assert (stated.text("Ada"), stated.polarity, stated.explicit) == (text, polarity, explicit)


def test_each_half_of_a_sentence_says_its_own() -> None:
    stated = read("I love hiking but hate camping.")

    assert [(one.says, one.polarity) for one in stated] == [("loves hiking", "likes"), ("hates camping", "dislikes")]


def test_the_other_half_may_be_of_somebody_else() -> None:
    stated = read("I don't like fish, but my sister does.")

    assert [one.says for one in stated] == ["doesn't like fish"]


def test_the_context_is_the_sentence_as_it_was_said() -> None:
    (stated,) = read("We talked about trains. Honestly, I can't stand  night buses! Anyway.")

    assert stated.context == "Honestly, I can't stand night buses!"


def test_the_same_thing_twice_in_a_message_is_said_once() -> None:
    assert len(read("I love tea. Really, I love tea.")) == 1


def test_a_reason_given_in_a_question_is_stated() -> None:
    stated = read("As I'm allergic to nuts, what can I order here?")

    assert [one.says for one in stated] == ["is allergic to nuts"]


def test_what_is_quoted_or_pasted_is_not_the_speakers() -> None:
    said = '> I love mushrooms.\nShe wrote "I always eat at noon".\n```\nI never use tabs.\n```\nThoughts?'

    assert read(said) == []


def test_a_message_without_end_is_read_to_a_limit() -> None:
    assert [one.says for one in read("I love tea. " * 5_000)] == ["loves tea"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("do not like my tea hot", "doesn't like their tea hot"),
        ("always carry my own cup", "always carries their own cup"),
        ("watch films with my family", "watches films with their family"),
        ("can not stand it when I am late", "can't stand it when they are late"),
        ("would rather walk", "would rather walk"),
    ],
)
def test_a_predicate_of_i_becomes_one_of_a_third_person(words: str, told: str) -> None:
    assert third(words) == told


def test_a_third_person_is_not_told_of_you() -> None:
    assert others("my list when you write to me") == "their list when the agent writes to them"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prefers window seats when flying", "travel"),
        ("doesn't eat pork", "food"),
        ("drinks tea", "drink"),
        ("wants the agent not to use emojis", "communication"),
        ("goes running in the park", "sport"),
        ("loves jazz", "music"),
        ("finds that mornings work best for them", "time"),
        ("hates Xylqu", OTHER),
    ],
)
def test_a_preference_is_told_by_its_words_what_it_is_about(text: str, named: str) -> None:
    assert named in categories(text)


def test_a_preference_has_one_to_three_known_categories() -> None:
    found = categories("reads books about food, tea, trains, jazz, films, chess and dogs on Sunday mornings")

    assert len(found) == MOST
    assert set(found) <= set(CATEGORIES)
