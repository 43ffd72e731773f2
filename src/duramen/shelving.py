"""The shelf of an engine: that of its store, opened with the engine and used on the engine's own loop."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from duramen.life import Life
from duramen.portal import Portal, on_own_loop
from duramen.protocols import Storage
from duramen.shelf import Change, Entry, Path, Place, Shelf


class OwnedShelf:
    """A `Shelf` that any loop may await; code without `await` hands its coroutines to `portal.call`."""

    def __init__(self, portal: Portal, life: Life, store: Storage) -> None:
        self.portal = portal
        self._life = life
        self._store = store

    @on_own_loop
    async def write(self, changes: Sequence[Change]) -> None:
        """See `Shelf.write`."""
        await (await self._opened()).write(changes)

    @on_own_loop
    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        """See `Shelf.get`."""
        return await (await self._opened()).get(places)

    @on_own_loop
    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        """See `Shelf.scan`."""
        shelf = await self._opened()
        return await shelf.scan(path, below=below, after=after, reverse=reverse, limit=limit)

    @on_own_loop
    async def paths(self, path: Path) -> list[Path]:
        """See `Shelf.paths`."""
        return await (await self._opened()).paths(path)

    @on_own_loop
    async def segments(self, path: Path, *, prefix: str = "") -> list[str]:
        """See `Shelf.segments`."""
        return await (await self._opened()).segments(path, prefix=prefix)

    @on_own_loop
    async def across(self, path: Path, segments: Collection[str], rest: Path = ()) -> list[Entry]:
        """See `Shelf.across`."""
        return await (await self._opened()).across(path, segments, rest)

    async def _opened(self) -> Shelf:
        await self._life.worker()
        return self._store.shelf
