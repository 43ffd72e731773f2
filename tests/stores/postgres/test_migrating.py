"""Schemas are made and brought forward once, whoever comes first, and are left alone if they are not ours."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from duramen.errors import SchemaVersionError, StoreCorruptError, StoreUnavailableError
from duramen.stores.postgres.address import parse
from duramen.stores.postgres.database import PostgresDatabase
from duramen.stores.postgres.migrating import migrate, migrations, state_of
from tests.stores.postgres.small import FIRST, QUERIES, STEPS, add_one, as_admin, count, opened

SECOND = "ALTER TABLE banks ADD COLUMN colour text; CREATE INDEX banks_by_colour ON banks (colour);"
SLOW = f"SELECT pg_sleep(0.2); {SECOND}"


@pytest.fixture(autouse=True)
def watch() -> None:
    """Where statements of the small schema are sent is of no interest."""


def made(url: str) -> list[tuple[object, ...]]:
    return as_admin(url, "SELECT version FROM duramen.versions ORDER BY version")


def test_whoever_comes_first_makes_it_and_only_once(database: str) -> None:
    address, begin = parse(database), threading.Barrier(4)

    def come() -> None:
        begin.wait(30)
        migrate(address, {1: FIRST, 2: SLOW})

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(come) for _ in range(4)]:
            each.result()

    assert made(database) == [(1,), (2,)]


def test_what_there_is_is_told_without_changing_it(database: str) -> None:
    address = parse(database)
    before = state_of(address, {1: FIRST, 2: SECOND})
    migrate(address, STEPS)
    after = state_of(address, {1: FIRST, 2: SECOND})

    assert (before.version, before.known, before.pending) == (0, 2, (1, 2))
    assert (after.version, after.known, after.pending) == (1, 2, (2,))
    assert (after.role, after.unbound, after.owner, after.read_only) == ("duramen", False, True, False)
    assert after.server >= 140000
    assert made(database) == [(1,)]


def test_a_migration_that_fails_leaves_the_version_before_it(database: str) -> None:
    with pytest.raises(StoreCorruptError, match="no_such_table"):
        migrate(parse(database), {1: FIRST, 2: f"{SECOND}; INSERT INTO no_such_table VALUES (1);"})

    assert made(database) == [(1,)]
    migrate(parse(database), {1: FIRST, 2: SECOND})
    assert made(database) == [(1,), (2,)]


async def test_a_worker_of_the_version_before_works_on_meanwhile_and_afterwards(database: str) -> None:
    async with opened(database) as old:
        await old.write(lambda sql: sql.run("make", {}), bank="ada")
        newer = PostgresDatabase(parse(database), known=QUERIES, steps={1: FIRST, 2: SLOW})
        numbers = [await old.write(add_one, bank="ada") for _ in range(20)]
        await newer.opened()

        numbers += [await old.write(add_one, bank="ada"), await newer.write(add_one, bank="ada")]
        await newer.aclose()

        assert numbers == list(range(1, 23))
        assert await count(old, "ada") == 22


def test_a_newer_schema_is_refused_untouched(database: str) -> None:
    address = parse(database)
    migrate(address, {1: FIRST, 2: SECOND})

    with pytest.raises(SchemaVersionError, match="has schema version 2; this Duramen knows versions up to 1"):
        migrate(address, STEPS)

    assert made(database) == [(1,), (2,)]
    assert state_of(address, STEPS).pending == ()


@pytest.mark.parametrize(
    "foreign",
    ["CREATE TABLE duramen.theirs (a int)", "CREATE TABLE duramen.versions (version int)"],
)
def test_a_schema_of_another_program_is_refused_untouched(database: str, foreign: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE SCHEMA duramen")
        connection.execute(foreign.encode())
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'duramen'"

    with pytest.raises(StoreCorruptError, match=r"tables of another program; name another one with '\?schema=…'"):
        migrate(parse(database))

    assert as_admin(database, tables) == [(1,)]


def test_several_schemas_of_a_database_stand_beside_each_other(database: str) -> None:
    for schema in ("one", "Quo%22ted%20name"):
        migrate(parse(f"{database}?schema={schema}"), STEPS)

    found = as_admin(database, "SELECT schemaname FROM pg_tables WHERE tablename = 'banks' ORDER BY 1")
    assert found == [('Quo"ted name',), ("one",)]


def test_who_may_not_make_a_schema_is_told_and_one_that_is_there_is_used(database: str) -> None:
    name = database.rpartition("/")[2]
    as_admin(database, f"REVOKE CREATE ON DATABASE {name} FROM duramen; ALTER DATABASE {name} OWNER TO postgres")
    address = parse(database)

    assert not state_of(address, STEPS).owner
    with pytest.raises(StoreUnavailableError, match="permission denied for database"):
        migrate(address, STEPS)
    as_admin(database, "CREATE SCHEMA duramen AUTHORIZATION duramen")
    migrate(address, STEPS)

    assert made(database) == [(1,)]


def test_a_role_that_may_not_change_the_schema_finds_nothing_to_do(database: str) -> None:
    migrate(parse(database))
    as_admin(
        database,
        "DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN PASSWORD 'app'; GRANT USAGE ON SCHEMA duramen TO app; "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA duramen TO app",
    )
    state = migrate(parse(database.replace("//duramen:bark%20and%20heartwood", "//app:app")))

    assert (state.version, state.pending, state.owner) == (max(migrations()), (), False)
    as_admin(database, "DROP OWNED BY app; DROP ROLE app")
