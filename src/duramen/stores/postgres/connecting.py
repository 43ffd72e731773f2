"""Connections to PostgreSQL: made when they are needed, kept for the next one, and never waited for without an end."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential
from tenacity.nap import sleep_using_event

from duramen.stores.postgres import texts
from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.failures import Hanging, NotConnectedError, is_passing

IDLE_SECONDS = 300.0
LIFE_SECONDS = 3600.0
"""How old a connection becomes, so that what changed in names and on servers is noticed; a tenth more or less."""


_CITUS = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for an answer no longer than `patience`, in seconds; None for as long as it takes."""

    patience: float | None = None
    until: float = 0.0
    idle: float = 0.0
    citus: bool = False
    """Whether that extension was created in the database."""

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Wait for the server, as every statement does."""
        bounded = gen if self.patience is None else _bounded(gen, self.patience)
        return super().wait(bounded, *args, **kwargs)


def connect(address: PostgresAddress, *, patience: float | None = None) -> Connection:
    """Make a connection, without transactions of its own."""
    connection = Connection.connect(address.conninfo, autocommit=True, prepare_threshold=5 if address.prepare else None)
    texts.register(connection)
    connection.patience = patience
    try:
        connection.citus = connection.execute(_CITUS, prepare=False).fetchone() is not None
    except BaseException:  # whatever it was, nobody else has this connection
        connection.close()
        raise
    connection.until = time.monotonic() + LIFE_SECONDS * random.uniform(0.9, 1.1)
    return connection


class Connections:
    """As many as are used at a time. May be used from any thread.

    While the server is away, each call waits until it has been away for `pool_seconds`; later ones fail at once, after
    an attempt to find it back. One such attempt is made at a time.
    """

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._idle: deque[Connection] = deque()
        self._closed = threading.Event()
        self._away: float | None = None
        self._seeking = threading.Lock()
        self._why: psycopg.Error | None = None
        self._connecting = Retrying(
            retry=retry_if_exception(is_passing),
            stop=self._long_away,
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            sleep=sleep_using_event(self._closed),
            reraise=True,
        )

    def take(self) -> Connection:
        """Return a connection: the one that was given back last, or a new one.

        Raises:
            NotConnectedError: There is none to be had; the cause says why.
        """
        with suppress(IndexError):
            return self._idle.pop()
        try:
            return self._connecting(self._connect)
        except psycopg.Error as error:
            raise NotConnectedError from error

    def give(self, connection: Connection) -> None:
        """Take a connection back; what is not as it was given, or old, is closed."""
        now = time.monotonic()
        idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
        if idle and connection.until > now and not self._closed.is_set():
            connection.idle, self._away = now, None
            self._idle.append(connection)
        else:
            connection.close()
        with suppress(IndexError):
            while self._idle[0].idle < now - IDLE_SECONDS:
                self._idle.popleft().close()
        if self._closed.is_set():
            self.drop()

    def drop(self) -> None:
        """Close those that nobody uses: their server is gone, or is no longer the one to write to."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def close(self) -> None:
        """Close those that nobody uses, and each other one when it is given back; nobody waits for a server any more."""
        self._closed.set()
        self.drop()

    def _connect(self) -> Connection:
        away = self._away is not None
        if away and not self._seeking.acquire(blocking=False):
            raise psycopg.OperationalError(str(self._why or "the server is away"))
        try:
            connection = connect(self._address, patience=self._address.statement_seconds * 1.25 + 1)
        except psycopg.Error as error:
            self._why = error
            if is_passing(error) and self._away is None:
                self._away = time.monotonic()
            raise
        else:
            self._away = None
            return connection
        finally:
            if away:
                self._seeking.release()

    def _is_long_away(self) -> bool:
        away = self._away
        return away is not None and time.monotonic() - away >= self._address.pool_seconds

    def _long_away(self, state: RetryCallState) -> bool:
        return self._closed.is_set() or self._is_long_away()


def _bounded(gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """Go through `gen`, and end with an error when nothing came for so long. psycopg looks in every tenth of a second."""
    until = time.monotonic() + seconds
    answer = None
    while True:
        try:
            wanted = gen.send(answer)
        except StopIteration as end:
            return end.value
        answer = yield wanted
        if not answer and time.monotonic() > until:
            raise Hanging(f"nothing came for {seconds:g} seconds")
