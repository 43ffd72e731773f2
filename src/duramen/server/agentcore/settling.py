"""Memories made and changed: what the control plane keeps, and the engine's resource behind it, as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from duramen.errors import ChangedError
from duramen.server.agentcore.consistent import check
from duramen.server.agentcore.failing import conflict, invalid
from duramen.server.agentcore.kept import ACTIVE, KeptMemory, load, saving
from duramen.server.agentcore.serving import Call, gone
from duramen.server.agentcore.strategies import created, definition_of, suffixed
from duramen.server.agentcore.streaming import follow
from duramen.shelf import Change, Expect, Path, Put
from duramen.strategies.resources import Resource
from duramen.strategies.resources import saving as saving_resource
from duramen.times import utc_now

NAMES: Path = ("duramen.agentcore.names",)
"""Where it is noted which names are taken: the key is that of a resource without what makes its id one of a kind."""

_SUFFIX = 11
TRIES = 10
"""How often a change is tried anew when somebody else makes one at the same time."""

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
    name = name_of(kept)
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
        WireError: 404: there is none. 400, 402: it cannot be like that. 409: it is being deleted, or too many change it at
            once.
        BadInputError: The engine cannot have a strategy like that. Nothing was changed.
    """
    for _ in range(TRIES):
        kept = await standing(call)
        wanted = replace(changed(kept), updated=utc_now())
        try:
            await _settle(call, wanted, *beside(wanted))
        except ChangedError:
            continue
        return wanted
    raise conflict("Others are changing this memory. Try again.")


async def standing(call: Call) -> KeptMemory:
    """Return the memory that is called, as one that can be changed.

    Raises:
        WireError: 404: there is none, or not for this caller. 409: it is being deleted.
    """
    kept = await load(call.engine, call.resource)
    if kept is None:
        raise gone(call.params["memoryId"])
    if kept.deleting:
        raise conflict(f"The memory {kept.id} is being deleted.")
    return kept


async def _settle(call: Call, kept: KeptMemory, *beside: Change) -> None:
    """Keep a memory and the resource behind it, in one transaction with `beside`."""
    check(kept)
    to: str | None = call.request.app.state.settings.self_managed_to
    indexed = {one["key"]: one["type"] for one in kept.said.get("indexedKeys", ())}
    definitions = [definition_of(strategy, kept.id, to, indexed) for strategy in kept.strategies]
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
    _, behind = await saving_resource(call.engine.shelf, resource)
    await call.engine.shelf.write([*saving(kept), behind, *beside])
    await follow(call.engine, kept)


def name_of(kept: KeptMemory) -> str:
    """Return by what key of `NAMES` the name of a memory is taken."""
    return kept.resource[:-_SUFFIX]


def _named(kept: KeptMemory) -> Put:
    return Put(path=NAMES, key=name_of(kept), value=kept.id.encode())
