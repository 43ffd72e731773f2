"""What makes the tables distributed ones.

A stand-in of a few lines takes the place of Citus in a real PostgreSQL: it keeps its catalog, and refuses what Citus
refuses. Citus itself is asked in `test_on_citus.py`, where there is one.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from duramen.errors import BadInputError, ConflictError, StoreUnavailableError
from duramen.stores.postgres.citus import passed_on
from duramen.stores.postgres.distributing import (
    DISTRIBUTED,
    LOCAL,
    Dialect,
    dialect_of,
    distribute,
    plain_policy,
)
from tests.postgres import Server

MIGRATIONS = sorted(Path(str(files("duramen.stores.postgres"))).glob("migrations/*.sql"))

STAND_IN = """
CREATE TABLE pg_dist_node (isactive boolean);
INSERT INTO pg_dist_node VALUES (true), (true);
CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod "char", partkey text, colocationid int);
GRANT SELECT, INSERT ON pg_dist_node, pg_dist_partition TO PUBLIC;
CREATE FUNCTION column_to_column_name(regclass, text) RETURNS text LANGUAGE sql AS 'SELECT $2';

CREATE FUNCTION create_distributed_table(made regclass, by text, colocate_with text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE rows boolean; led text;
BEGIN
    IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = made) THEN
        RAISE EXCEPTION 'table % is already distributed', made;
    END IF;
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = made AND pg_get_expr(polqual, polrelid) LIKE '%SELECT%') THEN
        RAISE EXCEPTION 'cannot create policy' USING DETAIL = 'Subqueries are not supported in policies on distributed tables';
    END IF;
    FOR led IN SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = made AND indisunique
    LOOP
        IF led <> by THEN RAISE EXCEPTION 'cannot create constraint on %', (SELECT relname FROM pg_class WHERE oid = made); END IF;
    END LOOP;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', made) INTO rows;
    IF rows AND (SELECT relforcerowsecurity FROM pg_class WHERE oid = made) THEN
        RAISE EXCEPTION 'COPY FROM not supported with row-level security';
    END IF;
    INSERT INTO pg_dist_partition SELECT made, 'h', by, CASE WHEN colocate_with = 'none' THEN
        (SELECT count(*) + 1 FROM pg_dist_partition)
        ELSE (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass) END;
END $$;

CREATE FUNCTION truncate_local_data_after_distributing_table(made regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('COMMENT ON TABLE %s IS %L', made, 'emptied here'); END $$;
"""


def _made(url: str) -> None:
    """Make the tables of a store, as the migrations say."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA duramen")
        connection.execute("SET search_path = duramen")
        for migration in MIGRATIONS:
            connection.execute(migration.read_bytes())


@pytest.fixture
def made(database: str) -> str:
    _made(database)
    return database


@pytest.fixture
def with_citus(postgres: Server, made: str) -> str:
    """A database with the tables and the stand-in."""
    create_stand_in(postgres, made, "12.1")
    return made


def create_stand_in(postgres: Server, url: str, version: str) -> None:
    folder = postgres.directory / "stand-in" / "extension"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "citus.control").write_text("comment = 'stands in for Citus'\nrelocatable = true\n")
    (folder / f"citus--{version}.sql").write_text(STAND_IN)
    with psycopg.connect(postgres.url_of(_name(url), role="postgres", socket=True), autocommit=True) as connection:
        connection.execute(f"SET extension_control_path = '{folder.parent}'")
        connection.execute(f"CREATE EXTENSION citus VERSION '{version}'")


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _distributed(url: str) -> list[tuple[str, str, int]]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT logicalrelid::text, partkey, colocationid FROM pg_dist_partition ORDER BY 1")
        return [(name.rpartition(".")[2], key, group) for name, key, group in found]


def _keep_a_bank(url: str, name: str = "ada") -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('duramen.over', 'all', true)")
        connection.execute("INSERT INTO duramen.banks (bank, number, created) VALUES (%s, 1, 0)", [name])


def test_all_tables_are_distributed_by_bank_and_beside_one_another(with_citus: str) -> None:
    told = distribute(with_citus)

    found = _distributed(with_citus)
    assert [(name, key) for name, key, _ in found] == [(name, "bank") for name in sorted(DISTRIBUTED)]
    assert len({group for *_, group in found}) == 1
    assert told[0] == "Citus 12.1 has 2 active nodes."
    assert told[-1] == "versions stays with the coordinator."


