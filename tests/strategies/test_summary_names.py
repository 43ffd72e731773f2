import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.strategies.summary_names import LONGEST_NAME, names_of, telling


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["I need a flight to Porto.", "The flight leaves at nine."], "Flight to Porto"),
        (["My daughter starts guitar lessons.", "The guitar lessons cost 20 euros."], "Guitar lessons"),
        (["We need to talk about the marketing budget.", "The budget is spent."], "Marketing budget"),
        (["Could you look at my invoice from Acme?"], "Invoice from Acme"),
        (["My tooth! Dr. Silva will pull the tooth."], "Tooth, Silva"),
        (["私は東京に住んでいます。"], "私は東京に住んでいます"),
        (["It is what it is."], "It is what it is"),
    ],
)
def test_a_topic_is_called_by_what_is_said_most_of(texts: list[str], name: str) -> None:
    assert names_of(texts)[0] == name


def test_a_topic_is_not_called_by_who_speaks() -> None:
    names = names_of(["Ada wants a piano from Berlin.", "Ada plays."], {"ada"})

    assert names[0] == "Piano from Berlin"
    assert not any("Ada" in name.split(", ")[0].split() for name in names[:-1])


def test_terms_that_tell_nothing_are_left_out() -> None:
    assert telling("We need 3 more good things next week for the garden in Ghent.") == {"garden", "ghent"}


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_any_text_gives_short_names_on_one_line(texts: list[str]) -> None:
    for name in names_of(texts):
        assert len(name) <= LONGEST_NAME
        assert name == " ".join(name.split())
