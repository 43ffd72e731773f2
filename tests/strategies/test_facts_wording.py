from datetime import datetime, timezone

import pytest

from duramen.strategies.facts_conjoined import agreed
from duramen.strategies.facts_introduced import introduced
from duramen.strategies.preference_plain import holder_of
from duramen.strategies.preference_reading import read
from duramen.strategies.semantic_plain import candidates_of
from duramen.types import Event

SAID = datetime(2025, 3, 4, 18, tzinfo=timezone.utc)  # a Tuesday


def event(content: str, actor: str | None = "u-17", speaker: str | None = None) -> Event:
    return Event(id="x", bank="b", key="x", content=content, speaker=speaker, actor=actor, mentioned=SAID, stored=SAID)


def facts(content: str, actor: str = "u-17") -> list[str]:
    return [candidate.text for candidate in candidates_of([event(content, actor)])]


CONJOINED = {
    # verbs that share "I"
    "I live in Graz and work for a small bank.": "The user lives in Graz and works for a small bank.",
    "I usually wake up at five, feed the cats and drive off.": "The user usually wakes up at five, feeds the cats and drives off.",
    "I paint, sculpt and make candles.": "The user paints, sculpts and makes candles.",
    "I rent a studio and cycle to the office.": "The user rents a studio and cycles to the office.",
    "I speak Portuguese and understand Catalan.": "The user speaks Portuguese and understands Catalan.",
    "I take the train to Vienna and then walk to the office.": "The user takes the train to Vienna and then walks to the office.",
    "I go to work by tram and eat lunch there.": "The user goes to work by tram and eats lunch there.",
    "I read a lot and put notes in a drawer.": "The user reads a lot and puts notes in a drawer.",
    "I am a nurse and work night shifts.": "The user is a nurse and works night shifts.",
    "I'm allergic to penicillin and carry an EpiPen.": "The user is allergic to penicillin and carries an EpiPen.",
    "I moved to Berlin in 2019 and now share a flat.": "The user moved to Berlin in 2019 and now shares a flat.",
    "I hate crowds but love small concerts.": "The user hates crowds but loves small concerts.",
    "I own a car but don't drive.": "The user owns a car but doesn't drive.",
    "I don't own a car and take the tram everywhere.": "The user doesn't own a car and takes the tram everywhere.",
    "I can't stand cilantro and never eat olives.": "The user can't stand cilantro and never eats olives.",
    "I can speak Italian but write it badly.": "The user can speak Italian but writes it badly.",
    "I fly to Oslo on 7 April and return on 9 April.": "The user flies to Oslo on 7 April 2025 and returns on 9 April 2025.",
    # verbs that hang on another
    "I want to learn to paint and fly Cessnas.": "The user wants to learn to paint and fly Cessnas.",
    "I need to renew my passport and book a visa.": "The user needs to renew the user's passport and book a visa.",
    "I don't smoke or drink.": "The user doesn't smoke or drink.",
    "I have worked hard and put money aside.": "The user has worked hard and put money aside.",
    "I used to smoke and drink a lot.": "The user used to smoke and drink a lot.",
    "I'm ready to be a mum and share my time.": "The user is ready to be a mum and share the user's time.",
    # verbs of somebody else
    "I have a son who likes chess and a dog I feed.": "The user has a son who likes chess and a dog the user feeds.",
    "I think it helps me relax and increase my focus.": "The user thinks it helps the user relax and increase the user's focus.",
    "My wife and I run a bakery and sell bread.": "The user's wife and the user run a bakery and sell bread.",
    # nouns
    "I eat bread and butter on Sundays.": "The user eats bread and butter on Sundays.",
    "I drink tea and coffee a lot.": "The user drinks tea and coffee a lot.",
    "I like the food and music there, take it or leave it.": "The user likes the food and music there, take it or leave it.",
    "I love fantasy and such an old place.": "The user loves fantasy and such an old place.",
}


@pytest.mark.parametrize("content", CONJOINED)
def test_verbs_that_share_a_subject_agree_with_it_and_no_other_words(content: str) -> None:
    assert facts(content) == [CONJOINED[content]]


