"""Where records live: from a namespace to the banks that can hold it.

Each actor of a memory resource has one bank. A namespace names an actor if a template with `{actorId}` fits it; what
names none lives in the bank of nobody, which is always looked at too. Strategies that file at a template without
`{actorId}` do so in the banks of all actors.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from duramen.namespaces import ACTOR, SESSION
from duramen.naming import digest
from duramen.records.fitting import Reading, readings
from duramen.records.record import Where
from duramen.shelf import Path, Put, Remove, Shelf
from duramen.strategies.resources import bank_of_resource

ACTORS = "duramen.records.actors"
"""Begins the path of the actors of a resource, which are the keys there."""

MARKS = "duramen.records.marks"
"""Begins the paths of the actors by the mark of their bank: resource, mark; the key is the actor."""

MOVED = "duramen.records.moved"
"""Begins the path of the records of a resource that were filed anew in another bank; the key is the id of the record, and
the value the names of the banks that it was in, the last being where it is."""

_AT_ONCE = 500
_MOST_CACHED = 200_000


@dataclass(frozen=True, slots=True)
class Home:
    """A bank that can hold what is asked for.

    Attributes:
        actor: Whose it is; None for the bank of nobody.
        paths: What is asked for, as it is written in that bank.
    """

    bank: str
    actor: str | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is filed.

    Attributes:
        namespace: As it is written in the bank.
        actor: Whose bank it is; None for nobody's. `session` likewise, as far as the namespace tells.
    """

    bank: str
    namespace: str
    actor: str | None = None
    session: str | None = None


@dataclass(slots=True)
class _Meant:
    """What a namespace means: what to look for in nobody's bank, in everybody's, and in those of some actors."""

    nobody: str
    everybody: bool = False
    actors: dict[str, list[str]] = field(default_factory=dict)

    def home(self, resource: str, actor: str) -> Home:
        """Return what is looked for in the bank of an actor."""
        paths = [*([self.nobody] if self.everybody else []), *self.actors.get(actor, ())]
        return Home(bank_of_resource(resource, actor), actor, tuple(dict.fromkeys(paths)))


_cached: WeakKeyDictionary[Shelf, set[tuple[str, str]]] = WeakKeyDictionary()


async def known(shelf: Shelf, resource: str, actor: str) -> None:
    """Make sure that an actor of a resource is listed. Cheap for those that this process has met."""
    met = _cached.setdefault(shelf, set())
    if (resource, actor) in met:
        return
    (there,) = await shelf.get([(_actors(resource), actor)])
    if there is None:
        marked = _marks(resource, mark(bank_of_resource(resource, actor)))
        await shelf.write(
            [
                Put(path=_actors(resource), key=actor, value=b"", keep=True),
                Put(path=marked, key=actor, value=b"", keep=True),
            ]
        )
    if len(met) >= _MOST_CACHED:
        met.clear()
    met.add((resource, actor))


async def actors(shelf: Shelf, resource: str, *, after: str | None = None, limit: int) -> list[str]:
    """Return the actors of a resource in order, those behind `after`, at most `limit`."""
    path = _actors(resource)
    place = None if after is None else (path, after)
    return [entry.key for entry in await shelf.scan(path, after=place, limit=limit)]


async def forget_all(shelf: Shelf, resource: str) -> None:
    """Forget who the actors of a resource are, and where its records went. Their banks stay."""
    await shelf.write(
        [Remove(path=_actors(resource)), Remove(path=(MARKS, resource), below=True), Remove(path=(MOVED, resource))]
    )
    met = _cached.setdefault(shelf, set())
    met.difference_update([pair for pair in met if pair[0] == resource])


def nobody(resource: str) -> str:
    """Return the bank of the records whose namespace names no actor."""
    return bank_of_resource(resource, None, shared=True)


def mark(bank: str) -> str:
    """Return 8 hexadecimal digits that tell a bank from most others."""
    return digest(bank)[:8]


async def marked(shelf: Shelf, resource: str, bank_mark: str) -> list[str]:
    """Return the banks of a resource that have this mark; hardly ever more than one."""
    own = nobody(resource)
    found = [own] if mark(own) == bank_mark else []
    entries = await shelf.scan(_marks(resource, bank_mark))
    return [*found, *(bank_of_resource(resource, entry.key) for entry in entries)]


