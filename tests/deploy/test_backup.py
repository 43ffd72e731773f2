"""A database with the roles of `deploy/roles.sql`, dumped and restored as RUNBOOK.md says, with PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

import duramen
from tests import postgres as real
from tests.conftest import engine
from tests.postgres import Server, make_server, programs

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "RUNBOOK.md").read_text()
SECRETS = {"DURAMEN_OWNER_PASSWORD": "0wner", "DURAMEN_APP_PASSWORD": "4pp", "DURAMEN_BACKUP_PASSWORD": "b4ckup"}


ARCHIVING = {"archive_mode": "on", "archive_command": "test ! -f ../wal/%f && cp %p ../wal/%f"}


def command(begin: str) -> str:
    """Return the command of the runbook that begins so, its continued lines joined."""
    joined = re.sub(r" *\\\n *", " ", RUNBOOK)
    (found,) = {line.strip() for line in joined.splitlines() if line.strip().startswith(begin)}
    return found


def shell(line: str, **variables: str) -> str:
    """Run a command with PostgreSQL's programs and this Python's `duramen`; what fails says why."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    path = os.pathsep.join([str(programs()), sysconfig.get_path("scripts"), environment["PATH"]])
    done = subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, **variables, "PATH": path},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def address(server: Server, role: str, database: str) -> str:
    password = SECRETS[f"DURAMEN_{role.upper()}_PASSWORD"]
    return f"postgresql://duramen_{role}:{password}@127.0.0.1:{server.port}/{database}"


