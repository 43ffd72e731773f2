"""Memories made, changed and deleted: what the control plane keeps, and the engine's resource behind it, as one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from duramen.engine import MemoryEngine
from duramen.errors import ChangedError
from duramen.harness.resources import delete_all_of
from duramen.records.homes import forget_all
from duramen.server.agentcore.consistent import check
from duramen.server.agentcore.failing import conflict, invalid
from duramen.server.agentcore.kept import ACTIVE, DELETING, KeptMemory, drop, load, save, saving
from duramen.server.agentcore.serving import Call, gone
from duramen.server.agentcore.strategies import created, definition_of, suffixed
from duramen.server.agentcore.streaming import follow
from duramen.server.agentcore.tokens import forgotten
from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove, Shelf
from duramen.strategies.resources import Resource, save_resource
from duramen.times import utc_now

NAMES: Path = ("duramen.agentcore.names",)
"""Where it is noted which names are taken: the key is that of a resource without what makes its id one of a kind."""

_SUFFIX = 11
TRIES = 10
"""How often a change is tried anew when somebody else makes one at the same time."""

_WAIT_SECONDS = 10.0

_SAID = (
    "name",
    "description",
    "encryptionKeyArn",
    "memoryExecutionRoleArn",
    "eventExpiryDuration",
    "indexedKeys",
    "namespaceKeys",
    "streamDeliveryResources",
    "tags",
)

Beside = Callable[[KeptMemory], Sequence[Change]]

_log = logging.getLogger(__name__)
_going: dict[tuple[int, str], asyncio.Task[None]] = {}


def _nothing(_: KeptMemory) -> Sequence[Change]:
    return ()


async def make(
    call: Call, given: Mapping[str, Any], *, managed_by: str | None = None, beside: Beside = _nothing
) -> KeptMemory:
    """Make a memory for the caller, and return it.

    Args:
        call: Who asks, and where.
        given: Members of `CreateMemoryInput`.
        managed_by: The ARN of the harness that it belongs to.
        beside: Given the memory, returns what else is written in the same transaction.

    Raises:
        WireError: 400: there is one of that name, or what is said does not go together. 402: it has too much of something.
        BadInputError: The engine cannot have a strategy like that. Nothing was made.
    """
    memory_id, now = suffixed(given["name"]), utc_now()
    said = {name: given[name] for name in _SAID if name in given}
    owner = {} if managed_by is None else {"managedByResourceArn": managed_by}
    kept = KeptMemory(
        resource=call.resource_of(memory_id),
        id=memory_id,
        said={**said, **owner, "status": ACTIVE},
        strategies=[created(one, now) for one in given.get("memoryStrategies", ())],
        created=now,
        updated=now,
    )
    name = _name_of(kept)
    (taken,) = await call.engine.shelf.get([(NAMES, name)])
    if taken is None:
        try:
            free = Expect(path=NAMES, key=name, value=None)
            await _settle(call, kept, free, _named(kept), *beside(kept))
        except ChangedError:
            (taken,) = await call.engine.shelf.get([(NAMES, name)])
            if taken is None:
                raise
    if taken is not None:
        raise invalid(f"Memory with name {given['name']} already exists.")
    return kept


async def change(call: Call, changed: Callable[[KeptMemory], KeptMemory], *, beside: Beside = _nothing) -> KeptMemory:
    """Change the memory that is called, and return it.

    Args:
        call: Its `resource` is that of the memory.
        changed: Given the memory, returns it as it is to be; it is asked again if somebody else changed it meanwhile.
        beside: As in `make`.

    Raises:
        WireError: 404: there is none. 400, 402: it cannot be like that. 409: too many change it at once.
        BadInputError: The engine cannot have a strategy like that. Nothing was changed.
    """
    for _ in range(TRIES):
        kept = await load(call.engine, call.resource)
        if kept is None or kept.deleting:
            raise gone(call.params.get("memoryId", call.resource))
        wanted = replace(changed(kept), updated=utc_now())
        try:
            await _settle(call, wanted, *beside(wanted))
        except ChangedError:
            continue
        return wanted
    raise conflict("Others are changing this memory. Try again.")


async def unmake(engine: MemoryEngine, kept: KeptMemory) -> None:
    """Delete a memory with all that it holds, for good. From now on nobody can use it.

    What takes long goes on after this returns. Should it not come to its end, asking again goes on with it.

    Raises:
        ChangedError: Somebody else changed the memory meanwhile.
    """
    if not kept.deleting:
        await save(engine, replace(kept, said={**kept.said, "status": DELETING}))
    place = (id(engine), kept.resource)
    going = _going.get(place)
    if going is None:
        going = _going[place] = asyncio.create_task(_emptied(engine, kept.resource))
        going.add_done_callback(lambda task: _ended(place, task))
    await asyncio.wait({going}, timeout=_WAIT_SECONDS)
    if going.done():
        going.result()


async def _emptied(engine: MemoryEngine, resource: str) -> None:
    await delete_all_of(engine, resource)
    await forget_all(engine.shelf, resource)
    await engine.record_stream.follow(resource, None)
    kept = await load(engine, resource)
    if kept is not None:
        await drop(engine, kept, Remove(path=NAMES, key=_name_of(kept)), forgotten(resource))


def _ended(place: tuple[int, str], task: asyncio.Task[None]) -> None:
    del _going[place]
    if not task.cancelled() and task.exception() is not None:
        _log.warning("A memory was not deleted to its end: %s", type(task.exception()).__name__)


async def _settle(call: Call, kept: KeptMemory, *beside: Change) -> None:
    """Keep a memory and the resource behind it, in one transaction with `beside`."""
    check(kept)
    to: str | None = call.request.app.state.settings.self_managed_to
    definitions = [definition_of(strategy, kept.id, to) for strategy in kept.strategies]
    if None in definitions:
        raise invalid(
            "A self-managed strategy delivers to a bucket and a topic of AWS, which are not there. Start the server with "
            "DURAMEN_SELF_MANAGED_TO, a directory or an address, to have it deliver there. Nothing was changed."
        )
    resource = Resource(
        name=kept.resource,
        strategies=[one for one in definitions if one is not None],
        event_days=kept.said["eventExpiryDuration"],
        description=kept.said.get("description", ""),
        managed_by=kept.said.get("managedByResourceArn"),
    )
    await save_resource(_Together(call.engine.shelf, [*saving(kept), *beside]), resource)
    await follow(call.engine, kept)


def _name_of(kept: KeptMemory) -> str:
    return kept.resource[:-_SUFFIX]


def _named(kept: KeptMemory) -> Put:
    return Put(path=NAMES, key=_name_of(kept), value=kept.id.encode())


class _Together:
    """A shelf on which `beside` is written in one transaction with whatever is written."""

    def __init__(self, shelf: Shelf, beside: Sequence[Change]) -> None:
        self._shelf = shelf
        self._beside = beside

    async def write(self, changes: Sequence[Change]) -> None:
        await self._shelf.write([*self._beside, *changes])

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        return await self._shelf.get(places)

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        return await self._shelf.scan(path, below=below, after=after, reverse=reverse, limit=limit)

    async def paths(self, path: Path) -> list[Path]:
        return await self._shelf.paths(path)
