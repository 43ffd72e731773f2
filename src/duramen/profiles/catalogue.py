"""Which banks there are: those in which anything was retained, and those that only have a profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from duramen.desk import BANKS
from duramen.errors import BadQueryError
from duramen.profiles.profile import Profile
from duramen.profiles.records import Kept, profile_place, read_profile
from duramen.protocols import Storage
from duramen.recall.asking import page_size

_AT_ONCE = 500
_LONGEST_PAGE = 1000


async def all_profiles(store: Storage, prefix: str = "") -> list[Profile]:
    """Return the profiles of all banks of `store` whose names begin with `prefix`, by the name of the bank.

    A bank without one has the usual, created when the bank was.
    """
    stored = await _stored(store, prefix)
    names = sorted(stored.keys() | set(await store.shelf.segments((BANKS,), prefix=prefix)))
    profiles: list[Profile] = []
    for some in _pieces(names):
        entries = await store.shelf.get([profile_place(name) for name in some])
        for name, entry in zip(some, entries, strict=True):
            if entry is not None:
                profiles.append(read_profile(entry.value).profile(name))
            elif name in stored:
                profiles.append(replace(Kept(), created=stored[name], updated=stored[name]).profile(name))
    return profiles


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


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[begin : begin + _AT_ONCE] for begin in range(0, len(names), _AT_ONCE))
