"""Which memories tag groups select: in the index, in all recalls, and in what is said of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from duramen import BadQueryError, Item, MemoryEngine
from duramen.explained.explanation import jsonable
from duramen.explained.tags import LONGEST, grouped
from duramen.recall.asking import query_of
from duramen.recall.grouping import DEEPEST, MOST_TAGS
from duramen.recall.refusing import refusals
from duramen.recall.search import allowed, filters
from duramen.types import AllOf, AnyOf, Hit, NoneOf, Query, Tagged, TagGroup, TagsMatch
from tests.conftest import engine
from tests.recall.searches import START, index_of, told
from tests.simple_strategies import noted, notes
from tests.stores.examples import event
from tests.stores.examples import memory as memory_of

HOME, WORK, OLD = (Tagged(frozenset({tag})) for tag in ("home", "work", "old"))
QUERY = Query(text="anything", at=START)

sets_of_tags = st.frozensets(st.sampled_from(["a", "b", "c", "ab", "A"]), max_size=4)
leaves: st.SearchStrategy[TagGroup] = st.builds(Tagged, sets_of_tags, st.sampled_from(get_args(TagsMatch)))
groups: st.SearchStrategy[TagGroup] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(NoneOf, inner),
    ),
    max_leaves=8,
)


def selects(group: TagGroup, carried: frozenset[str]) -> bool:
    """Tell in plain Python whether a group selects what carries these tags."""
    if isinstance(group, AllOf):
        return all(selects(part, carried) for part in group.groups)
    if isinstance(group, AnyOf):
        return any(selects(part, carried) for part in group.groups)
    if isinstance(group, NoneOf):
        return not selects(group.group, carried)
    if group.match == "exact":
        return carried == group.tags
    if not group.tags:
        return True
    untagged_too = group.match in ("any", "all")
    fits = bool(carried & group.tags) if group.match in ("any", "any_strict") else carried >= group.tags
    return fits or (untagged_too and not carried)


@settings(deadline=None)
@given(st.lists(sets_of_tags, max_size=12), st.lists(groups, max_size=3))
@example([frozenset(), frozenset("a")], [AnyOf(())])
@example([frozenset(), frozenset("a")], [AllOf(())])
@example([frozenset(), frozenset("a")], [NoneOf(Tagged(frozenset("a"), "all"))])
def test_groups_select_what_a_plain_reading_of_them_selects(
    memories: Sequence[frozenset[str]], given: Sequence[TagGroup]
) -> None:
    index = index_of(*(told("text", tags=tuple(sorted(tags))) for tags in memories))

    mask = allowed(index, replace(QUERY, tag_groups=tuple(given)))

    selected = [True] * len(memories) if mask is None else mask.tolist()
    assert selected == [all(selects(group, tags) for group in given) for tags in memories]
    assert (mask is None) == (not given)


@settings(deadline=None)
@given(st.lists(sets_of_tags, max_size=12), sets_of_tags, st.sampled_from(get_args(TagsMatch)))
def test_one_group_of_tags_is_what_tags_are_by_themselves(
    memories: Sequence[frozenset[str]], tags: frozenset[str], match: TagsMatch
) -> None:
    index = index_of(*(told("text", tags=tuple(sorted(one))) for one in memories))

    grouped = allowed(index, query_of("q", at=START, tag_groups=[Tagged(tags, match)]))
    alone = allowed(index, query_of("q", at=START, tags=tags, tags_match=match))

    everything = [True] * len(memories)
    assert (everything if grouped is None else grouped.tolist()) == (everything if alone is None else alone.tolist())


def test_groups_hold_beside_tags_and_under_a_name_of_their_own() -> None:
    index = index_of(told("a", tags=("home",)), told("b", tags=("home", "old")), told("c", tags=("old",)))
    query = replace(QUERY, tags=frozenset({"home"}), tags_match="any_strict", tag_groups=(NoneOf(OLD),))

    masks = filters(index, query)

    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "tags": [True, True, False],
        "tag_groups": [True, False, False],
    }


# in recalls

SAID = {
    "k0": ("The pump is in the cellar.", ["home"]),
    "k1": ("The pump of the plant broke.", ["work"]),
    "k2": ("The pump was sold in spring.", ["home", "old"]),
    "k3": ("The pump has a red handle.", []),
}
CASES: list[tuple[TagGroup | list[TagGroup], set[str]]] = [
    (HOME, {"k0", "k2"}),
    (NoneOf(OLD), {"k0", "k1", "k3"}),
    ([HOME, NoneOf(OLD)], {"k0"}),
    (AnyOf((AllOf((HOME, OLD)), WORK)), {"k1", "k2"}),
    (Tagged(frozenset({"home"}), "any"), {"k0", "k2", "k3"}),
    (Tagged(frozenset({"home", "old"}), "exact"), {"k2"}),
    (Tagged(frozenset(), "exact"), {"k3"}),
    ([], {"k0", "k1", "k2", "k3"}),
    (AnyOf(()), set()),
]


@pytest.fixture
async def pumps() -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:", strategies=[notes(merges=False)]) as memory:
        items = [Item(content=text, key=key, tags=tags) for key, (text, tags) in SAID.items()]
        await memory.retain("b", items, wait=True)
        yield memory


def keys(hits: Iterable[Hit]) -> set[str]:
    """Return the keys of what was said, also of hits that were made of it in the same words."""
    by_text = {text: key for key, (text, _) in SAID.items()}
    return {by_text[hit.memory.text] for hit in hits}


@pytest.mark.parametrize(("groups", "expected"), CASES)
async def test_recalls_give_what_groups_select_however_they_ask(
    pumps: MemoryEngine, groups: Any, expected: set[str]
) -> None:
    said = await pumps.recall("b", "What of the pump?", tag_groups=groups)
    made = await pumps.recall("b", "What of the pump?", tag_groups=groups, namespaces="/")
    several = await pumps.recall_many("b", ["pump", "handle and pump"], tag_groups=groups)
    explained = await pumps.explain("b", "What of the pump?", tag_groups=groups)

    for recall in (said, *several, explained.recall):
        assert keys(recall.hits) == expected
        assert keys(recall.made) <= expected
        assert recall.trace.searched == len(expected)
    assert keys(made.hits) == expected
    assert all(hit.memory.strategy == "notes" for hit in made.hits)


async def test_what_strategies_made_is_shown_beside_only_if_groups_select_it() -> None:
    def one(work: Any) -> Any:
        return [replace(noted, kind="preference", tags=("made",)) for noted in noted(work)]

    async with engine(":memory:", strategies=[notes(one, merges=False)]) as memory:
        await memory.retain("b", "The pump is in the cellar.", tags=["home"], wait=True)

        both = await memory.recall("b", "pump", tag_groups=[AnyOf((HOME, Tagged(frozenset({"made"}))))])
        said = await memory.recall("b", "pump", tag_groups=HOME)

    assert (len(both.hits), len(both.made)) == (1, 1)
    assert (len(said.hits), len(said.made)) == (1, 0)


async def test_a_memory_that_groups_hold_back_says_so(pumps: MemoryEngine) -> None:
    explanation = await pumps.explain("b", "pump", key="k2", tag_groups=[HOME, NoneOf(OLD)])

    (said, *_) = explanation.why_not
    assert said.reason == "filtered"
    assert said.told == "its tags (home, old) do not fit: `tag_groups` asks for (one of: home) and not (one of: old)"
    assert "tags (one of: home) and not (one of: old)" in str(explanation)
    assert explanation.to_dict()["recall"]["query"]["tag_groups"] == [  # type: ignore[index]  # plain data
        {"tags": ["home"], "match": "any_strict"},
        {"none": {"tags": ["old"], "match": "any_strict"}},
    ]


def test_groups_are_told_apart_as_data() -> None:
    assert jsonable([AllOf((HOME,)), AnyOf(())]) == [{"all": [{"tags": ["home"], "match": "any_strict"}]}, {"any": []}]


def test_groups_of_nothing_are_told() -> None:
    groups = (AllOf(()), AnyOf(()), Tagged(frozenset()), Tagged(frozenset(), "exact"), AnyOf((HOME, NoneOf(WORK))))

    words = "(anything) and (nothing) and (anything) and (exactly: none) and ((one of: home) or not (one of: work))"
    assert grouped(groups) == words


def test_no_tag_breaks_the_line_and_many_are_cut_short() -> None:
    many = Tagged(frozenset({"a\nb\x1b[31m", *(f"tag {n}" for n in range(200))}))

    words = refusals(["tag_groups"], memory_of(event()), replace(QUERY, tag_groups=(many,)))["tag_groups"]

    assert words.isprintable()
    assert len(words) < LONGEST + 100
    assert words.endswith("\N{HORIZONTAL ELLIPSIS}")


# what is asked for

BAD: dict[str, Any] = {
    "a text": "home",
    "a mapping in the list": [{"tags": ["home"]}],
    "no list": 7,
    "none in the list": [None],
    "a text for tags": [Tagged("home")],  # type: ignore[arg-type]  # the error is what is tested
    "no tags": [Tagged(None)],  # type: ignore[arg-type]
    "a blank tag": [Tagged(frozenset({"home", " "}))],
    "a number for a tag": [Tagged(frozenset({7}))],  # type: ignore[arg-type]
    "an unknown match": [Tagged(frozenset({"home"}), "some")],  # type: ignore[arg-type]
    "an unhashable match": [Tagged(frozenset({"home"}), [])],  # type: ignore[arg-type]
    "a text for groups": [AllOf("home")],  # type: ignore[arg-type]
    "one group for groups": [AnyOf(HOME)],  # type: ignore[arg-type]
    "deep inside": [AllOf((AnyOf((NoneOf(Tagged(frozenset({""}))),)),))],
    "nothing to negate": [NoneOf(None)],  # type: ignore[arg-type]
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_groups_that_make_no_sense_are_an_error_that_says_so(given: Any) -> None:
    with pytest.raises(BadQueryError, match=r"`tag_groups` .* Give"):
        query_of("q", tag_groups=given)


def nested(depth: int) -> TagGroup:
    """Return groups so deep in each other."""
    group: TagGroup = HOME
    for _ in range(depth - 1):
        group = NoneOf(group)
    return group


def test_groups_may_be_nested_so_deep_and_not_deeper() -> None:
    assert query_of("q", tag_groups=[nested(DEEPEST)]).tag_groups == (nested(DEEPEST),)
    for depth in (DEEPEST + 1, 5000):
        with pytest.raises(BadQueryError, match=f"nested more than {DEEPEST} deep"):
            query_of("q", tag_groups=[nested(depth)])


@pytest.mark.parametrize("size", [MOST_TAGS, MOST_TAGS + 1])
@pytest.mark.parametrize("shape", ["one group", "many groups", "groups without tags", "groups without groups"])
def test_so_many_tags_may_be_in_groups_and_not_more(size: int, shape: str) -> None:
    given: list[TagGroup] = {
        "one group": [Tagged(frozenset(map(str, range(size))))],
        "many groups": [AnyOf(tuple(Tagged(frozenset({str(n)})) for n in range(size)))],
        "groups without tags": [Tagged(frozenset())] * size,
        "groups without groups": [AllOf(())] * size,
    }[shape]  # type: ignore[assignment]  # each a list of groups

    if size == MOST_TAGS:
        assert query_of("q", tag_groups=given).tag_groups == tuple(given)
    else:
        with pytest.raises(BadQueryError, match="more than 1,000 tags in all"):
            query_of("q", tag_groups=given)


def test_a_group_that_stands_in_itself_often_is_refused_at_once() -> None:
    group: TagGroup = HOME
    for _ in range(DEEPEST - 1):
        group = AllOf((group,) * 1000)

    with pytest.raises(BadQueryError, match="more than 1,000 tags"):
        query_of("q", tag_groups=group)


def test_what_is_given_as_lists_is_kept_as_it_should_be() -> None:
    lists: Any = [AllOf([Tagged(["home", "home"]), NoneOf(AnyOf([Tagged({"old"})]))])]  # type: ignore[arg-type]

    (group,) = query_of("q", tag_groups=lists).tag_groups

    assert group == AllOf((HOME, NoneOf(AnyOf((OLD,)))))
    assert hash(group) == hash(AllOf((HOME, NoneOf(AnyOf((OLD,))))))


@pytest.mark.parametrize("none", [None, [], ()])
def test_no_groups_ask_for_nothing(none: Any) -> None:
    assert query_of("q", tag_groups=none).tag_groups == ()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(groups, max_size=2))
async def test_recalls_never_give_what_groups_do_not_select(pumps: MemoryEngine, given: list[TagGroup]) -> None:
    renamed = [_renamed(group) for group in given]

    said = await pumps.recall("b", "What of the pump?", tag_groups=renamed)
    made = await pumps.recall("b", "What of the pump?", tag_groups=renamed, namespaces="/")

    expected = {key for key, (_, tags) in SAID.items() if all(selects(one, frozenset(tags)) for one in renamed)}
    assert keys(said.hits) == expected
    assert keys(made.hits) == expected
    assert keys(said.made) <= expected


def _renamed(group: TagGroup) -> TagGroup:
    """Return a group about the tags of the pumps."""
    if isinstance(group, AllOf | AnyOf):
        return type(group)(tuple(map(_renamed, group.groups)))
    if isinstance(group, NoneOf):
        return NoneOf(_renamed(group.group))
    names = {"a": "home", "b": "work", "c": "old"}
    return Tagged(frozenset(names.get(tag, tag) for tag in group.tags), group.match)
