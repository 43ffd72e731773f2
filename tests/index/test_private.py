"""Index files that only one machine, or one process, has of a store that others change."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.index.private import PREFIX, PrivateSegments
from duramen.stores.in_memory import InMemoryStore
from duramen.tenancy import TENANT, of_tenant
from duramen.types import BankVersion, Selection
from tests.index.same import assert_same, fresh
from tests.index.writing import BANK, remember

LARGE = 3
TEXTS = ["Ada", "Grace", "Alan", "Joan"]


@pytest.fixture
async def store() -> AsyncIterator[InMemoryStore]:
    store = InMemoryStore()
    await store.open()
    yield store
    await store.aclose()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the temporary place of the system be another one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def listed(directory: Path, pattern: str = "*") -> list[Path]:
    return list(directory.glob(pattern))


def cache_over(store: InMemoryStore, segments: PrivateSegments) -> IndexCache:
    return IndexCache(store, segments=segments, large=LARGE)


async def written(cache: IndexCache, bank: str = BANK) -> BankIndex:
    """Return the index once it lies in a file."""
    await cache.get(bank)
    await cache.quiet()
    index = await cache.get(bank)
    assert index is not None
    return index


async def test_nothing_is_made_before_a_bank_is_large(store: InMemoryStore, temporary: Path) -> None:
    cache = cache_over(store, PrivateSegments())
    await remember(store, "a", TEXTS[:2])

    await written(cache)
    await cache.aclose()

    assert listed(temporary) == []


async def test_a_large_bank_lies_in_a_directory_for_this_user_alone_that_is_gone_at_the_end(
    store: InMemoryStore, temporary: Path
) -> None:
    cache = cache_over(store, PrivateSegments())
    await remember(store, "a", TEXTS)

    index = await written(cache)
    (directory,) = listed(temporary)
    (file,) = listed(directory)
    mode = stat.S_IMODE(directory.stat().st_mode)
    await cache.aclose()

    assert (mode, file.suffix, index.is_mapped) == (0o700, ".segment", True)
    assert listed(temporary) == []
    assert_same(index, await fresh(store))


async def test_two_processes_have_directories_of_their_own_and_leave_each_others_alone(
    store: InMemoryStore, temporary: Path
) -> None:
    one, other = cache_over(store, PrivateSegments()), cache_over(store, PrivateSegments())
    await remember(store, "a", TEXTS)

    await written(one)
    await written(other)
    both = len(listed(temporary))
    await other.aclose()

    assert (both, len(listed(temporary))) == (2, 1)
    assert (await written(one)).is_mapped
    await one.aclose()


LEFT = """
import os, sys, tempfile
tempfile.tempdir = sys.argv[1]
from duramen.index.private import PrivateSegments
here = PrivateSegments()
here._make()
if not os.fork():
    PrivateSegments()._make()
    os.kill(os.getpid(), 9)
