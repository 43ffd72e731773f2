"""LangChain's conformance kit for checkpoint savers, run on AWS's saver: `python saver_conformance.py RESULTS`.

Writes a list of `[capability, test, error or null]` in JSON to the file RESULTS. Runs in the suites' own environment.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

ACTOR = "conformance-actor"


def acted(config: Any) -> Any:
    """Return a configuration with the actor in it."""
    return config and {**config, "configurable": {**config["configurable"], "actor_id": ACTOR}}


async def results() -> list[tuple[str, str, str | None]]:
    """Return the outcome of each test of each capability that the saver has."""
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.conformance import checkpointer_test, validate
    from langgraph.checkpoint.conformance.report import ProgressCallbacks
    from langgraph_checkpoint_aws import AgentCoreMemorySaver  # type: ignore[import-not-found]  # not in our environment

    class Saver(AgentCoreMemorySaver):  # type: ignore[misc]  # not in our environment
        """The saver, for one actor: the kit names none, and the saver wants one in each call."""

        def get_tuple(self, config: Any) -> Any:
            return super().get_tuple(acted(config))

        def list(self, config: Any, **options: Any) -> Any:
            return super().list(acted(config), **options)

        def put(self, config: Any, *rest: Any) -> Any:
            return super().put(acted(config), *rest)

        def put_writes(self, config: Any, *rest: Any) -> None:
            super().put_writes(acted(config), *rest)

        def delete_thread(self, thread_id: str, actor_id: str = "") -> None:
            super().delete_thread(thread_id, actor_id or ACTOR)

    @checkpointer_test(name="AgentCoreMemorySaver")
    async def saver() -> AsyncGenerator[BaseCheckpointSaver[Any], None]:
        yield Saver(os.environ["AGENTCORE_MEMORY_ID"])

    found: list[tuple[str, str, str | None]] = []

    def told(capability: str, test: str, passed: bool, error: str | None) -> None:
        found.append((capability, test, None if passed else error or "failed"))

    await validate(saver, progress=ProgressCallbacks(on_test_result=told))
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(asyncio.run(results())))
