"""The part of an AgentCore Runtime app that the adapter is bound to, by shape: nothing of it is imported."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, TypeVar

from duramen.errors import BadInputError


class Tasks(Protocol):
    """Counts background work: while there is any, `/ping` answers HealthyBusy and the session is kept alive."""

    def add_async_task(self, name: str, metadata: dict[str, Any] | None = None) -> int:
        """Begin to count one."""

    def complete_async_task(self, task_id: int) -> bool:
        """End to count it."""


App = TypeVar("App", bound=Tasks)


def drain_at_shutdown(app: object, start: Callable[[], None], drain: Callable[[], Awaitable[None]]) -> None:
    """Call `start` when `app` has started up, and await `drain` before it shuts down.

    The app's own lifespan is kept around both: what it opens is still open while draining.

    Raises:
        BadInputError: `app` is no AgentCore app.
    """
    router: Any = getattr(app, "router", None)
    inner = getattr(router, "lifespan_context", None)
    if inner is None or not hasattr(app, "add_async_task"):
        raise BadInputError(f"A {type(app).__name__} cannot be bound. Give the `BedrockAgentCoreApp`.")

    @contextlib.asynccontextmanager
    async def lifespan(started: Any) -> AsyncIterator[Any]:
        async with inner(started) as state:
            start()
            try:
                yield state
            finally:
                await drain()

    router.lifespan_context = lifespan
