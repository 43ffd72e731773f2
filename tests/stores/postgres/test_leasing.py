"""Leases over all banks: each thing to one worker, in order, past banks that somebody else changes just now."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from duramen.shelf import Expect, Put
from duramen.stores.postgres import PostgresStore, leasing
from duramen.times import utc_now
from duramen.types import Event, Selection
from tests.stores.examples import BANK, EMBEDDER, event, events, indexed
from tests.stores.making import STRATEGY, add, lease, outcome, retained
from tests.stores.postgres.holding import held
from tests.stores.postgres.routing import Watch

BANKS = ["user:ada", "user:bob", "user:eve"]


@pytest.fixture
async def store(emptied: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{emptied}?pool_size=4")
    await store.open()
    yield store
    await store.aclose()


@pytest.fixture
async def other(emptied: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{emptied}?pool_size=4")
    await store.open()
    yield store
    await store.aclose()


def given(*names: str) -> list[Event]:
    """Return an event for each of names such as "ada 1"."""
    return [event(name.replace(" ", "-"), name, bank=f"user:{name.split()[0]}") for name in names]


async def append(store: PostgresStore, *names: str, strategies: tuple[str, ...] = ()) -> None:
    for one in given(*names):
        await store.append(one.bank, [one], strategies=strategies)


async def work_all_through(store: PostgresStore) -> None:
    """Retain what is due, in all banks."""
    for bank in BANKS:
        leases = await store.lease(limit=99, seconds=60, bank=bank)
        await store.put(leases, [indexed(one.event) for one in leases], embedder=EMBEDDER)


async def said(store: PostgresStore, limit: int) -> list[str]:
    return [one.event.content for one in await store.lease(limit=limit, seconds=60)]


async def test_events_are_leased_in_the_order_of_appending_over_all_banks(store: PostgresStore) -> None:
    names = ["bob 1", "ada 1", "bob 2", "eve 1", "ada 2", "ada 3"]
    await append(store, *names)

    assert await said(store, 4) == names[:4]
    assert await said(store, 4) == names[4:]
    assert await said(store, 4) == []


async def test_an_event_is_leased_once_by_however_many(store: PostgresStore, other: PostgresStore) -> None:
    for bank in BANKS:
        await store.append(bank, [replace(one, bank=bank) for one in events(20)])

    taken: list[tuple[str, str]] = []

    async def work(mine: PostgresStore) -> None:
        while leases := await mine.lease(limit=4, seconds=60):
            taken.extend((one.event.bank, one.event.id) for one in leases)

    await asyncio.gather(*(work(mine) for mine in (store, other) * 3))

    assert len(taken) == len(set(taken)) == 60


async def test_a_bank_that_somebody_changes_is_passed_over(store: PostgresStore, other: PostgresStore) -> None:
    await append(store, "ada 1", "bob 1")

    async with held(other, "user:ada"):
        assert await said(store, 5) == ["bob 1"]

    assert await said(store, 5) == ["ada 1"]


async def test_a_bank_is_waited_for_if_nothing_else_is_due(store: PostgresStore, other: PostgresStore) -> None:
    await append(store, "ada 1")

    async with held(other, "user:ada") as ended:
        waiting = asyncio.create_task(said(store, 5))
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        ended.set()

        assert not done
        assert await waiting == ["ada 1"]


async def test_a_bank_that_is_held_for_long_keeps_no_other_waiting(store: PostgresStore, other: PostgresStore) -> None:
    await append(store, "ada 1", "ada 2", "ada 3", "bob 1")

    async with held(other, "user:ada"):
        first, second = await said(store, 2), await said(store, 2)

    assert (first, second) == (["bob 1"], [])
    assert await said(store, 5) == ["ada 1", "ada 2", "ada 3"]


async def test_what_belongs_to_no_bank_is_changed_by_several_at_once_unless_it_is_compared(
    store: PostgresStore, other: PostgresStore
) -> None:
    put = Put(path=("of.nobody",), key="other", value=b"")

    async with held(other, "user:ada", homes=["\x1eof.nobody"]) as ended:
        await store.shelf.write([put])
        waiting = asyncio.create_task(store.shelf.write([Expect(path=put.path, key="new", value=None), put]))
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        ended.set()

        assert not done
        await waiting


async def test_jobs_of_a_bank_that_somebody_changes_are_passed_over(store: PostgresStore, other: PostgresStore) -> None:
    await append(store, "ada 1", "bob 1", strategies=(STRATEGY,))
    await work_all_through(store)

    async with held(other, "user:ada"):
        first = await lease(store)

    second = await lease(store)
    assert [first.bank, second.bank] == ["user:bob", "user:ada"]
    assert await store.lease_jobs(seconds=60, limit=5) is None


async def test_jobs_of_a_bank_are_waited_for_if_nothing_else_is_due(store: PostgresStore, other: PostgresStore) -> None:
    await append(store, "ada 1", strategies=(STRATEGY,))
    await work_all_through(store)

    async with held(other, "user:ada") as ended:
        waiting = asyncio.create_task(lease(store))
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        ended.set()

        assert not done
        assert (await waiting).bank == "user:ada"


async def test_two_stores_never_have_a_strategy_of_a_bank_at_once(store: PostgresStore, other: PostgresStore) -> None:
    for bank in BANKS[:2]:
        said = [event(f"e{n}", bank=bank, session=f"s{n % 3}") for n in range(6)]
        await store.append(bank, said, strategies=["semantic", "summary"])
    await work_all_through(store)
    at_work: set[tuple[str, str]] = set()
    done: list[tuple[str, str, str]] = []

    async def work(mine: PostgresStore) -> None:
        while (await mine.job_backlog()).pending:
            assignment = await mine.lease_jobs(seconds=60, limit=2)
            if assignment is None:
                await asyncio.sleep(0.001)
                continue
            whose = (assignment.bank, assignment.strategy)
            assert whose not in at_work
            at_work.add(whose)
            await asyncio.sleep(0)
            at_work.discard(whose)
            assert await mine.revise(assignment, [], outcome(assignment))
            done.extend((*whose, one.id) for one in assignment.events)

    await asyncio.gather(*(work(mine) for mine in (store, other) * 2))

    assert len(done) == len(set(done)) == 24


async def test_queues_that_wait_for_the_journal_do_not_hide_those_that_do_not(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "MOST_QUEUES", 1)
    await append(store, "ada 1", strategies=(STRATEGY,))
    await append(store, "bob 1", strategies=(STRATEGY,))
    leases = {one.event.bank: one for one in await store.lease(limit=5, seconds=60)}

    await store.put([leases["user:bob"]], [indexed(leases["user:bob"].event)], embedder=EMBEDDER)

    assert (await lease(store)).bank == "user:bob"
    assert await store.lease_jobs(seconds=60, limit=5) is None


async def test_a_queue_without_jobs_is_tidied_away(store: PostgresStore) -> None:
    await retained(store, "e1")
    assignment = await lease(store)
    await store.forget(BANK, Selection(key="key-e1"))
    assert not await store.revise(assignment, [add("a", "e1")], outcome(assignment))

    assert await store.lease_jobs(seconds=60, limit=5) is None

    assert (await store.job_backlog()).pending == 0
    assert await store.next_job_due() is None


async def test_an_idle_worker_changes_nothing(store: PostgresStore, watch: Watch) -> None:
    await retained(store, event("waiting"))
    await store.release(await lease(store), due=utc_now() + timedelta(hours=1))
    await append(store, "bob 1", strategies=(STRATEGY,))
    (left,) = await store.lease(limit=5, seconds=60)
    watch.sent.clear()

    assert await store.lease(limit=5, seconds=60) == []
    assert await store.lease_jobs(seconds=60, limit=5) is None
    await store.backlog()
    await store.job_backlog()
    await store.next_job_due()
    await store.unembedded()
    await store.failures()

    sent = [statement for statement, _ in watch.sent]
    assert left.event.content == "bob 1"
    assert sent
    assert [one for one in sent if not one.startswith("SELECT") or "FOR UPDATE" in one] == []


async def test_a_queue_that_waits_for_the_journal_is_looked_at_once(store: PostgresStore, watch: Watch) -> None:
    await retained(store, "e1")
    await store.requeue(BANK)
    assert await store.lease_jobs(seconds=60, limit=5) is None
    watch.sent.clear()

    assert await store.lease_jobs(seconds=60, limit=5) is None

    (sent,) = [statement for statement, _ in watch.sent]
    assert sent.startswith("SELECT bank, strategy FROM queues")


async def test_what_failed_is_tried_again_in_all_banks(store: PostgresStore) -> None:
    await append(store, "ada 1", "bob 1", "bob 2")
    for one in await store.lease(limit=5, seconds=60):
        await store.fail(one, "no", retry_at=None)

    failed = [failure.event for failure in await store.failures()]
    of_bob = [failure.event for failure in await store.failures("user:bob")]
    count = await store.retry()

    assert failed == ["ada-1", "bob-1", "bob-2"]
    assert of_bob == failed[1:]
    assert count == 3
    assert await said(store, 5) == ["ada 1", "bob 1", "bob 2"]


async def test_jobs_are_made_due_in_all_banks(store: PostgresStore) -> None:
    await append(store, "ada 1", "bob 1", "eve 1", strategies=(STRATEGY,))
    await work_all_through(store)
    later = utc_now() + timedelta(hours=1)
    await store.fail_jobs(await lease(store), "no", retry_at=None)
    await store.fail_jobs(await lease(store), "no", retry_at=later)
    await store.release(await lease(store), due=later)

    waiting = await store.job_backlog()
    retried = await store.retry_jobs()
    left = await store.job_backlog()
    hurried = await store.hurry()

    assert (waiting.pending, waiting.waiting, waiting.failed) == (2, 2, 1)
    assert (retried, left.pending, left.waiting, left.failed) == (2, 3, 1, 0)
    assert (hurried, await store.hurry()) == (1, 0)
    assert [(await lease(store)).bank for _ in range(3)] == BANKS


async def test_what_is_shelved_with_an_append_is_kept_in_two_homes(store: PostgresStore, other: PostgresStore) -> None:
    async def write(mine: PostgresStore, n: int) -> None:
        bank, aside = (BANKS[n % 2], BANKS[1 - n % 2])
        await mine.append(
            bank, [event(f"e{n}", bank=bank)], shelved=[Put(path=("duramen.banks", aside), key=str(n), value=b"")]
        )

    await asyncio.gather(*(write(mine, n) for n, mine in enumerate((store, other) * 8)))

    assert (await store.backlog()).pending == 16
    assert len(await store.shelf.scan(("duramen.banks",), below=True)) == 16
