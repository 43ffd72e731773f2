"""What the outside world does to a store: other processes, forks, kills, full disks, damage."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from duramen.errors import StoreCorruptError, StoreUnavailableError
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Selection
from tests.contracts.shelf import AT
from tests.stores.examples import BANK, contents, event, events, ids, kept, texts

ROOT = Path(__file__).parents[3]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "small"
    directory.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(directory)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk; the limit on the size of files is tested instead")
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


async def test_processes_writing_and_reading_at_once_keep_every_event_once(tmp_path: Path) -> None:
    processes = [
        await _start("write", tmp_path, "a", "200"),
        await _start("write", tmp_path, "b", "200"),
        await _start("read", tmp_path, "400"),
        await _start("read", tmp_path, "400"),
    ]

    endings = await asyncio.gather(*(process.communicate() for process in processes))

    assert [(process.returncode, errors) for process, (_, errors) in zip(processes, endings, strict=True)] == [
        (0, b"")
    ] * 4
    async with _Opened(tmp_path) as store:
        page = await store.events(BANK, Selection(), cursor=None, limit=1000)
        assert sorted(ids(page.items)) == sorted(ids([*events(200, "a"), *events(200, "b")]))


async def test_processes_counting_on_the_shelf_at_once_miss_nothing(tmp_path: Path) -> None:
    processes = [await _start("count", tmp_path, "100") for _ in range(2)]

    endings = await asyncio.gather(*(process.communicate() for process in processes))

    assert [errors for _, errors in endings] == [b"", b""]
    async with _Opened(tmp_path) as store:
        (entry,) = await store.shelf.get([(AT, "count")])
        assert entry is not None
        assert entry.value == b"200"


async def test_processes_working_the_same_journal_make_each_memory_once(tmp_path: Path) -> None:
    async with _Opened(tmp_path) as store:
        for one in events(100):
            await store.append(BANK, [one])
        processes = [await _start("work", tmp_path, "100") for _ in range(2)]

        endings = await asyncio.gather(*(process.communicate() for process in processes))

        assert [errors for _, errors in endings] == [b"", b""]
        assert sorted(await texts(store)) == sorted(one.content for one in events(100))
        version = await store.version(BANK)
        assert version is not None
        assert (version.last, version.removals) == (100, 0)


async def test_what_a_killed_process_acknowledged_is_there_once(tmp_path: Path) -> None:
    process = await _start("append_until_killed", tmp_path)
    assert process.stdout is not None
    acknowledged = [(await process.stdout.readline()).decode().strip() for _ in range(30)]
    process.kill()
    rest, _ = await process.communicate()
    acknowledged += rest.decode().split()

    async with _Opened(tmp_path) as store:
        page = await store.events(BANK, Selection(), cursor=None, limit=100_000)

    found = ids(page.items)
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found)) <= len(acknowledged) + 1


def test_a_limit_on_the_size_of_files_is_reported_and_survived(tmp_path: Path) -> None:
    acknowledged, readable, kept_after, forgotten, reason = _run("fill", tmp_path, str(2**20)).split("|")

    assert 1 < int(acknowledged) < 20_000
    assert readable == acknowledged
    assert kept_after == forgotten == str(int(acknowledged) + 1)
    assert "duramen.db cannot be used" in reason


def test_a_full_disk_is_reported_and_survived(small_disk: Path) -> None:
    acknowledged, readable, kept_after, forgotten, reason = _run("fill", small_disk, "0").split("|")

    assert 1 < int(acknowledged) < 20_000
    assert readable == acknowledged
    assert kept_after == forgotten == str(int(acknowledged) + 1)
    assert "Free some space" in reason


def test_a_store_from_before_a_fork_says_so_in_the_child_and_works_in_the_parent(tmp_path: Path) -> None:
    in_child, in_parent = _run("fork", tmp_path).splitlines()

    assert in_child == "fork fork fork fork fork"
    assert in_parent == "2"


async def test_a_store_locked_for_too_long_is_unavailable_until_it_is_free(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, busy_seconds=0.05)
    await store.open()
    with closing(sqlite3.connect(tmp_path / "duramen.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailableError, match="busy_seconds") as caught:
            await store.append(BANK, [event()])

        assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
        assert await store.version(BANK) is None
    await kept(store, [event()])
    assert await texts(store) == ["Ada moved to Lisbon."]
    await store.aclose()


async def test_a_writer_waits_for_another_process_that_is_writing(tmp_path: Path) -> None:
    async with _Opened(tmp_path) as store:
        with closing(sqlite3.connect(tmp_path / "duramen.db", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(store.append(BANK, [event()]))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            holder.execute("COMMIT")

        await waiting

        assert await contents(store) == ["Ada moved to Lisbon."]


async def test_an_address_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    for address in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreUnavailableError, match="give a directory"):
            await SQLiteStore(address).open()

    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_that_may_not_be_written_is_unavailable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    reason = _run("open_without_permission", tmp_path / "memory")

    tmp_path.chmod(0o700)
    assert "Give this process the permission to write there" in reason


async def test_damage_that_shows_later_is_named(tmp_path: Path) -> None:
    async with _Opened(tmp_path) as store:
        await kept(store, [event(f"e{n}", "x" * 3000) for n in range(200)])
    path = tmp_path / "duramen.db"
    content = path.read_bytes()
    path.write_bytes(content[: 4096 * 40] + b"\xff" * (len(content) - 4096 * 40))

    async with _Opened(tmp_path) as store:
        with pytest.raises(StoreCorruptError, match="malformed") as caught:
            await contents(store)

    assert caught.value.path == path
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


async def test_a_store_whose_tables_were_taken_away_is_corrupt(tmp_path: Path) -> None:
    async with _Opened(tmp_path) as store:
        with closing(sqlite3.connect(tmp_path / "duramen.db")) as vandal:
            vandal.execute("DROP TABLE vectors")
            vandal.commit()

        with pytest.raises(StoreCorruptError, match="no such table"):
            await store.rows(BANK)


class _Opened:
    """Opens a store on a directory, and closes it."""

    def __init__(self, directory: Path) -> None:
        self._store = SQLiteStore(directory, durability="process")

    async def __aenter__(self) -> SQLiteStore:
        await self._store.open()
        return self._store

    async def __aexit__(self, *_: object) -> None:
        await self._store.aclose()


def _command(role: str, directory: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.stores.sqlite.worker_process", role, str(directory), *arguments]


def _run(role: str, directory: Path, *arguments: str) -> str:
    command = _command(role, directory, *arguments)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout


async def _start(role: str, directory: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *_command(role, directory, *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