SHOWN = {
    "This is my dog Pixel, he loves swimming.": ["Ada's dog is Pixel.", "Ada's dog Pixel loves swimming."],
    "Here is my daughter Mia. She plays the cello.": ["Ada's daughter is Mia.", "Ada's daughter Mia plays the cello."],
    "These are my kids Leo and Nina, they're 5 and 7.": ["Ada's kids are Leo and Nina.", "Ada's kids Leo and Nina are 5 and 7."],
    "This is Pixel, my dog.": ["Ada's dog is Pixel."],
    "Meet my boss Helen who hates late meetings.": ["Ada's boss is Helen.", "Ada's boss Helen hates late meetings."],
    "That's my brother Tom, he's been a plumber for years!": ["Ada's brother is Tom.", "Ada's brother Tom has been a plumber for years."],
    "This is my dog, he's called Pixel.": ["Ada's dog is called Pixel."],
    "This is our cat Mo and we got him in May 2024.": ["Ada's cat is Mo.", "Ada and others got Ada's cat Mo in May 2024."],
    "I'd like you to meet my husband Omar.": ["Ada's husband is Omar."],
    "This is my sister's dog Rex, he bites.": ["Ada's sister's dog is Rex.", "Ada's sister's dog Rex bites."],
    "This is my friend from Oslo.": ["This is Ada's friend from Oslo."],
    "This is my first marathon.": ["This is Ada's first marathon."],
    "This is me: I manage a warehouse.": ["Ada manages a warehouse."],
    "My name is Jonas, I live in Ghent.": ["Ada's name is Jonas.", "Ada lives in Ghent."],
    "I'm Ada, I live in Ghent and I restore pianos.": ["Ada lives in Ghent.", "Ada restores pianos."],
}  # fmt: skip


@pytest.mark.parametrize("content", SHOWN)
def test_who_is_shown_is_told_of_by_themselves(content: str) -> None:
    assert facts(content, "Ada") == SHOWN[content]


@pytest.mark.parametrize(
    "sentence", ["This is my plan.", "This is my wife and I love her.", "This is my old Toyota.", "Meet me at noon."]
)
def test_a_sentence_that_shows_nobody_stays_as_it_is(sentence: str) -> None:
    assert introduced(sentence) == [sentence]


PREFERENCES = {
    "I usually book late and fly at night.": "usually books late and flies at night",
    "I prefer window seats and always pay with miles.": "prefers window seats and always pays with miles",
    "I like my coffee black and drink it before seven.": "likes their coffee black and drinks it before seven",
    "I always use Arch and write in Rust.": "always uses Arch and writes in Rust",
    "I like to hike and swim.": "likes to hike and swim",
}


@pytest.mark.parametrize("content", PREFERENCES)
def test_a_preference_of_two_verbs_has_both_in_the_third_person(content: str) -> None:
    assert [stated.says for stated in read(content)] == [PREFERENCES[content]]


@pytest.mark.parametrize(
    ("speaker", "actor", "holder"),
    [(None, "ActorrUgUxG", "The user"), ("u-4711", "u-4711", "The user"), ("u-4711", None, "The user"), ("u-4711", "ada", "u-4711")],
)  # fmt: skip
def test_a_preference_is_not_held_by_an_id_that_is_no_name(speaker: str | None, actor: str | None, holder: str) -> None:
    assert holder_of(event("I love tea.", actor, speaker)) == holder


@pytest.mark.parametrize(
    "actor", ["ActorrUgUxG", "user-123", "u_8f3a", "ada@example.org", "+351 912 345 678", "test user"]
)
def test_a_fact_calls_an_actor_without_a_name_the_user(actor: str) -> None:
    assert facts("I live in Graz.", actor) == ["The user lives in Graz."]


@pytest.mark.parametrize("actor", ["Jean-Luc", "O'Brien", "María José", "李明", "van der Berg"])
def test_a_fact_calls_an_actor_by_name(actor: str) -> None:
    assert facts("I live in Graz.", actor) == [f"{actor[:1].upper()}{actor[1:]} lives in Graz."]


@pytest.mark.parametrize("predicate", ["and " * 20_000, "works, " * 10_000, "to be and " * 8_000, "", "'"])
def test_endless_predicates_are_read_to_their_end(predicate: str) -> None:
    assert len(agreed(predicate)) <= 2 * len(predicate)
