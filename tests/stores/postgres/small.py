"""A small schema with a few queries, for tests of the database alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from duramen.stores.postgres.address import parse
from duramen.stores.postgres.database import PostgresDatabase
from duramen.stores.sql.statements import Statements

FIRST = """
CREATE TABLE banks (bank text COLLATE "C" PRIMARY KEY, counter bigint NOT NULL DEFAULT 0);
CREATE TABLE things (bank text COLLATE "C", key text COLLATE "C", value bytea, PRIMARY KEY (bank, key));
CREATE TABLE versions (version integer PRIMARY KEY);
ALTER TABLE banks ENABLE ROW LEVEL SECURITY;
ALTER TABLE banks FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON banks USING (
    bank = ANY(string_to_array(current_setting('duramen.banks', true), E'\\x1f'))
    OR current_setting('duramen.over', true) = 'all'
);
"""

STEPS = {1: FIRST}

QUERIES = {
    "make": "INSERT INTO banks (bank) VALUES (%(name)s)",
    "make_named": "INSERT INTO banks (bank) VALUES (%(bank)s)",
    "counter": "SELECT counter FROM banks WHERE bank = %(name)s",
    "counter_of": "SELECT counter FROM banks WHERE bank = %(bank)s",
    "set": "UPDATE banks SET counter = %(counter)s WHERE bank = %(name)s",
    "add": "UPDATE banks SET counter = counter + 1 WHERE bank = %(bank)s",
    "banks": "SELECT bank FROM banks ORDER BY bank",
    "among": "SELECT bank FROM banks WHERE bank = ANY(%(banks)s) ORDER BY bank",
    "wait": "SELECT pg_sleep(%(seconds)s)",
    "backend": "SELECT pg_backend_pid()",
    "wrong": "SELECT 1 FROM banks WHERE bank = %(name)s AND 1 / %(zero)s = 1",
    "missing": "SELECT 1 FROM no_such_table",
    "read_only": "SET TRANSACTION READ ONLY",
    "prepared": "SELECT count(*) FROM pg_prepared_statements",
}


@asynccontextmanager
async def opened(url: str, steps: dict[int, str] | None = None, **options: object) -> AsyncIterator[PostgresDatabase]:
    """Open a database of the small schema; `options` are those of the address."""
    database = made(url, steps, **options)
    try:
        await database.opened()
        yield database
    finally:
        await database.aclose()


def made(url: str, steps: dict[int, str] | None = None, **options: object) -> PostgresDatabase:
    return PostgresDatabase(parse(with_options(url, **options)), known=QUERIES, steps=steps or STEPS)


def with_options(url: str, **options: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def add_one(sql: Statements) -> int:
    """Count one on, by reading and writing."""
    ((counter,),) = sql.run("counter", {}).fetchall()
    sql.run("set", {"counter": counter + 1})
    return int(counter) + 1


async def count(database: PostgresDatabase, bank: str) -> int:
    ((counter,),) = await database.read(lambda sql: sql.run("counter", {}).fetchall(), bank=bank)
    return int(counter)


def as_admin(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement as the superuser, in the database of `url`; return its rows."""
    user, host = url.split("@")
    with psycopg.connect(user.replace("//duramen:", "//postgres:") + "@" + host, autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall() if found.description else []