def test_rows_that_are_there_are_moved_and_the_walls_stand_afterwards(with_citus: str) -> None:
    _keep_a_bank(with_citus)

    told = distribute(with_citus)

    assert "banks is distributed by bank, and its rows were moved." in told
    assert "events is distributed by bank." in told
    with psycopg.connect(with_citus) as connection:
        forced = connection.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity ORDER BY relname")
        assert [name for (name,) in forced] == sorted(DISTRIBUTED)
        emptied = connection.execute("SELECT obj_description('duramen.banks'::regclass)").fetchone()
        assert emptied == ("emptied here",)


def test_it_can_be_called_again_and_goes_on_where_it_was_broken_off(postgres: Server, with_citus: str) -> None:
    admin = postgres.url_of(_name(with_citus), role="postgres", socket=True)
    with psycopg.connect(admin) as connection:
        connection.execute("ALTER TABLE duramen.jobs ADD CONSTRAINT astray UNIQUE (number)")

    with pytest.raises(StoreUnavailableError, match="cannot create constraint on jobs") as error:
        distribute(with_citus)
    broken_off = [name for name, *_ in _distributed(with_citus)]
    with psycopg.connect(admin) as connection:
        connection.execute("ALTER TABLE duramen.jobs DROP CONSTRAINT astray")
    told = distribute(with_citus)

    assert "call it again" in str(error.value)
    assert "banks" in broken_off
    assert "jobs" not in broken_off
    assert "banks was distributed already." in told
    assert "jobs is distributed by bank." in told
    assert [line for line in distribute(with_citus) if line.endswith("by bank.")] == []


def test_settings_that_citus_passes_on_arrive_as_they_are(made: str) -> None:
    banks = "ada\x1fo'brien\x1fa\\b\x1fé"

    with psycopg.connect(made, autocommit=True) as connection, connection.transaction():
        for statement in passed_on({"duramen.banks": banks, "duramen.over": ""}):
            assert statement.startswith("SET LOCAL ")
            connection.execute(statement.encode())
        found = connection.execute(
            "SELECT current_setting('duramen.banks'), current_setting('duramen.over')"
        ).fetchone()
        local = connection.execute("SHOW citus.propagate_set_commands").fetchone()

    assert found == (banks, "")
    assert local == ("local",)


def test_where_there_is_no_citus_nothing_is_changed_and_it_says_what_to_do(made: str) -> None:
    with pytest.raises(
        StoreUnavailableError, match=r"no extension 'citus'.*CREATE EXTENSION citus.*Nothing was changed"
    ):
        distribute(made)


def test_a_citus_that_cannot_move_walled_rows_is_refused(postgres: Server, made: str) -> None:
    create_stand_in(postgres, made, "10.2")

    with pytest.raises(StoreUnavailableError, match=r"Citus 10\.2.*Upgrade to 11\.0 or newer.*Nothing was changed"):
        distribute(made)
    assert _distributed(made) == []


def test_without_tables_there_is_nothing_to_distribute(postgres: Server, database: str) -> None:
    create_stand_in(postgres, database, "12.1")

    with pytest.raises(ConflictError, match=r"no table banks.*duramen migrate"):
        distribute(database)


def test_tables_that_are_distributed_otherwise_are_left_alone(with_citus: str) -> None:
    with psycopg.connect(with_citus) as connection:
        connection.execute("INSERT INTO pg_dist_partition VALUES ('duramen.banks', 'h', 'number', 7)")

    with pytest.raises(ConflictError, match=r"in another way: banks.*undistribute_table"):
        distribute(with_citus)


def test_only_citus_has_anything_to_distribute() -> None:
    with pytest.raises(BadInputError, match="'yugabytedb' needs no distributing"):
        distribute("postgresql://db/memory", "yugabytedb")


def test_a_server_that_is_away_is_said_to_be_without_a_password() -> None:
    with pytest.raises(StoreUnavailableError, match="cannot be reached") as error:
        distribute("postgresql://duramen:secret@127.0.0.1:1/memory?connect_timeout=2")
    assert "secret" not in str(error.value)


