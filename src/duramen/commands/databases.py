"""What commands ask of a PostgreSQL database before, or instead of, opening the memory in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from duramen.addresses import is_database
from duramen.commands.options import shown_place
from duramen.commands.parts import postgres_part
from duramen.errors import AddressError, DuramenError
from duramen.terminal import counted

if TYPE_CHECKING:
    from duramen.stores.postgres.address import PostgresAddress
    from duramen.stores.postgres.migrating import State

_ROUNDS = 5
_APART_SECONDS = 1.0

_FOR_OTHERS = 13
"""Connections that PostgreSQL keeps back for superusers (3), and what watches over it, backs it up and looks into it."""


class TroubleError(DuramenError):
    """A check failed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found at the other end of a connection: `trip` is the median of a round trip, in milliseconds."""

    version: str
    trip: float
    encrypted: bool
    allowed: int


def database_at(address: str) -> PostgresAddress:
    """Read the address of a database.

    Raises:
        AddressError: It is that of something else.
    """
    if not is_database(address):
        raise AddressError(
            f"{shown_place(address)} is no PostgreSQL database: give 'postgresql://user@host/database'. A directory is "
            f"brought up to date when it is opened. Nothing was done."
        )
    found: PostgresAddress = postgres_part("address").parse(address.strip())
    return found


def state_at(address: str) -> State:
    """Look at the schema of a database without changing anything; see `migrating.state_of` for what is raised."""
    found: State = postgres_part("migrating").state_of(database_at(address))
    return found


def version_text(number: int) -> str:
    """Return a server's version as it is written.

    >>> version_text(180006)
    '18.6'
    """
    return f"{number // 10_000}.{number % 10_000}"


def walls_text(state: State) -> str:
    """Say whether the walls between banks bind the role that asks."""
    if state.unbound:
        return "the walls between banks do not bind it: it is a superuser, or has BYPASSRLS"
    return "the walls between banks bind it"


def reach(address: str) -> str:
    """Say what answers at `address`, and how soon."""
    place = database_at(address)
    with postgres_part("failures").translated(place):
        found = _reached(postgres_part("connecting").connect(place))
    tls = "with TLS" if found.encrypted else "without TLS"
    if place.pool_size > found.allowed - _FOR_OTHERS:
        raise TroubleError(
            f"One process takes up to {counted(place.pool_size, 'connection')}, and the server allows {found.allowed}. "
            f"Give a smaller pool_size in the address, or raise max_connections."
        )
    processes = (found.allowed - _FOR_OTHERS) // place.pool_size
    return (
        f"PostgreSQL {found.version} answers in {found.trip:.1f} ms, {tls}; {place.pool_size} of its {found.allowed} "
        f"connections for each process, enough for {processes}"
    )


def _reached(connection: Any) -> Reached:
    with connection:
        took = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            connection.execute("SELECT 1").fetchone()
            took.append(1000 * (time.perf_counter() - began))
        ((allowed,),) = connection.execute("SELECT current_setting('max_connections')::int").fetchall()
        version = version_text(connection.info.server_version)
        encrypted = bool(connection.pgconn.ssl_in_use)
    return Reached(version=version, trip=sorted(took)[_ROUNDS // 2], encrypted=encrypted, allowed=allowed)


def clock(address: str) -> str:
    """Say how far apart the clocks of this computer and of the server are, by which leases go."""
    place = database_at(address)
    with postgres_part("failures").translated(place), postgres_part("connecting").connect(place) as connection:
        before = time.time()
        ((theirs,),) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()
        after = time.time()
    return clock_text((before + after) / 2 - theirs, trip=after - before)


def clock_text(seconds: float, *, trip: float) -> str:
    """Judge how far this clock is ahead, which is known to half of a round trip."""
    if abs(seconds) - trip / 2 > _APART_SECONDS:
        raise TroubleError(
            f"The clock here is {abs(seconds):.1f} seconds {'ahead of' if seconds > 0 else 'behind'} the server's. Keep "
            f"both by NTP: leases go by them, and what one clock says has run out is done again."
        )
    return f"within {max(abs(seconds), trip):.3f} seconds of the server's"


def schema(address: str) -> str:
    """Say how the schema at `address` stands."""
    state = state_at(address)
    if state.version > state.known:
        raise TroubleError(
            f"version {state.version}, of a newer Duramen; this one knows {state.known}. Upgrade Duramen here."
        )
    if state.read_only:
        raise TroubleError("the server is a standby, or accepts no changes. Name the one that is written to.")
    if state.pending and not state.owner:
        raise TroubleError(
            f"version {state.version}, {state.known} is needed, and {state.role} may not make it. Run `duramen migrate` "
            f"as the role that owns the schema."
        )
    if state.pending:
        return f"version {state.version}, to become {state.known} when it is opened, or by `duramen migrate`"
    return f"version {state.version}, the one that is known here"


def role(address: str) -> str:
    """Say what the role at `address` may do."""
    state = state_at(address)
    if state.unbound:
        raise TroubleError(
            f"{state.role}: {walls_text(state)}. Connect as a role without either; deploy/roles.sql makes one."
        )
    return f"{state.role}, {'may migrate' if state.owner else 'may not migrate'}; {walls_text(state)}"
