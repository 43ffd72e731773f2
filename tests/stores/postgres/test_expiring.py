"""Expiry over all banks, a few rows at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from duramen.shelf import Put
from duramen.stores.postgres import PostgresStore, expiring
from duramen.times import utc_now
from duramen.types import Selection
from tests.stores.examples import EMBEDDER, NOON, event, events, indexed
from tests.stores.making import STRATEGY
from tests.stores.postgres.emptied import Migrated
from tests.stores.postgres.holding import held

BANKS = ["user:ada", "user:bob"]
ALL = Selection()


@pytest.fixture
async def store(emptied: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{emptied}?pool_size=4")
    await store.open()
    yield store
    await store.aclose()


async def kept(store: PostgresStore, bank: str, count: int) -> None:
    """Retain `count` events that expire at noon, and one that stays."""
    said = [replace(one, bank=bank) for one in [*events(count, expires=NOON), event("stays")]]
    await store.append(bank, said)
    made = [indexed(one) for one in said]
    await store.put(await store.lease(limit=count + 1, seconds=60, bank=bank), made, embedder=EMBEDDER)


async def said(store: PostgresStore, bank: str) -> list[str]:
    return [one.id for one in (await store.events(bank, ALL, cursor=None, limit=99)).items]


async def left(store: PostgresStore, bank: str) -> list[str]:
    found = await said(store, bank)
    made = (await store.memories(bank, ALL, cursor=None, limit=99)).items
    assert {one.event for one in made} == set(found)
    return found


async def test_events_expire_in_all_banks_however_few_go_at_once(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "MOST_AT_ONCE", 3)
    await kept(store, "user:ada", 7)
    await kept(store, "user:bob", 2)

    counts = await store.expire(NOON - timedelta(seconds=1)), await store.expire(NOON), await store.expire(NOON)

    assert counts == (0, 9, 0)
    assert [await left(store, bank) for bank in BANKS] == [["stays"]] * 2
    version = await store.version("user:ada")
    assert version is not None
    assert (version.last, version.removals) == (8, 7)


async def test_a_bank_that_somebody_changes_expires_last(store: PostgresStore, emptied: str) -> None:
    other = PostgresStore(f"{emptied}?pool_size=2")
    await other.open()
    for bank in BANKS:
        await kept(store, bank, 2)

    async with held(other, "user:ada") as ended:
        expiring = asyncio.create_task(store.expire(NOON))
        while await said(store, "user:bob") != ["stays"]:
            assert not expiring.done()
        while_held = await left(store, "user:ada")
        ended.set()
        count = await expiring

    assert len(while_held) == 3
    assert (count, await left(store, "user:ada")) == (4, ["stays"])
    await other.aclose()


async def test_events_with_pending_jobs_stay(store: PostgresStore) -> None:
    await store.append("user:ada", [event("e1", bank="user:ada", expires=NOON)], strategies=[STRATEGY])
    await store.append("user:ada", [event("e2", bank="user:ada", expires=NOON)])

    assert await store.expire(NOON) == 1
    assert await store.expire(NOON) == 0
    assert [one.id for one in (await store.events("user:ada", ALL, cursor=None, limit=9)).items] == ["e1"]


async def test_what_expired_on_the_shelf_goes_from_all_homes(
    store: PostgresStore, migrated: Migrated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "MOST_AT_ONCE", 3)
    places = [("duramen.banks", "user:ada"), ("a",), ("a", "b"), ("c", "d", "e")]
    await store.shelf.write(
        [
            *(Put(path=path, key=str(n), value=b"", lifetime=60) for path in places for n in range(5)),
            *(Put(path=path, key="stays", value=b"") for path in places),
        ]
    )

    count = await store.expire(utc_now() + timedelta(minutes=2))

    assert (count, migrated.count("shelf")) == (0, 4)
