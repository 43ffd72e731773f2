from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.entities import LONGEST_NAME
from duramen.language.relations import MOST, named_entities, owned, person, relation_of, relations
from duramen.types import Event, Kind

NOW = datetime(2026, 3, 2, tzinfo=timezone.utc)


def said(text: str, *, speaker: str | None = None, actor: str | None = None, kind: Kind = "fact") -> Event:
    return Event(
        id="e", bank="b", key="k", content=text, kind=kind, actor=actor, speaker=speaker, mentioned=NOW, stored=NOW
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My sister came over.", ("Ada's sister",)),
        ("my older sister's here", ("Ada's sister",)),
        ("I'm at my sister\u2019s", ("Ada's sister",)),
        ("I asked my boss Tom about it", ("Ada's boss", "Tom")),
        ("Our dog Rex barks", ("Ada's dog", "Rex")),
        ("Anna, my wife, sings", ("Ada's wife",)),
        ("My boss is Tom now", ("Ada's boss", "Tom")),
        ("My dog's name is Rex", ("Ada's dog", "Rex")),
        ("We adopted a puppy called Bo", ("Ada's dog", "Bo")),
        ("I have a sister, Anna, and no brother", ("Ada's sister", "Anna")),
        ("my swimming coach quit", ("Ada's coach",)),
        ("my sister's husband Karl is ill", ("Ada's sister", "Ada's sister's husband", "Karl")),
        ("My mother-in-law and my father met", ("Ada's mother-in-law", "Ada's father")),
    ],
)
def test_what_is_mine_belongs_to_who_says_it(text: str, expected: tuple[str, ...]) -> None:
    assert relations(text, me="Ada") == expected


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mum", "mother"),
        ("Mom", "mother"),
        ("dads", "father"),
        ("kids", "child"),
        ("puppies", "dog"),
        ("flatmate", "roommate"),
        ("flat", "apartment"),
        ("supervisor", "boss"),
        ("startup", "company"),
        ("wives", "wife"),
    ],
)
def test_different_words_for_one_relation_are_one(said: str, kept: str) -> None:
    assert relations(f"That is my {said}", me="Ada") == (f"Ada's {kept}",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I met Grace's brother", ("Grace's brother",)),
        ("But Grace Hopper's brother came", ("Grace Hopper's brother",)),
        ("James' sister called", ("James's sister",)),
        ("the CEO's assistant called", ()),
        ("Today's boss fight was hard", ()),
        ("It's mother who called", ()),
        ("the house's garden is wild", ()),
    ],
)
def test_what_is_of_somebody_else_needs_a_name(text: str, expected: tuple[str, ...]) -> None:
    assert relations(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "my favourite book is long",
        "my dream house has a tower",
        "my former boss retired",
        "on my way to school",
        "my schoolbag is red",
        "sister act",
        "her sister came",
        "",
    ],
)
def test_what_is_nobodys_in_particular_is_no_relation(text: str) -> None:
    assert relations(text, me="Ada") == ()


def test_nothing_is_mine_without_a_speaker() -> None:
    assert relations("My sister Anna came over.") == ()


def test_a_long_list_of_relations_is_cut() -> None:
    assert len(owned("my sister and " * 50)) == MOST


@pytest.mark.parametrize("name", ["user", "Human", "u-4711", "ada@example.org", "", None])
def test_ids_and_roles_are_no_persons(name: str | None) -> None:
    assert person(name) is None


def test_relations_come_behind_the_names_and_none_twice() -> None:
    text = "My sister Anna flew to Rome"

    entities = named_entities(said(text, speaker="Ada"), text, ("anna", "Rome"))

    assert entities == ("anna", "Rome", "Ada's sister")


def test_my_sister_of_an_actor_without_a_speaker_is_the_actors() -> None:
    text = "my sister came"

    assert named_entities(said(text, speaker="user", actor="Ada"), text, ()) == ("Ada's sister",)


def test_your_sister_said_by_the_agent_is_the_actors() -> None:
    text = "Your sister sounds kind, and my sister is a server."

    entities = named_entities(said(text, speaker="assistant", actor="Ada", kind="experience"), text, ())

    assert entities == ("Ada's sister",)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ada's sister", ("ada", "sister")),
        ("ada's sister's husband", ("ada's sister", "husband")),
        ("gray's anatomy", None),
        ("sister", None),
        ("ada", None),
    ],
)
def test_the_name_of_a_relation_is_read_back(name: str, expected: tuple[str, str] | None) -> None:
    assert relation_of(name) == expected


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_any_text_gives_clean_names(text: str) -> None:
    found = relations(f"{text} my sister's {text}", me="Ada", you="Bob")

    assert all(0 < len(name) <= LONGEST_NAME for name in found)
    assert len(set(found)) == len(found)
