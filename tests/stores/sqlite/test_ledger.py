import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from duramen.ledger import Revision
from duramen.shelf import Put
from duramen.stores.sqlite import SQLiteStore
from duramen.times import utc_now
from duramen.types import Indexed, Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, event, events, work_through
from tests.stores.files import commits, files_with
from tests.stores.making import (
    LATER,
    STRATEGY,
    add,
    lease,
    made,
    memories,
    outcome,
    retained,
    revise,
    skip,
    soon,
    supersede,
    think,
    told,
    undo_last,
    update,
)

SENTINEL = "the forgotten sentinel sentence"


def by_hand(id: str, **changes: Any) -> Indexed:
    """Return a memory that rests on no event."""
    return made(id, id, **{"sources": (), **changes})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "memory", durability="process")
    await store.open()
    yield store
    await store.aclose()


async def test_two_stores_never_have_a_strategy_of_a_bank_at_once(store: SQLiteStore, tmp_path: Path) -> None:
    other = SQLiteStore(tmp_path / "memory", durability="process")
    await other.open()
    given = [event(f"e{n}", session=f"s{n % 4}") for n in range(24)]
    await store.append(BANK, given, strategies=["semantic", "summary"])
    await work_through(store)
    at_work: set[str] = set()
    done: list[tuple[str, str]] = []

    async def work(mine: SQLiteStore) -> None:
        while (await mine.job_backlog()).pending:
            assignment = await mine.lease_jobs(seconds=60, limit=2)
            if assignment is None:
                await asyncio.sleep(0.001)
                continue
            assert assignment.strategy not in at_work
            at_work.add(assignment.strategy)
            await asyncio.sleep(0)
            at_work.discard(assignment.strategy)
            assert await mine.revise(assignment, [], outcome(assignment))
            done.extend((assignment.strategy, one.id) for one in assignment.events)

    await asyncio.gather(*(work(mine) for mine in (store, other) * 3))

    assert len(done) == len(set(done)) == 48
    await other.aclose()


async def test_two_stores_see_what_strategies_made_in_each_other(store: SQLiteStore, tmp_path: Path) -> None:
    other = SQLiteStore(tmp_path / "memory", durability="process")
    await other.open()
    await retained(store, "e1")

    await revise(other, add("a", "e1"))

    assert await memories(store) == await memories(other)
    assert await told(store) == await told(other)
    assert await store.version(BANK) == await other.version(BANK)
    await other.aclose()


async def test_a_lease_outlives_its_process_no_longer_than_it_runs(tmp_path: Path) -> None:
    first = SQLiteStore(tmp_path)
    await first.open()
    await retained(first, "e1", "e2")
    await lease(first, seconds=0.05)
    await first.aclose()
    second = SQLiteStore(tmp_path)
    await second.open()

    at_once = await second.lease_jobs(seconds=60, limit=10)
    await asyncio.sleep(0.06)
    later = await lease(second)

    assert at_once is None
    assert [one.id for one in later.events] == ["e1", "e2"]
    await second.aclose()


async def test_an_idle_worker_of_strategies_writes_nothing(store: SQLiteStore, tmp_path: Path) -> None:
    await retained(store, event("waiting", expires=NOON))
    await store.release(await lease(store), due=soon())
    before = commits(tmp_path / "memory")

    await store.lease_jobs(seconds=60, limit=10)
    await store.job_backlog()
    await store.next_job_due()
    await store.unembedded()
    await store.expire(NOON)

    assert commits(tmp_path / "memory") == before


async def test_a_worker_that_waits_for_the_journal_changes_nothing(store: SQLiteStore, tmp_path: Path) -> None:
    await store.append(BANK, [event()], strategies=[STRATEGY])
    before = commits(tmp_path / "memory")

    assert await store.lease_jobs(seconds=60, limit=10) is None

    assert commits(tmp_path / "memory") == before


