"""Listings of records: page by page, in an order that nothing but new records changes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from duramen.errors import BadQueryError
from duramen.protocols import Storage
from duramen.records.homes import Home
from duramen.records.keeping import filed_of
from duramen.records.record import Filed, Where
from duramen.records.table import Row
from duramen.records.values import written
from duramen.sessions.places import cursor_of, digest, place_in
from duramen.types import Memory, Page


@dataclass(frozen=True, slots=True)
class Last:
    """Where a page ended: the actor in whose bank, "" for nobody, and the order of the last record."""

    actor: str = ""
    order: tuple[int, str] | None = None

    def before(self, home: Home, row: Row) -> bool:
        """Tell whether a record comes behind."""
        return self.order is None or (home.actor or "") != self.actor or row.order > self.order


class Listing:
    """A listing by what is asked for, which its cursors belong to."""

    def __init__(self, resource: str, where: Where) -> None:
        conditions = [
            [one.key, one.operator, {} if one.value is None else written({one.key: one.value})]
            for one in where.conditions
        ]
        self._name = digest("records", resource, where.exact, where.normal(), where.strategy, conditions)

    def last(self, cursor: str | None) -> Last:
        """Return where the page before ended.

        Raises:
            BadQueryError: The cursor is of another listing, or none.
        """
        said = place_in(cursor, self._name)
        if said is None:
            return Last()
        try:
            actor, created, id = json.loads(said)
            return Last(str(actor), (int(created), str(id)))
        except (ValueError, TypeError) as error:
            raise BadQueryError(f"The cursor {cursor!r} cannot be read. Leave it out for the first page.") from error

    def cursor(self, home: Home, row: Row) -> str:
        """Return the cursor behind a record."""
        return cursor_of(self._name, json.dumps([home.actor or "", *row.order]))


async def page_of(store: Storage, rows: AsyncIterator[tuple[Home, Row]], listing: Listing, limit: int) -> Page[Filed]:
    """Return a page of at most `limit` of `rows`."""
    found: list[tuple[Home, Row]] = []
    async for pair in rows:
        found.append(pair)
        if len(found) > limit:
            break
    more = listing.cursor(*found[limit - 1]) if len(found) > limit else None
    return Page(tuple(await _read(store, found[:limit])), more)


async def _read(store: Storage, found: Sequence[tuple[Home, Row]]) -> list[Filed]:
    """Return records whole, without those that are gone by now."""
    numbers: dict[str, list[int]] = {}
    for home, row in found:
        numbers.setdefault(home.bank, []).append(row.number)
    memories: dict[tuple[str, str], Memory] = {}
    for bank, some in numbers.items():
        memories |= {(bank, one.id): one for one in await store.get(bank, some)}
    there = (memories.get((home.bank, row.id)) for home, row in found)
    return [filed_of(memory) for memory in there if memory is not None]
