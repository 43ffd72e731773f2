"""The keys of a memory that nobody serves just now, or somebody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from duramen.opening import store_at
from duramen.server.keys import Keys


@asynccontextmanager
async def keys_at(address: str) -> AsyncIterator[Keys]:
    """Give the keys of the memory at `address`, with its store open and nothing else.

    An engine would begin to work through what is pending, perhaps with other models than the server's.

    Raises:
        AddressError: The address names no store that can be opened here.
        StoreError: The store cannot be opened.
    """
    store = store_at(address, "commit")
    await store.open()
    try:
        yield Keys(store.shelf)
    finally:
        await store.aclose()
