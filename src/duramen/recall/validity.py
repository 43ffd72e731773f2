"""What is no longer so: which memories later ones contradict, for the order of hits and for what is shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.index.claims import NEVER
from duramen.language.dates import FoundDate, find_dates
from duramen.recall.search import Mask, Rows, Search
from duramen.times import microseconds
from duramen.types import Memory, Page, Query


def changes_from(search: Search, rows: Rows, mask: Mask | None) -> list[tuple[int, int]]:
    """Return what contradicts `rows`, and what contradicts that: pairs of a row and the one that holds instead.

    They are in the order in which things changed, so that what passes from one to the next reaches the last. What
    changed later than asked for does not count: after `as_of`, after the dates that the query names, and, if it asks for
    what was first or for what was before something, at all. Nor does what `mask` does not let through.
    """
    index = search.index
    known, since, by = index.claims.contradicted(index.mentioned)
    contradicted = rows[np.isin(rows, known)].tolist() if len(known) else []
    until = _asked_until(search) if contradicted else NEVER
    pairs: dict[int, int] = {}
    for row in contradicted:
        older = row
        while older not in pairs and (place := int(known.searchsorted(older))) < len(known) and known[place] == older:
            newer = int(by[place])
            if since[place] >= until or (mask is not None and not mask[newer]):
                break
            pairs[older] = newer
            older = newer
    return sorted(pairs.items(), key=lambda pair: (index.mentioned[pair[0]], pair[0]))


def _asked_until(search: Search) -> int:
    """Return the microsecond from which on changes come too late for what is asked."""
    asked, query = search.time, search.query
    if asked.order == "earliest" or any(event.relation == "before" for event in asked.events):
        return -NEVER
    named = [_end(date, query.at) for date in asked.dates]
    until = microseconds(max(named)) if named else NEVER
    return until if query.as_of is None else min(until, microseconds(query.as_of) + 1)


def _end(date: FoundDate, at: datetime) -> datetime:
    """Return when the time named is over; of "until the summer" that is when the summer begins."""
    if date.open != "start":
        return date.end
    begins = find_dates(f"before {date.text.partition(' ')[2]}", at)
    return min(begins[0].end, date.end) if begins else date.end


def ends_of(index: BankIndex, rows: Rows, query: Query) -> dict[str, datetime]:
    """Return since when those of `rows` that are superseded are so, by the id of the memory.

    With `as_of` that is none: what was superseded by then is not seen, and what was superseded later was not then.
    """
    if query.as_of is not None:
        return {}
    over = rows[index.superseded[rows] != NEVER].tolist()
    return {index.ids[row]: end for row in over if (end := index.superseded_at(row)) is not None}


def marked(memories: Iterable[Memory], ends: Mapping[str, datetime]) -> list[Memory]:
    """Return `memories` with `superseded` as `ends` says by their ids."""
    return [replace(one, superseded=ends[one.id]) if one.id in ends else one for one in memories]


async def with_validity(page: Page[Memory], bank: str, *caches: IndexCache) -> Page[Memory]:
    """Return `page` of `bank` with `superseded` of each memory as it is now, as the indexes of `caches` know it."""
    ends: dict[str, datetime] = {}
    for cache in caches if page.items else ():
        index = await cache.get(bank)
        if index is not None:
            found = ((index.ids[row], index.superseded_at(row)) for row in _superseded(index))
            ends |= {id: end for id, end in found if end is not None}
    return Page(tuple(marked(page.items, ends)), page.next)


def _superseded(index: BankIndex) -> Sequence[int]:
    rows: list[int] = index.claims.contradicted(index.mentioned).rows.tolist()
    return rows