async def all_banks(shelf: Shelf, resource: str) -> AsyncGenerator[str, None]:
    """Go through all banks of a resource: nobody's, and those of the known actors."""
    yield nobody(resource)
    async for actor in _everybody(shelf, resource, None):
        yield bank_of_resource(resource, actor)


async def banks(
    shelf: Shelf, resource: str, templates: Sequence[str], where: Where, *, since: str | None = None
) -> AsyncGenerator[Home, None]:
    """Go through the banks that can hold what is asked for, nobody's first, then by actor.

    Args:
        shelf: Where the actors are listed.
        resource: The memory.
        templates: Those that its strategies file at, or ever did.
        where: What is asked for; its strategy and conditions are not looked at.
        since: Begin with the bank of this actor, or with the next one; "" and None for nobody's.

    Raises:
        BadQueryError: It does not say where. `NamespaceError`: it is no path.
    """
    meant = await _meant(shelf, resource, templates, where)
    if not since:
        yield Home(nobody(resource), None, (meant.nobody,))
    if meant.everybody:
        async for actor in _everybody(shelf, resource, since):
            yield meant.home(resource, actor)
        return
    for actor in sorted(meant.actors):
        if not since or actor >= since:
            yield meant.home(resource, actor)


async def place_for(shelf: Shelf, resource: str, templates: Sequence[str], namespace: str | None) -> Place:
    """Return where a record of a namespace is filed: with the actor that it names, or with nobody.

    If it can be read in several ways, it belongs to a known actor whom a whole template names, else to the actor whose id
    has the fewest slashes.

    Raises:
        NamespaceError: It is no path.
    """
    if namespace is None:
        return Place(nobody(resource), "/")
    path = Where(namespace=namespace).normal()
    found = [one for template in templates for one in readings(template, path) if one.actor is not None]
    if not found:
        return Place(nobody(resource), path)
    met = await _known_of(shelf, resource, found)
    best = min(found, key=lambda one: (not (one.whole and one.actor in met), one.slashes, not one.whole))
    bank = bank_of_resource(resource, best.actor)
    return Place(bank, best.path, best.values[ACTOR], best.values.get(SESSION))


async def _meant(shelf: Shelf, resource: str, templates: Sequence[str], where: Where) -> _Meant:
    path = where.normal()
    meant = _Meant(path)
    found = [list(readings(template, path)) for template in templates]
    met = await _known_of(shelf, resource, [one for each in found for one in each])
    for one in (one for each in found for one in _told_apart(each, met)):
        if one.actor is None:
            meant.everybody = meant.everybody or (one.whole if where.exact else one.above)
        else:
            meant.actors.setdefault(one.actor, []).append(one.path)
    return meant


def _told_apart(found: Sequence[Reading], met: Collection[str]) -> list[Reading]:
    """Leave out actors with slashes in their ids who are not known, and all if the template fits a known one without."""
    plain = any(one.whole and not one.slashes and one.actor in met for one in found)
    return [one for one in found if not one.slashes or (one.actor in met and not plain)]


async def _known_of(shelf: Shelf, resource: str, found: Sequence[Reading]) -> set[str]:
    """Return the actors among those of `found` that are known."""
    names = sorted({one.actor for one in found if one.actor is not None})
    entries = await shelf.get([(_actors(resource), name) for name in names]) if names else []
    return {entry.key for entry in entries if entry is not None}


async def _everybody(shelf: Shelf, resource: str, since: str | None) -> AsyncGenerator[str, None]:
    """Go through the known actors, in order, from `since` on."""
    if since:
        (there,) = await shelf.get([(_actors(resource), since)])
        if there is not None:
            yield since
    after = since or None
    while True:
        page = await actors(shelf, resource, after=after, limit=_AT_ONCE)
        for actor in page:
            yield actor
        if len(page) < _AT_ONCE:
            return
        after = page[-1]


def _actors(resource: str) -> Path:
    return (ACTORS, resource)


def _marks(resource: str, bank_mark: str) -> Path:
    return (MARKS, resource, bank_mark)
