"""How the tables are spread over many machines, and what relatives of PostgreSQL take of the schema.

Citus hashes the column `bank`: the rows of a bank, in all tables, lie together on one machine, and a statement of one
bank is sent there. YugabyteDB and CockroachDB spread every table by its key, which is led by `bank`, so nothing is left
to distribute; but they do not take all that the migrations say. None of the three could be run where this was written:
what is said of them is from their documentation and sources. See DESIGN.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from duramen.errors import BadInputError, ConflictError, StoreUnavailableError
from duramen.stores.postgres.address import PostgresAddress, parse

COLUMN = "bank"

DISTRIBUTED = ("banks", "events", "memories", "forgotten", "sources", "queues", "jobs", "revisions", "shelf")
"""Led by `bank`; the first one leads the group that the others lie beside."""

LOCAL = ("versions",)
"""What stays where clients connect: it is asked there alone."""

OLDEST_CITUS = (11, 0)
"""The first whose free edition carries row policies to the machines, and moves rows that are there already."""

_LOCK = "duramen.distribute"


class Dialect(str, Enum):
    """A relative of PostgreSQL."""

    POSTGRESQL = "postgresql"
    CITUS = "citus"
    YUGABYTEDB = "yugabytedb"
    COCKROACHDB = "cockroachdb"


def dialect_of(connection: Connection[TupleRow]) -> Dialect:
    """Tell what is at the other end of a connection. PostgreSQL is Citus once that extension was created in it."""
    version = str(_one(connection, "SELECT version()"))
    if "CockroachDB" in version:
        return Dialect.COCKROACHDB
    if "-YB-" in version:
        return Dialect.YUGABYTEDB
    return Dialect.CITUS if _citus(connection) else Dialect.POSTGRESQL


# What is left out of a migration, or said otherwise. A test holds this to the migrations that there are.


def statements_for(dialect: Dialect, migration: str) -> str:
    r"""Return the text of a migration as a dialect takes it.

    >>> statements_for(Dialect.YUGABYTEDB, "CREATE TABLE a (bank text, PRIMARY KEY (bank, id)) WITH (fillfactor = 70);")
    'CREATE TABLE a (bank text, PRIMARY KEY ((bank) HASH, id ASC));'
    """
    for change in _CHANGES[dialect]:
        migration = change(migration)
    return migration


def _without_storage(text: str) -> str:
    """Leave out how rows lie on pages: those that are no heaps of PostgreSQL refuse it, and have no use for it."""
    text = re.sub(r"ALTER TABLE \w+\s+(?:ALTER COLUMN \w+ SET STORAGE \w+,?\s*)+;\n*", "", text)
    return re.sub(r"\)\s*WITH \([^)]*\);", ");", text)


def _without_collations(text: str) -> str:
    """Leave out the order of code points, which is CockroachDB's only one; it refuses its name at a column."""
    return text.replace(' COLLATE "C"', "")


def _without_subqueries(text: str) -> str:
    """Let policies read their settings at each row: neither Citus nor CockroachDB takes a subquery in a policy."""
    return re.sub(r"(CREATE|ALTER) POLICY .*?;", lambda policy: plain_policy(policy[0]), text, flags=re.DOTALL)


def _hashed(text: str) -> str:
    """Say which column of a key is hashed and which are in order: by its first column alone YugabyteDB would hash all."""
    text = re.sub(r"PRIMARY KEY \(bank, ([^)]*)\)", lambda key: f"PRIMARY KEY ((bank) HASH, {_rising(key[1])})", text)
    text = re.sub(
        r"( INDEX \w+ ON \w+) \(bank, ([^)]*)\)", lambda key: f"{key[1]} (bank HASH, {_rising(key[2])})", text
    )
    return re.sub(r"( INDEX \w+ ON \w+) \((?!bank\b)([^)]*)\)", lambda key: f"{key[1]} ({_rising(key[2])})", text)


def _rising(columns: str) -> str:
    return ", ".join(f"{column.strip()} ASC" for column in columns.split(","))


