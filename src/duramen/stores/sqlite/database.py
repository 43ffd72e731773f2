"""One open SQLite file: a thread that writes, and connections to read by."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from duramen.stores.sql.lifetime import Lifetime
from duramen.stores.sql.statements import Work
from duramen.stores.sqlite.erasing import empty_log, rewrite
from duramen.stores.sqlite.failures import store_error, translated
from duramen.stores.sqlite.schema import check_file, insist, migrate, use_log
from duramen.stores.sqlite.statements import SQLiteStatements

Durability = Literal["commit", "process"]

READERS = 2
LARGEST_GROUP = 256
CACHE_KILOBYTES = 16_384
OWNER_ONLY = 0o700
"""What others may do in a directory that is made here: nothing. One that is there keeps its rights."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Work[T]
    erases: bool
    future: Future[T] = field(default_factory=Future)


@contextlib.contextmanager
def _moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all that is read within be of the same moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


class SQLiteDatabase(Lifetime):
    """Lives from its making until `aclose`. May be used from any thread and event loop of its process.

    All writes go through one thread, which commits as many as wait together: one sync of the disk for all of them.
    """

    def __init__(self, path: Path, *, durability: Durability, busy_seconds: float) -> None:
        super().__init__(str(path), "SQLite connections")
        self._path = path
        self._durability = durability
        self._busy_seconds = busy_seconds
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(READERS, "duramen-read")
        self._inline_lock = threading.Lock()
        self._inline: sqlite3.Connection | None = None
        # A daemon, so that a store that nobody closed does not keep the process alive; what is acknowledged is on disk.
        threading.Thread(target=self._live, name="duramen-write", daemon=True).start()

    async def write(
        self,
        work: Work[T],
        *,
        bank: str | None = None,
        homes: Sequence[str] = (),
        compared: Sequence[str] = (),
        erases: bool = False,
    ) -> T:
        """See `Database`. An error that `work` raises undoes its own changes only. With `erases`, the log is emptied too."""
        job = _Job(work, erases)
        with self._lock:
            self._check_open()
            self._jobs.put(job)
        return await asyncio.wrap_future(job.future)

    async def read(self, work: Work[T], *, bank: str | None = None, homes: Sequence[str] = ()) -> T:
        """See `Database`; in a reader thread."""
        with self._lock:
            self._check_open()
            future = self._pool.submit(self._read, work)
        return await asyncio.wrap_future(future)

    async def peek(self, work: Work[T], *, bank: str | None = None, homes: Sequence[str] = ()) -> T:
        """Run `work`, which takes microseconds, here and now: handing it to a thread would take longer than doing it."""
        with self._inline_lock, translated(self._path):
            self._check_open()
            if self._inline is None:
                self._inline = self._connect(reader=True)
            return work(SQLiteStatements(self._inline))

    def _end(self) -> None:
        self._jobs.put(None)

    def _read(self, work: Work[T]) -> T:
        connection = self._free.get()
        try:
            with translated(self._path), _moment(connection):
                return work(SQLiteStatements(connection))
        finally:
            self._free.put(connection)

    def _live(self) -> None:
        """Open, write until closed, and tidy up: the life of the writer thread."""
        try:
            writer = self._open()
            if writer is None:
                return
            more = True
            while more:
                jobs, more = self._take()
                if jobs:
                    self._commit(writer, jobs)
            self._pool.shutdown()
            self._close_readers()
            rewrite(writer, self._path)
            empty_log(writer)
            writer.close()
        finally:
            self._ended.set_result(None)

    def _open(self) -> sqlite3.Connection | None:
        writer: sqlite3.Connection | None = None
        try:
            with translated(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
                check_file(self._path, self._busy_seconds)
                writer = self._connect(reader=False)
                use_log(writer, self._path, self._busy_seconds)
                migrate(writer, self._path, self._busy_seconds)
                for _ in range(READERS):
                    self._free.put(self._connect(reader=True))
                writer.execute("PRAGMA busy_timeout = 0").fetchall()  # from now on it waits in `insist`
        except BaseException as error:  # noqa: BLE001  whoever awaits the opening gets it
            self._closed = True
            self._pool.shutdown()
            self._close_readers()
            if writer is not None:
                writer.close()
            self._opened.set_exception(error)
            return None
        self._opened.set_result(None)
        return writer

    def _connect(self, *, reader: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        settings = {"temp_store": "MEMORY", "cache_size": -CACHE_KILOBYTES, "foreign_keys": "ON", "secure_delete": "ON"}
        settings["synchronous"] = "FULL" if self._durability == "commit" else "NORMAL"
        settings["query_only"] = "ON" if reader else "OFF"
        try:
            for name, value in settings.items():
                connection.execute(f"PRAGMA {name} = {value}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _close_readers(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._free.get_nowait().close()
        with self._inline_lock:
            if self._inline is not None:
                self._inline.close()

    def _take(self) -> tuple[list[_Job[Any]], bool]:
        """Wait for jobs; return those that are there, and whether more may come."""
        jobs: list[_Job[Any]] = []
        job = self._jobs.get()
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                jobs.append(job)
            if len(jobs) >= LARGEST_GROUP:
                return jobs, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _commit(self, writer: sqlite3.Connection, jobs: Sequence[_Job[Any]]) -> None:
        """Run `jobs` in one transaction, and tell each caller what became of its own."""
        try:
            insist(writer, "BEGIN IMMEDIATE", self._busy_seconds)
            outcomes = [self._attempt(writer, job) for job in jobs]
            writer.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001  the callers get it
            outcomes = [(None, error)] * len(jobs)
            if writer.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    writer.execute("ROLLBACK")
        if any(job.erases for job in jobs):
            empty_log(writer)
        for job, (result, failure) in zip(jobs, outcomes, strict=True):
            if failure is None:
                job.future.set_result(result)
            elif isinstance(failure, sqlite3.Error):
                job.future.set_exception(store_error(failure, self._path))
            else:
                job.future.set_exception(failure)

    def _attempt(self, writer: sqlite3.Connection, job: _Job[Any]) -> tuple[Any, BaseException | None]:
        writer.execute("SAVEPOINT job")
        try:
            result = job.work(SQLiteStatements(writer))
        except BaseException as error:  # whatever one job raises, the others of its transaction go on
            if not writer.in_transaction:  # SQLite gave the whole transaction up, on a full disk for example
                raise
            writer.execute("ROLLBACK TO job")
            writer.execute("RELEASE job")
            return None, error
        writer.execute("RELEASE job")
        return result, None
