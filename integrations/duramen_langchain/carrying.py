"""The config of a run, where LangChain does not hand it to the code around a model call."""

from __future__ import annotations

import sys
import threading
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain.agents.middleware.types import PrivateStateAttr
from langchain_core.runnables import RunnableConfig
from langgraph.channels.untracked_value import UntrackedValue
from langgraph.config import get_config
from langgraph.runtime import Runtime
from typing_extensions import NotRequired, TypedDict

NO_CONFIG: Any = None  # LangGraph gives the config to a parameter of this very type, which an optional one is not

MOST_CARRIED = 1_000
"""Runs whose config is at hand."""


class Carrier(AgentMiddleware[AgentState[Any], Any]):
    """Knows the config of the run around a model call."""

    def config_of(self, state: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the config of the run with this `state`, or None if it cannot be told."""
        try:
            return get_config()
        except RuntimeError:
            return None


class CarrierByState(Carrier):
    """Carries the config from the hook before a model call, which is given it, to the call itself.

    Before Python 3.11 the context of a node does not reach what the node awaits, so that a model call there has no
    config, or that of the tool in which the whole agent runs. The state carries only a ticket, which says nothing to
    those who see it, is no use to those who make one up, and is not checkpointed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ticket = f"{self.name}_ticket"
        self._configs: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._lock = threading.Lock()
        ticket = NotRequired[Annotated[str, UntrackedValue, PrivateStateAttr]]
        self.state_schema = TypedDict(f"{self.name}State", {self._ticket: ticket})  # type: ignore[misc]  # made for its name

    def before_model(self, state: AgentState[Any], runtime: Runtime[Any], config: RunnableConfig = NO_CONFIG) -> None:
        """Do nothing: without `await` the context reaches everywhere. Takes what its twin takes, as LangGraph expects."""

    async def abefore_model(
        self, state: AgentState[Any], runtime: Runtime[Any], config: RunnableConfig = NO_CONFIG
    ) -> dict[str, Any]:
        """Take the config along."""
        ticket = uuid.uuid4().hex
        known = {
            name: value
            for name, value in config.get("configurable", {}).items()
            if not name.startswith("__") or name == "__pregel_checkpointer"  # the others hold the whole run
        }
        with self._lock:
            self._configs[ticket] = {"configurable": known}
            while len(self._configs) > MOST_CARRIED:
                self._configs.popitem(last=False)
        return {self._ticket: ticket}

    def config_of(self, state: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the config that the hook before saw, else the one around."""
        with self._lock:
            known = self._configs.get(str(state.get(self._ticket)))
        return super().config_of(state) if known is None else known


if sys.version_info >= (3, 11):
    Base = Carrier
else:
    Base = CarrierByState
