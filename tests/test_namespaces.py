from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen import namespaces
from duramen.errors import NamespaceError
from duramen.namespaces import (
    ABSENT,
    check_reflections,
    check_template,
    normal,
    resolve,
    variables,
    variables_of,
    within,
)

VALUES = st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable()) | st.text(
    alphabet="a1-/%2F{}*.\0\x1f\x85\u2028é", min_size=1
).filter(str.strip)
PAIRS = st.tuples(VALUES, VALUES)


@pytest.mark.parametrize("template", ["facts/{actorId}", "/facts/{actorId}", "facts/{actorId}/", "/facts/{actorId}/"])
def test_a_template_gets_a_slash_at_both_ends(template: str) -> None:
    assert check_template(template) == "/facts/{actorId}/"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "is no path"),
        ("  ", "is no path"),
        ("/facts//{actorId}/", "empty segment"),
        ("//facts/", "empty segment"),
        ("/facts/ /x/", "empty segment"),
        ("/facts/{actorId/", "without its partner"),
        ("/facts/actorId}/", "without its partner"),
        ("/facts/{{actorId}}/", "without its partner"),
        ("/facts/{}/", "not known"),
        ("/facts/{userId}/", "'userId', which is not known"),
        ("/facts/{actorid}/", "'actorid', which is not known"),
        ("/facts/{actorId}{sessionId}/", "2 variables in the segment"),
        ("/facts/{actorId}-{sessionId}/", "2 variables in the segment"),
        ("/facts/*/", "stands for nothing"),
        ("/facts/a\nb/", "cannot be seen or kept"),
        ("/facts/\0/", "cannot be seen or kept"),
        ("/facts/\ud800/", "cannot be seen or kept"),
        ("/" + "x" * 1024, "1,025 characters"),
    ],
)
def test_a_malformed_template_is_an_error_that_says_why(template: str, why: str) -> None:
    with pytest.raises(NamespaceError, match=why) as raised:
        check_template(template)

    assert "Nothing was changed" in str(raised.value)
    assert len(str(raised.value)) < 600


def test_a_template_that_is_not_text_is_an_error() -> None:
    with pytest.raises(NamespaceError, match="is not text"):
        check_template(None)  # type: ignore[arg-type]  # what a caller without types may give


def test_variables_of_ones_own_may_be_used_once_declared() -> None:
    with pytest.raises(NamespaceError, match="'project', which is not known"):
        check_template("/projects/{project}/")

    assert check_template("/projects/{project}/", own=["project"]) == "/projects/{project}/"


@pytest.mark.parametrize("name", ["actorId", "sessionId", "memoryStrategyId", "strategyId"])
def test_a_variable_of_ones_own_cannot_take_the_name_of_a_known_one(name: str) -> None:
    with pytest.raises(NamespaceError, match="another name"):
        check_template("/x/", own=[name])
    with pytest.raises(NamespaceError, match="another name"):
        variables("facts", "ada", "s1", {name: "other"})


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a b", "é", "x" * 65])
def test_a_variable_needs_a_name(name: str) -> None:
    with pytest.raises(NamespaceError, match="no name of a variable"):
        check_template("/x/", own=[name])


def test_the_documented_defaults_are_templates_and_resolve() -> None:
    values = variables("facts", "ada", "s1")
    templates = [namespaces.SEMANTIC, namespaces.PREFERENCES, namespaces.SUMMARIES, namespaces.EPISODES]

    resolved = [resolve(check_template(template), values) for template in templates]

    assert resolved == [
        "/strategies/facts/actors/ada/",
        "/strategies/facts/actors/ada/",
        "/strategies/facts/actors/ada/sessions/s1/",
        "/strategies/facts/actors/ada/sessions/s1/",
    ]
    check_reflections(namespaces.REFLECTIONS, namespaces.EPISODES)


def test_the_old_name_of_the_strategy_means_the_same() -> None:
    template = check_template("/strategies/{strategyId}/")

    assert variables_of(template) == ("memoryStrategyId",)
    assert resolve(template, variables("facts", None, None)) == "/strategies/facts/"


def test_variables_are_listed_once_in_order() -> None:
    assert variables_of("/{sessionId}/{actorId}/x-{sessionId}/{mine}/") == ("sessionId", "actorId", "mine")
    assert variables_of("/facts/") == ()


def test_a_missing_value_is_named() -> None:
    with pytest.raises(NamespaceError, match="needs a value for 'project'"):
        resolve("/{actorId}/{project}/", variables("facts", "ada", "s1"))


@pytest.mark.parametrize("value", ["", " ", "\u2003", 7, None])
def test_a_blank_value_of_ones_own_is_an_error(value: object) -> None:
    with pytest.raises(NamespaceError, match="'project' is"):
        variables("facts", "ada", "s1", {"project": value})  # type: ignore[dict-item]  # as above


def test_a_value_that_is_not_unicode_is_an_error() -> None:
    with pytest.raises(NamespaceError, match="lone surrogate"):
        resolve("/{actorId}/", {"actorId": "\ud800"})


