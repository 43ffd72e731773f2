"""The store over one schema of a PostgreSQL database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from duramen.errors import ClosedError
from duramen.protocols import Appended
from duramen.shelf import Change
from duramen.stores.placing import Clock
from duramen.stores.postgres.address import PostgresAddress, parse
from duramen.stores.postgres.database import PostgresDatabase
from duramen.stores.postgres.expiring import PostgresExpiring
from duramen.stores.postgres.homes import home_of
from duramen.stores.postgres.leasing import PostgresLeasing
from duramen.stores.postgres.listening import Listener
from duramen.stores.postgres.waking import Waker
from duramen.stores.sql.store import SQLStore
from duramen.times import utc_now
from duramen.types import Event


class PostgresStore(PostgresLeasing, PostgresExpiring, SQLStore):
    """Keeps banks in one schema of a database, which any number of processes and machines may use at the same time.

    Args:
        address: `postgresql://user:password@host/database?schema=…&pool_size=…`; see DESIGN.md. The schema is made when
            it is missing.
        clock: Tells the time that lifetimes on the shelf go by.
    """

    def __init__(self, address: str | PostgresAddress, *, clock: Clock = utc_now) -> None:
        self._address = parse(address) if isinstance(address, str) else address
        self._lock = threading.Lock()
        self._database: PostgresDatabase | None = None
        self._listeners: list[Listener] = []
        self._waker = Waker()
        super().__init__(clock, home_of)

    @property
    def address(self) -> PostgresAddress:
        """Where everything is kept."""
        return self._address

    @property
    def database(self) -> PostgresDatabase:
        """The open database; raises `ClosedError` when there is none."""
        if self._database is None:
            raise ClosedError(f"The store at {self._address.shown} is not open. Call `open()` first.")
        self._database.check()
        return self._database

    async def open(self) -> None:
        with self._lock:
            if self._database is None or self._database.closed:
                self._database = PostgresDatabase(self._address)
            database = self._database
        await database.opened()

    async def aclose(self) -> None:
        with self._lock:
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.close()
        await self._waker.aclose()
        if self._database is not None:
            await self._database.aclose()

    async def append(
        self,
        bank: str,
        events: Sequence[Event],
        *,
        beyond: Sequence[str] = (),
        replayed: bool = False,
        strategies: Sequence[str] = (),
        shelved: Sequence[Change] = (),
    ) -> Appended:
        database = self.database
        appended = await super().append(
            bank, events, beyond=beyond, replayed=replayed, strategies=strategies, shelved=shelved
        )
        if events:
            self._waker.wake(database)
        return appended

    def when_appended(self, wake: Callable[[], None]) -> None:
        """Call `wake`, from some thread, whenever anybody appended something, until the store is closed.

        What nobody hears, since a connection was lost, is found by looking now and then.
        """
        with self._lock:
            self._listeners.append(Listener(self._address, wake))