_CHANGES: dict[Dialect, Sequence[Callable[[str], str]]] = {
    Dialect.POSTGRESQL: (),
    Dialect.CITUS: (_without_subqueries,),
    Dialect.YUGABYTEDB: (_without_storage, _hashed),
    Dialect.COCKROACHDB: (_without_storage, _without_collations, _without_subqueries),
}


def plain_policy(condition: str) -> str:
    """Return the condition of a policy without subqueries that read from no table: `(SELECT x)` is `x` there.

    >>> plain_policy("bank = ANY((SELECT string_to_array(a, ',') AS b)::text[]) OR ( SELECT (c = 'SELECT'::text)) ")
    "bank = ANY((string_to_array(a, ','))::text[]) OR ((c = 'SELECT'::text)) "
    """
    while begin := re.search(r"\( ?SELECT ", condition):
        end = _closing(condition, begin.start())
        inner = re.sub(r" AS \"?\w+\"?$", "", condition[begin.end() : end])
        condition = f"{condition[: begin.start()]}({inner}{condition[end:]}"
    return condition


def _closing(text: str, start: int) -> int:
    """Return where the bracket ends that is at `start`; those in quotes do not count."""
    depth, quoted = 0, False
    for place in range(start, len(text)):
        quoted ^= text[place] == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"no end of the bracket at {start} in {text!r}")


# Citus.


def distribute(address: str, engine: str = "citus") -> list[str]:
    """Make the tables of a store distributed tables of Citus, each by `bank` and all beside one another.

    What is distributed already stays as it is, so that it can be called again: after it was broken off, or when a newer
    Duramen has made another table. Each table is moved in one transaction, with its rows. Nothing else may use the
    store meanwhile; it would wait.

    Args:
        address: Of the coordinator, as given to `duramen.open`; a role that owns the tables.
        engine: Only `citus` has anything to distribute.

    Returns:
        What was done, a sentence each.

    Raises:
        BadInputError: Another engine than Citus is named.
        ConflictError: The tables are not there, or are distributed in another way.
        StoreUnavailableError: There is no Citus, it is too old, it cannot be reached, or it refused.
    """
    if engine != Dialect.CITUS.value:
        raise BadInputError(
            f"{engine!r} needs no distributing, or is not known. Only 'citus' does; YugabyteDB and CockroachDB spread "
            f"tables by themselves. Nothing was changed."
        )
    place = parse(address)
    try:
        with psycopg.connect(place.conninfo, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"{_LOCK} {place.schema}"])
            return list(_distribute(connection, place))
    except psycopg.Error as error:
        said = error.diag.message_primary or "it cannot be reached"
        raise StoreUnavailableError(
            f"{place.shown} was not distributed to its end: {said}. Tables that were moved stay so, the others are as "
            f"they were. Mend the cause, and call it again."
        ) from error


def _distribute(connection: Connection[TupleRow], place: PostgresAddress) -> Iterator[str]:
    version = _citus(connection)
    _check_citus(version, place)
    _check_tables(connection, place)
    there = _distributed(connection, place)
    nodes = _one(connection, "SELECT count(*) FROM pg_dist_node WHERE isactive")
    yield f"Citus {version} has {nodes} active node{'' if nodes == 1 else 's'}."
    for table in DISTRIBUTED:
        yield f"{table} was distributed already." if table in there else _spread(connection, place.schema, table)
    yield f"{', '.join(LOCAL)} stays with the coordinator."


def _spread(connection: Connection[TupleRow], schema: str, table: str) -> str:
    """Distribute one table. Its policies bind its owner, too, who could neither read nor copy the rows that it moves."""
    name = sql.Identifier(schema, table)
    written = f"{_quoted(connection, schema)}.{table}"
    beside = "none" if table == DISTRIBUTED[0] else f"{_quoted(connection, schema)}.{DISTRIBUTED[0]}"
    with connection.transaction():
        connection.execute("SELECT set_config('duramen.over', 'all', true)")
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(name))
        rows = bool(_one(connection, sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(name)))
        connection.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(name))
        for policy, condition in _policies(connection, schema, table):
            altered = sql.SQL("ALTER POLICY {} ON {} USING ({})")
            connection.execute(altered.format(sql.Identifier(policy), name, sql.SQL(plain_policy(condition))))
        distributed = "SELECT create_distributed_table(%s::regclass, %s, colocate_with => %s)"
        connection.execute(distributed, [written, COLUMN, beside])
        if rows:  # copies that are read no more, but would outlive what is forgotten
            connection.execute("SELECT truncate_local_data_after_distributing_table(%s::regclass)", [written])
        connection.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(name))
    return f"{table} is distributed by {COLUMN}{', and its rows were moved' if rows else ''}."


