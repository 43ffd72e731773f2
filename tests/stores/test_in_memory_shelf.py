from collections.abc import AsyncIterator

import pytest

from duramen.shelf import Put
from duramen.stores.in_memory import InMemoryStore
from tests.contracts.shelf import AT, Clock, ShelfContract, put, scan


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(clock: Clock) -> AsyncIterator[InMemoryStore]:
    store = InMemoryStore(clock=clock)
    await store.open()
    yield store
    await store.aclose()


class TestInMemoryShelf(ShelfContract):
    """Keeps what the contract asks."""


async def test_what_expired_is_dropped_by_later_writes(store: InMemoryStore, clock: Clock) -> None:
    for n in range(50):
        await store.shelf.write([Put(path=AT, key=f"{n}-{m}", value=b"", lifetime=1) for m in range(20)])
    await put(store, (AT, "stays"))
    clock.move(1)

    for n in range(50):
        await put(store, (("elsewhere",), str(n)))

    clock.move(-1)  # else what is left would not be seen
    assert await scan(store, AT) == [(AT, "stays")]
