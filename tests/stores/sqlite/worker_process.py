"""Run as `python -m tests.stores.sqlite.worker_process ROLE DIRECTORY …`: what another process does to a store."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from duramen.errors import ClosedError, StoreUnavailableError
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Selection
from tests.contracts.shelf import AT, count_up
from tests.stores.examples import BANK, contents, event, events, kept, texts

LINE = 1000
"""Characters in each event of the roles that fill a disk."""


def _store(directory: str) -> SQLiteStore:
    """Return a store that outwaits the disk of a busy machine."""
    return SQLiteStore(directory, durability="process", busy_seconds=120)


async def write(directory: str, prefix: str, count: str) -> None:
    """Append events one by one."""
    store = _store(directory)
    await store.open()
    for one in events(int(count), prefix):
        await store.append(BANK, [one])
    await store.aclose()


async def count(directory: str, times: str) -> None:
    """Add 1 to a number on the shelf so often, each time only if it is still what was read."""
    store = _store(directory)
    await store.open()
    await count_up(store, AT, "count", int(times))
    await store.aclose()


async def read(directory: str, count: str) -> None:
    """Look until all events are there; they may only become more."""
    store = _store(directory)
    await store.open()
    seen, deadline = 0, time.monotonic() + 120
    while seen < int(count):
        found = len(await contents(store))
        if found < seen or time.monotonic() > deadline:
            raise SystemExit(f"{found} events after {seen}")
        seen = found
        await asyncio.sleep(0.002)
    await store.aclose()


async def work(directory: str, count: str) -> None:
    """Make memories until all events are worked through."""
    store = _store(directory)
    await store.open()
    while len(await texts(store)) < int(count):
        await kept(store, [])
    await store.aclose()


async def append_until_killed(directory: str) -> None:
    """Append for ever, and print what was acknowledged."""
    store = SQLiteStore(directory)
    await store.open()
    for number in range(1_000_000):
        await store.append(BANK, [event(f"e{number}")])
        print(f"e{number}", flush=True)  # noqa: T201  read by the test


async def fill(directory: str, limit: str) -> None:
    """Append until there is no room, look, make room, and append again; print the two counts."""
    store = SQLiteStore(directory)
    await store.open()
    await kept(store, [event("first", "x" * LINE)])
    make_room = _limit_files(int(limit)) if int(limit) else _fill_disk(Path(directory))
    acknowledged = 1
    try:
        while acknowledged < 20_000:
            await store.append(BANK, [event(f"e{acknowledged}", "x" * LINE)])
            acknowledged += 1
    except StoreUnavailableError as error:
        reason = str(error)
    else:
        reason = ""
    readable = len(await contents(store))
    make_room()
    await store.append(BANK, [event("after", "y")])
    await store.aclose()
    await store.open()
    kept_after = len(await contents(store))
    gone = await store.forget(BANK, Selection())
    await store.aclose()
    print(acknowledged, readable, kept_after, gone.events, reason, sep="|")  # noqa: T201  read by the test


async def fork(directory: str) -> None:
    """Use a store in a child of the process that opened it; print what happens."""
    store = SQLiteStore(directory)
    await store.open()
    await kept(store, [event()])
    child = os.fork()
    if child == 0:
        outcomes = [await _outcome(store.append(BANK, [event("child")])), await _outcome(store.version(BANK))]
        outcomes += [await _outcome(store.rows(BANK)), await _outcome(store.open()), await _outcome(store.aclose())]
        print(*outcomes, flush=True)  # noqa: T201  read by the test
        os._exit(0)
    await asyncio.to_thread(os.waitpid, child, 0)
    await store.append(BANK, [event("after")])
    print(len(await contents(store)), flush=True)  # noqa: T201  read by the test
    await store.aclose()


async def open_without_permission(directory: str) -> None:
    """Open a store where this user may not write; print what happens."""
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        await SQLiteStore(directory).open()
    except StoreUnavailableError as error:
        print(error)  # noqa: T201  read by the test


async def _outcome(call: Awaitable[object]) -> str:
    try:
        await call
    except ClosedError as error:
        return "fork" if "fork" in str(error) else "closed"
    return "worked"


def _limit_files(size: int) -> Callable[[], None]:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def _fill_disk(directory: Path) -> Callable[[], None]:
    ballast = directory / "ballast"
    ballast.write_bytes(bytes(2**20))
    return ballast.unlink


if __name__ == "__main__":
    roles = {
        role.__name__: role
        for role in (write, count, read, work, append_until_killed, fill, fork, open_without_permission)
    }
    asyncio.run(roles[sys.argv[1]](*sys.argv[2:]))
