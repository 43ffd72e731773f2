"""A store by either of its faces, so that one test speaks of both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langgraph.store.base import BaseStore, Op

HOME = ("users", "ada")


class Face:
    """Awaits the methods of a store that are awaited, or calls those that are not, inside the running loop."""

    def __init__(self, store: BaseStore, *, sync: bool) -> None:
        self.store = store
        self._sync = sync

    async def batch(self, ops: Iterable[Op]) -> list[Any]:
        return self.store.batch(ops) if self._sync else await self.store.abatch(ops)

    async def get(self, *args: Any, **options: Any) -> Any:
        return self.store.get(*args, **options) if self._sync else await self.store.aget(*args, **options)

    async def put(self, *args: Any, **options: Any) -> None:
        if self._sync:
            self.store.put(*args, **options)
        else:
            await self.store.aput(*args, **options)

    async def search(self, *args: Any, **options: Any) -> list[Any]:
        return self.store.search(*args, **options) if self._sync else await self.store.asearch(*args, **options)

    async def delete(self, *args: Any) -> None:
        if self._sync:
            self.store.delete(*args)
        else:
            await self.store.adelete(*args)

    async def namespaces(self, **options: Any) -> list[tuple[str, ...]]:
        if self._sync:
            return self.store.list_namespaces(**options)
        return await self.store.alist_namespaces(**options)

    async def keys(self, *args: Any, **options: Any) -> list[str]:
        return [item.key for item in await self.search(*args, **options)]
