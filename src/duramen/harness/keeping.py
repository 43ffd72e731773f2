"""What a harness is, kept in the memory itself, so that every process that names it has the same."""

from __future__ import annotations

from dataclasses import replace

from duramen.engine import MemoryEngine
from duramen.errors import StrategyError
from duramen.harness.configuration import Configuration, ExistingMemory, Kept, ManagedMemory, derived, managed_resource
from duramen.harness.resources import delete_all_of, disassociate, existing, strategies_of
from duramen.sessions.truncation import SlidingWindow, Truncation
from duramen.shelf import Path, Put, Remove
from duramen.strategies.resources import load_resource, save_resource

HARNESSES: Path = ("duramen.harnesses",)


class Keeping:
    """The configuration of one harness.

    Args:
        memory: Where it is kept.
        name: Of the harness.
        configuration: What it begins with if there is none of that name; `ManagedMemory()` if None.
        truncation: Likewise; `SlidingWindow()` if None.
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

    async def kept(self) -> Kept:
        """Return the configuration, setting it up if there is none.

        Raises:
            StrategyError: It cannot be read, or the one given for a new harness cannot be used.
        """
        (entry,) = await self._memory.shelf.get([(HARNESSES, self._name)])
        configuration, truncation = self._given
        if entry is None:
            kept = await self._set_up(configuration or ManagedMemory(), truncation or SlidingWindow())
            await self._keep(kept)
            return kept
        return Kept.read(entry.value)

    async def update(self, configuration: Configuration | None, truncation: Truncation | None) -> Kept:
        """Change it, and derive anew what is brought into the prompt. See `Harness.update`."""
        before = await self.kept()
        how = truncation or before.truncation
        if configuration is None:
            after = replace(await self._derived(before), truncation=how)
        else:
            after = await self._set_up(configuration, how)
            if before.memory == "managed" and after.memory != "managed":
                await disassociate(self._memory, str(before.resource))
        await self._keep(after)
        return after

    async def delete(self, *, delete_managed_memory: bool) -> None:
        """Delete it. See `Harness.delete`."""
        kept = await self.kept()
        if kept.memory == "managed" and kept.resource is not None:
            if delete_managed_memory:
                await delete_all_of(self._memory, kept.resource)
            else:
                await disassociate(self._memory, kept.resource)
        await self._memory.shelf.write([Remove(path=HARNESSES, key=self._name)])

    async def _keep(self, kept: Kept) -> None:
        await self._memory.shelf.write([Put(path=HARNESSES, key=self._name, value=kept.written())])

    async def _set_up(self, configuration: Configuration, truncation: Truncation) -> Kept:
        if isinstance(configuration, ManagedMemory):
            resource = managed_resource(self._name, configuration)
            await self._check_free(resource.name)
            await save_resource(self._memory.shelf, resource)
            return await self._derived(Kept(memory="managed", resource=resource.name, truncation=truncation))
        if isinstance(configuration, ExistingMemory):
            await existing(self._memory, configuration.resource)
            kept = Kept(
                memory="existing",
                resource=configuration.resource,
                actor=configuration.actor,
                messages=configuration.messages,
                retrieval=configuration.retrieval or {},
                overridden=configuration.retrieval is not None,
                truncation=truncation,
            )
            return await self._derived(kept)
        return Kept(memory="none", truncation=truncation)

    async def _derived(self, kept: Kept) -> Kept:
        if kept.resource is None or kept.overridden:
            return kept
        return replace(kept, retrieval=derived(await strategies_of(self._memory, kept.resource)))

    async def _check_free(self, resource: str) -> None:
        found = await load_resource(self._memory.shelf, resource)
        if found is not None and found.managed_by != self._name:
            raise StrategyError(
                f"A memory {resource!r} was left behind by an earlier harness {self._name!r}. Attach it with "
                f"`ExistingMemory(resource={resource!r})`, or give the harness another name. Nothing was changed."
            )