async def test_a_queue_that_waits_for_the_journal_is_looked_at_once(store: SQLiteStore, tmp_path: Path) -> None:
    await retained(store, "e1")
    await store.requeue(BANK)
    assert await store.lease_jobs(seconds=60, limit=10) is None
    before = commits(tmp_path / "memory")

    assert await store.lease_jobs(seconds=60, limit=10) is None

    assert commits(tmp_path / "memory") == before
    await work_through(store)
    assert [one.id for one in (await lease(store)).events] == ["e1"]


@pytest.mark.parametrize("count", [1, 60])
async def test_what_rested_on_forgotten_text_is_in_none_of_the_files(
    store: SQLiteStore, tmp_path: Path, count: int
) -> None:
    for n in range(count):
        await think(store, *_with_text(n))
        await undo_last(store)
    await store.requeue(BANK)
    before = files_with(tmp_path, SENTINEL)

    for n in range(count):
        await store.forget(BANK, Selection(key=f"key-s{n}"))

    await store.aclose()
    assert before
    assert files_with(tmp_path, SENTINEL) == []
    assert files_with(tmp_path, f"kept {count - 1}.") != []


async def test_what_a_strategy_made_is_in_none_of_the_files_when_it_is_forgotten(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await think(store, add("a", "e1", text=f"A {SENTINEL}."), update("a", "b", "e2", text=f"B {SENTINEL}."))

    await store.forget(BANK, Selection(memory="b"))

    await store.aclose()
    assert files_with(tmp_path, SENTINEL) == []
    assert files_with(tmp_path, "e1 was said.") != []


@pytest.mark.parametrize("count", [1, 60])
async def test_what_was_put_by_hand_is_in_none_of_the_files_when_it_is_removed(
    store: SQLiteStore, tmp_path: Path, count: int
) -> None:
    said = [f"{SENTINEL} {n}. {n * 'More. '}" for n in range(count)]
    given = [by_hand(f"r{n}", text=text) for n, text in enumerate(said)]
    for n, one in enumerate(given):
        await store.file(BANK, [one, by_hand(f"kept-{n}", text=f"kept r{n}.")], embedder=EMBEDDER)
    before = files_with(tmp_path, SENTINEL)

    await store.file(BANK, [], [one.memory.id for one in given], embedder=EMBEDDER)

    log = [name for name in files_with(tmp_path, SENTINEL) if name.endswith("-wal")]
    await store.aclose()
    assert (before != [], log) == (True, [])
    assert files_with(tmp_path, SENTINEL) == []
    assert files_with(tmp_path, f"kept r{count - 1}.") != []


async def test_a_memory_that_cannot_be_written_keeps_nothing_of_the_others(store: SQLiteStore) -> None:
    put = Put(path=("a",), key="k", value=b"v")
    given = [by_hand("r"), by_hand("s", text="\ud800")]

    with pytest.raises(UnicodeEncodeError):
        await store.file(BANK, given, embedder=EMBEDDER, shelved=[put])

    assert await store.version(BANK) is None
    assert await store.shelf.scan(("a",)) == []


async def test_another_process_sees_what_is_put_and_removed(store: SQLiteStore, tmp_path: Path) -> None:
    other = SQLiteStore(tmp_path / "memory", durability="process")
    await other.open()
    await store.file(BANK, [by_hand("r"), by_hand("s")], embedder=EMBEDDER)
    before = await other.version(BANK)

    await store.file(BANK, [by_hand("r")], ["s"], embedder=EMBEDDER)

    after = await other.version(BANK)
    assert before is not None
    assert after is not None
    assert (after.last, after.made, after.revised) == (before.last + 1, before.made + 1, before.revised + 2)
    assert [row.id for row in await other.rows(BANK, after=before.last, made=True)] == ["r"]
    await other.aclose()


async def test_expired_text_is_in_none_of_the_files(store: SQLiteStore, tmp_path: Path) -> None:
    await retained(store, event("e1", SENTINEL, expires=NOON), "e2", strategies=[])

    await store.expire(NOON)

    assert files_with(tmp_path, SENTINEL) == []
    assert files_with(tmp_path, "e2 was said.") != []


async def test_what_expired_on_the_shelf_is_in_none_of_the_files(store: SQLiteStore, tmp_path: Path) -> None:
    said = [Put(path=("a",), key=str(n), value=f"{SENTINEL} {n}".encode() * 20, lifetime=60) for n in range(100)]
    await store.shelf.write([*said, Put(path=("b",), key="k", value=b"it stays")])
    before = files_with(tmp_path, SENTINEL)

    count = await store.expire(utc_now() + LATER)

    await store.aclose()
    assert (count, before != []) == (0, True)
    assert files_with(tmp_path, SENTINEL) == []
    assert files_with(tmp_path, "it stays") != []


async def test_an_event_that_cannot_be_written_keeps_what_is_shelved_with_it_away(store: SQLiteStore) -> None:
    put = Put(path=("a",), key="k", value=b"v")

    with pytest.raises(UnicodeEncodeError):
        await store.append(BANK, [event("e1"), event("e2", "\ud800")], strategies=[STRATEGY], shelved=[put])

    assert await store.shelf.scan(("a",)) == []
    assert await store.version(BANK) is None
    assert (await store.job_backlog()).pending == 0


async def test_a_revision_that_cannot_be_written_keeps_nothing_of_the_others(store: SQLiteStore) -> None:
    await retained(store, "e1")
    assignment = await lease(store)

    with pytest.raises(UnicodeEncodeError):
        await store.revise(assignment, [add("a", "e1"), add("b", "e1", text="\ud800")], outcome(assignment))

    assert await memories(store) == {}
    assert await told(store) == []
    assert await store.revise(assignment, [add("c", "e1")], outcome(assignment))


async def test_made_memories_agree_with_the_counters_of_their_bank(store: SQLiteStore) -> None:
    await think(store, add("a", "e1"), update("a", "b", "e2"), supersede("b", "c", "e3"), skip("c", "d", "e4"))
    await undo_last(store)
    await store.forget(BANK, Selection(key="key-e3"))

    version = await store.version(BANK)

    assert version is not None
    assert version.made - version.revised == len(await store.numbers(BANK, made=True)) == 1
    assert version.last - version.made - version.removals == len(await store.numbers(BANK)) == 3


async def test_rows_that_strategies_made_are_read_in_bulk(store: SQLiteStore) -> None:
    await retained(store, *events(5))
    await revise(store, *(add(f"m{n}", "e0000", namespace=f"/{n}/") for n in range(5)))

    first = await store.bulk(BANK, limit=3, made=True)
    second = await store.bulk(BANK, after=int(first.numbers[-1]), limit=3, made=True)

    assert (first.ids, second.ids) == (("m0", "m1", "m2"), ("m3", "m4"))
    assert (*first.namespaces, *second.namespaces) == ("/0/", "/1/", "/2/", "/3/", "/4/")
    assert set((await store.bulk(BANK, limit=9)).namespaces) == {None}


async def test_what_is_moved_takes_its_vectors_along_bit_by_bit(store: SQLiteStore) -> None:
    given = replace(made("a", "e1"), late=b"codes")
    await retained(store, "e1")
    await revise(store, Revision(decision="add", made=given))

    await think(store, supersede("a", "b", "e2"))

    (row,) = [row for row in await store.rows(BANK, made=True) if row.id == "a"]
    assert row.vector.tobytes() == given.vector.tobytes()
    assert list(await store.late(BANK, [row.number])) == [b"codes"]


def _with_text(n: int) -> list[Revision]:
    said: dict[str, Any] = {"text": f"{SENTINEL} {n}. " * (n % 7 + 1)}
    return [
        add(f"kept{n}", f"k{n}", text=f"kept {n}."),
        add(f"a{n}", f"s{n}", details={"text": SENTINEL}, **said),
        update(f"a{n}", f"b{n}", f"k{n}", f"s{n}", **said),
        skip(f"b{n}", f"c{n}", f"s{n}", **said),
        supersede(f"kept{n}", f"d{n}", f"s{n}", **said),
        skip(f"kept{n}", f"e{n}", f"s{n}", **said) if n % 2 else add(f"f{n}", f"s{n}", **said),
    ]
