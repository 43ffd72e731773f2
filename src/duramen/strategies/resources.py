"""Memory resources: a name for some strategies and how long events are kept, and the banks that belong to it.

They are kept on the shelf of the store, so that every process that opens it has them.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from duramen.errors import BankResolutionError, StrategyError
from duramen.identity import bank_of
from duramen.shelf import Entry, Path, Put, Remove, Shelf
from duramen.strategies.definitions import check
from duramen.times import EPOCH, parse_time, utc_now
from duramen.types import Identity

RESOURCES: Path = ("duramen.resources",)

LEAST_DAYS, MOST_DAYS = 3, 3650

_BANK = re.compile(r"resource:([^:]+):.*", re.DOTALL)
_USER = "user:"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A memory as it was set up. Its banks are those that `bank_of_resource` names.

    Attributes:
        strategies: A definition each, as `duramen.strategies.definitions.define` writes it.
        event_days: How long events are kept, 3 to 3650 days. What strategies made of them stays.
        shared: All actors have one bank.
        managed_by: The harness that it belongs to; None if it is the user's own.
        created: When it was first saved; `updated` is when it was last. Both are set by `save_resource`.
    """

    name: str
    strategies: Sequence[Mapping[str, Any]] = ()
    event_days: int = 30
    description: str = ""
    shared: bool = False
    managed_by: str | None = None
    created: datetime = EPOCH
    updated: datetime = EPOCH


def bank_of_resource(name: str, actor: str | None, shared: bool = False) -> str:
    """Name the bank that holds the memories of `actor` in a resource, or those of all actors.

    Parts are percent-encoded as `duramen.bank_of` does it, so that no two resources or actors share a bank.

    Args:
        name: Of the resource.
        actor: Whose memories they are. Not looked at if `shared`.
        shared: Whether all actors of the resource have one bank.

    Raises:
        StrategyError: The name cannot be one.
        BankResolutionError: The actor is missing, blank or no text, so that no bank is safe.

    Example:
        >>> bank_of_resource("support", "acme:ada"), bank_of_resource("support", None, shared=True)
        ('resource:support:actor:acme%3Aada', 'resource:support:shared')
    """
    resource = f"resource:{_encoded_name(name)}:"
    if shared:
        return f"{resource}shared"
    if actor is None:
        raise BankResolutionError(
            f"There is no actor, so no bank of the memory {name!r} can be named without risking to mix up memories. "
            f"Nothing was recalled or retained. Pass the verified id of the actor."
        )
    return f"{resource}actor:{_encoded(actor)}"


def resource_of(bank: str) -> str | None:
    """Return the name of the resource that a bank belongs to; None if it belongs to none.

    >>> resource_of("resource:a%3Ab:actor:ada"), resource_of("user:ada")
    ('a:b', None)
    """
    found = _BANK.fullmatch(bank)
    name = "" if found is None else unquote(found[1])
    return name if name and "\0" not in name else None


async def save_resource(shelf: Shelf, resource: Resource) -> Resource:
    """Keep a resource, in the stead of the one of that name, and return it as it was kept.

    Raises:
        StrategyError: A definition that cannot be built, two strategies of one name, or days out of bounds.
        NamespaceError: A template that cannot be used.
    """
    kept, change = await saving(shelf, resource)
    await shelf.write([change])
    return kept


async def saving(shelf: Shelf, resource: Resource) -> tuple[Resource, Put]:
    """Return a resource as it would be kept, and the change that does so, for a transaction with others.

    Raises:
        StrategyError, NamespaceError: As `save_resource`.
    """
    check_resource(resource)
    before = await load_resource(shelf, resource.name)
    now = utc_now()
    kept = replace(
        resource,
        strategies=tuple(dict(one) for one in resource.strategies),
        created=before.created if before else now,
        updated=now,
    )
    return kept, Put(path=RESOURCES, key=kept.name, value=_written(kept))


async def load_resource(shelf: Shelf, name: str) -> Resource | None:
    """Return the resource of that name, or None."""
    (entry,) = await shelf.get([(RESOURCES, name)])
    return None if entry is None else read_resource(entry)


async def list_resources(shelf: Shelf) -> list[Resource]:
    """Return all resources, by name."""
    return [read_resource(entry) for entry in await shelf.scan(RESOURCES)]


async def delete_resource(shelf: Shelf, name: str) -> bool:
    """Let go of a resource; False if there was none. Its banks and their memories stay."""
    there = await load_resource(shelf, name) is not None
    await shelf.write([Remove(path=RESOURCES, key=name)])
    return there


def check_resource(resource: Resource) -> None:
    """Check that a resource can be kept, and its strategies be built.

    Raises:
        StrategyError, NamespaceError: It cannot.
    """
    _encoded_name(resource.name)
    days: object = resource.event_days
    if not isinstance(days, int) or isinstance(days, bool) or not LEAST_DAYS <= days <= MOST_DAYS:
        raise StrategyError(
            f"The memory {resource.name!r} keeps events for {days!r} days. Give a whole number from {LEAST_DAYS} to "
            f"{MOST_DAYS:,}. Nothing was changed."
        )
    for definition in resource.strategies:
        check(definition)
    names = [str(definition.get("name", definition["type"])) for definition in resource.strategies]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StrategyError(
            f"The memory {resource.name!r} has several strategies called {', '.join(map(repr, twice))}. Give each a name "
            f"of its own. Nothing was changed."
        )


def read_resource(entry: Entry) -> Resource:
    """Read a resource from where it is kept.

    Raises:
        StrategyError: It was kept by something else, or by a newer Duramen.
    """
    try:
        kept = json.loads(entry.value)
        return Resource(
            name=entry.key,
            strategies=tuple(kept["strategies"]),
            event_days=kept["event_days"],
            description=kept["description"],
            shared=kept["shared"],
            managed_by=kept["managed_by"],
            created=parse_time(kept["created"], StrategyError, "created"),
            updated=parse_time(kept["updated"], StrategyError, "updated"),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StrategyError(
            f"The memory {entry.key!r} cannot be read ({type(error).__name__}: {error}). It may have been set up by a newer "
            f"Duramen; set it up anew, or upgrade."
        ) from error


def _written(resource: Resource) -> bytes:
    kept = {
        "strategies": list(resource.strategies),
        "event_days": resource.event_days,
        "description": resource.description,
        "shared": resource.shared,
        "managed_by": resource.managed_by,
        "created": resource.created.isoformat(),
        "updated": resource.updated.isoformat(),
    }
    return json.dumps(kept).encode()


def _encoded_name(name: str) -> str:
    given: object = name
    if isinstance(given, str) and "\0" not in given:
        with contextlib.suppress(BankResolutionError):
            return _encoded(name)
    raise StrategyError(f"{name!r} cannot name a memory. Give text that can be seen and kept. Nothing was changed.")


def _encoded(part: str) -> str:
    return bank_of(Identity(user=part)).removeprefix(_USER)
