"""A statement that forgets its bank sees nothing of another one: the second wall, which the database itself keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

import psycopg
import pytest

from duramen.errors import StoreError
from duramen.stores.postgres.address import parse
from duramen.stores.postgres.database import PostgresDatabase
from duramen.stores.postgres.migrating import migrate
from duramen.stores.sql.statements import Statements
from duramen.tenancy import of_tenant
from tests.stores.postgres.small import as_admin

MINE, YOURS, THEIRS = "tenant:acme:user:ada", "tenant:acme:user:ben", "tenant:acme2:user:ada"
BANKS = (MINE, YOURS, THEIRS, "plain")
COMMON = "\x1elanggraph.store"

Columns = Mapping[str, str]


@pytest.fixture(autouse=True)
def watch() -> None:
    """Statements without a bank are what these tests are about."""


@pytest.fixture
def tables(database: str) -> dict[str, Columns]:
    """All tables by name with their columns, each holding one row of every bank."""
    migrate(parse(database))
    found = as_admin(
        database,
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'duramen' AND table_name <> 'versions'",
    )
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in found:
        tables.setdefault(str(table), {})[str(column)] = str(kind)
    rows = "; ".join(insert(table, tables[table], bank) for table in tables for bank in BANKS)
    as_admin(database, rows)
    return dict(tables)


@pytest.fixture
async def store(database: str, tables: dict[str, Columns]) -> AsyncIterator[PostgresDatabase]:
    known: dict[str, str] = {}
    for table, columns in tables.items():
        known[f"select {table}"] = f"SELECT bank FROM {table} ORDER BY bank"
        known[f"update {table}"] = f"UPDATE {table} SET bank = bank"
        known[f"delete {table}"] = f"DELETE FROM {table}"
        known[f"insert {table}"] = insert(table, columns, "somebody's")
        known[f"take {table}"] = f"UPDATE {table} SET bank = 'somebody''s'"
    store = PostgresDatabase(parse(database), known=known)
    await store.opened()
    yield store
    await store.aclose()


def insert(table: str, columns: Columns, bank: str) -> str:
    """Return a statement that inserts a row, with something in each column."""
    some = {"text": "'x'", "bytea": "'\\x01'", "boolean": "true", "timestamp with time zone": "now()"}
    values = {column: some.get(kind, "1") for column, kind in columns.items()} | {"bank": quoted(bank)}
    return f"INSERT INTO duramen.{table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def left(url: str, table: str) -> list[str]:
    """Return the banks that still have their row, whoever may see it."""
    return [str(bank) for (bank,) in as_admin(url, f'SELECT bank FROM duramen.{table} ORDER BY bank COLLATE "C"')]


def seen(sql: Statements, table: str) -> list[str]:
    return [bank for (bank,) in sql.run(f"select {table}", {}).fetchall()]


def run(sql: Statements, query: str) -> int:
    return sql.run(query, {}).rowcount


def test_every_table_of_the_catalog_has_a_wall_also_for_its_owner(database: str, tables: dict[str, Columns]) -> None:
    walled = as_admin(
        database,
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
        "WHERE relnamespace = 'duramen'::regnamespace AND relrowsecurity AND relforcerowsecurity AND polcmd = '*' "
        "AND polpermissive AND polroles = '{0}'",
    )
    there = as_admin(
        database, "SELECT relname FROM pg_class WHERE relnamespace = 'duramen'::regnamespace AND relkind <> 'i'"
    )

    assert sorted(walled) == sorted(set(there) - {("versions",)})
    assert len(tables) == len(walled)


async def test_bound_to_a_bank_nothing_of_another_is_seen_or_changed(
    store: PostgresDatabase, database: str, tables: dict[str, Columns]
) -> None:
    def forgetful(sql: Statements) -> list[tuple[list[str], int, int]]:
        return [
            (seen(sql, table), sql.run(f"update {table}", {}).rowcount, sql.run(f"delete {table}", {}).rowcount)
            for table in tables
        ]

    found = await store.write(forgetful, bank=MINE)

    assert found == [([MINE], 1, 1)] * len(tables)
    for table in tables:
        assert left(database, table) == sorted(set(BANKS) - {MINE})


async def test_bound_to_a_bank_nothing_is_written_into_another(
    store: PostgresDatabase, database: str, tables: dict[str, Columns]
) -> None:
    for table in tables:
        for query in (f"insert {table}", f"take {table}"):
            with pytest.raises(StoreError, match="belongs to another bank"):
                await store.write(partial(run, query=query), bank=MINE)

        assert left(database, table) == sorted(BANKS)


async def test_bound_to_banks_and_homes_these_are_seen(store: PostgresDatabase, tables: dict[str, Columns]) -> None:
    for table in tables:
        assert await store.read(partial(seen, table=table), bank=MINE, homes=["plain"]) == ["plain", MINE]
        assert await store.read(partial(seen, table=table), homes=[YOURS]) == [YOURS]


async def test_over_all_banks_all_are_seen_but_of_a_tenant_its_own_alone(
    store: PostgresDatabase, database: str, tables: dict[str, Columns]
) -> None:
    for table in tables:
        assert await store.read(partial(seen, table=table)) == sorted(BANKS)
        with of_tenant("acme"):
            assert await store.read(partial(seen, table=table)) == [MINE, YOURS]
            assert await store.write(partial(run, query=f"delete {table}")) == 2
        assert left(database, table) == sorted({THEIRS, "plain"})


async def test_of_a_tenant_a_bank_of_another_is_not_seen_though_it_was_asked_for(
    store: PostgresDatabase, tables: dict[str, Columns]
) -> None:
    for table in tables:
        with of_tenant("acme"):
            assert await store.read(partial(seen, table=table), bank=THEIRS) == []
            assert await store.read(partial(seen, table=table), bank="plain") == []
            assert await store.read(partial(seen, table=table), bank=MINE) == [MINE]


def test_who_says_nothing_sees_nothing_and_changes_nothing(database: str, tables: dict[str, Columns]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for table, columns in tables.items():
            assert connection.execute(f"SELECT * FROM duramen.{table}".encode()).fetchall() == []
            assert connection.execute(f"UPDATE duramen.{table} SET bank = bank".encode()).rowcount == 0
            assert connection.execute(f"DELETE FROM duramen.{table}".encode()).rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                connection.execute(insert(table, columns, "new").encode())

    for table in tables:
        assert left(database, table) == sorted(BANKS)


async def test_what_is_of_no_bank_on_the_shelf_is_everybodys(
    store: PostgresDatabase, database: str, tables: dict[str, Columns]
) -> None:
    as_admin(database, insert("shelf", tables["shelf"], COMMON))

    with of_tenant("acme"):
        assert await store.read(lambda sql: seen(sql, "shelf"), bank=MINE) == [COMMON, MINE]
