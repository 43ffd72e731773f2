from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph.store.base import (
    GetOp,
    ListNamespacesOp,
    PutOp,
    SearchOp,
)

import duramen
from duramen import BadInputError, ClosedError, HashingEmbedder, MemoryEngine
from duramen_langgraph.store import DuramenStore
from tests.duramen_langgraph.faces import HOME, Face


async def test_what_was_put_is_got_with_its_place_and_times(items: Face) -> None:
    await items.put(HOME, "tea", {"kind": "green", "cups": [1, 2.5, None, True]})

    item = await items.get(HOME, "tea")

    assert item.value == {"kind": "green", "cups": [1, 2.5, None, True]}
    assert (item.namespace, item.key) == (HOME, "tea")
    assert item.created_at == item.updated_at
    assert isinstance(item.created_at, datetime)
    assert item.created_at.tzinfo is not None


async def test_what_was_never_put_is_none(items: Face) -> None:
    await items.put(HOME, "tea", {})

    assert await items.get(HOME, "coffee") is None
    assert await items.get(("users",), "tea") is None
    assert await items.get(("users", "ada", "more"), "tea") is None


async def test_an_update_replaces_the_value_and_keeps_the_time_of_creation(items: Face) -> None:
    await items.put(HOME, "tea", {"kind": "green", "cups": 1})
    first = await items.get(HOME, "tea")

    await items.put(HOME, "tea", {"kind": "black"})
    second = await items.get(HOME, "tea")

    assert second.value == {"kind": "black"}
    assert second.created_at == first.created_at
    assert second.updated_at > first.updated_at


async def test_what_is_deleted_is_gone_everywhere_and_deleting_it_again_is_fine(items: Face) -> None:
    await items.put(HOME, "tea", {"text": "green"})

    await items.delete(HOME, "tea")
    await items.delete(HOME, "tea")

    assert await items.get(HOME, "tea") is None
    assert await items.search(()) == []
    assert await items.search((), query="green") == []
    assert await items.namespaces() == []


async def test_asking_leaves_no_namespace_behind(items: Face) -> None:
    await items.get(("never",), "tea")
    await items.delete(("never",), "tea")
    await items.search(("never",))

    assert await items.namespaces() == []


async def test_a_batch_reads_what_stood_before_its_own_writes(items: Face) -> None:
    await items.put(HOME, "tea", {"cups": 1})

    results = await items.batch(
        [
            PutOp(HOME, "tea", {"cups": 2}),
            GetOp(HOME, "tea"),
            PutOp(("new",), "x", {"cups": 3}),
            SearchOp((), filter={"cups": {"$gte": 1}}),
            ListNamespacesOp(),
            PutOp(HOME, "tea", None),
            GetOp(("new",), "x"),
        ]
    )

    assert [type(result) for result in results[:1]] == [type(None)]
    assert results[1].value == {"cups": 1}
    assert [item.value for item in results[3]] == [{"cups": 1}]
    assert results[4] == [HOME]
    assert (results[2], results[5], results[6]) == (None, None, None)
    assert await items.namespaces() == [("new",)]


@pytest.mark.parametrize(("last", "kept"), [({"cups": 2}, {"cups": 2}), (None, None)])
async def test_of_several_writes_of_one_item_in_a_batch_the_last_counts(items: Face, last: Any, kept: Any) -> None:
    await items.batch([PutOp(HOME, "tea", {"cups": 1}), PutOp(HOME, "tea", last)])

    item = await items.get(HOME, "tea")

    assert (item and item.value) == kept


async def test_an_item_deleted_and_put_in_one_batch_is_there(items: Face) -> None:
    await items.put(HOME, "tea", {"cups": 1})

    await items.batch([PutOp(HOME, "tea", None), PutOp(HOME, "tea", {"cups": 2})])

    assert (await items.get(HOME, "tea")).value == {"cups": 2}


async def test_a_batch_may_be_any_iterable_and_may_be_empty(items: Face) -> None:
    await items.batch(PutOp(HOME, str(number), {"n": number}) for number in range(3))

    assert await items.batch([]) == []
    assert await items.batch(iter([GetOp(HOME, "2")])) == [await items.get(HOME, "2")]


