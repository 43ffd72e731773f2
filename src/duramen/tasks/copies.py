"""Copies of what a bank holds, such as archives to be downloaded: they go with whatever is forgotten there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from duramen.desk import place_of
from duramen.shelf import Change, Expect, Path, Put, Remove, Shelf, Touch

_UNTIL, _UNTIL_SECONDS = "until", 2 * 86_400.0


def copies_of(bank: str) -> Path:
    """Return the path below which copies are kept: each at one path of its own, for a day or less."""
    return (*place_of(bank, "server.files"), "made")


async def unforgotten(shelf: Shelf, bank: str, behind: Sequence[Change] = ()) -> Expect:
    """Return what holds until something is forgotten in `bank`, for up to two days.

    To be asked for before what is copied is read, and put before every change that keeps some of it: nothing that was
    forgotten meanwhile is kept then.

    Raises:
        ChangedError: An `Expect` of `behind` does not hold, such as that the bank is still there.
    """
    path = copies_of(bank)
    while True:
        fresh = Put(path=path, key=_UNTIL, value=uuid.uuid4().hex.encode(), lifetime=_UNTIL_SECONDS, keep=True)
        await shelf.write([*behind, fresh, Touch(path=path, key=_UNTIL)])
        (entry,) = await shelf.get([(path, _UNTIL)])
        if entry is not None:
            return Expect(path=path, key=_UNTIL, value=entry.value)


def removal(bank: str) -> Remove:
    """Return what removes all copies of a bank, also those that are just being made."""
    return Remove(path=copies_of(bank), below=True)
