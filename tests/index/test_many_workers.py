"""Workers in several processes over one PostgreSQL: what one does, the others know at once; and memory stays bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from duramen import MemoryEngine
from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.index.private import PrivateSegments
from duramen.types import Item
from tests.conftest import engine
from tests.index.same import assert_same, fresh
from tests.index.worker_process import Worker, recalled, worker
from tests.postgres import Server


@pytest.fixture(scope="module")
def shared(postgres: Server) -> Iterator[str]:
    """A database that both processes use, in which each test has banks of its own."""
    url = postgres.database()
    yield url
    postgres.give_back(url)


@pytest.fixture(scope="module")
def other(shared: str) -> Iterator[Worker]:
    """A worker in a process of its own."""
    with worker(shared) as begun:
        yield begun


@pytest.fixture
async def memory(shared: str) -> AsyncIterator[MemoryEngine]:
    """A worker in this process."""
    async with engine(shared, strategies=["semantic"], catch_up_seconds=60) as opened:
        yield opened


async def index_of(memory: MemoryEngine, bank: str) -> BankIndex:
    index = await memory.portal.run(memory._parts.indexes.get(bank))
    assert index is not None
    return index


async def assert_right(memory: MemoryEngine, bank: str) -> None:
    """Assert that the index that this process holds is that of what the store keeps now."""
    assert_same(await index_of(memory, bank), await memory.portal.run(fresh(memory._parts.store, bank)))


async def test_what_one_retains_the_other_recalls_at_once(memory: MemoryEngine, other: Worker) -> None:
    other.do("retain", "at once", "Ada keeps bees in Lyon.")
    assert await recalled(memory, "at once", "Who keeps bees?") == ["Ada keeps bees in Lyon."]

    await memory.retain("at once", "Grace keeps goats in Bern.")
    assert "Grace keeps goats in Bern." in other.do("recall", "at once", "Who keeps goats?")


async def test_an_index_is_extended_by_what_others_retain(memory: MemoryEngine, other: Worker) -> None:
    await memory.retain("extended", "Ada keeps bees.", wait=True)
    before = await index_of(memory, "extended")

    for number in range(5):
        other.do("retain", "extended", f"Visitor number {number} came.", wait=True)
        assert len(await recalled(memory, "extended", "Which visitor came?")) >= number + 1

    assert await index_of(memory, "extended") is before
    assert len(before) == 6
    await assert_right(memory, "extended")


async def test_what_one_forgets_the_other_finds_no_more(memory: MemoryEngine, other: Worker) -> None:
    for key, text in (("a", "Ada keeps bees."), ("b", "Grace keeps goats."), ("c", "Joan keeps hens.")):
        await memory.retain("forgotten", text, key=key, wait=True)
    assert len(await recalled(memory, "forgotten", "Who keeps what?")) == 3

    other.do("forget", "forgotten", key="b")

    assert "Grace keeps goats." not in await recalled(memory, "forgotten", "Who keeps goats?")
    await assert_right(memory, "forgotten")


async def test_what_one_replaces_the_other_finds_as_it_is_now(memory: MemoryEngine, other: Worker) -> None:
    await memory.retain("replaced", "Ada keeps bees.", key="a", wait=True)
    assert await recalled(memory, "replaced", "What does Ada keep?") == ["Ada keeps bees."]

    other.do("retain", "replaced", "Ada keeps hens.", key="a")

    assert await recalled(memory, "replaced", "What does Ada keep?") == ["Ada keeps hens."]
    await assert_right(memory, "replaced")


async def test_what_a_strategy_of_one_supersedes_is_over_for_the_other(memory: MemoryEngine, other: Worker) -> None:
    async def found() -> dict[str, bool]:
        hits = (await memory.recall("superseded", "Where does Ada live?", made=10)).hits
        return {hit.memory.text: hit.memory.superseded is None for hit in hits}

    other.do("retain", "superseded", "I live in Lyon.", actor="ada", session="s", wait=True)
    before = await found()
    other.do("retain", "superseded", "I moved. I live in Bern now.", actor="ada", session="s", wait=True)
    after = await found()

    assert before["I live in Lyon."]
    assert not after["I live in Lyon."]
    assert after["I moved. I live in Bern now."]
    await assert_right(memory, "superseded")


async def test_a_bank_that_one_deleted_and_made_anew_is_another_to_the_other(
    memory: MemoryEngine, other: Worker
) -> None:
    await memory.retain("anew", "Ada keeps bees.", wait=True)
    before = await index_of(memory, "anew")

    other.do("forget", "anew", everything=True)
    assert await recalled(memory, "anew", "Who keeps bees?") == []
    other.do("retain", "anew", "Grace keeps bees.", wait=True)

    assert await recalled(memory, "anew", "Who keeps bees?") == ["Grace keeps bees."]
    assert (await index_of(memory, "anew")).version.number != before.version.number
    await assert_right(memory, "anew")


async def test_nothing_is_missed_of_what_two_retain_at_the_same_time(memory: MemoryEngine, other: Worker) -> None:
    """Numbers are committed in their order, or an index that was read in between would lack those of the slower one."""
    texts = [f"Theirs is number {number}." for number in range(20)]
    other.begin("retain each", "both", texts)
    for number in range(20):
        await memory.retain("both", f"Ours is number {number}.", key=f"ours-{number}")
        if number % 5 == 0:
            await memory.recall("both", f"Which is number {number}?")
    assert await asyncio.to_thread(other.told) == 20
    await memory.flush("both")

    index = await index_of(memory, "both")

    assert len(index) == 40
    await assert_right(memory, "both")
    assert "Ours is number 19." in other.do("recall", "both", "Ours is number 19.")


async def test_many_banks_are_right_within_a_small_bound(shared: str, other: Worker) -> None:
    banks = [f"many:{number}" for number in range(24)]
    bound = 20_000
    held = []
    async with engine(shared, index_bytes=bound, catch_up_seconds=60) as memory:
        for number, bank in enumerate(banks):
            await memory.retain(bank, f"The number of this bank is {number}.")
        other.do("retain", banks[7], "The number of this bank is somebody's favourite.")
        for _ in range(2):
            for number, bank in enumerate(banks):
                found = await recalled(memory, bank, "What is the number of this bank?")
                held.append(memory._parts.indexes.nbytes)
                assert f"The number of this bank is {number}." in found
                assert len(found) == (2 if number == 7 else 1)
        assert 1 < len(memory._parts.indexes) < len(banks)

    assert max(held) <= bound


async def test_a_large_bank_lies_in_a_file_of_its_worker_and_follows_the_others(
    memory: MemoryEngine, other: Worker, tmp_path: Path
) -> None:
    await memory.retain("large", [Item(content=f"Visitor number {number} came.") for number in range(10)], wait=True)
    cache = IndexCache(memory._parts.store, segments=PrivateSegments(tmp_path), large=5)

    async def got() -> BankIndex:
        await cache.get("large")
        await cache.quiet()
        index = await cache.get("large")
        assert index is not None
        assert list(index.ids) == list((await fresh(memory._parts.store, "large")).ids)
        return index

    first = await memory.portal.run(got())
    lengths = [len(first)]
    other.do("retain", "large", "A last visitor came.", wait=True)
    lengths.append(len(await memory.portal.run(got())))
    other.do("forget", "large", everything=True)
    gone = await memory.portal.run(cache.get("large"))
    await memory.portal.run(cache.aclose())

    assert (first.is_mapped, lengths) == (True, [10, 11])
    assert gone is None
    assert files_in(tmp_path) == []


def files_in(directory: Path) -> list[Path]:
    return list(directory.glob("*/*"))
