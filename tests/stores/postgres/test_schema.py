"""The migrations end in `schema.sql`; each query fits it, and is answered by an index that begins with its bank."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg
import pytest

from duramen.stores.postgres.distributing import DISTRIBUTED
from duramen.stores.postgres.migrating import migrations
from duramen.stores.postgres.statements import queries
from tests.postgres import Server
from tests.stores.postgres.emptied import Migrated

Connection = psycopg.Connection[tuple[Any, ...]]

CATALOG = {
    "columns": """
        SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, collname, attstorage,
            pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_collation ON pg_collation.oid = attcollation
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = to_regnamespace(%(schema)s) AND relkind = 'r' AND attnum > 0 ORDER BY relname, attnum
    """,
    "tables": """
        SELECT relname, reloptions, relrowsecurity, relforcerowsecurity, obj_description(oid, 'pg_class') FROM pg_class
        WHERE relnamespace = to_regnamespace(%(schema)s) AND relkind = 'r' ORDER BY relname
    """,
    "indexes": """
        SELECT indexname, replace(indexdef, ' ' || schemaname || '.', ' ') FROM pg_indexes
        WHERE schemaname = %(schema)s ORDER BY indexname
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = to_regnamespace(%(schema)s) ORDER BY 2, 1
    """,
    "policies": """
        SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies
        WHERE schemaname = %(schema)s ORDER BY tablename
    """,
}


@pytest.fixture
def connection(postgres: Server, migrated: Migrated) -> Iterator[Connection]:
    """A connection as the role that owns the tables, bound to a bank; what it does is undone."""
    with psycopg.connect(migrated.url) as connection:
        connection.execute("SET LOCAL search_path = duramen")
        connection.execute("SET LOCAL duramen.banks = 'user:ada'")
        yield connection
        connection.rollback()


FILLING = """
    INSERT INTO banks (bank, number, created) SELECT 'bank' || n, n, 0 FROM generate_series(1, 200) AS n;
    INSERT INTO events (bank, number, id, state, key, position, kind, session, mentioned, stored, expires, tags, entities,
        metadata, content)
    SELECT 'bank' || n % 5, n, n, CASE n % 50 WHEN 0 THEN 0 WHEN 1 THEN 2 ELSE 1 END, n, 0, 'fact', n % 99, n, n,
        CASE WHEN n % 20 = 0 THEN n END, '[]', '[]', '{}', 'content'
    FROM generate_series(1, 3000) AS n;
    INSERT INTO memories (bank, number, id, event, key, position, kind, session, mentioned, stored, tokens, strategy,
        namespace, tags, entities, metadata, text, vector)
    SELECT bank, number, id, id, key, 0, 'fact', session, mentioned, stored, 1,
        CASE WHEN number % 20 = 0 THEN 's' END, CASE WHEN number % 20 = 0 THEN id END, '[]', '[]', '{}', content,
        CASE WHEN number % 200 <> 0 THEN ''::bytea END
    FROM events;
    INSERT INTO forgotten (bank, digest) SELECT bank, sha256(id::bytea) FROM events;
    INSERT INTO sources (bank, number, event, memory) SELECT bank, number, id, id FROM events;
    INSERT INTO queues (bank, strategy, ready) SELECT 'bank' || n, 's', n FROM generate_series(1, 1000) AS n;
    INSERT INTO jobs (bank, number, strategy, event, state, due, lease, created, key, mentioned)
    SELECT bank, number, 's', id, number % 2, number, CASE WHEN number % 9 = 0 THEN id END, 0, key, mentioned FROM events;
    INSERT INTO revisions (bank, number, strategy, version, decision, memory, at, sources, added, reason, text)
    SELECT bank, number, 's', '1', 'add', id, 0, '[]', '[]', '', '' FROM events;
    INSERT INTO shelf (bank, path, key, created, updated, expires, value)
    SELECT bank, session::bytea, id, 0, 0, expires, '' FROM events;
