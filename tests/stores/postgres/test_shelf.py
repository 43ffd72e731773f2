"""The contract of the shelf, over a real PostgreSQL; and entries that have several homes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from duramen.desk import BANKS
from duramen.errors import BadInputError
from duramen.moving.places import banks_on
from duramen.profiles.catalogue import all_profiles
from duramen.profiles.records import Kept, put_profile
from duramen.sessions.places import EVENTS
from duramen.shelf import Place, Put, Remove
from duramen.stores.placing import SWEPT
from duramen.stores.postgres import PostgresStore, statements
from duramen.stores.postgres.beginning import Binding
from duramen.stores.postgres.homes import home_of
from duramen.types import Selection
from tests.contracts.shelf import AT, Clock, ShelfContract, across, put, scan
from tests.stores.examples import BANK, event
from tests.stores.postgres.emptied import Migrated
from tests.stores.postgres.routing import Watch

SPREAD: list[Place] = [
    ((BANKS, "ada", "notes"), "k"),
    ((BANKS, "bob"), "k"),
    ((EVENTS, "ada"), "k"),
    (("frame.work",), "k"),
    (("frame.work", "a"), "k"),
    (("frame.work", "a", "b"), "k"),
    (("frame.work", "a\x01"), "k"),
    (("frame.work\x01",), "k"),
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(emptied: str, clock: Clock) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{emptied}?pool_size=4", clock=clock)
    await store.open()
    yield store
    await store.aclose()


@pytest.fixture
async def other(emptied: str, clock: Clock) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{emptied}?pool_size=4", clock=clock)
    await store.open()
    yield store
    await store.aclose()


class TestPostgresShelf(ShelfContract):
    """Keeps what the contract asks."""


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ((BANKS, "ada"), "ada"),
        ((EVENTS, "ada", "x", "y"), "ada"),
        ((BANKS,), "\x1eduramen.banks"),
        ((BANKS, ""), "\x1eduramen.banks\x1e"),
        ((BANKS, "\x1ea\x1eb"), "\x1eduramen.banks\x1e\x1ea\x1eb"),
        (("a",), "\x1ea"),
        (("a", "b"), "\x1ea\x1eb"),
        (("a", "b", "c"), "\x1ea\x1eb"),
    ],
)
def test_what_belongs_to_a_bank_has_it_as_its_home(path: tuple[str, ...], home: str) -> None:
    assert home_of(path) == home
    assert home_of(path, below=True) == (home if len(path) > 1 else None)


async def test_entries_with_several_homes_are_in_the_order_of_places(store: PostgresStore) -> None:
    await put(store, *SPREAD)

    everywhere = [place for first in ("frame.work", BANKS) for place in await scan(store, (first,), below=True)]
    back = await store.shelf.scan(("frame.work",), below=True, reverse=True, limit=2)

    assert everywhere == [*SPREAD[3:7], *SPREAD[:2]]
    assert [entry.place for entry in back] == [SPREAD[6], SPREAD[5]]
    assert await store.shelf.paths((BANKS,)) == [(BANKS, "ada", "notes"), (BANKS, "bob")]
    assert await store.shelf.paths(("frame.work",)) == [path for path, _ in SPREAD[3:7]]
    assert await store.shelf.segments((BANKS,)) == ["ada", "bob"]
    assert await store.shelf.segments(("frame.work",)) == ["a", "a\x01"]
    assert await store.shelf.segments((BANKS, "ada")) == ["notes"]
    assert await across(store, (BANKS,), ["bob", "ada"], ("notes",)) == SPREAD[:1]
    assert await across(store, ("frame.work",), ["a\x01", "b", "a"]) == [SPREAD[4], SPREAD[6]]


async def test_what_banks_have_is_asked_for_of_all_at_once(
    store: PostgresStore, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    banks = [f"user:{n:02}" for n in range(30)]
    await store.shelf.write([put_profile(bank, Kept()) for bank in banks])
    sent: list[str] = []

    def seen(statement: str, parameters: Mapping[str, Any], binding: Binding) -> None:
        sent.append(statement)
        watch(statement, parameters, binding)

    monkeypatch.setattr(statements, "SENT", seen)

    assert await banks_on(store.shelf) == banks
    assert [one.bank for one in await all_profiles(store)] == banks
    assert 0 < len(sent) < len(banks)


async def test_entries_with_several_homes_are_removed_in_all_of_them(store: PostgresStore) -> None:
    await put(store, *SPREAD)

    await store.shelf.write([Remove(path=("frame.work",), below=True), Remove(path=(BANKS,), below=True)])

    left = await store.shelf.get(SPREAD)
    assert [entry and entry.place for entry in left] == [None, None, SPREAD[2], *[None] * 4, SPREAD[7]]


async def test_entries_with_several_homes_are_not_removed_with_a_change_of_a_bank(store: PostgresStore) -> None:
    await put(store, *SPREAD)

    with pytest.raises(BadInputError, match="by itself"):
        await store.append(BANK, [event()], shelved=[Remove(path=("frame.work",), below=True)])

    assert await store.version(BANK) is None
    assert None not in await store.shelf.get(SPREAD)


async def test_what_belongs_to_a_bank_stays_when_the_bank_is_forgotten(store: PostgresStore) -> None:
    await store.append(BANK, [event()], shelved=[Put(path=(BANKS, BANK), key="k", value=b"v")])

    await store.forget(BANK, Selection())

    assert await scan(store, (BANKS, BANK)) == [((BANKS, BANK), "k")]


async def test_two_stores_on_one_database_share_the_shelf(store: PostgresStore, other: PostgresStore) -> None:
    writes = [one.shelf.write([Put(path=AT, key=f"{n}", value=b"")]) for n, one in enumerate((store, other) * 10)]

    await asyncio.gather(*writes)

    assert len(await scan(store, AT)) == 20
    assert await scan(store, AT) == await scan(other, AT)


async def test_only_one_of_two_stores_puts_what_is_not_there(store: PostgresStore, other: PostgresStore) -> None:
    def write(name: str, one: PostgresStore, n: int) -> Put:
        return Put(path=AT, key=str(n), value=name.encode(), keep=True)

    both = (("ours", store), ("theirs", other))
    await asyncio.gather(*(one.shelf.write([write(name, one, n)]) for n in range(10) for name, one in both))

    assert await store.shelf.scan(AT) == await other.shelf.scan(AT)
    assert len(await scan(store, AT)) == 10


async def test_writes_delete_what_expired_in_the_same_home(
    store: PostgresStore, clock: Clock, migrated: Migrated
) -> None:
    count = 2 * SWEPT
    await store.shelf.write([Put(path=AT, key=str(n), value=b"", lifetime=1) for n in range(count)])
    clock.move(1)

    await put(store, (("elsewhere",), "k"))
    before = migrated.count("shelf")
    await put(store, ((*AT, "below"), "k"))

    assert before == count + 1
    assert migrated.count("shelf") == count + 1 - SWEPT - 1 + 1


async def test_getting_several_is_one_snapshot(store: PostgresStore, other: PostgresStore) -> None:
    places = [(AT, str(n)) for n in range(10)]

    async def rewrite() -> None:
        for n in range(15):
            await other.shelf.write([Put(path=path, key=key, value=bytes([n])) for path, key in places])

    writing = asyncio.create_task(rewrite())
    seen = set()
    while not writing.done():
        found = await store.shelf.get(places)
        seen.add(len({entry and entry.value for entry in found}))

    assert seen == {1}
