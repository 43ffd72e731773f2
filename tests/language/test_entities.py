import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.entities import LONGEST_NAME, CapitalsEntityFinder, SpacyEntityFinder
from duramen.protocols import EntityFinder


@pytest.fixture(scope="module")
def spacy_finder() -> SpacyEntityFinder:
    return SpacyEntityFinder()


@pytest.fixture(params=["capitals", "spacy"])
def finder(request: pytest.FixtureRequest, spacy_finder: SpacyEntityFinder) -> EntityFinder:
    return spacy_finder if request.param == "spacy" else CapitalsEntityFinder()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Last week I flew to Paris with Maria.", ("Paris", "Maria")),
        ("We met in Paris, and I loved Paris.", ("Paris",)),
        ("I work for Microsoft in Seattle.", ("Microsoft", "Seattle")),
        ("I saw the house of Barack Obama's brother in Chicago!", ("Barack Obama", "Chicago")),
        ("i have a cold and nothing else to say", ()),
        ("Wow! Congrats! So glad to hear that. Thanks!", ()),
    ],
)
def test_names_come_in_order_and_each_once(finder: EntityFinder, text: str, expected: tuple[str, ...]) -> None:
    [names] = finder.find([text])

    assert names == expected


def test_each_text_has_its_own_names(finder: EntityFinder) -> None:
    found = finder.find(["We flew to London.", "no name here", "We flew to Berlin."])

    assert found == [("London",), (), ("Berlin",)]


def test_no_texts_have_no_names(finder: EntityFinder) -> None:
    assert finder.find([]) == []


@pytest.mark.parametrize(
    "text", ["", "  ", "\x00", "\ud800 Ada \udc00", "\U0001f600\u2764\ufe0f", "Q" * 20_000, "\u6771\u4eac"]
)
def test_odd_texts_are_read_without_an_error(finder: EntityFinder, text: str) -> None:
    [names] = finder.find([text])

    assert all(0 < len(name) <= LONGEST_NAME for name in names)


def test_the_end_of_a_very_long_text_is_not_read(finder: EntityFinder) -> None:
    [names] = finder.find(["nothing here, " * 500 + "but we met Maria in Paris"])

    assert names == ()


def test_the_spacy_finder_gives_the_same_answer_again(spacy_finder: SpacyEntityFinder) -> None:
    texts = ["We flew to London with Maria.", "I work for Microsoft."]

    assert spacy_finder.find(texts) == spacy_finder.find(texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Marianne, how are you?", ("Marianne",)),
        ("Hey Marianne! How are you?", ("Marianne",)),
        ("Painting is fun. Really.", ()),
        ("Running late, sorry", ()),
        ("Kayaks are fun, and kayaks are cheap", ()),
        ("New York is loud", ("New York",)),
        ("I'm reading the Lord of the Rings", ("Lord of the Rings",)),
        ("I met George R. R. Martin in town", ("George R R Martin",)),
        ("Ask @ada_l, or mail me@example.org", ("@ada_l",)),
        ('We read "Becoming Nicole" aloud', ("Becoming Nicole",)),
        ('She said "Hello there everybody" to us', ()),
        ("See you on Monday in March", ()),
        ("I talked to Ada\u2019s mother", ("Ada",)),
        ("we love O'Reilly and D'Angelo", ("O'Reilly", "D'Angelo")),
        ("it was ADA, then Ada", ("ADA",)),
        (
            "\u041c\u044b \u0435\u0434\u0435\u043c \u0432 \u041c\u043e\u0441\u043a\u0432\u0443",
            ("\u041c\u044b", "\u041c\u043e\u0441\u043a\u0432\u0443"),
        ),
    ],
)
def test_capital_letters_are_read_with_care(text: str, expected: tuple[str, ...]) -> None:
    [names] = CapitalsEntityFinder().find([text])

    assert names == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_names_by_capitals_are_clean_in_any_text(text: str) -> None:
    [names] = CapitalsEntityFinder().find([text])

    assert all(0 < len(name) <= LONGEST_NAME and name == name.strip() for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_importing_the_finders_loads_no_model() -> None:
    script = "import sys, duramen.language.entities; print('spacy' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "False"
