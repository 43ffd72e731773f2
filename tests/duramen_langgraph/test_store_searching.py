from __future__ import annotations

import pytest
from langgraph.store.base import (
    PutOp,
)

from duramen import BadInputError
from tests.duramen_langgraph.faces import HOME, Face


async def test_without_a_query_the_newest_come_first_and_none_has_a_score(items: Face) -> None:
    for key in "bac":
        await items.put(HOME, key, {"n": key})
    await items.put(HOME, "b", {"n": "again"})

    found = await items.search(("users",))

    assert [item.key for item in found] == ["b", "c", "a"]
    assert {item.score for item in found} == {None}


async def test_items_of_one_moment_come_by_namespace_and_key(items: Face) -> None:
    await items.batch([PutOp((label,), key, {}) for label in "ba" for key in "21"])

    found = await items.search(())

    assert [(item.namespace[0], item.key) for item in found] == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]


async def test_pages_of_a_search_are_parts_of_one_order(items: Face) -> None:
    for number in range(7):
        await items.put(HOME, str(number), {})

    pages = [await items.keys(HOME, limit=3, offset=offset) for offset in (0, 3, 6, 9)]

    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"], []]
    assert await items.search(HOME, limit=0) == []


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"offset": -1}])
async def test_a_negative_page_is_refused(items: Face, wrong: dict[str, int]) -> None:
    with pytest.raises(BadInputError, match="from 0"):
        await items.search(HOME, **wrong)
    with pytest.raises(BadInputError, match="from 0"):
        await items.namespaces(**wrong)


async def test_a_filter_cuts_before_the_page(items: Face) -> None:
    for number in range(20):
        await items.put(HOME, f"{number:02}", {"even": number % 2 == 0})

    assert await items.keys(HOME, filter={"even": True}, limit=3, offset=2) == ["14", "12", "10"]
