"""After any mix of writes, by whomever, a cached index is the same as one built anew."""

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.index.cache import IndexCache
from duramen.protocols import Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Selection
from tests.index.same import assert_same, fresh
from tests.index.writing import BANK, remember, work

Step = Callable[[Storage], Awaitable[None]]


async def requeue(store: Storage) -> None:
    await store.requeue(BANK)


async def forget(store: Storage, selection: Selection) -> None:
    await store.forget(BANK, selection)


def remembering(key: str, texts: list[str], session: str | None, minute: int) -> Step:
    return partial(remember, key=key, texts=texts, session=session, minute=minute)


keys, sessions = st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["monday", "tuesday"])
texts = st.lists(st.sampled_from(["Ada lives in Lisbon", "Grace met Ada", "tea", ""]), min_size=1, max_size=3)
selections = st.one_of(
    st.builds(Selection, key=keys),
    st.builds(Selection, session=sessions),
    st.builds(Selection, memory=st.sampled_from(["a/0", "b/1", "c/0"])),
    st.just(Selection()),
)
writes = st.one_of(
    st.builds(remembering, keys, texts, st.none() | sessions, st.integers(0, 3)),
    st.builds(remembering, keys, texts, st.none() | sessions, st.integers(0, 3)),
    st.builds(partial, st.just(forget), selection=selections),
    st.just(requeue),
)
steps = st.lists(st.tuples(writes, st.booleans()), max_size=12)


async def check(caches: Sequence[IndexCache], writers: Sequence[Storage], steps: Sequence[tuple[Step, bool]]) -> None:
    """Write by turns, and compare the index with one built anew after the writes that are marked, and at the end."""
    for turn, (write, compares) in enumerate([*steps, (work, True), (work, True)]):
        store, cache = writers[turn % len(writers)], caches[turn % len(caches)]
        await write(store)
        if not compares:
            continue
        index = await cache.get(BANK)
        if index is None:
            assert await store.version(BANK) is None
        else:
            assert_same(index, await fresh(store))
            assert index.version == await store.version(BANK)


@given(steps)
async def test_in_memory(steps: list[tuple[Step, bool]]) -> None:
    store = InMemoryStore()
    await store.open()

    await check([IndexCache(store)], [store], steps)


@settings(max_examples=50, deadline=None)  # each example makes a database
@given(steps)
async def test_on_disk_with_another_process_writing(steps: list[tuple[Step, bool]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store, other = SQLiteStore(directory, durability="process"), SQLiteStore(directory, durability="process")
        await store.open()
        await other.open()

        await check([IndexCache(store)], [store, other], steps)

        await store.aclose()
        await other.aclose()


@settings(max_examples=50, deadline=None)  # each example writes files
@given(steps, st.booleans())
async def test_with_files_that_two_processes_share(steps: list[tuple[Step, bool]], waits: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store, other = SQLiteStore(directory, durability="process"), SQLiteStore(directory, durability="process")
        await store.open()
        await other.open()
        caches = [IndexCache(opened, segments=Path(directory) / "indexes", large=2) for opened in (store, other)]

        for begin in range(0, len(steps), 3):
            await check(caches, [store, other], steps[begin : begin + 3])
            if waits:
                await caches[0].quiet()
                caches.append(IndexCache(store, segments=Path(directory) / "indexes", large=2))

        for cache in caches:
            await cache.aclose()
        await store.aclose()
        await other.aclose()


@given(steps)
async def test_of_large_banks_without_files(steps: list[tuple[Step, bool]]) -> None:
    store = InMemoryStore()
    await store.open()
    cache = IndexCache(store, large=2)

    await check([cache], [store], steps)

    await cache.aclose()