def test_an_absent_actor_has_a_segment_that_no_actor_has() -> None:
    absent = resolve(namespaces.SUMMARIES, variables("facts", None, None))

    assert absent == f"/strategies/facts/actors/{ABSENT}/sessions/{ABSENT}/"
    assert resolve(namespaces.SUMMARIES, variables("facts", "-", "-")) != absent


@given(VALUES)
def test_no_value_resolves_to_the_absent_segment(value: str) -> None:
    assert resolve("/{actorId}/", {"actorId": value}) != f"/{ABSENT}/"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("ada/1", "/a/ada%2F1/"),
        ("100%", "/a/100%25/"),
        ("{sessionId}", "/a/%7BsessionId%7D/"),
        ("*", "/a/%2A/"),
        ("a\nb", "/a/a%0Ab/"),
        ("a\x85", "/a/a%C2%85/"),
        ("..", "/a/%2E%2E/"),
        ("-", "/a/%2D/"),
        ("ada@example.org", "/a/ada@example.org/"),
        ("Zoë Ångström", "/a/Zoë Ångström/"),
    ],
)
def test_a_value_stays_in_its_segment(value: str, path: str) -> None:
    assert resolve("/a/{actorId}/", {"actorId": value}) == path


@pytest.mark.parametrize(
    "template", ["/a/{actorId}/s/{sessionId}/", "/user-{actorId}/{sessionId}.d/", "/{actorId}x/{sessionId}/"]
)
@given(one=PAIRS, other=PAIRS)
def test_other_values_never_give_the_same_path_or_one_below(
    template: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    first, second = (resolve(template, {"actorId": pair[0], "sessionId": pair[1]}) for pair in (one, other))

    assert within(first, second) == (one == other)
    assert within(second, first) == (one == other)


@given(one=VALUES, other=VALUES, below=PAIRS)
def test_no_value_reaches_below_the_path_of_another(one: str, other: str, below: tuple[str, str]) -> None:
    above = resolve("/a/{actorId}/", {"actorId": one})

    path = resolve("/a/{actorId}/s/{sessionId}/", {"actorId": other, "sessionId": below[1]})

    assert within(path, above) == (one == other)


@given(PAIRS)
def test_what_a_template_resolves_to_is_a_path(pair: tuple[str, str]) -> None:
    path = resolve("/a/{actorId}/s-{sessionId}/", {"actorId": pair[0], "sessionId": pair[1]})

    assert normal(path) == path
    assert path.count("/") == 4


@pytest.mark.parametrize(
    ("given_path", "path"), [("/", "/"), ("a", "/a/"), ("/a/b", "/a/b/"), ("a/b/", "/a/b/"), ("/a b/", "/a b/")]
)
def test_a_path_gets_a_slash_at_both_ends(given_path: str, path: str) -> None:
    assert normal(given_path) == path


@pytest.mark.parametrize("path", ["", " ", "//", "/a//b/", "/a/{actorId}/", "/a/*", "/a\tb/", "/a/\u2028/"])
def test_a_malformed_path_is_an_error(path: str) -> None:
    with pytest.raises(NamespaceError, match="Nothing was changed"):
        normal(path)


@pytest.mark.parametrize("template", [None, 3, b"/a/", ["/a/"]])
def test_what_is_not_text_is_no_template(template: Any) -> None:
    with pytest.raises(NamespaceError, match="is not text"):
        check_template(template)
    with pytest.raises(NamespaceError, match="is not text"):
        namespaces.own_variables([template])
    with pytest.raises(NamespaceError, match="is not text"):
        check_reflections(template, "/e/")
    with pytest.raises(NamespaceError, match="is not text"):
        check_reflections("/e/", template)


def test_paths_are_compared_by_segment() -> None:
    assert within("/facts/a1/x", "/facts/a1")
    assert within("/facts/a1/", "/facts/a1")
    assert within("/facts/a1", "/facts/a1/")
    assert within("/facts/a1/", "/")
    assert not within("/facts/a10/", "/facts/a1")
    assert not within("/facts/", "/facts/a1/")
    assert not within("/", "/facts/")


@pytest.mark.parametrize("reflections", ["/", "/e/{actorId}/", "/e/{actorId}/{sessionId}", "/e/"])
def test_reflections_may_be_filed_with_their_episodes_or_above(reflections: str) -> None:
    check_reflections(reflections, "/e/{actorId}/{sessionId}/")


@pytest.mark.parametrize("reflections", ["/r/{actorId}/", "/e/{actorId}/{sessionId}/x/", "/e/{sessionId}/"])
def test_reflections_elsewhere_or_deeper_are_an_error(reflections: str) -> None:
    with pytest.raises(NamespaceError, match="neither"):
        check_reflections(reflections, "/e/{actorId}/{sessionId}/")


def test_old_and_new_name_of_the_strategy_are_the_same_for_reflections() -> None:
    check_reflections("/{strategyId}/", "/{memoryStrategyId}/{actorId}/")
