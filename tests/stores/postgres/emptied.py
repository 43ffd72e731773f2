"""One database with a schema for all tests of a process, emptied before each: far faster than a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from duramen.stores.postgres import PostgresStore
from duramen.stores.postgres.distributing import DISTRIBUTED
from tests.postgres import Server


@dataclass(frozen=True, slots=True)
class Migrated:
    """A database with a schema, and a connection that empties its tables: as a superuser, since nobody else sees all."""

    url: str
    superuser: psycopg.Connection[tuple[Any, ...]]

    def empty(self) -> None:
        """Delete all rows, in one message."""
        self.superuser.execute("; ".join(f"DELETE FROM duramen.{table}" for table in DISTRIBUTED).encode())

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        ((count,),) = self.superuser.execute(f"SELECT count(*) FROM duramen.{table}".encode()).fetchall()
        return int(count)


@pytest.fixture(scope="session")
def migrated(postgres: Server) -> Iterator[Migrated]:
    url = postgres.database()
    asyncio.run(_open(url))
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(postgres.url_of(name, role="postgres", socket=True), autocommit=True) as superuser:
        yield Migrated(url, superuser)
    postgres.give_back(url)


@pytest.fixture
def emptied(migrated: Migrated) -> str:
    """The address of a database with a schema and without rows, for tests that leave no connection behind."""
    migrated.empty()
    return migrated.url


async def _open(url: str) -> None:
    store = PostgresStore(url)
    await store.open()
    await store.aclose()
