"""What PostgreSQL's errors mean to a caller, and which of them go away when it is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from duramen.errors import BadInputError, StoreCorruptError, StoreError, StoreUnavailableError
from duramen.stores.postgres.address import PostgresAddress

ACKNOWLEDGED = "What was acknowledged is safe."

_DAMAGE = ("XX001", "XX002", "42P01", "42703", "3F000", "42883", "42P10")
"""Damaged pages; and tables, columns, schemas, functions and keys that our queries need."""

_READ_ONLY = "25006"
_TOO_LARGE = ("54", "23514", "22003")
"""Limits of the server, of our tables, and of numbers."""

_AGAIN = ("40001", "40P01")
"""A serialization failure, and a deadlock: the others of it go on."""

_GONE = ("08", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04")
"""The connection is lost, or the server begins or ends just now. By the beginnings of codes, like below."""

_ADVICE = {
    "28": "Check the user and the password in the address, and what the server's pg_hba.conf lets in",
    "3D000": "Create the database, or name another one in the address",
    "40": "Other transactions were in its way each time. Try again",
    "42501": "Let the database's owner grant this role what it needs; `duramen migrate --check` shows what it has",
    "53100": "Free some space on the server's disk and try again",
    "53200": "Give the server more memory, or let it do less at a time",
    "53300": "Raise the server's `max_connections`, put a pooler before it, or give smaller `pool_size`s",
    "53400": "Raise the limit in the server's settings",
    "57014": "It took longer than `statement_seconds` in the address, or somebody cancelled it. Try again",
    "55P03": "Another transaction holds what it needs for unusually long. Try again",
    "25006": "The server is a standby, or was made read-only. Name the one that is written to, or all of them with "
    "'host1,host2' in the address",
}

_CONNECTING = {
    "too many": _ADVICE["53300"],
    "connection slots": _ADVICE["53300"],
    "ssl": "Check `sslmode` and the certificates that the address names, and whether the server speaks TLS",
    "certificate": "Check `sslmode` and the certificates that the address names",
    "password": _ADVICE["28"],
    "authentication": _ADVICE["28"],
    "pg_hba": _ADVICE["28"],
    'role "': _ADVICE["28"],
    "permission denied for database": "Let the database's owner grant this role CONNECT",
    'database "': _ADVICE["3D000"],
    "resolve": "Check the name of the host in the address",
    "read-only": "None of the servers is one that is written to just now. Try again once one is",
    "session is not read": "None of the servers is one that is written to just now. Try again once one is",
}
"""What to do about connections that could not be made; such errors have no code, only text."""

_LASTING = ("ssl", "certificate", "password", "authentication", "pg_hba", "does not exist", "permission denied")
"""In the text of those that do not go away by waiting."""

_PASSING = ("refused", "read-only", "too many", "connection slots")
"""In the text of those that may: of several hosts one may be away, and none refuse for good."""


class Hanging(psycopg.OperationalError):
    """A server answered nothing for longer than a statement may take."""


class Unknown(psycopg.OperationalError):
    """The connection was lost while a transaction was committed: it may have been, or not."""


def is_lost(error: BaseException) -> bool:
    """Tell whether the connection is of no use any more."""
    if not isinstance(error, psycopg.Error):
        return False
    code = error.sqlstate
    return isinstance(error, psycopg.OperationalError) if code is None else code.startswith((*_GONE, _READ_ONLY))


def is_worth_another_try(error: BaseException) -> bool:
    """Tell whether a transaction that failed so may succeed if it is run anew, at once."""
    if isinstance(error, Unknown | Hanging | NotConnectedError):
        return False
    return is_lost(error) or (isinstance(error, psycopg.Error) and error.sqlstate in _AGAIN)


def is_passing(error: BaseException) -> bool:
    """Tell whether a server that lets nobody in may do so soon."""
    text = str(error).casefold()
    known = any(sign in text for sign in _PASSING) or not any(sign in text for sign in _LASTING)
    return known and isinstance(error, psycopg.OperationalError)


class NotConnectedError(psycopg.OperationalError):
    """No connection could be had. The cause says why."""


def store_error(error: BaseException, address: PostgresAddress) -> StoreError | BadInputError:
    """Return what to raise instead of `error`, with it as the cause."""
    while isinstance(error, NotConnectedError) and error.__cause__ is not None:
        error = error.__cause__
    failure = _store_error(error, address)
    failure.__cause__ = error
    return failure


def _store_error(error: BaseException, address: PostgresAddress) -> StoreError | BadInputError:
    where, why, code = address.shown, _said(error, address), getattr(error, "sqlstate", None) or ""
    if isinstance(error, Unknown):
        return StoreUnavailableError(
            f"{where} was lost while something was written: {why}. It may be kept, or not; what is retained again is "
            f"kept once. Try again."
        )
    if isinstance(error, Hanging):
        return StoreUnavailableError(
            f"{where} has not answered for longer than a statement may take ({address.statement_seconds:g} seconds, "
            f"`statement_seconds`). See whether the server is well. {ACKNOWLEDGED}"
        )
    if code == "42501" and "row-level security" in why:
        return StoreError(
            f"{where} refused to write what belongs to another bank than those of the transaction: {why}. "
            f"Nothing was changed. This is a mistake in Duramen, or in who a request belongs to; please report it."
        )
    if code.startswith(_TOO_LARGE):
        return BadInputError(
            f"{where} cannot keep anything as large as this: {why}. The names of an actor, a session and a document "
            f"and a key may have 2,000 bytes together, and so may a bank's, or a path. Nothing was changed; give shorter "
            f"ones."
        )
    if code in _DAMAGE:
        return StoreCorruptError(where, why)
    if code and not code.startswith((*_GONE, *_AGAIN, *_ADVICE, "53", "58")):
        return StoreError(f"{where} refused a statement ({code}): {why}. Nothing was changed; please report it.")
    return StoreUnavailableError(f"{where} cannot be used: {why}. {_advice(code, why)}. {ACKNOWLEDGED}")


def _advice(code: str, why: str) -> str:
    known = next((advice for start, advice in _ADVICE.items() if code and code.startswith(start)), None)
    if known is None and not code:
        known = next((advice for sign, advice in _CONNECTING.items() if sign in why.casefold()), None)
    return known or "See whether the server is up and can be reached, and try again"


def _said(error: BaseException, address: PostgresAddress) -> str:
    """Return what the server or libpq says, on one line, and never with the password."""
    diagnosis = getattr(error, "diag", None)
    text = " ".join(str(getattr(diagnosis, "message_primary", None) or str(error) or type(error).__name__).split())
    for secret in address.secrets:
        text = text.replace(secret, "…")
    return text.rstrip(".")


@contextmanager
def translated(address: PostgresAddress) -> Iterator[None]:
    """Turn errors of PostgreSQL and of the operating system into those of a store."""
    try:
        yield
    except (psycopg.Error, OSError) as error:
        raise store_error(error, address) from (error.__cause__ if isinstance(error, NotConnectedError) else error)
