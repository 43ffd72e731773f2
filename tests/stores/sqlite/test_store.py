import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from duramen.errors import ClosedError
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Selection
from tests.contracts.journal import JournalContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.store import StoreContract
from tests.stores.examples import BANK, EMBEDDER, contents, event, events, indexed, kept, memory, texts
from tests.stores.files import commits, files_with

SENTINEL = "the forgotten sentinel sentence"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "memory", durability="process")
    await store.open()
    yield store
    await store.aclose()


class TestSQLiteStore(StoreContract):
    """Keeps what the contract asks."""


class TestSQLiteJournal(JournalContract):
    """Keeps what the contract asks."""


class TestSQLiteLedger(LedgerContract):
    """Keeps what the contract asks."""


class TestSyncedSQLiteJournal(JournalContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SQLiteStore]:
        store = SQLiteStore(tmp_path / "memory")
        await store.open()
        yield store
        await store.aclose()


async def test_a_store_that_was_not_opened_says_so(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)

    with pytest.raises(ClosedError, match=r"open\(\)"):
        await store.version(BANK)
    await store.aclose()


async def test_the_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    store = SQLiteStore(str(tmp_path / "a" / "b c ? # %41" / "\u00e9"))

    await store.open()

    await kept(store, [event()])
    await store.aclose()
    assert [path.name for path in (tmp_path / "a" / "b c ? # %41" / "\u00e9").iterdir()] == ["duramen.db"]


@pytest.mark.skipif(os.name != "posix", reason="modes say nothing here")
async def test_a_directory_that_is_made_is_its_owners_alone_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path,
) -> None:
    made, there = tmp_path / "made", tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)

    for directory in (made, there):
        store = SQLiteStore(directory)
        await store.open()
        await store.aclose()

    assert [one.stat().st_mode & 0o777 for one in (made, there)] == [0o700, 0o755]


async def test_two_stores_on_one_directory_see_each_others_writes(store: SQLiteStore, tmp_path: Path) -> None:
    async with _second(tmp_path) as other:
        await kept(store, [event("a")])
        await kept(other, [event("b")])

        assert await texts(store) == await texts(other) == ["Ada moved to Lisbon."] * 2
        assert await store.version(BANK) == await other.version(BANK)
        await other.forget(BANK, Selection())
        assert await store.version(BANK) is None


async def test_a_job_that_fails_leaves_its_neighbours_in_the_group_alone(store: SQLiteStore) -> None:
    await store.append(BANK, events(3))
    one, two, three = await store.lease(limit=3, seconds=60)
    await store.put([one], [indexed(one.event)], embedder=EMBEDDER)

    results = await asyncio.gather(
        store.append(BANK, [event("before")]),
        store.put([two], [indexed(two.event)], embedder="another"),
        store.put([three], [indexed(three.event)], embedder=EMBEDDER),
        return_exceptions=True,
    )

    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    assert await texts(store) == ["Entry 0 of e.", "Entry 2 of e."]
    assert "Ada moved to Lisbon." in await contents(store)


