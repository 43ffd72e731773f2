import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from duramen.errors import StoreUnavailableError
from duramen.shelf import Put, Remove
from duramen.stores.placing import SWEPT
from duramen.stores.sqlite import SQLiteStore
from tests.contracts.shelf import AT, Clock, ShelfContract, put, scan


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path, durability="process", clock=clock)
    await store.open()
    yield store
    await store.aclose()


class TestSQLiteShelf(ShelfContract):
    """Keeps what the contract asks."""


async def test_two_stores_on_one_directory_share_the_shelf(store: SQLiteStore, tmp_path: Path, clock: Clock) -> None:
    other = SQLiteStore(tmp_path, durability="process", clock=clock)
    await other.open()

    await asyncio.gather(
        *(
            one.shelf.write([Put(path=AT, key=f"{name}{n}", value=b"")])
            for n in range(50)
            for name, one in _two(store, other)
        )
    )

    assert len(await scan(store, AT)) == 100
    assert await scan(store, AT) == await scan(other, AT)
    await other.aclose()


async def test_only_one_of_two_stores_puts_what_is_not_there(store: SQLiteStore, tmp_path: Path, clock: Clock) -> None:
    other = SQLiteStore(tmp_path, durability="process", clock=clock)
    await other.open()

    await asyncio.gather(
        *(
            one.shelf.write(
                [Put(path=AT, key=str(n), value=name.encode(), keep=True), Put(path=(name,), key=str(n), value=b"")]
            )
            for n in range(30)
            for name, one in _two(store, other)
        )
    )

    assert len(await scan(store, AT)) == 30
    assert await store.shelf.scan(AT) == await other.shelf.scan(AT)
    await other.aclose()


async def test_what_was_written_is_there_for_the_next_process(tmp_path: Path) -> None:
    for n in range(2):
        store = SQLiteStore(tmp_path)
        await store.open()
        await put(store, (AT, str(n)))
        await store.aclose()

    store = SQLiteStore(tmp_path)
    await store.open()
    assert await scan(store, AT) == [(AT, "0"), (AT, "1")]
    await store.aclose()


async def test_writes_delete_what_expired(store: SQLiteStore, tmp_path: Path, clock: Clock) -> None:
    count = 3 * SWEPT
    await store.shelf.write([Put(path=AT, key=str(n), value=b"", lifetime=1) for n in range(count)])
    clock.move(1)

    await put(store, (("elsewhere",), "k"))
    left = _rows(tmp_path)
    for _ in range(3):
        await put(store, (("elsewhere",), "k"))

    assert left == count - SWEPT - 1 + 1
    assert _rows(tmp_path) == 1


async def test_the_file_does_not_grow_by_what_expires(store: SQLiteStore, tmp_path: Path, clock: Clock) -> None:
    sizes = []
    for round in range(20):
        await store.shelf.write([Put(path=AT, key=f"{round}-{n}", value=bytes(5000), lifetime=1) for n in range(40)])
        clock.move(2)
        sizes.append(_pages(tmp_path))

    assert sizes[-1] <= 2 * sizes[1]


async def test_no_file_holds_what_was_removed(store: SQLiteStore, tmp_path: Path) -> None:
    await store.shelf.write([Put(path=("Zanzibarine", str(n)), key="k", value=b"Zanzibarine" * 400) for n in range(9)])
    await put(store, (AT, "stays"))

    await store.shelf.write([Remove(path=("Zanzibarine",), below=True)])

    await store.aclose()
    text = _bytes(tmp_path)
    assert b"Zanzibarine" not in text
    assert b"stays" in text


async def test_getting_several_is_one_snapshot(store: SQLiteStore, tmp_path: Path, clock: Clock) -> None:
    other = SQLiteStore(tmp_path, durability="process", clock=clock)
    await other.open()
    places = [(AT, str(n)) for n in range(20)]

    async def rewrite() -> None:
        for n in range(60):
            await other.shelf.write([Put(path=path, key=key, value=bytes([n])) for path, key in places])

    writing = asyncio.create_task(rewrite())
    seen = set()
    while not writing.done():
        found = await store.shelf.get(places)
        seen.add(len({entry and entry.value for entry in found}))

    assert seen == {1}
    await other.aclose()


async def test_a_file_that_another_holds_is_unavailable_and_nothing_is_written(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, busy_seconds=0.02)
    await store.open()
    await put(store, (AT, "before"))
    with closing(sqlite3.connect(tmp_path / "duramen.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailableError):
            await put(store, (AT, "meanwhile"))

    assert await scan(store, AT) == [(AT, "before")]
    await store.aclose()


def _two(*stores: SQLiteStore) -> list[tuple[str, SQLiteStore]]:
    return list(zip(("ours", "theirs"), stores, strict=True))


def _rows(directory: Path) -> int:
    return _asked(directory, "SELECT count(*) FROM shelf")


def _pages(directory: Path) -> int:
    return _asked(directory, "PRAGMA page_count")


def _asked(directory: Path, query: str) -> int:
    with closing(sqlite3.connect(directory / "duramen.db")) as connection:
        ((value,),) = connection.execute(query).fetchall()
    return int(value)


def _bytes(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir())
