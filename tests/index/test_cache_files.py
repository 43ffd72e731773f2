from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Selection
from tests.index.busy import BusyStore
from tests.index.same import assert_same, fresh
from tests.index.writing import BANK, remember


@pytest.fixture
async def store() -> AsyncIterator[BusyStore]:
    store = BusyStore()
    await store.open()
    yield store
    await store.aclose()


async def got(cache: IndexCache, bank: str = BANK) -> BankIndex:
    index = await cache.get(bank)
    assert index is not None
    return index


LARGE = 3


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


@pytest.fixture
async def keeper(store: BusyStore, directory: Path) -> AsyncIterator[IndexCache]:
    cache = IndexCache(store, segments=directory, large=LARGE)
    yield cache
    await cache.aclose()


def files_in(directory: Path) -> list[Path]:
    return list(directory.iterdir()) if directory.exists() else []


async def written(cache: IndexCache, bank: str = BANK) -> BankIndex:
    """Return the index once it lies in a file."""
    await got(cache, bank)
    await cache.quiet()
    return await got(cache, bank)


async def test_a_large_bank_gets_a_file_and_is_used_from_there(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"], session="monday")

    index = await written(keeper)

    assert [path.suffix for path in files_in(directory)] == [".segment"]
    assert index.is_mapped
    assert keeper.nbytes == index.nbytes
    assert_same(index, await fresh(store))


async def test_a_small_bank_gets_no_file(store: BusyStore, keeper: IndexCache, directory: Path) -> None:
    await remember(store, "a", ["Ada", "Grace"])

    index = await written(keeper)

    assert files_in(directory) == []
    assert index.vectors.is_exact


async def test_the_next_process_reads_only_what_came_after_the_file(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await written(keeper)
    await remember(store, "b", ["Hedy"])
    store.reads.clear()

    index = await got(IndexCache(store, segments=directory, large=LARGE))

    assert (index.is_mapped, index.dense, len(index)) == (True, 4, 5)
    assert store.reads == ["rows"]
    assert_same(index, await fresh(store))


async def test_a_file_is_written_anew_when_much_was_added(store: BusyStore, keeper: IndexCache) -> None:
    await remember(store, "a", ["Ada"] * 8)
    assert (await written(keeper)).dense == 8

    await remember(store, "b", ["Grace"] * 2)
    assert (await written(keeper)).dense == 8

    await remember(store, "c", ["Grace"])
    assert (await written(keeper)).dense == 11
    assert_same(await got(keeper), await fresh(store))


async def test_forgetting_deletes_the_file_before_it_returns(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await remember(store, "b", ["Hedy"])
    await written(keeper)

    async with keeper.forgetting(BANK):
        await store.forget(BANK, Selection(key="b"))

    assert files_in(directory) == []
    assert list((await got(keeper)).ids) == ["a/0", "a/1", "a/2", "a/3"]


async def test_forgetting_nothing_leaves_the_file(store: BusyStore, keeper: IndexCache, directory: Path) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await written(keeper)

    async with keeper.forgetting(BANK):
        await store.forget(BANK, Selection(key="unknown"))
    async with keeper.forgetting("nobody"):
        await store.forget("nobody", Selection())

    assert len(files_in(directory)) == 1


async def test_forgetting_a_bank_deletes_its_file_and_lets_go_of_its_index(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await written(keeper)

    async with keeper.forgetting(BANK):
        await store.forget(BANK, Selection())

    assert (files_in(directory), len(keeper)) == ([], 0)


async def test_a_file_of_what_another_process_forgot_is_deleted_when_the_bank_is_asked_for(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await remember(store, "b", ["Hedy"])
    await written(keeper)
    await store.forget(BANK, Selection(key="b"))

    other = IndexCache(store, segments=directory, large=LARGE)
    index = await got(other)

    assert not index.is_mapped
    assert_same(await written(other), await fresh(store))
    assert b"Hedy".lower() not in b"".join(path.read_bytes() for path in files_in(directory))


async def test_files_of_banks_that_are_gone_are_deleted_whatever_is_asked_for(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await written(keeper)
    await store.forget(BANK, Selection())

    other = IndexCache(store, segments=directory, large=LARGE)
    await other.get("another bank")
    await other.quiet()

    assert files_in(directory) == []


async def test_what_is_forgotten_while_the_file_is_written_is_in_no_file(
    store: BusyStore, keeper: IndexCache, directory: Path
) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    await remember(store, "b", ["Hedy"])
    await got(keeper)

    async with keeper.forgetting(BANK):
        await store.forget(BANK, Selection(key="b"))
    await keeper.quiet()

    assert files_in(directory) == []


async def test_a_cache_that_is_closed_writes_no_more_files(store: BusyStore, directory: Path) -> None:
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])
    cache = IndexCache(store, segments=directory, large=LARGE)

    await cache.aclose()
    index = await written(cache)

    assert len(index) == 4
    assert files_in(directory) == []


async def test_a_directory_that_cannot_be_written_costs_no_answer(store: BusyStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = IndexCache(store, segments=tmp_path / "file" / "indexes", large=LARGE)
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"])

    assert_same(await written(cache), await fresh(store))
    await remember(store, "b", ["Hedy"] * 4)
    index = await written(cache)

    assert (len(index), index.dense, index.is_mapped) == (8, 8, False)
    assert_same(index, await fresh(store))


async def test_without_a_directory_a_large_bank_is_coded_in_memory(store: BusyStore) -> None:
    cache = IndexCache(store, large=LARGE)
    await remember(store, "a", ["Ada", "Grace"])
    assert (await written(cache)).vectors.is_exact

    await remember(store, "b", ["Alan", "Joan"])

    index = await written(cache)
    assert not index.vectors.is_exact
    assert_same(index, await fresh(store))


async def test_names_that_were_forgotten_are_in_none_of_the_files(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    cache = IndexCache(store, segments=tmp_path / "indexes", large=LARGE)
    await remember(store, "a", ["Ada", "Grace", "Alan", "Joan"], session="monday")
    await remember(store, "b", ["Hedylamarr met Ada"], session="hedylamarr")
    await written(cache)
    before = files_with(tmp_path, "hedylamarr")

    async with cache.forgetting(BANK):
        await store.forget(BANK, Selection(key="b"))
    at_once = files_with(tmp_path / "indexes", "hedylamarr")
    index = await written(cache)
    await cache.aclose()
    await store.aclose()

    assert "1.segment" in before
    assert at_once == files_with(tmp_path, "hedylamarr") == []
    assert index.is_mapped
    assert "1.segment" in files_with(tmp_path, "monday")


def files_with(directory: Path, text: str) -> list[str]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return [path.name for path in files if text.encode() in path.read_bytes().lower()]
