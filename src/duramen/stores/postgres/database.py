"""One open PostgreSQL database: connections, and the threads that work on them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from duramen.errors import StoreError, StoreUnavailableError
from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.beginning import Binding, Kind
from duramen.stores.postgres.citus import CitusStatements
from duramen.stores.postgres.connecting import Connection, Connections
from duramen.stores.postgres.failures import Unknown, is_lost, is_worth_another_try, translated
from duramen.stores.postgres.migrating import Migrations, State, migrate, migrations
from duramen.stores.postgres.statements import PostgresStatements, queries
from duramen.stores.sql.lifetime import Lifetime
from duramen.stores.sql.statements import Work
from duramen.tenancy import TENANT

T = TypeVar("T")

ATTEMPTS = 6
"""How often a transaction is run at most when others are in its way, or connections are lost."""

_log = logging.getLogger("duramen")


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Callable[[], T]
    future: Future[T] = field(default_factory=Future)

    def do(self) -> None:
        """Do it, unless nobody waits for it any more."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001  whoever awaits it gets it
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class PostgresDatabase(Lifetime):
    """Lives from its making until `aclose`. May be used from any thread and event loop of its process.

    Args:
        address: Where it is.
        known: The queries by name; those of `queries.sql` and its like unless given.
        steps: The migrations; those beside this module unless given.
    """

    def __init__(
        self,
        address: PostgresAddress,
        *,
        known: Mapping[str, str] | None = None,
        steps: Migrations | None = None,
    ) -> None:
        super().__init__(address.shown, "connections")
        self.address = address
        self._known = queries() if known is None else known
        self._steps = migrations() if steps is None else steps
        self._connections = Connections(address)
        # A thread has one transaction at a time, so that there are no more connections than threads.
        self._threads = ThreadPoolExecutor(address.pool_size, "duramen-postgres")
        self._trying = Retrying(
            retry=retry_if_exception(is_worth_another_try),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.01, max=0.5),
            before_sleep=self._say,
            reraise=True,
        )
        self._lines: dict[str, deque[_Job[Any]]] = {}
        self._threads.submit(self._open)

    async def write(
        self,
        work: Work[T],
        *,
        bank: str | None = None,
        homes: Sequence[str] = (),
        compared: Sequence[str] = (),
        erases: bool = False,
    ) -> T:
        return await self._do("write", work, Binding.of(bank, homes, TENANT.get(), compared=compared))

    async def write_if_free(self, work: Work[T], *, bank: str, patience: float = 0.0) -> T:
        """Write as `write` does, but wait no longer than `patience`, in seconds, for other transactions of the bank.

        Raises:
            LockedError: It was locked all that time. Nothing was done.
        """
        return await self._do("write", work, Binding.of(bank, (), TENANT.get()), patience=patience)

    async def read(self, work: Work[T], *, bank: str | None = None, homes: Sequence[str] = ()) -> T:
        return await self._do("read", work, Binding.of(bank, homes, TENANT.get()))

    async def peek(self, work: Work[T], *, bank: str | None = None, homes: Sequence[str] = ()) -> T:
        return await self._do("peek", work, Binding.of(bank, homes, TENANT.get()))

    async def _do(self, kind: Kind, work: Work[T], binding: Binding, *, patience: float | None = None) -> T:
        job = _Job(partial(self._insist, partial(self._transact, kind, work, binding, patience)))
        in_line = kind == "write" and patience is None and binding.banks
        self._check_process()  # first of all: where it forked, the lock may be held for ever
        with self._lock:
            self._check_open()
            if in_line:
                self._line_up(job, binding.banks[0])
            else:
                self._threads.submit(job.do)
        waits = self.address.pool_seconds + (self.address.statement_seconds if in_line else 0)
        return await self._begun_in_time(job.future, waits)

    def _line_up(self, job: _Job[T], line: str) -> None:
        """Let a bank's writes wait for each other here: in threads they would keep all other banks waiting."""
        waiting = self._lines.setdefault(line, deque())
        waiting.append(job)
        if len(waiting) == 1:
            self._threads.submit(self._go_through, line)

    def _go_through(self, line: str) -> None:
        """Do the first of a line; the next comes behind what waits for a thread, or now if nothing else will come."""
        more = True
        while more:
            self._lines[line][0].do()
            with self._lock:
                self._lines[line].popleft()
                if not self._lines[line]:
                    del self._lines[line]
                    return
                more = self._closed
                if not more:
                    try:
                        self._threads.submit(self._go_through, line)
                    except RuntimeError:  # the process ends, and no thread begins anything more
                        more = True

    async def _begun_in_time(self, future: Future[T], seconds: float) -> T:
        """Wait for what a thread does, if one begins it before so many seconds are over."""
        gave_up = []

        def give_up() -> None:
            if future.cancel():
                gave_up.append(True)

        timer = asyncio.get_running_loop().call_later(seconds, give_up)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if gave_up:
                raise self._exhausted(seconds) from None
            raise
        finally:
            timer.cancel()

    def _insist(self, once: Callable[[], T]) -> T:
        with translated(self.address):
            return self._trying(once)

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        _log.info("A transaction on %s is tried again: %s", self.address.shown, " ".join(str(error).split()))

    def _transact(self, kind: Kind, work: Work[T], binding: Binding, patience: float | None) -> T:
        connection = self._connections.take()
        try:
            statements = CitusStatements if connection.citus else PostgresStatements
            sql = statements(connection, self.address, kind, binding, self._known)
            if patience is not None:
                sql.begin(patience)
            result = work(sql)
            if sql.begun:
                self._commit(connection, kind)
        except BaseException as error:  # whatever it was, nothing stays begun on a connection that others will have
            if is_lost(error):
                connection.close()
                self._connections.drop()  # the others will have been lost with it
            else:
                _roll_back(connection)
            raise
        finally:
            self._connections.give(connection)
        return result

    def _commit(self, connection: Connection, kind: Kind) -> None:
        if kind != "write":
            connection.execute("COMMIT", prepare=False)
            return
        for _ in range(2):  # what the server said as it left, and that it did: then nothing is committed, for certain
            connection.pgconn.consume_input()
        try:
            done = connection.execute("COMMIT", prepare=False)
        except psycopg.Error as error:
            if is_lost(error):
                raise Unknown(str(error)) from error
            raise
        if done.statusmessage != "COMMIT":
            raise StoreError(
                f"{self.address.shown} gave a transaction up of which a statement had failed. Nothing was changed."
            )

    def _open(self) -> None:
        try:
            self._warn(migrate(self.address, self._steps))
        except BaseException as error:  # noqa: BLE001  whoever awaits the opening gets it
            with self._lock:
                ending, self._closed = self._closed, True
            self._opened.set_exception(error)
            if not ending:
                self._connections.close()
                self._threads.shutdown(wait=False)
                self._ended.set_result(None)
            return
        self._opened.set_result(None)

    def _warn(self, state: State) -> None:
        if state.unbound:
            _log.warning(
                "%s is used as %r, whom row policies do not bind (a superuser, or BYPASSRLS): the second wall between "
                "banks is not there. Use a role that is neither.",
                self.address.shown,
                state.role,
            )

    def _end(self) -> None:
        threading.Thread(target=self._wind_up, name="duramen-postgres-end", daemon=True).start()

    def _wind_up(self) -> None:
        try:
            self._threads.shutdown()
            self._connections.close()
        finally:
            self._ended.set_result(None)

    def _exhausted(self, seconds: float) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"All {self.address.pool_size} connections to {self.address.shown}, or the one that writes this bank, were in "
            f"use for {seconds:g} seconds (`pool_seconds`). Give a larger `pool_size`, or ask less at a time; nothing was "
            f"read or written."
        )


def _roll_back(connection: Connection) -> None:
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        with contextlib.suppress(psycopg.Error):  # it is closed when it is given back, if this fails
            connection.execute("ROLLBACK", prepare=False)
