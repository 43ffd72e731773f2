"""The harness for code without `await`, one line a method, over the loop of the memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duramen.harness.answers import Agent, Heard
from duramen.harness.configuration import Configuration, Retrieval
from duramen.harness.harness import Answer, Harness
from duramen.sessions.truncation import Truncation
from duramen.strategies.resources import Resource, delete_resource, list_resources, load_resource, save_resource
from duramen.sync import SyncMemoryEngine
from duramen.types import Message


class SyncHarness:
    """A harness for code without `await`, also inside a running loop (notebooks).

    `harness` is the same one for code with `await`. An agent that awaits runs on the loop of the memory.

    Args:
        memory: What `duramen.open_sync` gave. The rest is as in `Harness`.
    """

    def __init__(  # noqa: PLR0913  as in `Harness`
        self,
        memory: SyncMemoryEngine,
        name: str,
        agent: Agent,
        *,
        configuration: Configuration | None = None,
        truncation: Truncation | None = None,
        max_tokens: int = 1500,
        timeout: float = 5.0,
    ) -> None:
        self.memory = memory
        self.harness = Harness(
            memory.engine,
            name,
            agent,
            configuration=configuration,
            truncation=truncation,
            max_tokens=max_tokens,
            timeout=timeout,
        )
        self._call = memory.engine.portal.call

    def invoke(
        self,
        message: str | Message | Sequence[Message],
        *,
        session: str,
        actor: str | None = None,
        truncation: Truncation | None = None,
        metadata: Mapping[str, str] | None = None,
        heard: Heard | None = None,
    ) -> Answer:
        """See `Harness.invoke`."""
        invoked = self.harness.invoke(
            message, session=session, actor=actor, truncation=truncation, metadata=metadata, heard=heard
        )
        return self._call(invoked)

    def retrieval(self) -> Mapping[str, Retrieval]:
        """See `Harness.retrieval`."""
        return self._call(self.harness.retrieval())

    def resource(self) -> Resource | None:
        """See `Harness.resource`."""
        return self._call(self.harness.resource())

    def update(
        self, *, configuration: Configuration | None = None, truncation: Truncation | None = None
    ) -> Mapping[str, Retrieval]:
        """See `Harness.update`."""
        return self._call(self.harness.update(configuration=configuration, truncation=truncation))

    def delete(self, *, delete_managed_memory: bool = True) -> None:
        """See `Harness.delete`."""
        self._call(self.harness.delete(delete_managed_memory=delete_managed_memory))

    def send_all(self) -> int:
        """See `Harness.send_all`."""
        return self._call(self.harness.send_all())


class SyncResources:
    """The memory resources of a memory, for code without `await`.

    Args:
        memory: What `duramen.open_sync` gave.
    """

    def __init__(self, memory: SyncMemoryEngine) -> None:
        self._shelf = memory.engine.shelf
        self._call = memory.engine.portal.call

    def save(self, resource: Resource) -> Resource:
        """See `save_resource`."""
        return self._call(save_resource(self._shelf, resource))

    def load(self, name: str) -> Resource | None:
        """See `load_resource`."""
        return self._call(load_resource(self._shelf, name))

    def every(self) -> list[Resource]:
        """See `list_resources`."""
        return self._call(list_resources(self._shelf))

    def delete(self, name: str) -> bool:
        """See `delete_resource`."""
        return self._call(delete_resource(self._shelf, name))
