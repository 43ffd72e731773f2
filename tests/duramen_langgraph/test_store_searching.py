from __future__ import annotations

import pytest
from langgraph.store.base import (
    PutOp,
)

from duramen import BadInputError, MemoryEngine
from duramen_langgraph.store import DuramenStore
from tests.duramen_langgraph.faces import Face

HOME = ("users", "ada")


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest, memory: MemoryEngine) -> Face:
    return Face(DuramenStore(memory), sync=request.param == "sync")


async def test_without_a_query_the_newest_come_first_and_none_has_a_score(face: Face) -> None:
    for key in "bac":
        await face.put(HOME, key, {"n": key})
    await face.put(HOME, "b", {"n": "again"})

    found = await face.search(("users",))

    assert [item.key for item in found] == ["b", "c", "a"]
    assert {item.score for item in found} == {None}


async def test_items_of_one_moment_come_by_namespace_and_key(face: Face) -> None:
    await face.batch([PutOp((label,), key, {}) for label in "ba" for key in "21"])

    found = await face.search(())

    assert [(item.namespace[0], item.key) for item in found] == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]


async def test_pages_of_a_search_are_parts_of_one_order(face: Face) -> None:
    for number in range(7):
        await face.put(HOME, str(number), {})

    pages = [await face.keys(HOME, limit=3, offset=offset) for offset in (0, 3, 6, 9)]

    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"], []]
    assert await face.search(HOME, limit=0) == []


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"offset": -1}])
async def test_a_negative_page_is_refused(face: Face, wrong: dict[str, int]) -> None:
    with pytest.raises(BadInputError, match="from 0"):
        await face.search(HOME, **wrong)
    with pytest.raises(BadInputError, match="from 0"):
        await face.namespaces(**wrong)


async def test_a_filter_cuts_before_the_page(face: Face) -> None:
    for number in range(20):
        await face.put(HOME, f"{number:02}", {"even": number % 2 == 0})

    assert await face.keys(HOME, filter={"even": True}, limit=3, offset=2) == ["14", "12", "10"]