os.wait()
print(here._directory, flush=True)
sys.stdin.read()
"""


def begun(place: Path) -> subprocess.Popen[bytes]:
    """Begin a process that has files in `place`, as a child of it had that was killed."""
    code = [sys.executable, "-c", LEFT, str(place)]
    return subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks of directories there")
async def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(
    store: InMemoryStore, temporary: Path
) -> None:
    with begun(temporary) as living:
        assert living.stdout is not None
        of_living = Path(living.stdout.readline().decode().strip())
        (of_killed,) = {*listed(temporary)} - {of_living}
        foreign, elsewhere = temporary / "another-program", temporary / f"{PREFIX}link"
        foreign.mkdir()
        elsewhere.symlink_to(foreign)
        cache = cache_over(store, PrivateSegments())
        await remember(store, "a", TEXTS)

        await written(cache)
        left = {*listed(temporary)}
        await cache.aclose()
        living.communicate()

    assert of_killed not in left
    assert {of_living, foreign, elsewhere} < left
    assert len(left) == 4  # and its own


async def test_a_directory_that_was_named_is_kept_and_shared_and_holds_each_store_apart(
    store: InMemoryStore, tmp_path: Path
) -> None:
    await remember(store, "a", TEXTS)
    first = cache_over(store, PrivateSegments(tmp_path / "kept", of="one"))
    await written(first)
    await first.aclose()
    empty = InMemoryStore()
    await empty.open()
    another = cache_over(empty, PrivateSegments(tmp_path / "kept", of="other"))
    await another.get("nobody")
    await another.aclose()

    second = cache_over(store, PrivateSegments(tmp_path / "kept", of="one"))
    index = await second.get(BANK)

    assert index is not None
    assert index.is_mapped
    await second.aclose()


async def test_files_take_no_more_than_they_may_and_those_read_least_lately_go(
    store: InMemoryStore, tmp_path: Path
) -> None:
    cache = cache_over(store, PrivateSegments(tmp_path, most_bytes=1))
    banks = [f"user:{number}" for number in range(4)]
    left = []
    for bank in banks:
        await remember(store, "a", TEXTS, bank=bank)
        index = await written(cache, bank)
        left.append(len(listed(tmp_path, "*/*.segment")))
        assert_same(index, await fresh(store, bank))

    assert left == [1, 1, 1, 1]
    for bank in banks:  # those whose file is gone are right all the same
        found = await cache.get(bank)
        assert found is not None
        assert_same(found, await fresh(store, bank))
    await cache.aclose()


async def test_the_file_that_was_read_least_lately_goes_first(store: InMemoryStore, tmp_path: Path) -> None:
    sizing = cache_over(store, PrivateSegments(tmp_path / "sizing"))
    await remember(store, "a", TEXTS, bank="one")
    await written(sizing, "one")
    (file,) = listed(tmp_path, "sizing/*/*.segment")
    cache = cache_over(store, PrivateSegments(tmp_path / "two", most_bytes=file.stat().st_blocks * 512 * 5 // 2))
    numbers = {}
    for age, bank in enumerate(("one", "two")):
        await remember(store, "a", TEXTS, bank=bank)
        await written(cache, bank)
        numbers[bank] = await number_of(store, bank)
        (file,) = listed(tmp_path, f"two/*/{numbers[bank]}.segment")
        os.utime(file, (age + 1, age + 1))
    await cache_over(store, PrivateSegments(tmp_path / "two")).get("one")  # a worker beside it reads the older one

    await remember(store, "a", TEXTS, bank="three")
    await written(cache, "three")

    numbers["three"] = await number_of(store, "three")
    assert {path.stem for path in listed(tmp_path, "two/*/*.segment")} == {str(numbers["one"]), str(numbers["three"])}
    await cache.aclose()
    await sizing.aclose()


async def number_of(store: InMemoryStore, bank: str) -> int:
    version = await store.version(bank)
    assert version is not None
    return version.number


async def test_without_a_place_to_write_the_index_is_held_in_memory(store: InMemoryStore, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the directory would be")
    cache = cache_over(store, PrivateSegments(blocked))
    await remember(store, "a", TEXTS)

    index = await written(cache)

    assert not index.is_mapped
    assert_same(index, await fresh(store))
    await cache.aclose()


class Watched(InMemoryStore):
    """A store that tells for which tenants it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str | None] = []

    async def version(self, bank: str) -> BankVersion | None:
        self.asked.append(TENANT.get())
        return await super().version(bank)


async def test_what_another_machine_forgot_goes_though_nobody_here_asks_whoever_asked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Watched()
    await store.open()
    segments = PrivateSegments(tmp_path)
    monkeypatch.setattr(segments, "sweep_seconds", 0.01)
    cache = cache_over(store, segments)
    await remember(store, "a", TEXTS)
    with of_tenant("acme"):
        await written(cache)
    (file,) = listed(tmp_path, "*/*.segment")
    await store.forget(BANK, Selection())  # as from elsewhere: this cache is not told

    store.asked.clear()
    while file.exists():  # noqa: ASYNC110  nobody tells when a file goes
        await asyncio.sleep(0.01)

    assert {*store.asked} == {None}
    await cache.aclose()