"""


@pytest.fixture(scope="module")
def filled(migrated: Migrated) -> Iterator[Connection]:
    """Like the above, with so many rows that indexes pay."""
    with psycopg.connect(migrated.url) as connection:
        connection.execute("SET LOCAL search_path = duramen")
        connection.execute("SET LOCAL duramen.over = 'all'")
        for table in DISTRIBUTED:  # what tests before left there
            connection.execute(f"DELETE FROM {table}".encode())
        connection.execute(FILLING.encode())
        connection.execute(f"ANALYZE {', '.join(DISTRIBUTED)}".encode())
        yield connection
        connection.rollback()


def test_the_migrations_end_in_the_schema(connection: Connection) -> None:
    schema = files("duramen.stores.postgres").joinpath("schema.sql").read_text(encoding="utf-8")
    found = {}

    for name, scripts in {"migrated": migrations().values(), "read": [schema]}.items():
        connection.execute(f"CREATE SCHEMA {name}".encode())
        connection.execute(f"SET LOCAL search_path = {name}".encode())
        for script in scripts:
            connection.execute(script.encode())
        found[name] = {
            what: connection.execute(asked.encode(), {"schema": name}).fetchall() for what, asked in CATALOG.items()
        }

    assert found["migrated"] == found["read"]
    assert all(found["read"].values())


def test_the_migrations_are_numbered_without_gaps() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


def test_every_table_of_banks_is_walled_and_led_by_its_bank(connection: Connection) -> None:
    tables = connection.execute(CATALOG["tables"].encode(), {"schema": "duramen"}).fetchall()
    keys = connection.execute(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'duramen'::regnamespace AND contype IN ('p', 'u')"
    ).fetchall()

    assert {name for name, *_ in tables} == {*DISTRIBUTED, "versions"}
    assert {name for name, _, walled, forced, _ in tables if walled and forced} == set(DISTRIBUTED)
    assert [name for name, *_, comment in tables if not comment] == []
    assert [key for table, key in keys if table != "versions" and not re.search(r"KEY \(bank[,)]", key)] == []


@pytest.mark.parametrize(
    "name", [name for name, text in queries().items() if re.match("SELECT|INSERT|UPDATE|DELETE|WITH", text)]
)
def test_each_query_fits_the_schema(connection: Connection, name: str) -> None:
    assert _plan(connection, name)


@pytest.mark.parametrize(
    ("query", "index", "condition"),
    [
        ("bank_version", "banks_pkey", "(bank = $1)"),
        ("event_digests", "events_pkey", "((bank = $1) AND (id = ANY ($2)))"),
        ("held_events", "events_pkey", "((bank = $2) AND (id = ANY ($3)))"),
        ("anything_due", "events_pending", ""),
        ("due_banks", "events_pending", ""),
        ("insert_event", "events_by_number", "(bank = $1)"),
        ("failures", "events_failed", ""),
        ("list_events", "events_by_time", "((bank = $1) AND (ROW(mentioned, id) > ROW($2, $3)))"),
        ("list_few_appended", "events_by_number", "((bank = $1) AND (number > $2))"),
        ("read_rows", "memories_pkey", "((bank = $1) AND (number > $2) AND (number <= $3))"),
        ("read_rows_made", "memories_made", "((bank = $1) AND (number > $2) AND (number <= $3))"),
        ("get_memories", "memories_pkey", "((bank = $1) AND (number = ANY"),
        ("get_memories", "sources_of_memory", "((bank = $1) AND (memory = memories.id))"),
        ("get_late", "memories_pkey", "((bank = $1) AND (number = ANY"),
        ("delete_memories_of_events", "memories_of_event", "((bank = $1) AND (event = ANY ($2)))"),
        ("list_memories_of_session", "memories_of_session", "((bank = $1) AND (session = $2)"),
        ("any_unembedded", "memories_unembedded", ""),
        ("is_forgotten", "forgotten_pkey", "((bank = $1) AND (digest = $3))"),
        ("first_due_job", "jobs_pending", "((bank = $1) AND (strategy = $2) AND (due <= $3))"),
        ("ready_queues", "queues_by_ready", "(ready <= $1)"),
        ("next_queue", "queues_by_ready", ""),
        ("put_off_queue", "jobs_pending", "((bank = $2) AND (strategy = $3) AND (due > $4))"),
        (
            "ready_queues_of_events",
            "jobs_of_event",
            "((bank = $1) AND (event = ANY ($2)) AND (strategy = queues.strategy))",
        ),
        ("free_queue", "jobs_leased", "((bank = $1) AND (lease = $3))"),
        ("list_jobs", "jobs_pkey", "((bank = $1) AND (number > $2))"),
        ("anything_expired", "events_expiring", "(expires <= $1)"),
        ("list_revisions", "revisions_pkey", "((bank = $1) AND (number > $2))"),
        ("get_entry", "shelf_by_place", "((path = $2) AND (key = $3))"),
        ("scan_entries", "shelf_pkey", "(bank = $1) AND (ROW(path, key) >= ROW($2, $3))"),
        ("scan_entries_of_all", "shelf_by_place", "(ROW(path, key) >= ROW($1, $2))"),
        ("shelf_paths_of_all", "shelf_by_place", "(path = places.path)"),
        ("shelf_segments", "shelf_pkey", "((bank = $2) AND (path > $3))"),
        ("shelf_segments", "shelf_pkey", "((bank = $2) AND (path >= longer.path) AND (path < (longer.path ||"),
        ("entries_across", "shelf_pkey", "((bank = $1) AND (path = ANY ("),
        ("entries_across_all", "shelf_by_place", "(path = ANY ("),
        ("shelf_segments_of_all", "shelf_by_place", "(path > $2)"),
        ("shelf_segments_of_all", "shelf_by_place", "((path >= longer.path) AND (path < (longer.path ||"),
    ],
)
def test_what_is_asked_often_is_answered_by_an_index(
    filled: Connection, query: str, index: str, condition: str
) -> None:
    """Also behind the row policies, which some conditions may not be brought forward of."""
    plan = "\n".join(_plan(filled, query))
    plan = re.sub(r"::[\w ]+?(\[\])?(?=[),\s])|(?<=\w)_\d+(?=\.)", "", plan)

    conditions = [" ".join(part.split()) for part in re.findall(rf"(?:using|on) {index}\b.*\n(.*)", plan)]
    assert any(condition in part for part in conditions), plan


def _plan(connection: Connection, name: str) -> list[str]:
    """Return the plan of a query, whatever its parameters, which are numbered as they come."""
    text = queries()[name]
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", text)
    connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    types = ", ".join(["unknown"] * len(names))
    connection.execute(f"PREPARE asked{f' ({types})' if types else ''} AS {numbered}".encode())
    nulls = ", ".join(["NULL"] * len(names))
    found = connection.execute(f"EXPLAIN (COSTS OFF) EXECUTE asked{f' ({nulls})' if nulls else ''}".encode()).fetchall()
    connection.execute("DEALLOCATE asked")
    return [line for (line,) in found]
