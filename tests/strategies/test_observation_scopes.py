import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BadContentError
from duramen.namespaces import normal
from duramen.strategies.observation_scopes import place_of_scope, scopes_of

TAGS = st.sets(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), max_size=4)


@pytest.mark.parametrize(
    ("wanted", "scopes"),
    [
        (None, [("ada", "work")]),
        ('"combined"', [("ada", "work")]),
        ("per_tag", [("ada",), ("work",)]),
        ('"all_combinations"', [("ada",), ("work",), ("ada", "work")]),
        ('"shared"', [()]),
        ('[["work"], [], ["team", "ada"]]', [("work",), (), ("ada", "team")]),
        ('[["w*"], ["x*"], ["*"]]', [("work",), ("ada", "work")]),
        ('[["x*"]]', [()]),
    ],
)
def test_tags_are_observed_in_the_scopes_that_are_wanted(wanted: str | None, scopes: list[tuple[str, ...]]) -> None:
    assert list(scopes_of(["work", "ada", "work"], wanted)) == scopes


@pytest.mark.parametrize("wanted", [None, "combined", "per_tag", "all_combinations", "shared"])
def test_what_has_no_tags_has_the_scope_without_tags(wanted: str | None) -> None:
    assert scopes_of([], wanted) == ((),)


@pytest.mark.parametrize("wanted", ["", "all", "{}", "[]", '["ada"]', '[["ada", 3]]', '[[" "]]', "null"])
def test_what_are_no_scopes_is_refused(wanted: str) -> None:
    with pytest.raises(BadContentError, match="no observation scopes"):
        scopes_of(["ada"], wanted)


def test_too_many_tags_cannot_be_combined() -> None:
    assert len(scopes_of(list("abcde"), "all_combinations")) == 31

    with pytest.raises(BadContentError, match=r"6 tags.*at most 5"):
        scopes_of(list("abcdef"), "all_combinations")


@given(TAGS, TAGS)
def test_other_scopes_have_other_places(one: set[str], other: set[str]) -> None:
    places = place_of_scope("/seen/", one), place_of_scope("/seen/", other)

    assert (places[0] == places[1]) == (one == other)


@given(TAGS)
def test_a_place_is_one_segment_below_that_of_the_strategy(tags: set[str]) -> None:
    place = place_of_scope("/seen/", tags)

    assert normal(place) == place
    assert place.count("/") == (4 if tags else 3)


@given(TAGS)
def test_a_scope_that_is_named_has_just_its_tags(tags: set[str]) -> None:
    named = sorted(tag for tag in tags if tag.strip() and "*" not in tag)

    assert scopes_of(["home"], json.dumps([named])) == (tuple(named),)
