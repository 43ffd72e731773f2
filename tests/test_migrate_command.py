"""`duramen migrate`, and what `duramen doctor` says of a database, on a real PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from duramen.cli import app
from duramen.commands import databases
from duramen.stores.postgres.migrating import migrations
from tests.postgres import PASSWORD, SHOWN_PASSWORD, Server

KNOWN = max(migrations())


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments, env={"DURAMEN_FAST": "1"})


def checked(address: str) -> tuple[int, dict[str, Any]]:
    done = run("migrate", address, "--check", "--json")
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def application(postgres: Server, database: str) -> Iterator[str]:
    """The address of a role that owns nothing in the database, which may read and write what its owner makes."""
    name = str(conninfo_to_dict(database)["dbname"])
    role = sql.Identifier(f"app_{name}")
    with psycopg.connect(postgres.url_of(name, role="postgres", socket=True), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, PASSWORD))
        admin.execute(
            sql.SQL("CREATE SCHEMA duramen AUTHORIZATION duramen; GRANT USAGE ON SCHEMA duramen TO {}").format(role)
        )
        admin.execute(
            sql.SQL(
                "ALTER DEFAULT PRIVILEGES FOR ROLE duramen IN SCHEMA duramen "
                "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
            ).format(role)
        )
        yield postgres.url_of(name, role=f"app_{name}")
        admin.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(role))


def test_an_empty_database_is_told_from_one_that_was_migrated(database: str) -> None:
    before = checked(database)
    done = run("migrate", database)
    after = checked(database)
    again = run("migrate", database)

    assert before[0] == 1
    assert (before[1]["version"], before[1]["known"]) == (0, KNOWN)
    assert before[1]["pending"] == sorted(migrations())
    assert done.exit_code == again.exit_code == 0
    assert f"duramen: version {KNOWN}, known {KNOWN}; {KNOWN} migration" in done.stdout
    assert "nothing is pending" in again.stdout
    assert after[0] == 0
    assert (after[1]["version"], after[1]["pending"], after[1]["walls_bind"]) == (KNOWN, [], True)


def test_a_look_changes_nothing(database: str) -> None:
    run("migrate", database, "--check")
    run("doctor", "--directory", database)

    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'duramen'").fetchall()
    assert tables == []


def test_a_superuser_is_told_that_the_walls_do_not_bind_it(postgres: Server, database: str) -> None:
    address = postgres.url_of(str(conninfo_to_dict(database)["dbname"]), role="postgres")

    looked, doctor = run("migrate", address, "--check"), run("doctor", "--directory", address)

    assert looked.exit_code == 1
    assert "do not bind it" in looked.stdout
    assert doctor.exit_code == 1
    assert "TROUBLE  role" in doctor.stdout


def test_a_role_that_owns_nothing_works_on_what_another_migrated(database: str, application: str) -> None:
    before, refused, told = checked(application), run("migrate", application), run("doctor", "--directory", application)
    run("migrate", database)
    retained = run("retain", "user:ada", "Ada moved to Lisbon.", "--directory", application)
    recalled = run("recall", "user:ada", "Where is Ada?", "--directory", application)
    doctor = run("doctor", "--directory", application)

    assert (before[0], before[1]["may_migrate"]) == (1, False)
    assert refused.exit_code == 1
    assert "TROUBLE  schema" in told.stdout
    assert "as the role that owns the schema" in told.stdout
    assert retained.exit_code == recalled.exit_code == doctor.exit_code == 0
    assert "Ada moved to Lisbon." in recalled.stdout
    assert "may not migrate; the walls between banks bind it" in doctor.stdout


def test_a_newer_schema_and_a_strange_one_are_errors(database: str) -> None:
    run("migrate", database)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO duramen.versions (version) VALUES (999)")
        connection.execute("CREATE SCHEMA other")
        connection.execute("CREATE TABLE other.things (id int)")

    newer, strange = run("migrate", database, "--check"), run("migrate", f"{database}?schema=other", "--check")

    assert (newer.exit_code, strange.exit_code) == (2, 2)
    assert "999" in newer.stderr
    assert "another program" in strange.stderr
    assert run("migrate", database).exit_code == 1
    assert "TROUBLE  schema" in run("doctor", "--directory", database).stdout


@pytest.mark.parametrize(
    "arguments",
    [["./memory"], ["postgresql://127.0.0.1:1/x?pool_seconds=0.1"], ["postgresql://h/x", "--distribute", "citus"]],
)
def test_what_cannot_be_looked_at_is_an_error_of_its_own(arguments: list[str]) -> None:
    done = run("migrate", *arguments, "--check")

    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")
    assert done.stdout == ""


def test_without_the_extension_nothing_is_distributed(database: str) -> None:
    done = run("migrate", database, "--distribute", "citus")

    assert done.exit_code == 1
    assert "citus" in done.stderr


@pytest.mark.parametrize(("seconds", "words"), [(3.2, "3.2 seconds ahead of"), (-1.4, "1.4 seconds behind")])
def test_clocks_that_are_apart_are_trouble(seconds: float, words: str) -> None:
    with pytest.raises(databases.TroubleError, match=words):
        databases.clock_text(seconds, trip=0.01)

    assert databases.clock_text(seconds, trip=60.0).startswith("within 60.000 seconds")


def test_the_doctor_says_what_the_database_allows_and_no_password(database: str) -> None:
    run("migrate", database)

    well, greedy = run("doctor", "--directory", database), run("doctor", "--directory", f"{database}?pool_size=500")
    away = run(
        "doctor", "--directory", database.replace("127.0.0.1", "127.0.0.1:1,127.0.0.1") + "_none?pool_seconds=0.1"
    )

    assert well.exit_code == 0
    assert re.search(r"clock +within 0\.\d+ seconds of the server's", well.stdout)
    assert re.search(r"PostgreSQL \d+\.\d+ answers in .* without TLS; 10 of its \d+ connections", well.stdout)
    assert "TROUBLE  database" in greedy.stdout
    assert "max_connections" in greedy.stdout
    assert away.exit_code == 1
    for told in (well, greedy, away):
        assert SHOWN_PASSWORD not in told.output
        assert PASSWORD not in told.output