async def test_what_is_returned_is_a_copy_each_time(items: Face) -> None:
    given = {"tags": ["a"]}
    await items.put(HOME, "tea", given)

    given["tags"].append("changed by the caller")
    one, two = await items.batch([GetOp(HOME, "tea"), GetOp(HOME, "tea")])
    one.value["tags"].append("changed by the reader")
    [hit] = await items.search(HOME)
    hit.value.clear()

    assert two.value == {"tags": ["a"]}
    assert (await items.get(HOME, "tea")).value == {"tags": ["a"]}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"when": datetime(2026, 3, 1)}, "datetime"),  # noqa: DTZ001  any will do
        ({"of": {1, 2}}, "set"),
        ({"deep": {"a": [b"bytes"]}}, "bytes"),
        ({"number": float("nan")}, "JSON"),
        ({"fields": {1: "one"}}, "field name 1"),
        ({"text": "\ud800"}, "surrogates"),
        ([1, 2], "list"),
        ("text", "str"),
    ],
)
async def test_what_is_no_json_is_refused_and_nothing_of_its_batch_is_written(
    items: Face, value: Any, reason: str
) -> None:
    with pytest.raises(BadInputError, match=reason):
        await items.batch([PutOp(HOME, "good", {"a": 1}), PutOp(HOME, "bad", value)])

    assert await items.namespaces() == []


async def test_a_value_that_holds_itself_or_is_too_deep_is_refused(items: Face) -> None:
    ring: dict[str, Any] = {}
    ring["self"] = ring
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    for value in (ring, {"deep": deep}):
        with pytest.raises(BadInputError, match="cannot be kept as JSON"):
            await items.put(HOME, "bad", value)


async def test_tuples_come_back_as_lists(items: Face) -> None:
    await items.put(HOME, "tea", {"pair": (1, (2, "x"))})

    assert (await items.get(HOME, "tea")).value == {"pair": [1, [2, "x"]]}


async def test_an_operation_of_another_kind_is_refused(items: Face) -> None:
    with pytest.raises(ValueError, match="no operation"):
        await items.batch(["get"])  # type: ignore[list-item]  # which is what is tried


def test_a_store_with_another_name_in_the_same_memory_has_nothing_in_common(tmp_path: Path) -> None:
    with duramen.open_sync(tmp_path, embedder=HashingEmbedder()) as memory:
        one, other = DuramenStore(memory, name="one"), DuramenStore(memory, name="other")

        one.put(HOME, "tea", {"text": "green tea"})

        assert other.get(HOME, "tea") is None
        assert other.search(()) == other.search((), query="tea") == []
        assert other.list_namespaces() == []


@pytest.mark.parametrize("name", ["", " ", "a\0b", None, 3])
async def test_a_name_that_cannot_be_kept_is_refused(memory: MemoryEngine, name: Any) -> None:
    with pytest.raises(BadInputError, match="name"):
        DuramenStore(memory, name=name)


@pytest.mark.parametrize("wrong", [None, "./memory", 3])
def test_only_a_memory_is_a_memory(wrong: Any) -> None:
    with pytest.raises(BadInputError, match=r"duramen\.open"):
        DuramenStore(wrong)


@pytest.mark.parametrize("ttl", [60, {"default_ttl": 0}, {"default_ttl": "60"}])
async def test_a_ttl_configuration_that_cannot_be_used_is_refused(memory: MemoryEngine, ttl: Any) -> None:
    with pytest.raises(BadInputError, match="ttl"):
        DuramenStore(memory, ttl=ttl)


async def test_the_store_says_that_it_knows_lifetimes(memory: MemoryEngine) -> None:
    store = DuramenStore(memory, ttl={"default_ttl": 5, "refresh_on_read": False})

    assert store.supports_ttl
    assert store.ttl_config == {"default_ttl": 5, "refresh_on_read": False}


async def test_items_are_no_memories(memory: MemoryEngine) -> None:
    await DuramenStore(memory).aput(HOME, "tea", {"text": "green tea"})

    assert (await memory.banks()).items == ()


async def test_a_closed_memory_says_so(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)
    await store.aput(HOME, "tea", {"text": "green tea"})
    await memory.aclose()

    with pytest.raises(ClosedError):
        await store.aget(HOME, "tea")
    with pytest.raises(ClosedError):
        store.put(HOME, "tea", {"n": 1})
