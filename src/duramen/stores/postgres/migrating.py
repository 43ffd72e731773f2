"""Bringing a schema into the shape that this version knows, or refusing it untouched.

Migrations go forward only, each in a transaction of its own, by whoever comes first. Workers of the version before work
on meanwhile and afterwards, so a migration only adds: tables, indexes, columns that have a default or may be NULL. What
nothing reads any more is taken away a version later. Names that queries use are not changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier

from duramen.errors import SchemaVersionError, StoreCorruptError, StoreUnavailableError
from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.beginning import lock_key
from duramen.stores.postgres.connecting import Connection, Connections
from duramen.stores.postgres.distributing import dialect_of, statements_for
from duramen.stores.postgres.failures import translated
from duramen.stores.postgres.texts import quoted

Migrations: TypeAlias = Mapping[int, str]
"""The SQL of each migration by its number, rising from 1."""

OLDEST_SERVER = 140_000

_LOCK = "\x1e\x1emigrations"
"""No home is called so."""


@dataclass(frozen=True, slots=True)
class State:
    """What is there, and who asks.

    Attributes:
        version: Of the schema; 0 if there is none yet.
        known: The newest version that this Duramen knows.
        pending: The migrations that are missing.
        server: The server's version as a number, such as 180006.
        role: Who is logged in.
        unbound: Whether row policies do not bind this role: a superuser, or one with BYPASSRLS.
        owner: Whether the role owns the schema, or may create it: who does not cannot migrate.
        read_only: Whether the server is a standby, or accepts no changes otherwise.
    """

    version: int
    known: int
    pending: tuple[int, ...]
    server: int
    role: str
    unbound: bool
    owner: bool
    read_only: bool


@cache
def migrations() -> Migrations:
    """Return the migrations that this version knows."""
    found = (entry for entry in files(__package__).joinpath("migrations").iterdir() if entry.name.endswith(".sql"))
    return {int(entry.name[:4]): entry.read_text(encoding="utf-8") for entry in sorted(found, key=lambda e: e.name)}


def state_of(address: PostgresAddress, steps: Migrations | None = None) -> State:
    """Look at a schema without changing anything.

    Raises:
        StoreCorruptError: It is somebody else's.
        StoreUnavailableError: The database cannot be reached.
    """
    with translated(address), _connected(address) as connection:
        return _state(connection, address, migrations() if steps is None else steps)


def migrate(address: PostgresAddress, steps: Migrations | None = None) -> State:
    """Apply the migrations that are missing, and return what was found before.

    Others may do the same: the version is looked at again once the lock is held.

    Raises:
        SchemaVersionError: The schema was made by a newer version.
        StoreCorruptError: It is somebody else's.
        StoreUnavailableError: The database cannot be reached, or the server is too old.
    """
    known = migrations() if steps is None else steps
    with translated(address), _connected(address) as connection:
        state = _state(connection, address, known)
        if state.server < OLDEST_SERVER:
            raise StoreUnavailableError(
                f"{address.shown} is PostgreSQL {state.server // 10_000}; Duramen needs 14 or newer. Nothing was changed."
            )
        _refuse_newer(state.version, address, known)
        for number in state.pending:
            _apply(connection, address, number, known)
        return state


def _state(connection: Connection, address: PostgresAddress, known: Migrations) -> State:
    version = _version(connection, address)
    row = connection.execute(
        """
        SELECT current_user, rolsuper OR rolbypassrls, pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool,
            coalesce(
                (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = %(schema)s),
                has_database_privilege(current_database(), 'CREATE')
            )
        FROM pg_roles WHERE rolname = current_user
        """,
        {"schema": address.schema},
    ).fetchone()
    role, unbound, read_only, owner = row or (connection.info.user, False, False, True)
    pending = tuple(number for number in known if number > version)
    return State(version, max(known), pending, connection.info.server_version, role, unbound, owner, read_only)


def _version(connection: Connection, address: PostgresAddress) -> int:
    """Return the version of the schema, 0 if there is none or it is empty."""
    asked = {"schema": address.schema}
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %(schema)s", asked).fetchall()
    if not tables:
        return 0
    columns = connection.execute(
        "SELECT attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = %(schema)s AND relname = 'versions' AND attnum > 0",
        asked,
    ).fetchall()
    if ("version",) not in columns or ("banks",) not in tables:
        raise StoreCorruptError(
            f"{address.shown}",
            f"the schema {address.schema!r} holds tables of another program; name another one with '?schema=…'",
        )
    query = SQL("SELECT coalesce(max(version), 0)::int FROM {}").format(Identifier(address.schema, "versions"))
    ((version,),) = connection.execute(query).fetchall()
    return int(version)


def _apply(connection: Connection, address: PostgresAddress, number: int, known: Migrations) -> None:
    """Make one migration, unless somebody else has made it meanwhile."""
    settings = f"set_config('search_path', {quoted(_path(address))}, true), set_config('statement_timeout', '0', true)"
    connection.execute(f"BEGIN; SELECT {settings}".encode(), prepare=False)
    try:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key(address.schema, _LOCK)])
        version = _version(connection, address)
        _refuse_newer(version, address, known)
        if version < number:
            exists = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [address.schema]).fetchone()
            if exists is None:  # one that is there may belong to a role that may create none
                connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(address.schema)))
            text = statements_for(dialect_of(connection), known[number])
            connection.execute(text.encode(), prepare=False)
            connection.execute("INSERT INTO versions (version) VALUES (%s)", [number])
        connection.execute("COMMIT")
    finally:
        if not connection.closed and connection.pgconn.transaction_status != TransactionStatus.IDLE:
            connection.execute("ROLLBACK")


def _path(address: PostgresAddress) -> str:
    schema = address.schema.replace('"', '""')
    return f'"{schema}", pg_temp'


def _refuse_newer(version: int, address: PostgresAddress, known: Migrations) -> None:
    if version > max(known):
        raise SchemaVersionError(address.shown, version, max(known))


@contextmanager
def _connected(address: PostgresAddress) -> Iterator[Connection]:
    """Lend a connection that waits for as long as a migration takes."""
    connections = Connections(address)
    connection = connections.take()
    try:
        connection.patience = None
        yield connection
    finally:
        connection.close()
        connections.close()
