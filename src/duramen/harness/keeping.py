"""What a harness is, kept in the memory itself, so that every process that names it has the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from duramen.engine import MemoryEngine
from duramen.errors import StrategyError
from duramen.harness.configuration import (
    Configuration,
    Kept,
    ManagedMemory,
    UnreadableError,
    derived,
    kept_of,
    managed_resource,
)
from duramen.harness.resources import check_free, delete_all_of, disassociate, existing, strategies_of
from duramen.sessions.truncation import SlidingWindow, Truncation
from duramen.shelf import Path, Put, Remove
from duramen.strategies.resources import Resource, load_resource, save_resource

HARNESSES: Path = ("duramen.harnesses",)


class Keeping:
    """The configuration of one harness.

    Args:
        memory: Where it is kept.
        name: Of the harness.
        configuration: What it begins with if there is none of that name, and else must be: `ManagedMemory()`, or whatever
            is there, if None.
        truncation: Likewise; `SlidingWindow()`, or whatever is there, if None.
    """

    def __init__(
        self,
        memory: MemoryEngine,
        name: str,
        configuration: Configuration | None,
        truncation: Truncation | None,
    ) -> None:
        self._memory = memory
        self._name = name
        self._given = configuration, truncation
        self._checked = configuration is None and truncation is None

    async def kept(self) -> Kept:
        """Return the configuration, setting it up if there is none.

        Raises:
            UnreadableError: It cannot be read.
            StrategyError: The one given cannot be used, or is another than the one kept (looked at once).
        """
        kept = await self._read()
        if kept is None:
            kept = await self._created()
        elif not self._checked:
            await self._check_given(kept)
        self._checked = True
        return kept

    async def as_kept(self) -> Kept:
        """Return the configuration as `kept` does, whether it is the one given or not."""
        return await self._read() or await self._created()

    async def update(self, configuration: Configuration | None, truncation: Truncation | None) -> Kept:
        """Change it, and derive anew what is brought into the prompt. See `Harness.update`."""
        before = await self.as_kept() if configuration is None else await self._read()
        how = truncation or (self._given[1] or SlidingWindow() if before is None else before.truncation)
        if configuration is not None:
            after = await self._set_up(configuration, how)
            if before is not None and before.memory == "managed" and after.memory != "managed":
                await disassociate(self._memory, str(before.resource))
        else:
            after = replace(await self._derived(before or Kept(memory="none")), truncation=how)
        await self._keep(after)
        self._checked = True
        return after

    async def delete(self, *, delete_managed_memory: bool) -> None:
        """Delete it, also if it cannot be read. See `Harness.delete`."""
        resource = managed_resource(self._name, ManagedMemory()).name
        found = await load_resource(self._memory.shelf, resource)
        if found is not None and found.managed_by == self._name:
            await (delete_all_of if delete_managed_memory else disassociate)(self._memory, resource)
        await self._memory.shelf.write([Remove(path=HARNESSES, key=self._name)])

    async def _read(self) -> Kept | None:
        (entry,) = await self._memory.shelf.get([(HARNESSES, self._name)])
        return None if entry is None else Kept.read(entry.value)

    async def _created(self) -> Kept:
        configuration, truncation = self._given
        kept = await self._set_up(configuration or ManagedMemory(), truncation or SlidingWindow())
        await self._keep(kept)
        return kept

    async def _keep(self, kept: Kept) -> None:
        await self._memory.shelf.write([Put(path=HARNESSES, key=self._name, value=kept.written())])

    async def _set_up(self, configuration: Configuration, truncation: Truncation) -> Kept:
        managed = managed_resource(self._name, ManagedMemory())
        kept = kept_of(configuration, truncation, managed.name)
        if isinstance(configuration, ManagedMemory):
            managed = managed_resource(self._name, configuration)
            await check_free(self._memory, managed)
            await save_resource(self._memory.shelf, managed)
        elif kept.resource is not None:
            await existing(self._memory, kept.resource)
        return await self._derived(kept)

    async def _derived(self, kept: Kept) -> Kept:
        if kept.resource is None or kept.overridden:
            return kept
        strategies = await strategies_of(self._memory, kept.resource)
        return replace(kept, retrieval=derived(strategies, top_k=kept.top_k, relevance_score=kept.relevance_score))

    async def _check_given(self, kept: Kept) -> None:
        """Check that what code gives for a harness is what is kept of it: it would be ignored in silence otherwise."""
        configuration, truncation = self._given
        same = truncation is None or truncation == kept.truncation
        if same and configuration is not None:
            given = kept_of(configuration, kept.truncation, managed_resource(self._name, ManagedMemory()).name)
            same = given == (kept if kept.overridden else replace(kept, retrieval={}))
            if same and isinstance(configuration, ManagedMemory):
                same = await self._is_kept(managed_resource(self._name, configuration))
        if not same:
            raise StrategyError(
                f"The harness {self._name!r} is there already, and is set up in another way than it is given here. Change it "
                f"with `update(…)`, or leave `configuration` and `truncation` out to use it as it is. Nothing was changed."
            )

    async def _is_kept(self, given: Resource) -> bool:
        with _readable():
            found = await load_resource(self._memory.shelf, given.name)
        if found is None:
            return True
        return (_plain(given), given.event_days) == (_plain(found), found.event_days)


def _plain(resource: Resource) -> object:
    """Return the definitions of the strategies as they are after they were kept."""
    return json.loads(json.dumps([dict(one) for one in resource.strategies]))


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except StrategyError as error:
        raise UnreadableError(str(error)) from error
