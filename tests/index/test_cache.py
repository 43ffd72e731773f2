import asyncio
import copy
from collections.abc import AsyncIterator

import pytest

from duramen.errors import ClosedError
from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.types import Selection
from tests.index.busy import BusyStore
from tests.index.same import assert_same, fresh
from tests.index.writing import BANK, remember, work


@pytest.fixture
async def store() -> AsyncIterator[BusyStore]:
    store = BusyStore()
    await store.open()
    yield store
    await store.aclose()


@pytest.fixture
def cache(store: BusyStore) -> IndexCache:
    return IndexCache(store)


async def got(cache: IndexCache, bank: str = BANK) -> BankIndex:
    index = await cache.get(bank)
    assert index is not None
    return index


async def test_an_unknown_bank_has_no_index(cache: IndexCache) -> None:
    assert await cache.get("nobody") is None
    assert len(cache) == 0


async def test_an_index_shows_what_is_in_the_bank(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada lives in Lisbon", "She likes tea"], session="monday")

    index = await got(cache)

    assert list(index.ids) == ["a/0", "a/1"]
    assert index.version == await store.version(BANK)
    assert_same(index, await fresh(store))


async def test_a_bank_without_memories_has_an_empty_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    await store.forget(BANK, Selection(key="a"))

    assert len(await got(cache)) == 0


async def test_an_unchanged_bank_is_not_read_again(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    first = await got(cache)

    second = await got(cache)

    assert second is first
    assert store.reads == ["rows"]


async def test_new_memories_extend_the_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    first = await got(cache)
    await remember(store, "b", ["Grace"])

    second = await got(cache)

    assert second is first
    assert list(second.ids) == ["a/0", "b/0"]
    assert store.reads == ["rows", "rows"]
    assert_same(second, await fresh(store))


async def test_forgotten_memories_leave_the_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    await remember(store, "b", ["Grace"])
    await got(cache)
    await store.forget(BANK, Selection(key="a"))

    second = await got(cache)

    assert list(second.ids) == ["b/0"]
    assert store.reads == ["rows", "numbers"]
    assert_same(second, await fresh(store))


async def test_a_replaced_event_is_there_once(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada lives in Lisbon", "Ada"])
    await got(cache)
    await remember(store, "a", ["Ada lives in Porto"])

    index = await got(cache)

    assert list(index.ids) == ["a/0"]
    assert_same(index, await fresh(store))


async def test_a_deleted_bank_is_dropped(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    await got(cache)
    await store.forget(BANK, Selection())

    assert await cache.get(BANK) is None
    assert (len(cache), cache.nbytes) == (0, 0)


async def test_a_bank_made_anew_has_a_new_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    first = await got(cache)
    await store.forget(BANK, Selection())
    await remember(store, "b", ["Grace"])

    second = await got(cache)

    assert second is not first
    assert list(second.ids) == ["b/0"]


async def test_another_embedder_makes_a_new_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    await got(cache)

    await store.requeue(BANK)
    empty = await got(cache)
    assert (len(empty), empty.vectors.dimensions) == (0, 0)

    await work(store, dimensions=5)
    index = await got(cache)
    assert index.vectors.dimensions == 5
    assert_same(index, await fresh(store))


async def test_a_store_restored_from_a_backup_makes_a_new_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    backup = copy.deepcopy(store._banks)
    await remember(store, "b", ["Grace"])
    await got(cache)
    store._banks = backup

    index = await got(cache)

    assert list(index.ids) == ["a/0"]


async def test_an_index_that_lost_a_row_is_built_anew(store: BusyStore, cache: IndexCache) -> None:
    for key in "abc":
        await remember(store, key, ["Ada"])
    index = await got(cache)
    cache._indexes[BANK] = index.kept(index.numbers.tolist()[1:], index.version)
    await store.forget(BANK, Selection(key="c"))

    assert list((await got(cache)).ids) == ["a/0", "b/0"]


async def test_calls_at_the_same_time_share_one_build(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    store.before_rows.append(lambda: asyncio.sleep(0.01))

    indexes = await asyncio.gather(*(cache.get(BANK) for _ in range(5)))

    assert len({id(index) for index in indexes}) == 1
    assert store.reads == ["rows"]


async def test_a_call_given_up_does_not_hinder_the_next(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    store.before_rows.append(lambda: asyncio.sleep(60))

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(cache.get(BANK), timeout=0.01)

    assert list((await got(cache)).ids) == ["a/0"]


@pytest.mark.parametrize("known", [0, 1])
async def test_a_large_bank_leaves_the_loop_free_while_it_is_built(
    store: BusyStore, cache: IndexCache, known: int
) -> None:
    for key in range(known):
        await remember(store, f"known {key}", ["Ada"])
        await got(cache)
    await remember(store, "a", [f"Text {number}" for number in range(2100)])
    others_ran = asyncio.Event()
    asyncio.get_running_loop().call_soon(others_ran.set)

    index = await got(cache)

    assert others_ran.is_set()
    assert len(index) == known + 2100
    assert index.version == await store.version(BANK)


async def test_rows_put_between_the_reads_are_there_once(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    store.before_rows.append(lambda: remember(store, "b", ["Grace"]))

    assert list((await got(cache)).ids) == ["a/0", "b/0"]

    await remember(store, "c", ["Alan"])
    store.before_rows.append(lambda: remember(store, "d", ["Joan"]))
    assert list((await got(cache)).ids) == ["a/0", "b/0", "c/0", "d/0"]
    assert_same(await got(cache), await fresh(store))


async def test_rows_forgotten_between_the_reads_are_gone_at_the_next_call(store: BusyStore, cache: IndexCache) -> None:
    for key in "abc":
        await remember(store, key, ["Ada"])
    await got(cache)
    await remember(store, "d", ["Grace"])
    store.before_rows.append(lambda: store.forget(BANK, Selection(key="b")))

    await got(cache)

    assert list((await got(cache)).ids) == ["a/0", "c/0", "d/0"]
    assert_same(await got(cache), await fresh(store))


async def test_rows_put_before_the_numbers_are_read_are_not_taken_for_known(
    store: BusyStore, cache: IndexCache
) -> None:
    for key in "abc":
        await remember(store, key, ["Ada"])
    await got(cache)
    await store.forget(BANK, Selection(key="b"))
    store.before_numbers.append(lambda: remember(store, "d", ["Grace"]))

    second = await got(cache)

    assert list(second.ids) == ["a/0", "c/0"]
    assert list((await got(cache)).ids) == ["a/0", "c/0", "d/0"]


@pytest.mark.parametrize("known", [False, True])
async def test_a_bank_made_anew_between_the_reads_does_not_mix_with_the_old(
    store: BusyStore, cache: IndexCache, known: bool
) -> None:
    async def anew() -> None:
        await store.forget(BANK, Selection())
        await remember(store, "new", ["Grace", "Alan", "Joan"])
        await store.requeue(BANK)
        await work(store, dimensions=5)

    await remember(store, "old", ["Ada"])
    if known:
        await got(cache)
        await remember(store, "old 2", ["Ada"])
    store.before_rows.append(anew)

    index = await got(cache)

    assert list(index.ids) == ["new/0", "new/1", "new/2"]
    assert_same(index, await fresh(store))


async def test_a_bank_deleted_between_the_reads_is_no_bank(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    store.before_rows.append(lambda: store.forget(BANK, Selection()))

    assert await cache.get(BANK) is None


async def test_a_store_that_cannot_be_read_costs_no_index(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    first = await got(cache)

    await store.aclose()
    with pytest.raises(ClosedError):
        await cache.get(BANK)

    await store.open()
    assert await got(cache) is first


async def test_a_dropped_index_is_built_anew(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    first = await got(cache)

    cache.drop(BANK)
    cache.drop("nobody")

    assert (len(cache), cache.nbytes) == (0, 0)
    assert await got(cache) is not first


async def test_bytes_follow_the_indexes(store: BusyStore, cache: IndexCache) -> None:
    await remember(store, "a", ["Ada"])
    await remember(store, "b", ["Ada"], bank="other")

    first, second = await got(cache), await got(cache, "other")
    assert cache.nbytes == first.nbytes + second.nbytes

    await remember(store, "c", ["Grace"] * 50)
    await got(cache)
    assert cache.nbytes == first.nbytes + second.nbytes


async def test_the_least_recently_used_index_leaves_first(store: BusyStore) -> None:
    for bank in ("one", "two", "three"):
        await remember(store, "a", ["Ada"], bank=bank)
    size = (await fresh(store, "one")).nbytes
    cache = IndexCache(store, max_bytes=2 * size)

    one, two = await got(cache, "one"), await got(cache, "two")
    await got(cache, "one")
    await got(cache, "three")

    assert len(cache) == 2
    assert await got(cache, "one") is one
    assert await got(cache, "two") is not two


async def test_the_index_asked_for_stays_even_if_it_is_too_large(store: BusyStore) -> None:
    await remember(store, "a", ["Ada"])
    await remember(store, "a", ["Ada"], bank="other")
    cache = IndexCache(store, max_bytes=0)

    await got(cache)
    other = await got(cache, "other")

    assert len(cache) == 1
    assert await got(cache, "other") is other
