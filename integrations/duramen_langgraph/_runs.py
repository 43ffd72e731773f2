"""Where a node is run: its config and its runtime, however little of them its function was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import set_config_context
from langgraph.config import get_config
from langgraph.runtime import get_runtime

from duramen_langchain.whose import lasting


@dataclass(frozen=True, slots=True)
class Run:
    """What says whose turn it is, and in which thread."""

    runtime: Any
    config: Mapping[str, Any]

    @property
    def lasting(self) -> bool:
        """Whether the ids of its messages name them beyond it."""
        return lasting(self.config)

    @property
    def sent(self) -> bool:
        """Whether the task was started by a `Send`, so that what it was given is no state but made up for it."""
        path = (self.config.get("metadata") or {}).get("langgraph_path") or ("",)
        return bool(path[0] == "__pregel_push")


def run_of(given: object = None) -> Run:
    """Return where we are, from the config or the runtime that a node was `given`, or from the context.

    On Python 3.10, async code has no such context: the config must be given there.
    """
    if isinstance(given, Mapping):
        return Run(_runtime_in(given), given)
    config = getattr(given, "config", None) or _ambient()
    return Run(_runtime_in(config) if given is None else given, config)


def _ambient() -> Mapping[str, Any]:
    try:
        return cast("Mapping[str, Any]", get_config())
    except RuntimeError:
        return {}


def _runtime_in(config: Mapping[str, Any]) -> Any:
    if not config.get("configurable"):
        return None
    with set_config_context(cast(RunnableConfig, config)) as context:
        return context.run(lambda: get_runtime())
