"""A bank that somebody changes for as long as a test wants."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from duramen.stores.postgres import PostgresStore
from duramen.stores.sql.statements import Statements


@asynccontextmanager
async def held(store: PostgresStore, bank: str, *, homes: Sequence[str] = ()) -> AsyncIterator[threading.Event]:
    """Keep a transaction of `store` open that changes `bank`, until the end or until the event given is set."""
    begun, ended = threading.Event(), threading.Event()

    def hold(sql: Statements) -> None:
        sql.run("bank_version", {})
        begun.set()
        ended.wait()

    holding = asyncio.create_task(store.database.write(hold, bank=bank, homes=homes))
    await asyncio.to_thread(begun.wait)
    try:
        yield ended
    finally:
        ended.set()
        await holding
