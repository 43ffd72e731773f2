"""The contracts, over a real PostgreSQL; and what is PostgreSQL's alone."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen.stores.postgres import PostgresStore
from tests.contracts.journal import JournalContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.store import StoreContract
from tests.stores.examples import BANK, event, kept, texts


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


@pytest.mark.parametrize("name", ["id", "key", "actor", "session", "document"])
async def test_a_name_that_no_index_can_hold_is_refused_and_the_store_goes_on(store: PostgresStore, name: str) -> None:
    given: dict[str, Any] = {name: secrets.token_hex(1500)}
    long = replace(event(), **given)

    with pytest.raises(BadInputError, match="shorter"):
        await store.append(BANK, [long])

    await kept(store, [event()])
    assert len(await texts(store)) == 1