async def test_a_caller_that_gave_up_does_not_hold_up_the_others(store: SQLiteStore) -> None:
    tasks = [asyncio.create_task(store.append(BANK, [event(f"e{n}")])) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()

    await asyncio.gather(*tasks, return_exceptions=True)

    page = await store.events(BANK, Selection(), cursor=None, limit=100)
    assert {f"e{n}" for n in range(1, 20, 2)} <= {one.id for one in page.items}


def test_several_event_loops_may_use_one_store(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, durability="process")
    asyncio.run(store.open())

    async def work(name: str) -> None:
        for one in events(20, name):
            await store.append(BANK, [one])
            await store.version(BANK)
            await store.get(BANK, [1])

    threads = [threading.Thread(target=lambda name=name: asyncio.run(work(name))) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(asyncio.run(contents(store))) == 80
    asyncio.run(store.aclose())


async def test_writes_under_way_are_kept_when_the_store_closes(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    tasks = [asyncio.create_task(store.append(BANK, [event(f"e{n}")])) for n in range(50)]
    await asyncio.sleep(0)

    await store.aclose()

    await asyncio.gather(*tasks)
    await store.open()
    assert len(await contents(store)) == 50
    await store.aclose()


@pytest.mark.parametrize("count", [1, 300])
async def test_forgotten_text_is_in_none_of_the_files(store: SQLiteStore, tmp_path: Path, count: int) -> None:
    secret = [event(f"s{n}", f"{n} {SENTINEL} {n} " + "x" * (n * 37), session="secret") for n in range(count)]
    kept_on = events(count)
    await kept(store, [one for pair in zip(secret, kept_on, strict=True) for one in pair])
    before = files_with(tmp_path, SENTINEL)

    await store.forget(BANK, Selection(session="secret"))
    await store.aclose()

    assert before
    assert files_with(tmp_path, SENTINEL) == []


async def test_forgotten_token_codes_are_in_none_of_the_files(store: SQLiteStore, tmp_path: Path) -> None:
    await store.append(BANK, events(2))
    made = [replace(indexed(one), late=f"{one.id} {SENTINEL}".encode() * 40) for one in events(2)]
    await store.put(await store.lease(limit=2, seconds=60), made, embedder=EMBEDDER)

    await store.forget(BANK, Selection(key="key-e0000"))

    assert files_with(tmp_path, f"e0000 {SENTINEL}") == []
    assert files_with(tmp_path, f"e0001 {SENTINEL}") != []


async def test_forgotten_text_is_overwritten_before_the_store_closes(store: SQLiteStore, tmp_path: Path) -> None:
    await kept(store, [event(content=SENTINEL), event("other")])

    await store.forget(BANK, Selection(key="key-e1"))

    assert files_with(tmp_path, SENTINEL) == []
    assert await contents(store) == ["Ada moved to Lisbon."]


async def test_a_file_left_by_a_process_that_died_after_forgetting_is_written_anew_by_the_next(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await kept(store, events(300, session="secret"))
    await store.forget(BANK, Selection(session="secret"))
    left = _copy(tmp_path / "memory", tmp_path / "after a kill")
    before = _pragma(left, "freelist_count")

    await _open_and_close(left)

    assert before > 0
    assert _pragma(left, "freelist_count") == 0


async def test_a_file_is_not_written_anew_when_nothing_was_forgotten(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, durability="process")
    await store.open()
    await kept(store, events(300))
    await store.requeue(BANK)
    await store.forget(BANK, Selection(key="unknown"))

    await store.aclose()

    assert _pragma(tmp_path, "freelist_count") > 0


async def test_appends_that_wait_together_are_committed_together(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    before = commits(tmp_path)

    await asyncio.gather(*(store.append(BANK, [one]) for one in events(100)))

    assert 0 < commits(tmp_path) - before < 50
    assert len(await contents(store)) == 100
    await store.aclose()


async def test_an_idle_worker_writes_nothing(store: SQLiteStore, tmp_path: Path) -> None:
    await kept(store, events(3))
    before = commits(tmp_path / "memory")

    await store.lease(limit=10, seconds=60)
    await store.backlog()

    assert commits(tmp_path / "memory") == before


async def test_text_cut_out_of_an_event_is_in_none_of_the_files(store: SQLiteStore, tmp_path: Path) -> None:
    source = event(content=f"I like tea. {SENTINEL}. " + "Much more. " * 2000)
    await store.append(BANK, [source])
    leases = await store.lease(limit=1, seconds=60)
    made = [indexed(source, text=SENTINEL), indexed(source, position=1)]
    await store.put(leases, made, embedder=EMBEDDER)

    await store.forget(BANK, Selection(memory="m-e1-0"))
    await store.forget(BANK, Selection(memory="m-e1-1"))

    await store.aclose()
    assert files_with(tmp_path, SENTINEL) == []


async def test_memories_agree_with_the_counters_of_their_bank(store: SQLiteStore) -> None:
    await kept(store, events(10))
    await kept(store, [event("e0003", "changed"), event("new")])
    await store.forget(BANK, Selection(memory="m-e0005-0"))

    version = await store.version(BANK)

    assert version is not None
    assert version.last - version.removals == len(await store.numbers(BANK)) == 10


async def test_vectors_read_are_the_ones_written_bit_by_bit(store: SQLiteStore) -> None:
    given = [indexed(one) for one in events(50)]
    await store.append(BANK, events(50))
    await store.put(await store.lease(limit=50, seconds=60), given, embedder=EMBEDDER)

    rows = await store.rows(BANK)

    assert [row.vector.tobytes() for row in rows] == [one.vector.tobytes() for one in given]
    assert [row.id for row in rows] == [memory(one).id for one in events(50)]


async def _open_and_close(directory: Path) -> None:
    store = SQLiteStore(directory)
    await store.open()
    await store.aclose()


def _pragma(directory: Path, name: str) -> int:
    with closing(sqlite3.connect(directory / "duramen.db")) as connection:
        ((value,),) = connection.execute(f"PRAGMA {name}").fetchall()
    return int(value)


def _copy(directory: Path, to: Path) -> Path:
    """Copy the files as a process killed now would leave them."""
    return Path(shutil.copytree(directory, to))


class _second:  # noqa: N801  used like a function
    """Opens another store on the directory of the fixture."""

    def __init__(self, tmp_path: Path) -> None:
        self._store = SQLiteStore(tmp_path / "memory", durability="process")

    async def __aenter__(self) -> SQLiteStore:
        await self._store.open()
        return self._store

    async def __aexit__(self, *_: object) -> None:
        await self._store.aclose()
