from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

import duramen
from duramen import CapitalsEntityFinder, MemoryEngine, MiniLMEmbedder
from duramen.types import Message

Open = Callable[..., AbstractAsyncContextManager[MemoryEngine]]


class Echo:
    """An agent that keeps what it was shown, and says what it was told to say."""

    def __init__(self, *answers: str) -> None:
        self.shown: list[list[Message]] = []
        self._answers = list(answers)

    def __call__(self, messages: list[Message]) -> str:
        self.shown.append(messages)
        return self._answers.pop(0) if self._answers else "Noted."

    @property
    def prompt(self) -> str:
        """The whole of the last prompt."""
        return "\n".join(str(message["content"]) for message in self.shown[-1])


@pytest.fixture(scope="session")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture
def opened(tmp_path: Path, embedder: MiniLMEmbedder) -> Open:
    """Open the same memory, again and again, each time with an engine of its own."""

    @asynccontextmanager
    async def open_it(**options: object) -> AsyncIterator[MemoryEngine]:
        parts: dict[str, object] = {"embedder": embedder, "entities": CapitalsEntityFinder(), **options}
        async with duramen.open(tmp_path / "memory", **parts) as memory:  # type: ignore[arg-type]  # options of `open`
            yield memory

    return open_it
