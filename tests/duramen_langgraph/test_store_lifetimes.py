from __future__ import annotations

import asyncio
from typing import Any

import pytest

from duramen import BadInputError, MemoryEngine
from duramen_langgraph.store import DuramenStore
from tests.duramen_langgraph.faces import HOME, Face


async def test_what_expired_is_gone_from_every_answer(memory: MemoryEngine) -> None:
    store = DuramenStore(memory, ttl={"default_ttl": 0.002})
    await store.aput(("short",), "a", {"text": "tea"})
    await store.aput(("shorter",), "b", {"text": "tea"}, ttl=0.001)
    await store.aput(("long",), "c", {"text": "tea"}, ttl=None)

    await asyncio.sleep(0.2)

    assert await store.aget(("short",), "a") is None
    assert [item.key for item in await store.asearch(())] == ["c"]
    assert [item.key for item in await store.asearch((), query="tea")] == ["c"]
    assert await store.alist_namespaces() == [("long",)]


async def test_an_expired_item_put_again_is_a_new_one(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)
    await store.aput(HOME, "a", {"n": 1}, ttl=0.001)
    first = await store.aget(HOME, "a", refresh_ttl=False)
    await asyncio.sleep(0.1)

    await store.aput(HOME, "a", {"n": 2})
    second = await store.aget(HOME, "a")

    assert first is None or second is None or second.created_at > first.created_at
    assert second is not None
    assert second.value == {"n": 2}


async def expiries(memory: MemoryEngine, *keys: str) -> list[Any]:
    """Return when items of HOME expire, and then when their vectors do."""
    places = [(("langgraph.store", "default", part, *HOME), key) for part in ("items", "vectors") for key in keys]
    return [entry and entry.expires for entry in await memory.shelf.get(places)]


@pytest.mark.parametrize(
    ("config", "asked", "refreshes"),
    [
        ({}, {}, True),
        ({}, {"refresh_ttl": False}, False),
        ({"refresh_on_read": True}, {}, True),
        ({"refresh_on_read": False}, {}, False),
        ({"refresh_on_read": False}, {"refresh_ttl": True}, True),
    ],
)
@pytest.mark.parametrize("how", ["get", "search", "query"])
@pytest.mark.parametrize("face_of", ["sync", "async"])
async def test_reading_lets_a_lifetime_begin_anew_unless_told_otherwise(
    memory: MemoryEngine, config: Any, asked: dict[str, Any], refreshes: bool, how: str, face_of: str
) -> None:
    items = Face(DuramenStore(memory, ttl=config), sync=face_of == "sync")
    await items.put(HOME, "read", {"text": "tea"}, ttl=0.1)
    await items.put(HOME, "left", {"text": "coffee"}, ttl=0.1)
    before = await expiries(memory, "read", "left")
    await asyncio.sleep(0.1)

    if how == "get":
        await items.get(HOME, "read", **asked)
    else:
        await items.search(HOME, limit=1, filter={"text": "tea"}, query="tea" if how == "query" else None, **asked)
    after = await expiries(memory, "read", "left")

    assert [later > earlier for later, earlier in zip(after, before, strict=True)] == [refreshes, False] * 2


async def test_a_read_changes_neither_the_times_of_an_item_nor_one_without_a_lifetime(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)
    await store.aput(HOME, "short", {"n": 1}, ttl=0.1)
    await store.aput(HOME, "ever", {"n": 1})
    first = await store.aget(HOME, "short")
    await asyncio.sleep(0.1)

    await store.asearch(HOME)
    second = await store.aget(HOME, "short")

    assert first is not None
    assert second is not None
    assert (second.created_at, second.updated_at) == (first.created_at, first.updated_at)
    assert await expiries(memory, "ever") == [None, None]


async def test_an_update_gives_the_lifetime_that_it_says(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)
    await store.aput(HOME, "a", {"n": 1}, ttl=10)
    assert None not in await expiries(memory, "a")

    await store.aput(HOME, "a", {"n": 2})

    assert await expiries(memory, "a") == [None, None]


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf"), "60"])
async def test_a_lifetime_that_is_none_is_refused(items: Face, ttl: Any) -> None:
    with pytest.raises(BadInputError, match="ttl"):
        await items.put(HOME, "a", {"n": 1}, ttl=ttl)

    assert await items.get(HOME, "a") is None


async def test_a_lifetime_longer_than_the_calendar_can_be_read(items: Face) -> None:
    await items.put(HOME, "a", {"n": 1}, ttl=1e15)

    assert (await items.get(HOME, "a")).value == {"n": 1}
