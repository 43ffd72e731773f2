from __future__ import annotations

from typing import Any

import pytest
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchOp,
)

from duramen import BadInputError
from tests.duramen_langgraph.faces import HOME, Face


@pytest.mark.parametrize("namespace", [(), ("",), ("a", ""), ("a.b",), ("a", "b.c"), ("langgraph", "x"), ("a", 1)])
async def test_langgraphs_rules_for_namespaces_hold(items: Face, namespace: Any) -> None:
    with pytest.raises(InvalidNamespaceError):
        await items.put(namespace, "key", {"a": 1})

    assert await items.namespaces() == []


@pytest.mark.parametrize("namespace", [("a.b",), ("a", ""), ("a\0b",), ("a", 1), "ab"])
@pytest.mark.parametrize(
    "made",
    [
        lambda namespace: GetOp(namespace, "key"),
        lambda namespace: PutOp(namespace, "key", {"a": 1}),
        lambda namespace: PutOp(namespace, "key", None),
        lambda namespace: SearchOp(namespace),
        lambda namespace: ListNamespacesOp(match_conditions=(MatchCondition("suffix", namespace),)),
    ],
    ids=["get", "put", "delete", "search", "list"],
)
async def test_the_rules_for_labels_hold_for_every_op_given_to_batch(items: Face, made: Any, namespace: Any) -> None:
    with pytest.raises(InvalidNamespaceError, match="namespace"):
        await items.batch([PutOp(HOME, "other", {"a": 1}), made(namespace)])

    assert await items.namespaces() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("user",), ("users",)),
        (("a", "b"), ("a/b",)),
        (("a", "b"), ("a:b",)),
        (("a", "b"), ("a|b",)),
        (("a", "b"), ("a\nb",)),
        (("a", "b"), ("a\x1fb",)),
        (("a", "b"), ("ab",)),
        (("a_c",), ("abc",)),
        (("a%",), ("abc",)),
        (("*",), ("abc",)),
        (("?",), ("a",)),
        (("[a]",), ("a",)),
        (("Ada",), ("ada",)),
        (("ä",), ("a\u0308",)),
        (("a\\",), ("a",)),
        (("a ",), ("a",)),
    ],
)
async def test_namespaces_are_compared_label_by_label_and_letter_by_letter(
    items: Face, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    await items.put(one, "key", {"of": "one"})
    await items.put(other, "key", {"of": "other"})

    assert [item.value["of"] for item in await items.search(one)] == ["one"]
    assert [item.value["of"] for item in await items.search(other)] == ["other"]
    assert [item.value["of"] for item in await items.search(one, query="one")] == ["one"]
    assert (await items.get(one, "key")).value == {"of": "one"}
    await items.delete(one, "key")
    assert await items.namespaces() == [other]


async def test_labels_and_keys_may_be_any_text(items: Face) -> None:
    labels = ("日本", "ünïcode", "with space", "-1", "'; DROP TABLE shelf; --", "😀")
    keys = ["a-b", "42", "x.y", "", "ключ", "%", "a'b\"c", "a\nb", "*"]

    for number, key in enumerate(keys):
        await items.put(labels, key, {"n": number})

    assert await items.namespaces() == [labels]
    assert [(await items.get(labels, key)).value["n"] for key in keys] == list(range(len(keys)))
    assert sorted(await items.keys(labels[:3])) == sorted(keys)


@pytest.mark.parametrize("key", ["a\0b", "\ud800"])
async def test_a_key_that_cannot_be_stored_is_refused(items: Face, key: str) -> None:
    with pytest.raises(BadInputError):
        await items.put(HOME, key, {"a": 1})

    assert await items.namespaces() == []


TREE = [
    ("docs",),
    ("docs", "a", "draft"),
    ("docs", "a", "final"),
    ("docs", "b", "draft"),
    ("docs", "b", "x", "draft"),
    ("users", "ada"),
    ("users", "bob", "draft"),
]


@pytest.fixture
async def tree(items: Face) -> Face:
    await items.batch([PutOp(namespace, key, {"a": 1}) for namespace in reversed(TREE) for key in "xy"])
    return items


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ({}, TREE),
        ({"prefix": ("docs",)}, TREE[:5]),
        ({"prefix": ("docs", "a")}, TREE[1:3]),
        ({"prefix": ("doc",)}, []),
        ({"suffix": ("draft",)}, [TREE[1], TREE[3], TREE[4], TREE[6]]),
        ({"suffix": ("x", "draft")}, [TREE[4]]),
        ({"prefix": ("docs",), "suffix": ("draft",)}, [TREE[1], TREE[3], TREE[4]]),
        ({"prefix": ("*", "b")}, [TREE[3], TREE[4]]),
        ({"prefix": ("docs", "*", "draft")}, [TREE[1], TREE[3]]),
        ({"suffix": ("*", "draft")}, [TREE[1], TREE[3], TREE[4], TREE[6]]),
        ({"suffix": ("b", "*")}, [TREE[3]]),
        ({"prefix": ("*", "*", "*", "*")}, [TREE[4]]),
        ({"max_depth": 1}, [("docs",), ("users",)]),
        ({"max_depth": 2}, [("docs",), ("docs", "a"), ("docs", "b"), ("users", "ada"), ("users", "bob")]),
        ({"prefix": ("docs",), "max_depth": 2, "limit": 2, "offset": 1}, [("docs", "a"), ("docs", "b")]),
        ({"suffix": ("draft",), "max_depth": 2}, [("docs", "a"), ("docs", "b"), ("users", "bob")]),
        ({"limit": 2}, TREE[:2]),
        ({"limit": 2, "offset": 6}, TREE[6:]),
        ({"offset": 7}, []),
        ({"limit": 0}, []),
    ],
)
async def test_namespaces_are_listed_in_order_as_asked(tree: Face, asked: dict[str, Any], listed: list[Any]) -> None:
    assert await tree.namespaces(**asked) == listed


async def test_several_conditions_on_namespaces_must_all_hold(tree: Face) -> None:
    conditions = (
        MatchCondition("prefix", ("docs",)),
        MatchCondition("prefix", ("*", "b")),
        MatchCondition("suffix", ("draft",)),
    )

    assert await tree.batch([ListNamespacesOp(match_conditions=conditions)]) == [[TREE[3], TREE[4]]]


async def test_a_condition_of_another_kind_is_refused(tree: Face) -> None:
    with pytest.raises(ValueError, match="match type"):
        await tree.batch([ListNamespacesOp(match_conditions=(MatchCondition("infix", ("a",)),))])  # type: ignore[arg-type]  # which is what is tried


async def test_a_search_finds_what_stands_at_its_prefix_and_below(tree: Face) -> None:
    assert {item.namespace for item in await tree.search((), limit=50)} == set(TREE)
    assert {item.namespace for item in await tree.search(("docs", "b"), limit=50)} == {TREE[3], TREE[4]}
    assert await tree.search(("doc",)) == []
    assert await tree.search(("*",)) == []
