"""Retaining by a callback: each step of a whole graph, without a change to the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langgraph.constants import TAG_HIDDEN
from typing_extensions import Unpack

from duramen.turns import AnyMemory, Around, Whose
from duramen_langchain.messages import messages_of
from duramen_langgraph._core import Core, Options, core_of
from duramen_langgraph._outputs import Output, before_in
from duramen_langgraph._runs import Run
from duramen_langgraph.state import read


@dataclass(frozen=True, slots=True)
class _Step:
    """A run of a node, or of a graph, that has begun."""

    around: Around
    run: Run
    before: Sequence[object]


class RetainCallback(BaseCallbackHandler):
    """Retains after each step of a graph: `graph.invoke(…, {"callbacks": [RetainCallback(memory, bank=user)]})`.

    Works under `invoke`, `ainvoke`, `stream` and `astream`; one of them may serve many runs at once. What a node was
    given and what it returned is retained when it ends, what it was given also when it fails or is interrupted.

    A callback is shown the metadata of a run, and neither its `context` nor its `configurable`: give a `bank`, or a
    `user_id` in `config["metadata"]`. A `bank` that is a function is given a config with that metadata.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave, or a `GraphMemory`.
        bank: Whose runs these are; that of the `GraphMemory` if left out.
        subgraphs: Whether what is said in graphs within the graph is retained too. What they add to the conversation
            of the graph is, either way.
        options: As of `GraphMemory`, if `memory` is none.

    Raises:
        BadInputError: An argument makes no sense.
        BankResolutionError: Within the run, with `strict`: nothing says whose it is.
    """

    ignore_agent = ignore_chat_model = ignore_custom_event = ignore_llm = ignore_retriever = ignore_retry = True

    def __init__(
        self,
        memory: AnyMemory | Core,
        *,
        subgraphs: bool = False,
        **options: Unpack[Options],
    ) -> None:
        bank = options.pop("bank", None)
        self._core = core_of(memory, options)
        self._bank: Whose | None = self._core.bank if bank is None else bank
        self._subgraphs = subgraphs
        self._steps: dict[UUID, _Step] = {}
        self._graphs: dict[UUID, _Step] = {}
        self.raise_error = self._core.strict

    def on_chain_start(
        self,
        serialized: Mapping[str, Any] | None,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Note what a node begins with."""
        if metadata is None or not self._is_step(metadata, more.get("name")) or TAG_HIDDEN in (tags or ()):
            return
        place = {**metadata, "checkpoint_ns": metadata.get("langgraph_checkpoint_ns")}
        run = Run(None, {"configurable": place, "metadata": metadata})
        around = self._core.retaining(run, self._bank)
        if around is None:
            return
        self._steps[run_id] = _Step(around, run, before_in(inputs, self._core.messages_key, run))
        if parent_run_id is not None:
            self._graphs[parent_run_id] = _Step(around, run, [])

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **more: Any) -> None:
        """Retain what a node was given and returned, or what a graph ended with."""
        step = self._taken(run_id)
        if step is not None:
            output = Output(self._core.messages_key, step.before, step.run, naming=False)
            output.read(outputs)
            self._retain(step, output.messages)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **more: Any) -> None:
        """Retain what a node was given."""
        step = self._taken(run_id)
        if step is not None:
            self._retain(step, [])

    def _taken(self, run_id: UUID) -> _Step | None:
        graph = self._graphs.pop(run_id, None)
        return self._steps.pop(run_id, graph)

    def _retain(self, step: _Step, said: Sequence[BaseMessage]) -> None:
        messages = messages_of([*read(step.before), *said], lasting=step.run.lasting)
        self._core.turns.retain_sync(step.around, messages)

    def _is_step(self, metadata: Mapping[str, Any], name: object) -> bool:
        if name is None or name != metadata.get("langgraph_node"):
            return False
        return self._subgraphs or "|" not in str(metadata.get("langgraph_checkpoint_ns", ""))
