"""What an address such as `postgresql://user:password@host/database?pool_size=20` says."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from duramen.errors import AddressError

SCHEMA = "duramen"
_LONGEST_NAME = 63
_LARGEST_POOL = 1000
_OF_URIS = {"ssl"}
"""What libpq knows in an address, though it is no option."""

_SECRET = ("password", "sslpassword")

_USUAL = {
    "application_name": "duramen",
    "client_encoding": "utf8",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""What libpq is told unless the address says otherwise: who is gone without a word is noticed within a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresAddress:
    """Where a database is, and how it is used.

    Attributes:
        conninfo: What libpq is given. Holds the password.
        shown: Names the database to people; without a password.
        schema: Where the tables are.
        pool_size: How many connections there are at most, and how many calls are worked on at a time.
        statement_seconds: How long one statement may take, waiting for another transaction included.
        pool_seconds: How long a call waits for a connection: for a free one, or for a server that is away.
        prepare: Whether the server is to remember statements; not behind a pooler that cannot.
    """

    conninfo: str
    shown: str
    schema: str = SCHEMA
    pool_size: int = 10
    statement_seconds: float = 30.0
    pool_seconds: float = 10.0
    prepare: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        given = conninfo_to_dict(self.conninfo)
        return tuple(str(given[name]) for name in _SECRET if given.get(name))

    def __repr__(self) -> str:
        return f"PostgresAddress({self.shown!r})"


def parse(address: str) -> PostgresAddress:
    """Read an address; whatever is not said below is libpq's, from the address, the environment and its files.

    In its query, `schema`, `pool_size`, `statement_seconds`, `pool_seconds` and `prepare` (`on` or `off`) are ours.

    Raises:
        AddressError: It is none, or a part of it is misspelt.
    """
    place, _, query = address.partition("?")
    if "@" in query and "@" not in place:
        raise _unreadable(address)  # the rest of a password with a question mark
    options = _options(query, address)
    ours = {name: _OURS[name](name, options.pop(name)) for name in _OURS if name in options}
    for name in options:
        _check_name(name)
    rest = "&".join(pair for pair in query.split("&") if unquote(pair.partition("=")[0]) not in _OURS)
    try:
        given = conninfo_to_dict(f"{place}?{rest}" if rest else place)
    except psycopg.Error:  # its message may show a part of the password, where that was taken for something else
        raise _unreadable(address) from None
    settings = {name: str(value) for name, value in given.items() if value is not None}
    ports = settings.get("port", "").split(",")
    stray = "@" in settings.get("dbname", "") + settings.get("host", "")[1:]  # a socket may begin with one
    if stray or not all(port.isdecimal() or not port for port in ports):
        raise _unreadable(address)  # the rest of a password with a slash, or with another @
    known = {**_USUAL, **settings}
    if "," in settings.get("host", "") + settings.get("hostaddr", ""):
        known.setdefault("target_session_attrs", "read-write")
    shown = _shown(settings, str(ours.get("schema", SCHEMA)))
    read = PostgresAddress(conninfo="", shown=shown, **ours)  # type: ignore[arg-type]  # of the types in `_OURS`
    known.setdefault("connect_timeout", str(max(2, math.ceil(read.pool_seconds))))
    return replace(read, conninfo=make_conninfo("", **known))


def _unreadable(address: str) -> AddressError:
    return AddressError(
        f"The address {_hidden(address)!r} cannot be read. Give 'postgresql://user:password@host:port/database'; "
        f"in a user, a password or a name, write @ : / ? # % as %40 %3A %2F %3F %23 %25."
    )


def _options(query: str, address: str) -> dict[str, str]:
    """Return the parameters of a query, the last of a name."""
    if "@" in query:  # the rest of a password with a question mark
        raise _unreadable(address)
    options = {}
    for pair in filter(None, query.split("&")):
        name, equals, value = pair.partition("=")
        if not equals:
            raise AddressError(f"{unquote(name)!r} in {_hidden(address)!r} has no value. Write '{unquote(name)}=…'.")
        options[unquote(name)] = unquote(value)
    return options


def _check_name(name: str) -> None:
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} | _OF_URIS
    if name in known:
        return
    near = difflib.get_close_matches(name, [*_OURS, *sorted(known)], n=1)
    advice = f"Did you mean {near[0]!r}?" if near else f"Ours are {', '.join(_OURS)}; all others are libpq's."
    raise AddressError(f"An address of PostgreSQL has no parameter {name!r}. {advice} Nothing was opened.")


def _schema(name: str, value: str) -> str:
    if not value or "\0" in value or len(value.encode()) > _LONGEST_NAME or value.startswith("pg_"):
        raise AddressError(
            f"`{name}` is {value!r}. Give the name of a schema, of at most {_LONGEST_NAME} bytes, without 'pg_' before it."
        )
    return value


def _size(name: str, value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= _LARGEST_POOL:
        raise AddressError(f"`{name}` is {value!r}. Give a whole number from 1 to {_LARGEST_POOL}.")
    return int(value)


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 1e6:
        raise AddressError(f"`{name}` is {value!r}. Give seconds above 0.")
    return seconds


def _switch(name: str, value: str) -> bool:
    if value not in ("on", "off"):
        raise AddressError(f"`{name}` is {value!r}. Give 'on' or 'off'.")
    return value == "on"


_OURS: Mapping[str, Callable[[str, str], object]] = {
    "schema": _schema,
    "pool_size": _size,
    "statement_seconds": _seconds,
    "pool_seconds": _seconds,
    "prepare": _switch,
}


def _shown(settings: Mapping[str, str], schema: str) -> str:
    """Return an address of what is known to be no secret."""
    hosts = settings.get("host", settings.get("hostaddr", "")).split(",")
    ports = settings.get("port", "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    socket = hosts[0].startswith(("/", "@"))
    places = [f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False)]
    user = f"{settings['user']}@" if "user" in settings else ""
    query = [f"host={hosts[0]}"] if socket else []
    query += [f"port={ports[0]}"] if socket and ports[0] else []
    query += [f"schema={schema}"] if schema != SCHEMA else []
    where = "" if socket else ",".join(places)
    return f"postgresql://{user}{where}/{settings.get('dbname', '')}" + ("?" + "&".join(query) if query else "")


def _hidden(address: str) -> str:
    """Return an address that could not be read, without all that may be a user or a password."""
    scheme, _, rest = address.partition("://")
    place, mark, _ = rest.rpartition("@")[2].partition("?")
    return f"{scheme}://{'…@' if '@' in rest else ''}{place}{mark and '?…'}"
