"""Which banks there are: those in which anything was retained, and those that only have a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from duramen.desk import BANKS, what_of
from duramen.errors import BadQueryError
from duramen.profiles.profile import Profile
from duramen.profiles.records import PROFILE, Kept, read_profile
from duramen.protocols import Storage
from duramen.recall.asking import page_size

_LONGEST_PAGE = 1000


async def all_profiles(store: Storage, prefix: str = "") -> list[Profile]:
    """Return the profiles of all banks of `store` whose names begin with `prefix`, by the name of the bank.

    A bank without one has the usual, created when the bank was.
    """
    stored = await _stored(store, prefix)
    names = sorted(stored.keys() | set(await store.shelf.segments((BANKS,), prefix=prefix)))
    kept = {entry.path[1]: read_profile(entry.value) async for entry in what_of(store.shelf, names, PROFILE)}
    usual = {name: replace(Kept(), created=created, updated=created) for name, created in stored.items()}
    return [one.profile(name) for name in names if (one := kept.get(name) or usual.get(name))]


def span(limit: int, offset: int) -> slice:
    """Return which of all that was found make a page of `limit`, 1 to 1000, from `offset` on.

    Raises:
        BadQueryError: There is no such page.
    """
    given: object = offset
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise BadQueryError(f"`offset` is {offset!r}. Give a whole number of 0 or more.")
    return slice(given, given + page_size(limit))


async def _stored(store: Storage, prefix: str) -> Mapping[str, datetime]:
    """Return when each bank was created in which anything was retained."""
    found: dict[str, datetime] = {}
    cursor: str | None = None
    while True:
        page = await store.banks(cursor=cursor, limit=_LONGEST_PAGE)
        found.update((one.name, one.created) for one in page.items if one.name.startswith(prefix))
        cursor = page.next
        if cursor is None:
            return found
