"""A memory with one simple strategy, and calls of harnesses over it, for tests of what a harness does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from duramen import MemoryEngine
from duramen.errors import StoreUnavailableError
from duramen.harness import Answer, ExistingMemory, Harness, Resource, save_resource
from duramen.protocols import Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.types import Message
from tests.conftest import engine
from tests.harness.conftest import Echo
from tests.simple_strategies import notes

BANK = "resource:notes:actor:ada"

NOTES = {"type": "code", "name": "notes", "namespace": "/notes/{actorId}/"}


def opened(address: str | Path | Storage, **options: Any) -> MemoryEngine:
    """Open a memory that knows the strategy `notes`, which makes a fact of each event."""
    return engine(address, strategies=[notes(namespace="/notes/{actorId}/", merges=False)], **options)


async def shared(memory: MemoryEngine, **parts: Any) -> ExistingMemory:
    """Set a resource with the strategy `notes` up, and return a configuration that attaches it."""
    await save_resource(memory.shelf, Resource(**{"name": "notes", "strategies": [NOTES], **parts}))
    return ExistingMemory(resource="notes")


async def harness_of(memory: MemoryEngine, agent: Any = None, name: str = "h", **options: Any) -> Harness:
    """Return a harness over the resource, of `agent` or one that says "Noted."."""
    configuration = options.pop("configuration", None) or await shared(memory)
    return Harness(memory, name, agent or Echo(), configuration=configuration, **options)


async def say(harness: Harness, *said: str, session: str = "s1", actor: str | None = "ada") -> Answer:
    """Say one thing after the other, let the strategies finish, and return the last answer."""
    answers = [await harness.invoke(one, session=session, actor=actor) for one in said]
    await harness.memory.wait_idle(finish=True)
    return answers[-1]


async def history(memory: MemoryEngine, session: str = "s1", bank: str = BANK, who: str = "ada") -> list[Message]:
    """Return what is saved of a session."""
    return await memory.sessions.history(bank, who, session)


def words(messages: list[Message]) -> list[Any]:
    """Return the content of each message."""
    return [message["content"] for message in messages]


class OutStore(InMemoryStore):
    """Keeps banks in memory and, while it is `down`, cannot be reached by anybody, with its shelf."""

    down = False

    @contextmanager
    def _use(self) -> Iterator[None]:
        if self.down:
            raise StoreUnavailableError("The store is down, for the sake of a test.")
        with super()._use():
            yield
