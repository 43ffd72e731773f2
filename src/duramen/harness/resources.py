"""What becomes of the memory resource behind a harness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from duramen.engine import MemoryEngine
from duramen.errors import StrategyError
from duramen.identity import bank_of
from duramen.namespaces import PER_ACTOR
from duramen.sessions.places import EVENTS
from duramen.shelf import Path, Put, Remove
from duramen.strategies.book import Elsewhere
from duramen.strategies.definitions import CODE, build
from duramen.strategies.resources import (
    Resource,
    bank_of_resource,
    delete_resource,
    load_resource,
    resource_of,
    save_resource,
)
from duramen.strategy import Strategy
from duramen.types import Identity

LEFT: Path = ("duramen.harnesses.left",)
"""Where it is noted which resources a harness managed and left, by name, and when each was set up."""


def bank_of_session(resource: str, session: str) -> str:
    """Name the bank of a session whose actor nobody named: it belongs to that session alone."""
    prefix = bank_of_resource(resource, None, shared=True).removesuffix("shared")
    return f"{prefix}session:{bank_of(Identity(user=session)).removeprefix('user:')}"


async def strategies_of(memory: MemoryEngine, resource: str) -> list[Strategy]:
    """Return the strategies that a resource has now; for code of the application one stands that has its name and place.

    Raises:
        StrategyError: There is no such resource.
    """
    found = await existing(memory, resource)
    return [_strategy(definition) for definition in found.strategies]


def _strategy(definition: Mapping[str, Any]) -> Strategy:
    if definition["type"] != CODE:
        return build(definition)
    return Elsewhere(name=str(definition["name"]), namespace=str(definition.get("namespace", PER_ACTOR)))


async def existing(memory: MemoryEngine, resource: str) -> Resource:
    """Return a resource.

    Raises:
        StrategyError: There is none of that name.
    """
    found = await load_resource(memory.shelf, resource)
    if found is None:
        raise StrategyError(
            f"There is no memory resource {resource!r}. Set it up with `duramen.harness.save_resource(memory.shelf, "
            f"Resource(name={resource!r}, …))`, or let the harness manage its own memory."
        )
    return found


async def disassociate(memory: MemoryEngine, resource: str) -> None:
    """Make the managed memory of a harness a resource of its own, which that harness may take back."""
    found = await load_resource(memory.shelf, resource)
    if found is not None:
        await memory.shelf.write([Put(path=LEFT, key=resource, value=_mark(found))])
        await save_resource(memory.shelf, replace(found, managed_by=None))


async def check_free(memory: MemoryEngine, resource: Resource) -> None:
    """Check that a harness may manage `resource`: it is new, its own, or was left by it.

    Raises:
        StrategyError: It belongs to another harness, or was set up apart from this one.
    """
    found = await load_resource(memory.shelf, resource.name)
    if found is None or found.managed_by == resource.managed_by:
        return
    (left,) = await memory.shelf.get([(LEFT, resource.name)])
    if found.managed_by is None and left is not None and left.value == _mark(found):
        return
    whose = "apart from a harness" if found.managed_by is None else f"by the harness {found.managed_by!r}"
    raise StrategyError(
        f"There is a memory {resource.name!r} already, set up {whose}. Attach it with "
        f"`ExistingMemory(resource={resource.name!r})`, or give this harness another name. Nothing was changed."
    )


def _mark(resource: Resource) -> bytes:
    """Return what tells a resource from another one of the same name, set up later."""
    return resource.created.isoformat().encode()


async def delete_all_of(memory: MemoryEngine, resource: str) -> None:
    """Delete a resource with all its banks and sessions, for good."""
    await delete_resource(memory.shelf, resource)
    await memory.shelf.write([Remove(path=LEFT, key=resource)])
    names = set(await memory.shelf.segments((EVENTS,)))
    cursor: str | None = None
    while True:
        page = await memory.banks(cursor=cursor, limit=1000)
        names |= {bank.name for bank in page.items}
        cursor = page.next
        if cursor is None:
            break
    for bank in sorted(name for name in names if resource_of(name) == resource):
        await memory.forget(bank, everything=True)
