"""Preferences in few words and in idioms: wishes without a verb, verdicts on things, needs, habits told in passing."""

from __future__ import annotations

import pytest

from duramen.strategies.preference_grammar import plain
from duramen.strategies.preference_reading import read


@pytest.mark.parametrize(
    ("said", "text"),
    [
        # wishes without a verb
        ("Return tickets only, thank you.", "Ada wants return tickets only."),
        ("Celsius with me, please.", "Ada wants Celsius."),
        ("stairs > lift", "Ada prefers stairs to lift."),
        ("From now on: tables, no prose.", "Ada wants tables, no prose from now on."),
        ("Linen sheets, winter and summer.", "Ada wants linen sheets, winter and summer."),
        ("Large print for everything you send me.", "Ada wants large print for everything it sends them."),
        ("Sparkling, never still.", "Ada wants sparkling, never still."),
        ("Miles, not kilometres. I keep saying this.", "Ada wants miles, not kilometres."),
        ("Anything but liver for me, thanks.", "Ada wants anything but liver for them."),
        ("As usual the report as a PDF, thx", "Ada usually wants the report as a PDF."),
        # verdicts
        ("Calls after eight are a no from me, permanently.", "Ada says that calls after eight are a no from them."),
        ("Opera leaves me cold.", "Ada says that opera leaves them cold."),
        ("Margarine doesn't get through our door.", "Ada says that margarine doesn't get through their door."),
        ("Horror films? You won't catch me watching one.", "Ada won't be caught watching horror films."),
        ("Oysters? Hard pass.", "Ada dislikes oysters."),
        ("Ugh, mayonnaise.", "Ada dislikes mayonnaise."),
        ("Cricket I can't stand.", "Ada can't stand cricket."),
        ("Enough with the exclamation marks!", "Ada wants the agent to do without exclamation marks."),
        ("In our kitchen it's always butter.", "Ada says that in their kitchen it is always butter."),
        ("Debian is my system of choice on every machine I own.", "Ada's system of choice on every machine they own is Debian."),
        # needs
        ("My hip can't take hard chairs any more.", "Ada says that their hip can't take hard chairs any more."),
        ("Which cakes have no almonds? I'm allergic.", "Ada is allergic to almonds."),
        ("Rex goes where I go, so it has to be a flat that takes dogs.", "Ada says that Rex goes where they go, so it has to be a flat that takes dogs."),
        ("When I'm writing I need piano music.", "Ada needs piano music when they are writing."),
        ("Parcels are to be left in the shed, on every occasion.", "Ada wants parcels to be left in the shed, on every occasion."),
        ("I wish to receive the statements monthly.", "Ada wishes to receive the statements monthly."),
        ("I should be grateful if, in all future letters, you would address me as Dr Osei.", "Ada wants to be called Dr Osei."),
        # habits
        ("Every Thursday is curry night at ours, so who delivers?", "Ada says that every Thursday is curry night at theirs."),
        ("I've bought nothing but Volvos for twenty years.", "Ada has bought nothing but Volvos for twenty years."),
        ("rereading Middlemarch, fourth time now", "Ada has been rereading Middlemarch for the fourth time."),
        ("I swim every day before work; which pool opens at six?", "Ada swims every day before work."),
        # what two clauses or sentences say together
        ("I prefer visits before ten, and never on Sundays.", "Ada prefers visits before ten, and never on Sundays."),
        ("Polyester makes me itch. Cotton for anything that touches my skin.", "Ada says that polyester makes them itch, and wants cotton for anything that touches their skin."),
        ("pls dont ring me in the mornings, email is way better 4 me", "Ada wants the agent not to ring them in the mornings, and finds that email is way better for them."),
        ("Paper maps all the way; screens leave me cold.", "Ada prefers paper maps, and says that screens leave them cold."),
    ],
)  # fmt: skip
def test_a_preference_is_told_in_few_words(said: str, text: str) -> None:
    assert [stated.text("Ada") for stated in read(said)] == [text]


@pytest.mark.parametrize(
    "said",
    [
        "Only two tickets left, please hurry.",
        "Book me a hotel. Aisle seats only.",
        "Two tickets, row F, not G.",
        "Black, size 42, please.",
        "Kilometres or miles, what is used in Ireland?",
        "Nothing but rain all week.",
        "Chocolate cake for the birthday, please, twelve slices.",
        "Thanks a lot, as always!",
        "All passengers must be seated at all times, the sign says.",
        "The dog keeps me awake tonight.",
        "In my office it's thirty degrees.",
        "My stomach can't take any more cake, I'm full!",
        "The invoices are to be paid by the 30th.",
        "I have to be at the airport at six every day this week.",
        "I've been waiting for years for this update!",
        "We've had nothing but trouble with the boiler for years.",
        "Every Friday is a holiday in Yemen.",
        "He said: never on Sundays.",
        "If it rains I need an umbrella.",
        "I'm allergic.",
        "It's Monday, not Tuesday.",
        "It's raining, not snowing.",
        "Wine? No idea.",
        "For the third time the parcel came back.",
        "Let's meet at ten, not eleven.",
        "Enough, let's stop here.",
        "My favourite part of the report is missing.",
        "We use 300 BC as the date.",
        "a > b",
    ],
)
def test_few_words_that_are_about_one_thing_or_nobodys_taste_are_passed_over(said: str) -> None:
    assert [stated.says for stated in read(said)] == []


def test_two_likings_of_two_things_stay_two() -> None:
    stated = read("Loud music drives me crazy. I love tea.")

    assert [one.says for one in stated] == ["says that loud music drives them crazy", "loves tea"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("pls dont call, thx", "please do not call, thanks"),
        ("tbh im more of a cat person lol", "I am more of a cat person"),
        ("w/o sugar 4 me bc its sweet", "without sugar for me because its sweet"),
        ("I've got no car, I've got to walk", "I have no car, I have got to walk"),
    ],
)
def test_what_is_typed_in_a_hurry_is_written_out(typed: str, written: str) -> None:
    assert plain(typed) == written
