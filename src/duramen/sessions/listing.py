"""Reading the events of a session in order, and only those that are asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from duramen.errors import BadQueryError
from duramen.sessions.events import MAIN, Branch, SessionEvent, Where
from duramen.sessions.places import before_time, branches_path, checked_id, loaded, read
from duramen.shelf import Path, Shelf
from duramen.times import parse_time

_FEW, _MANY = 8, 128
"""How many events are read at once: each may be as large as `MAX_BYTES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which events of a session, and in which order.

    Attributes:
        lines: The branches that are wanted, each with the id of the last event wanted on it; None for all events.
        where: What must all hold for the metadata.
        since: The id from which on, and `before` the id before which, the events lie.
    """

    path: Path
    oldest_first: bool = False
    lines: Mapping[str, str | None] | None = None
    where: tuple[Where, ...] = ()
    since: str | None = None
    before: str | None = None

    def fits(self, event: SessionEvent) -> bool:
        """Tell whether `event`, which lies in the range, is wanted."""
        if self.lines is not None:
            name = event.branch or MAIN
            if name not in self.lines:
                return False
            last = self.lines[name]
            if last is not None and event.id > last:
                return False
        return all(condition.fits(event.metadata) for condition in self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a listing of events was asked for, in the words of `Sessions.events`."""

    branch: str | None = None
    parents: bool = False
    where: tuple[Where, ...] = ()
    since: datetime | None = None
    before: datetime | None = None

    @property
    def told(self) -> list[object]:
        """What tells one listing of a session from another."""
        where = [[one.key, one.equals, one.exists] for one in self.where]
        return [self.branch, self.parents, where, _bound(self.since, "since"), _bound(self.before, "before")]


async def asked_for(shelf: Shelf, path: Path, filters: Filters, *, oldest_first: bool = False) -> Asked:
    """Return which events are asked for.

    Raises:
        BadQueryError: The branch has no name that one could have, or a time is none.
    """
    if filters.branch is not None:
        checked_id(filters.branch, "branch", BadQueryError)
    return Asked(
        path=path,
        oldest_first=oldest_first,
        lines=await lines_of(shelf, path, filters.branch, parents=filters.parents),
        where=filters.where,
        since=_bound(filters.since, "since"),
        before=_bound(filters.before, "before"),
    )


async def events_of(
    shelf: Shelf, asked: Asked, *, after: str | None = None, size: int = _FEW
) -> AsyncGenerator[SessionEvent, None]:
    """Yield the events that are asked for, those behind the id `after` only; `size` is how many will likely do."""
    first, last = (asked.since, asked.before) if asked.oldest_first else (asked.before, asked.since)
    at = after or first
    size = min(size, _MANY)
    while True:
        behind = None if at is None else (asked.path, at)
        entries = await shelf.scan(asked.path, after=behind, reverse=not asked.oldest_first, limit=size)
        for entry in entries:
            if last is not None and (entry.key > last if asked.oldest_first else entry.key < last):
                return
            event = read(entry)
            if asked.fits(event):
                yield event
        if len(entries) < size:
            return
        at, size = entries[-1].key, min(2 * size, _MANY)


async def branches_of(shelf: Shelf, path: Path) -> dict[str, Branch]:
    """Return the branches of the session at `path`, by name, in the order in which they began."""
    found = [(entry.key, loaded(entry.value)) for entry in await shelf.scan(branches_path(path))]
    branches = [Branch(name=name, **kept) for name, kept in found]
    return {branch.name: branch for branch in sorted(branches, key=lambda branch: branch.first.partition("#")[2])}


async def lines_of(shelf: Shelf, path: Path, branch: str | None, *, parents: bool) -> Mapping[str, str | None] | None:
    """Return `Asked.lines` for a branch, with `parents` those of its ancestors up to where each was left."""
    if branch is None:
        return None
    lines: dict[str, str | None] = {branch: None}
    if parents and branch != MAIN:
        branches = await branches_of(shelf, path)
        here, last = branches.get(branch), None
        while here is not None and here.parent not in lines:
            last = here.root if last is None else min(last, here.root)
            lines[here.parent] = last
            here = branches.get(here.parent)
    return lines


def conditions_of(metadata: Mapping[str, str] | Sequence[Where] | None) -> tuple[Where, ...]:
    """Return the conditions on metadata that were given, those of a mapping being values that must be equal."""
    if metadata is None:
        return ()
    if isinstance(metadata, Mapping):
        return tuple(Where(key, equals) for key, equals in metadata.items())
    for condition in metadata:
        given: object = condition
        if not isinstance(given, Where):
            raise BadQueryError(f"The condition {given!r} on metadata is no `Where`. Give those, or values by name.")
    return tuple(metadata)


def _bound(moment: datetime | None, name: str) -> str | None:
    return None if moment is None else before_time(parse_time(moment, BadQueryError, name))
