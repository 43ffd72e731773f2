"""What a transaction begins with: its bounds, the banks that it may see, and locks of those that it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import psycopg

from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.connecting import Connection
from duramen.stores.postgres.homes import MARK
from duramen.stores.postgres.texts import SEPARATOR, quoted, written

Kind = Literal["write", "read", "peek"]

_BEGIN = {
    "write": "BEGIN",
    "read": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",  # all of one moment
    "peek": "BEGIN READ ONLY",
}


class LockedError(Exception):
    """Another transaction locks a bank of this one."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a transaction may see: row policies hide all else, whatever its statements say.

    Attributes:
        bank: Whose transaction it is, if it is of one; the parameter `name` of its statements.
        banks: This bank, and the homes of what it needs of the shelf. None at all: it is over all banks.
        tenant: Whose banks these must be; None for anybody's.
        shared: Those of `banks` that several transactions may change at a time, since each changes entries by themselves.
    """

    bank: str | None
    banks: tuple[str, ...]
    tenant: str | None
    shared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, bank: str | None, homes: Sequence[str], tenant: str | None, *, compared: Sequence[str] = ()) -> Binding:
        """Bind to a bank and to homes, each once. Those of nobody are shared, unless something in them is compared."""
        shared = frozenset(home for home in homes if home.startswith(MARK)) - {*compared}
        return cls(bank, tuple(dict.fromkeys([*([] if bank is None else [bank]), *homes])), tenant, shared)

    def locks(self, schema: str) -> dict[int, bool]:
        """Return the numbers of the locks of a transaction that writes, rising, and whether others may have each, too."""
        return dict(sorted((lock_key(schema, bank), bank in self.shared) for bank in self.banks))


def look(connection: Connection, address: PostgresAddress, binding: Binding) -> None:
    """Bind what follows in a pipeline, which is a transaction by itself and may only read.

    Nothing that is set here or in `begin` outlives the transaction, so that a pooler may give each to another connection.
    """
    _bind(connection, address, binding, reads=True)


def begin(connection: Connection, address: PostgresAddress, kind: Kind, binding: Binding) -> None:
    """Begin a transaction; one that writes locks its banks until it ends, and waits for them. To be done in a pipeline."""
    connection.execute(_BEGIN[kind], prepare=False)
    _bind(connection, address, binding)
    if kind == "write" and binding.banks:
        _lock(connection, address, binding, "pg_advisory_xact_lock")


def begin_if_free(connection: Connection, address: PostgresAddress, binding: Binding, patience: float) -> None:
    """Begin a transaction that writes.

    Raises:
        LockedError: A bank was locked for all of `patience`, in seconds. The transaction is to be rolled back.
    """
    try:
        with connection.pipeline():
            connection.execute(_BEGIN["write"], prepare=False)
            _bind(connection, address, binding)
            if patience:
                connection.execute(f"SET LOCAL lock_timeout = {round(patience * 1000)}".encode(), prepare=False)
                _lock(connection, address, binding, "pg_advisory_xact_lock")
                connection.execute("SET LOCAL lock_timeout = 0", prepare=False)
                return
            taken = _lock(connection, address, binding, "pg_try_advisory_xact_lock")
    except psycopg.errors.LockNotAvailable as error:
        raise LockedError from error
    if not all(taken.fetchone() or ()):
        raise LockedError


def lock_key(schema: str, bank: str) -> int:
    """Return the number of the advisory lock of a bank or of another home."""
    digest = hashlib.blake2b(f"{schema}\0{bank}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _lock(connection: Connection, address: PostgresAddress, binding: Binding, lock: str) -> psycopg.Cursor[Any]:
    locks = binding.locks(address.schema)
    taken = ", ".join(f"{lock}{'_shared' if shared else ''}(%s)" for shared in locks.values())
    return connection.execute(f"SELECT {taken}".encode(), list(locks))


def _bind(connection: Connection, address: PostgresAddress, binding: Binding, *, reads: bool = False) -> None:
    given = {
        "banks": SEPARATOR.join(map(written, binding.banks)).encode(),
        "over": "" if binding.banks else "all",
        "tenant": binding.tenant or "",
    }
    connection.execute(_setting(address, reads=reads).encode(), given)


@lru_cache(maxsize=64)
def _setting(address: PostgresAddress, *, reads: bool) -> str:
    schema = address.schema.replace('"', '""')
    milliseconds = max(1, round(address.statement_seconds * 1000))
    settings = {
        "search_path": quoted(f'"{schema}", pg_temp').replace("%", "%%"),
        "plan_cache_mode": "'force_custom_plan'",  # a plan made while tables were empty would stay
        "statement_timeout": f"'{milliseconds}'",
        "idle_in_transaction_session_timeout": f"'{milliseconds + 10_000}'",
        "duramen.banks": "convert_from(%(banks)s, 'UTF8')",
        "duramen.over": "%(over)s",
        "duramen.tenant": "%(tenant)s",
        **({"transaction_read_only": "'on'"} if reads else {}),
    }
    return "SELECT " + ", ".join(f"set_config('{name}', {value}, true)" for name, value in settings.items())