def _check_citus(version: str, place: PostgresAddress) -> None:
    if not version:
        raise StoreUnavailableError(
            f"{place.shown} has no extension 'citus'. Load it (shared_preload_libraries = 'citus'), create it as a "
            f"superuser in this database on every node (CREATE EXTENSION citus), add the nodes, and call it again. "
            f"Nothing was changed."
        )
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST_CITUS:
        oldest = ".".join(map(str, OLDEST_CITUS))
        raise StoreUnavailableError(
            f"{place.shown} has Citus {version}, which cannot take row policies to its nodes, nor rows of tables that "
            f"have them. Upgrade to {oldest} or newer, and call it again. Nothing was changed."
        )


def _check_tables(connection: Connection[TupleRow], place: PostgresAddress) -> None:
    found = connection.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace "
        "WHERE nspname = %s AND relkind IN ('r', 'p')",
        [place.schema],
    )
    there = {name for (name,) in found}
    missing = sorted({*DISTRIBUTED, *LOCAL} - there)
    if missing:
        raise ConflictError(
            f"{place.shown} has no table {', '.join(missing)}. Run `duramen migrate` first. Nothing was changed."
        )


def _distributed(connection: Connection[TupleRow], place: PostgresAddress) -> set[str]:
    """Return the tables that are distributed; all in one group and by `bank`, or it raises."""
    found = connection.execute(
        "SELECT relname, partmethod, column_to_column_name(logicalrelid, partkey), colocationid "
        "FROM pg_dist_partition JOIN pg_class AS c ON c.oid = logicalrelid JOIN pg_namespace AS n ON n.oid = relnamespace "
        "WHERE nspname = %s AND relname = ANY(%s)",
        [place.schema, list(DISTRIBUTED)],
    ).fetchall()
    other = sorted(name for name, method, column, _ in found if (_text(method), column) != ("h", COLUMN))
    groups = {group for *_, group in found}
    if other or len(groups) > 1 or (found and DISTRIBUTED[0] not in {name for name, *_ in found}):
        which = ", ".join(other) or ", ".join(sorted(name for name, *_ in found))
        raise ConflictError(
            f"{place.shown} has tables that are distributed in another way: {which}. Undo it with "
            f"`SELECT undistribute_table('…')` for each, and call it again. Nothing was changed."
        )
    return {name for name, *_ in found}


def _policies(connection: Connection[TupleRow], schema: str, table: str) -> list[tuple[str, str]]:
    """Return the policies of a table that hold a subquery, with their conditions."""
    found = connection.execute(
        "SELECT polname, pg_get_expr(polqual, polrelid) FROM pg_policy "
        "JOIN pg_class AS c ON c.oid = polrelid JOIN pg_namespace AS n ON n.oid = relnamespace "
        "WHERE nspname = %s AND relname = %s",
        [schema, table],
    )
    return [(name, condition) for name, condition in found if "SELECT " in condition]


def _citus(connection: Connection[TupleRow]) -> str:
    found = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'citus'").fetchone()
    return "" if found is None else str(found[0])


def _quoted(connection: Connection[TupleRow], name: str) -> str:
    return sql.Identifier(name).as_string(connection)


def _text(value: Any) -> str:
    """Return a `"char"` as text, which a driver may give as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _one(connection: Connection[TupleRow], query: str | sql.Composed) -> Any:
    found = connection.execute(query).fetchone()
    assert found is not None
    return found[0]
