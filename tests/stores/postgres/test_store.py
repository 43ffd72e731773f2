"""The contracts, over a real PostgreSQL; and what is PostgreSQL's alone."""

from collections.abc import AsyncIterator

import pytest

from duramen.stores.postgres import PostgresStore
from tests.contracts.journal import JournalContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.store import StoreContract


@pytest.fixture
async def store(emptied: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{emptied}?pool_size=4")
    await store.open()
    yield store
    await store.aclose()


class TestPostgresStore(StoreContract):
    """Keeps what the contract asks."""


class TestPostgresJournal(JournalContract):
    """Keeps what the contract asks."""


class TestPostgresLedger(LedgerContract):
    """Keeps what the contract asks."""
