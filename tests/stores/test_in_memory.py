from collections.abc import AsyncIterator

import pytest

from duramen.stores.in_memory import InMemoryStore
from tests.contracts.journal import JournalContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.store import StoreContract
from tests.stores.examples import event, kept, texts


@pytest.fixture
async def store() -> AsyncIterator[InMemoryStore]:
    store = InMemoryStore()
    await store.open()
    yield store
    await store.aclose()


class TestInMemoryStore(StoreContract):
    """Keeps what the contract asks."""


class TestInMemoryJournal(JournalContract):
    """Keeps what the contract asks."""


class TestInMemoryLedger(LedgerContract):
    """Keeps what the contract asks."""


async def test_two_stores_share_nothing(store: InMemoryStore) -> None:
    other = InMemoryStore()
    await other.open()

    await kept(store, [event()])

    assert await texts(other) == []