def test_what_is_at_the_other_end_is_told(postgres: Server, made: str) -> None:
    with psycopg.connect(made) as connection:
        assert dialect_of(connection) is Dialect.POSTGRESQL
    create_stand_in(postgres, made, "12.1")
    with psycopg.connect(made) as connection:
        assert dialect_of(connection) is Dialect.CITUS


# The walls, said without subqueries, are the same walls.


SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"banks": "ada"},
    {"banks": "ada\x1ftenant:t:eve"},
    {"over": "all"},
    {"over": "all", "tenant": "t"},
    {"banks": "ada\x1ftenant:t:eve", "tenant": "t"},
    {"banks": "resource:tenant%3At%3Am", "tenant": "t"},
    {"banks": "tenant:t:eve", "tenant": "u"},
)


def test_plain_policies_let_the_same_rows_through(made: str) -> None:
    names = ("ada", "tenant:t:eve", "tenant:u:bob", "resource:tenant%3At%3Am", "\x1eroot")
    with psycopg.connect(made) as connection:
        connection.execute("SELECT set_config('duramen.over', 'all', true)")
        for name in names:
            connection.execute("INSERT INTO duramen.banks (bank, number, created) VALUES (%s, 1, 0)", [name])
            connection.execute("INSERT INTO duramen.shelf VALUES (%s, '', '', 0, 0, NULL, NULL, '')", [name])
        before = [_seen(connection, settings) for settings in SETTINGS]
        for table in ("banks", "shelf"):
            _make_plain(connection, table)

        assert [_seen(connection, settings) for settings in SETTINGS] == before
        assert [len(banks) for banks, _ in before] == [0, 1, 2, 5, 2, 1, 1, 0]


def _seen(connection: psycopg.Connection[Any], settings: dict[str, str]) -> tuple[list[str], list[str]]:
    for name in ("banks", "over", "tenant"):
        connection.execute("SELECT set_config(%s, %s, true)", [f"duramen.{name}", settings.get(name, "")])
    banks = connection.execute("SELECT bank FROM duramen.banks ORDER BY bank").fetchall()
    shelf = connection.execute("SELECT bank FROM duramen.shelf ORDER BY bank").fetchall()
    return [bank for (bank,) in banks], [bank for (bank,) in shelf]


def _make_plain(connection: psycopg.Connection[Any], table: str) -> None:
    asked = "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = %s::regclass"
    found = connection.execute(asked, [f"duramen.{table}"]).fetchone()
    assert found is not None
    plain = plain_policy(str(found[0]))
    assert "SELECT" not in plain
    altered = sql.SQL("ALTER POLICY walls ON duramen.{} USING ({})")
    connection.execute(altered.format(sql.Identifier(table), sql.SQL(plain)))


# The schema.


def test_every_key_and_unique_index_is_led_by_the_bank(made: str) -> None:
    with psycopg.connect(made) as connection:
        found = connection.execute(
            "SELECT c.relname, i.indexrelid::regclass::text, attname, collname, attnotnull FROM pg_index AS i "
            "JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
            "LEFT JOIN pg_collation AS o ON o.oid = attcollation "
            "WHERE c.relnamespace = 'duramen'::regnamespace AND i.indisunique"
        ).fetchall()

    assert {table for table, *_ in found} == {*DISTRIBUTED, *LOCAL}
    led = {(column, collation, never_null) for table, _, column, collation, never_null in found if table not in LOCAL}
    assert led == {("bank", "C", True)}


def test_nothing_ties_one_bank_to_another(made: str) -> None:
    with psycopg.connect(made) as connection:
        found = connection.execute(
            "SELECT relkind::text, relname FROM pg_class WHERE relnamespace = 'duramen'::regnamespace "
            "AND relkind NOT IN ('i', 't')"
        ).fetchall()
        keys = connection.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = 'duramen'::regnamespace AND contype IN ('f', 'x')"
        ).fetchall()
        triggers = connection.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").fetchall()

    assert set(found) == {("r", table) for table in (*DISTRIBUTED, *LOCAL)}
    assert keys == triggers == []


def test_every_distributed_table_is_walled_also_for_its_owner(made: str) -> None:
    with psycopg.connect(made) as connection:
        walled = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
            "AND relnamespace = 'duramen'::regnamespace"
        ).fetchall()

    assert {name for (name,) in walled} == set(DISTRIBUTED)