def libpq(url: str) -> Mapping[str, str]:
    """Return the environment by which PostgreSQL's programs reach the same place."""
    parts = urlsplit(url)
    found = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port),
        "PGUSER": parts.username,
        "PGDATABASE": parts.path[1:],
    }
    password = {"PGPASSWORD": parts.password.replace("%20", " ")} if parts.password else {}
    return {**{name: value for name, value in found.items() if value}, **password}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own, since roles belong to all databases of one."""
    try:
        missing = [
            name for name in ("psql", "pg_dump", "pg_restore", "pg_basebackup") if not (programs() / name).exists()
        ]
    except real.ServerError as error:
        pytest.skip(str(error))
    if missing:
        pytest.skip(f"{', '.join(missing)} is not among the programs of PostgreSQL at {programs()}")
    made = make_server(fsync=False, settings=ARCHIVING)
    archive = made.directory / "wal"
    archive.mkdir()
    shutil.chown(archive, made.data.owner(), made.data.group())
    yield made
    made.remove()


@pytest.fixture(scope="module")
def kept(server: Server) -> str:
    """A database with roles, a schema, and two banks that the application retained; its name."""
    with psycopg.connect(server.admin, autocommit=True) as admin:
        admin.execute("CREATE DATABASE memory")
    admin_of_memory = libpq(server.url_of("memory", role="postgres"))
    shell(f"psql -q -f {ROOT / 'deploy' / 'roles.sql'}", **admin_of_memory, **SECRETS)
    shell("duramen migrate", DURAMEN_DIRECTORY=address(server, "owner", "memory"))
    with engine_at(address(server, "app", "memory")) as memory:
        memory.retain("user:ada", "Ada moved to Lisbon in March 2025.", wait=True)
        memory.retain("tenant:acme:user:grace", "Grace flies to Ghent; a NUL \0 is kept, too.", wait=True)
    return "memory"


def engine_at(url: str) -> duramen.SyncMemoryEngine:
    return duramen.SyncMemoryEngine(engine(url))


def texts(url: str) -> dict[str, list[str]]:
    """Return all that the banks hold."""
    with engine_at(url) as memory:
        return {one.name: [each.text for each in memory.memories(one.name).items] for one in memory.banks().items}


def counts(server: Server, database: str) -> list[tuple[int, ...]]:
    """Return how many rows each table has, as a superuser sees it."""
    tables = ("banks", "events", "memories", "forgotten", "sources", "queues", "jobs", "revisions", "shelf", "versions")
    with psycopg.connect(server.url_of(database, role="postgres")) as admin:
        return [admin.execute(f"SELECT count(*) FROM duramen.{table}").fetchone() or () for table in tables]


def test_the_role_of_servers_may_change_rows_and_nothing_else(server: Server, kept: str) -> None:
    with psycopg.connect(address(server, "app", kept), autocommit=True) as connection:
        seen = connection.execute("SELECT count(*) FROM duramen.events").fetchone()
        for forbidden in (
            "DROP TABLE duramen.events",
            "ALTER TABLE duramen.events DISABLE ROW LEVEL SECURITY",
            "CREATE TABLE duramen.mine (id int)",
            "TRUNCATE duramen.events",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden.encode())

    assert seen == (0,)  # it has not said for which bank


def test_what_was_dumped_can_be_restored_in_another_database(server: Server, kept: str, tmp_path: Path) -> None:
    backup = libpq(address(server, "backup", kept))
    shell(command("pg_dump -Fc"), **backup, BACKUP=str(tmp_path / "memory.dump"))
    with psycopg.connect(server.admin, autocommit=True) as admin:
        admin.execute("CREATE DATABASE restored")
    into = libpq(server.url_of("restored", role="postgres"))
    shell(command("pg_restore"), **into, BACKUP=str(tmp_path / "memory.dump"))

    owner, app = address(server, "owner", "restored"), address(server, "app", "restored")
    shell("duramen migrate --check", DURAMEN_DIRECTORY=owner)
    assert texts(app) == texts(address(server, "app", kept))
    assert counts(server, "restored") == counts(server, kept)
    with psycopg.connect(app) as connection:  # the walls came along
        assert connection.execute("SELECT count(*) FROM duramen.memories").fetchone() == (0,)
    with engine_at(app) as memory:
        memory.retain("user:ada", "Ada has a cat.", wait=True)
        assert memory.recall("user:ada", "Who has a cat?").hits[0].memory.text == "Ada has a cat."


def test_without_a_role_that_sees_all_rows_the_owner_can_dump_too(server: Server, kept: str, tmp_path: Path) -> None:
    owner = libpq(address(server, "owner", kept))
    dumped = tmp_path / "memory.dump"
    shell(command("PGOPTIONS="), **owner, BACKUP=str(dumped))

    listed = shell(f"pg_restore --data-only --table=memories -f - {dumped}")
    assert "Ada moved to Lisbon in March 2025." in listed
    assert "Grace flies to Ghent" in listed


def test_a_role_that_the_walls_bind_is_refused_instead_of_dumping_half(
    server: Server, kept: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [programs() / "pg_dump", "-Fc", "-n", "duramen", "-f", str(tmp_path / "none.dump")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **libpq(address(server, "owner", kept))},
    )

    assert done.returncode != 0
    assert "row-level security" in done.stderr


def test_a_moment_can_be_gone_back_to(server: Server, kept: str) -> None:
    app = address(server, "app", kept)
    earlier = real.copy_of(server)  # a base backup, which is begun here as a standby
    earlier.stop()
    with engine_at(app) as memory:
        memory.retain("user:lise", "Lise is in Vienna.", wait=True)
    with psycopg.connect(server.admin, autocommit=True) as admin:
        admin.execute("SELECT pg_create_restore_point('before')")
    with engine_at(app) as memory:
        memory.forget("user:lise", everything=True)
    archived(server)

    settings = (
        "restore_command = 'cp {}/wal/%f %p'\nrecovery_target_name = 'before'\nrecovery_target_action = 'promote'\n"
    )
    (earlier.data / "standby.signal").rename(earlier.data / "recovery.signal")
    (earlier.data / "postgresql.auto.conf").write_text(settings.format(server.directory))
    earlier.settings["archive_mode"] = "off"
    earlier.start()
    try:
        wait_for(lambda: asked(earlier, "SELECT NOT pg_is_in_recovery()"))
        assert texts(address(earlier, "app", kept))["user:lise"] == ["Lise is in Vienna."]
        assert "user:lise" not in texts(app)
    finally:
        earlier.remove()


def archived(server: Server) -> None:
    """Wait until all that was written so far is in the archive."""
    with psycopg.connect(server.admin, autocommit=True) as admin:
        ((last,),) = admin.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchall()
        admin.execute("SELECT pg_switch_wal()")
    wait_for(lambda: (server.directory / "wal" / last).exists())
    wait_for(lambda: asked(server, f"SELECT last_archived_wal >= '{last}' FROM pg_stat_archiver"))


def asked(server: Server, query: str) -> bool:
    with psycopg.connect(server.admin, autocommit=True) as admin:
        ((answer,),) = admin.execute(query.encode()).fetchall()
    return bool(answer)


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
