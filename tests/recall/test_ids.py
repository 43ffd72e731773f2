"""Recalls of memories that are named by their ids, and of memories that were put by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen import BadQueryError, HashingEmbedder, MemoryEngine
from duramen.language.terms import term_codes
from duramen.protocols import Storage
from duramen.recall.asking import query_of
from duramen.recall.search import allowed, filters
from duramen.stores.in_memory import InMemoryStore
from duramen.types import ArmName, Indexed, Memory, Query, Recall, Selection
from tests.conftest import engine
from tests.recall.searches import START, index_of, told
from tests.simple_strategies import BRISK, later, notes

ADA = "user:ada"
QUESTION = "Which orchard has plums?"
TALK = (
    "The orchard behind the mill has plums.",
    "The orchard at the river has pears and plums.",
    "Tomas repaired the pump of the orchard.",
    "The cat sleeps in the loft.",
)
ARMS: tuple[ArmName, ...] = ("semantic", "keyword", "graph", "temporal")


@pytest.fixture
async def talked(address: str) -> AsyncIterator[MemoryEngine]:
    async with engine(address, strategies=[notes(merges=False)]) as memory:
        for place, text in enumerate(TALK):
            await memory.retain(ADA, text, key=f"k{place}", session=f"s{place}", actor="ada", occurred=later(place))
        await memory.wait_idle(ADA)
        yield memory


async def all_ids(memory: MemoryEngine, *, made: bool) -> dict[str, str]:
    """Return the ids of what strategies made, or of what was retained word for word, by text."""
    page = await memory.memories(ADA)
    return {one.text: one.id for one in page.items if (one.strategy is not None) == made}


def found(recall: Recall) -> set[str]:
    return {hit.memory.id for hit in recall.hits}


async def test_only_the_memories_that_are_named_are_hits(talked: MemoryEngine) -> None:
    said = await all_ids(talked, made=False)
    wanted = {said[TALK[1]], said[TALK[2]]}

    recall = await talked.recall(ADA, QUESTION, ids=wanted)

    assert found(recall) == wanted
    assert recall.hits[0].memory.text == TALK[1]
    assert recall.made == ()
    assert recall.trace.searched == 2


async def test_what_strategies_made_is_named_with_its_namespace(talked: MemoryEngine) -> None:
    made = await all_ids(talked, made=True)
    wanted = [made[TALK[0]], made[TALK[2]]]

    recall = await talked.recall(ADA, QUESTION, namespaces="/", ids=wanted)
    elsewhere = await talked.recall(ADA, QUESTION, namespaces="/elsewhere/", ids=wanted)

    assert found(recall) == set(wanted)
    assert elsewhere.hits == ()


async def test_the_limit_is_of_those_that_are_named(talked: MemoryEngine) -> None:
    said = await all_ids(talked, made=False)

    recall = await talked.recall(ADA, QUESTION, ids=[said[TALK[2]]], limit=1)

    assert found(recall) == {said[TALK[2]]}


async def test_a_memory_scores_the_same_whether_it_is_named_or_not(talked: MemoryEngine) -> None:
    everything = await all_ids(talked, made=True)
    plain = await talked.recall(ADA, QUESTION, namespaces="/", at=later(9))

    named = await talked.recall(ADA, QUESTION, namespaces="/", at=later(9), ids=list(everything.values()))

    assert [(hit.memory.id, hit.score) for hit in named.hits] == [(hit.memory.id, hit.score) for hit in plain.hits]


@pytest.mark.parametrize("namespaces", [None, "/"])
async def test_none_named_is_none_found(talked: MemoryEngine, namespaces: str | None) -> None:
    for ids in ((), {"unknown"}, frozenset({"", "é"})):
        recall = await talked.recall(ADA, QUESTION, namespaces=namespaces, ids=ids)
        assert (recall.hits, recall.made, recall.text) == ((), (), "")


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("namespaces", [None, "/"])
async def test_no_arm_finds_another_one(talked: MemoryEngine, arm: ArmName, namespaces: str | None) -> None:
    ids = list((await all_ids(talked, made=namespaces is not None)).values())
    arms: dict[ArmName, bool] = {name: name == arm for name in ARMS}
    asked: dict[str, Any] = {"namespaces": namespaces, "arms": arms, "at": later(9)}
    question = "What happened in the orchard on 2 March 2026 and who repaired the pump?"

    whole = await talked.recall(ADA, question, **asked)
    part = await talked.recall(ADA, question, ids=ids[:2], **asked)

    assert found(part) == found(whole) & set(ids[:2])


async def test_what_is_shown_beside_the_hits_is_named_too(talked: MemoryEngine) -> None:
    said, made = await all_ids(talked, made=False), await all_ids(talked, made=True)

    recall = await talked.recall(ADA, QUESTION, ids=[said[TALK[2]], made[TALK[1]]])

    assert found(recall) == {said[TALK[2]]}
    assert {hit.memory.id for hit in recall.made} <= {made[TALK[1]]}


async def test_several_questions_are_asked_of_the_same_memories(talked: MemoryEngine) -> None:
    made = await all_ids(talked, made=True)
    asked: dict[str, Any] = {"namespaces": "/", "ids": [made[TALK[0]], made[TALK[2]]], "at": later(9)}
    questions = [QUESTION, "Who repaired the pump?"]

    many = await talked.recall_many(ADA, questions, **asked)

    assert [found(recall) for recall in many] == [found(await talked.recall(ADA, one, **asked)) for one in questions]


async def test_it_is_said_why_another_one_is_no_hit(talked: MemoryEngine) -> None:
    said = await all_ids(talked, made=False)

    explained = await talked.explain(ADA, QUESTION, memory=said[TALK[0]], ids=[said[TALK[1]]])

    [account] = explained.why_not
    assert account.reason == "filtered"
    assert "`ids`" in account.told


@pytest.mark.parametrize("ids", ["m1", [1], 7])
def test_what_is_no_list_of_ids_is_refused(ids: Any) -> None:
    with pytest.raises(BadQueryError, match="`ids`"):
        query_of("q", ids=ids)


ids_of_any_sort = st.lists(st.text("ab\0é\ud800", max_size=3), max_size=12, unique=True)


@settings(deadline=None)
@given(ids_of_any_sort, st.frozensets(st.text("ab\0é\ud800", max_size=3)))
def test_an_index_knows_its_memories_by_id(ids: Sequence[str], wanted: frozenset[str]) -> None:
    index = index_of(*(told("text", id=id) for id in ids))
    query = Query(text="q", at=START, ids=wanted)

    mask = allowed(index, query)

    assert mask is not None
    assert mask.tolist() == [id in wanted for id in ids]
    assert list(filters(index, query)) == ["ids"]


def test_an_index_tells_ids_with_one_checksum_apart() -> None:
    index = index_of(told("a", id="plumless"), told("b", id="buckeroo"))

    assert index.named({"plumless"}).tolist() == [True, False]
    assert index.named({"buckeroo", "other"}).tolist() == [False, True]


async def test_an_index_that_grows_knows_new_ids(talked: MemoryEngine) -> None:
    before = await all_ids(talked, made=False)
    await talked.recall(ADA, QUESTION, ids=list(before.values()))
    await talked.retain(ADA, "A third orchard has plums.", key="k9", occurred=later(9))
    await talked.wait_idle(ADA)
    new = (await all_ids(talked, made=False))["A third orchard has plums."]

    assert found(await talked.recall(ADA, QUESTION, ids=[new])) == {new}

    await talked.forget(ADA, key="k0")
    named = [new, before[TALK[0]], before[TALK[1]]]
    assert found(await talked.recall(ADA, QUESTION, ids=named)) == {new, before[TALK[1]]}


# what was put by hand


async def by_hand(id: str, text: str, **changes: Any) -> Indexed:
    """Return a memory that rests on no event."""
    embedder = HashingEmbedder()
    memory = Memory(
        id=id,
        bank=ADA,
        text=text,
        event=id,
        key=id,
        mentioned=later(0),
        stored=later(0),
        strategy="records",
        namespace="/records/ada/",
    )
    return Indexed(
        memory=replace(memory, **changes),
        vector=(await embedder.embed([text]))[0],
        terms=np.array(term_codes(text), dtype=np.uint32),
    )


async def file(store: Storage, filed: Sequence[Indexed], removed: Sequence[str] = ()) -> None:
    await store.file(ADA, filed, removed, embedder=HashingEmbedder().name)


async def test_what_was_put_by_hand_is_found_until_it_is_removed() -> None:
    store = InMemoryStore()
    async with engine(store) as memory:
        await memory.memories(ADA)
        await file(store, [await by_hand("r", TALK[0]), await by_hand("s", TALK[1])])
        asked: dict[str, Any] = {"namespaces": "/records/", "ids": ["r"]}
        assert found(await memory.recall(ADA, QUESTION, **asked)) == {"r"}

        await file(store, [await by_hand("r", "Ada has a harp.")])
        [hit] = (await memory.recall(ADA, "Who has a harp?", **asked)).hits
        assert hit.memory.text == "Ada has a harp."

        await file(store, [], ["r"])
        assert (await memory.recall(ADA, "Who has a harp?", **asked)).hits == ()
        assert found(await memory.recall(ADA, QUESTION, namespaces="/records/")) == {"s"}


async def test_what_was_put_by_hand_is_shown_beside_what_was_said() -> None:
    store = InMemoryStore()
    async with engine(store) as memory:
        await memory.retain(ADA, TALK[3], occurred=later(0))
        await memory.wait_idle(ADA)
        await file(store, [await by_hand("r", TALK[0])])

        recall = await memory.recall(ADA, QUESTION)

        assert [hit.memory.id for hit in recall.made] == ["r"]
        assert TALK[0] in recall.text


async def test_what_was_put_by_hand_comes_back_searchable_when_what_replaced_it_is_forgotten() -> None:
    store, strategy = InMemoryStore(), notes(name="records", namespace="/records/{actorId}/")
    async with engine(store, strategies=[strategy], pace=BRISK) as memory:
        await memory.memories(ADA)
        await file(store, [await by_hand("r", "Ada lives in Rome.", actor="ada")])
        await memory.retain(ADA, "Ada lives in Rome, near the river.", key="k", actor="ada", occurred=later(1))
        await memory.wait_idle(ADA)

        await memory.forget(ADA, key="k")
        for _ in range(500):
            if not await store.unembedded(ADA):
                break
            await asyncio.sleep(0.02)

        page = await store.memories(ADA, Selection(strategy="records"), cursor=None, limit=9)
        assert [one.text for one in page.items] == ["Ada lives in Rome."]
        assert found(await memory.recall(ADA, "Where does Ada live?", namespaces="/records/")) == {"r"}
