"""The migrations, as relatives of PostgreSQL take them. Of those none was asked: their text is looked at."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from duramen.stores.postgres.distributing import DISTRIBUTED, LOCAL, Dialect, statements_for

MIGRATIONS = sorted(Path(str(files("duramen.stores.postgres"))).glob("migrations/*.sql"))


def _all(dialect: Dialect) -> str:
    return "\n".join(statements_for(dialect, migration.read_text()) for migration in MIGRATIONS)


def _parsed(text: str) -> list[exp.Expr]:
    return [tree for tree in sqlglot.parse(text, read="postgres") if tree is not None]


def test_postgresql_gets_the_migrations_as_they_are() -> None:
    assert _all(Dialect.POSTGRESQL) == "\n".join(migration.read_text() for migration in MIGRATIONS)


@pytest.mark.parametrize("dialect", [Dialect.CITUS, Dialect.COCKROACHDB])
def test_policies_are_without_subqueries_where_they_are_refused(dialect: Dialect) -> None:
    text = _all(dialect)

    assert len(re.findall("CREATE POLICY", text)) == len(DISTRIBUTED)
    assert "SELECT" not in text
    assert "current_setting('duramen.banks', true)" in text


@pytest.mark.parametrize("dialect", [Dialect.YUGABYTEDB, Dialect.COCKROACHDB])
def test_how_rows_lie_on_pages_is_left_out_where_there_are_none(dialect: Dialect) -> None:
    text = _all(dialect)

    assert not re.search(r"fillfactor|autovacuum|STORAGE|WITH \(", text)
    assert len(re.findall("CREATE TABLE", text)) == len(DISTRIBUTED) + len(LOCAL)


def test_cockroachdb_gets_tables_that_are_the_same_but_for_collations() -> None:
    def columns(text: str) -> dict[str, list[str]]:
        made = [tree for tree in _parsed(text) if isinstance(tree, exp.Create) and tree.kind == "TABLE"]
        return {tree.find(exp.Table).name: [c.name for c in tree.find_all(exp.ColumnDef)] for tree in made}  # type: ignore[union-attr]

    text = _all(Dialect.COCKROACHDB)

    assert "COLLATE" not in text
    assert columns(text) == columns(_all(Dialect.POSTGRESQL))
    assert set(columns(text)) == {*DISTRIBUTED, *LOCAL}


def test_yugabytedb_hashes_banks_and_keeps_the_rest_in_order() -> None:
    text = _all(Dialect.YUGABYTEDB)

    keys = re.findall(r"PRIMARY KEY \((.*)\)", text)
    indexes = re.findall(r"INDEX \w+ ON \w+ \(([^)]*)\)", text)
    assert keys
    assert all(re.fullmatch(r"\(bank\) HASH(, \w+ ASC)+", key) for key in keys)
    assert all(re.fullmatch(r"bank HASH(, \w+ ASC)+|\w+ ASC(, \w+ ASC)*", index) for index in indexes)
    assert len(indexes) == len(re.findall("CREATE (?:UNIQUE )?INDEX", text))
    assert 'bank text COLLATE "C" PRIMARY KEY' in text
