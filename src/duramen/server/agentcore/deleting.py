"""Memories are deleted to their end, also when the process or the store goes down in the middle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI

from duramen.engine import MemoryEngine
from duramen.errors import ClosedError, DuramenError
from duramen.harness.resources import delete_all_of
from duramen.records.homes import forget_all
from duramen.server.agentcore.kept import DELETING, KeptMemory, drop, every, load, save
from duramen.server.agentcore.settling import NAMES, name_of
from duramen.server.agentcore.tokens import forgotten
from duramen.shelf import Change, Remove

_WAIT_SECONDS = 10.0
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 60.0
_READ_AT_ONCE = 200

_log = logging.getLogger(__name__)
_going: dict[tuple[int, str], asyncio.Task[None]] = {}


async def unmake(engine: MemoryEngine, kept: KeptMemory, *beside: Change) -> None:
    """Delete a memory with all that it holds, for good, and write `beside`. From now on nobody can use it.

    What takes long goes on after this returns, and after the next start of the server if it comes to no end before.

    Raises:
        ChangedError: Somebody else changed the memory meanwhile, or what is `beside`. Nothing was done.
    """
    if not kept.deleting:
        await save(engine, replace(kept, said={**kept.said, "status": DELETING}), *beside)
    elif beside:
        await engine.shelf.write(beside)
    going = go_on(engine, kept.resource)
    await asyncio.wait({going}, timeout=_WAIT_SECONDS)


def go_on(engine: MemoryEngine, resource: str) -> asyncio.Task[None]:
    """Return what goes on with the deletion of a memory in this process; it is begun if nothing does yet."""
    place = (id(engine), resource)
    going = _going.get(place)
    if going is None:
        going = _going[place] = asyncio.create_task(_to_its_end(engine, resource))
        going.add_done_callback(lambda task: _ended(place, task))
    return going


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    """Go on with what an earlier process left half deleted, for as long as the application runs."""
    engine: MemoryEngine = app.state.memory
    looking = asyncio.create_task(_look(engine))
    try:
        yield
    finally:
        ours = [looking, *(task for (of, _), task in _going.items() if of == id(engine))]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)


async def _look(engine: MemoryEngine) -> None:
    """Find what is half deleted. Should the store not answer, that is found when it is next looked at."""
    after: str | None = None
    try:
        while True:
            page = await every(engine, after=after, limit=_READ_AT_ONCE)
            for kept in page:
                if kept.deleting:
                    go_on(engine, kept.resource)
            if len(page) < _READ_AT_ONCE:
                return
            after = page[-1].resource
    except DuramenError as error:
        _log.warning("Whether a memory is half deleted was not found out: %s", error)


async def _to_its_end(engine: MemoryEngine, resource: str) -> None:
    pause = _PAUSE_SECONDS
    while not await _tried(engine, resource):
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


async def _tried(engine: MemoryEngine, resource: str) -> bool:
    """Return whether it is done, or nothing more can be done."""
    try:
        await _emptied(engine, resource)
    except ClosedError:
        return True
    except DuramenError as error:
        _log.warning("A memory was not deleted to its end, which is tried again: %s", error)
        return False
    return True


async def _emptied(engine: MemoryEngine, resource: str) -> None:
    await delete_all_of(engine, resource)
    await forget_all(engine.shelf, resource)
    await engine.record_stream.follow(resource, None)
    kept = await load(engine, resource)
    if kept is not None:
        await drop(engine, kept, Remove(path=NAMES, key=name_of(kept)), forgotten(resource))


def _ended(place: tuple[int, str], task: asyncio.Task[None]) -> None:
    del _going[place]
    if not task.cancelled() and task.exception() is not None:
        _log.error("A memory was not deleted to its end.", exc_info=task.exception())
