"""The contracts on Citus itself, where DURAMEN_TEST_CITUS_URL names a coordinator: as a role that may make schemas.

Every test makes a schema of its own, and takes it away. With `stand-in` as that address, the contracts run as they would
there, on a PostgreSQL of our own; see `test_distributing.py`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from psycopg import sql

from duramen.stores.placing import Clock as TellsTime
from duramen.stores.postgres import PostgresStore
from duramen.stores.postgres.distributing import distribute
from duramen.times import utc_now
from tests.contracts.journal import JournalContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.shelf import Clock, ShelfContract
from tests.contracts.store import StoreContract
from tests.postgres import Server
from tests.stores.postgres.routing import Watch, refusals
from tests.stores.postgres.test_distributing import create_stand_in

URL = os.environ.get("DURAMEN_TEST_CITUS_URL", "")
STAND_IN = "stand-in"

if not URL:
    pytest.skip("DURAMEN_TEST_CITUS_URL names no coordinator of Citus", allow_module_level=True)


@pytest.fixture(scope="module")
def coordinator(request: pytest.FixtureRequest) -> Iterator[str]:
    if URL != STAND_IN:
        yield URL
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.database()
    create_stand_in(server, url, "12.1")
    yield url
    server.give_back(url)


@pytest.fixture
def clock() -> TellsTime:
    return utc_now


@pytest.fixture
async def store(coordinator: str, clock: TellsTime, watch: Watch) -> AsyncIterator[PostgresStore]:
    schema = f"test_{secrets.token_hex(6)}"
    address = f"{coordinator}{'&' if '?' in coordinator else '?'}schema={schema}&pool_size=4"
    store = PostgresStore(address, clock=clock)
    await store.open()
    await store.aclose()
    distribute(address)
    await store.open()
    yield store
    await store.aclose()
    with psycopg.connect(coordinator, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    assert [statement for statement, bound in watch.sent if refusals(statement, bound=bound)] == []


class TestStoreOnCitus(StoreContract):
    """Keeps what the contract asks."""


class TestJournalOnCitus(JournalContract):
    """Keeps what the contract asks."""


class TestLedgerOnCitus(LedgerContract):
    """Keeps what the contract asks."""


class TestShelfOnCitus(ShelfContract):
    """Keeps what the contract asks."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()
