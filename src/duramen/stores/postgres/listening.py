"""Being woken when something was appended, by whichever process. A notification that is lost costs a little time."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import psycopg
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set, wait_random_exponential
from tenacity.nap import sleep_using_event

from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.connecting import Connection, connect
from duramen.stores.postgres.failures import store_error

CHANNEL = "duramen"
"""What is notified; the payload is the schema."""

LARGEST_PAUSE = 30.0
LONGEST_GOODBYE = 1.0

_log = logging.getLogger("duramen")


class Listener:
    """Listens on a connection of its own, in a thread of its own, from its making until `close`.

    Args:
        address: Where the database is.
        wake: Called from that thread when something was appended, and when some of it may have been missed.
    """

    def __init__(self, address: PostgresAddress, wake: Callable[[], None]) -> None:
        self._address = address
        self._wake = wake
        self._process = os.getpid()
        self._ended = threading.Event()
        self._end, self._heard = socket.socketpair()
        self.listening = threading.Event()
        self._thread = threading.Thread(target=self._live, name="duramen-listen", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more. Returns when the thread has ended, unless that is just looking for a server that is away."""
        if self._ended.is_set() or os.getpid() != self._process:
            return
        self._ended.set()
        self._end.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(LONGEST_GOODBYE)

    def _live(self) -> None:
        trying = Retrying(
            retry=retry_if_exception_type((psycopg.Error, OSError)),
            stop=stop_when_event_set(self._ended),
            wait=wait_random_exponential(multiplier=0.1, max=LARGEST_PAUSE),
            sleep=sleep_using_event(self._ended),
            before_sleep=self._say,
            reraise=True,
        )
        with self._heard:
            while not self._ended.is_set():
                with suppress(psycopg.Error, OSError), trying(self._connect) as connection:
                    self._listen(connection)
                self.listening.clear()

    def _connect(self) -> Connection:
        connection = connect(self._address, patience=self._address.statement_seconds)
        try:
            connection.execute(f"LISTEN {CHANNEL}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _listen(self, connection: Connection) -> None:
        """Wake whenever something comes, until the connection is lost or the end has come."""
        self.listening.set()
        self._call()
        with selectors.DefaultSelector() as ready:
            ready.register(connection.fileno(), selectors.EVENT_READ)
            ready.register(self._heard, selectors.EVENT_READ)
            while not self._ended.is_set():
                ready.select()
                if not self._ended.is_set() and self._came(connection):
                    self._call()

    def _call(self) -> None:
        with suppress(RuntimeError):  # the event loop that was to be woken has ended
            self._wake()

    def _came(self, connection: Connection) -> bool:
        """Take what has come; tell whether any of it was about our schema."""
        came = False
        connection.pgconn.consume_input()
        while notice := connection.pgconn.notifies():
            came |= notice.extra.decode(errors="replace") in ("", self._address.schema)
        return came

    def _say(self, state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome is not None and (error := state.outcome.exception()):
            _log.warning("Nobody wakes the workers, which look by themselves: %s", store_error(error, self._address))
