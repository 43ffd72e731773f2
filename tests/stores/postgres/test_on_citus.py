"""The contracts on Citus itself, where DURAMEN_TEST_CITUS_URL names a coordinator: as a role that may make schemas.

Every test makes a schema of its own, and takes it away.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql

from duramen.stores.postgres import PostgresStore
from duramen.stores.postgres.distributing import distribute
from tests.contracts.journal import JournalContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.shelf import Clock, ShelfContract
from tests.contracts.store import StoreContract

URL = os.environ.get("DURAMEN_TEST_CITUS_URL", "")

if not URL:
    pytest.skip("DURAMEN_TEST_CITUS_URL names no coordinator of Citus", allow_module_level=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(clock: Clock) -> AsyncIterator[PostgresStore]:
    schema = f"test_{secrets.token_hex(6)}"
    address = f"{URL}{'&' if '?' in URL else '?'}schema={schema}&pool_size=4"
    store = PostgresStore(address, clock=clock)
    await store.open()
    await store.aclose()
    distribute(address)
    await store.open()
    yield store
    await store.aclose()
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


class TestStoreOnCitus(StoreContract):
    """Keeps what the contract asks."""


class TestJournalOnCitus(JournalContract):
    """Keeps what the contract asks."""


class TestLedgerOnCitus(LedgerContract):
    """Keeps what the contract asks."""


class TestShelfOnCitus(ShelfContract):
    """Keeps what the contract asks."""
