"""What a user asks of a graph or a swarm, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duramen_strands.messages import Message, words_of


def task_of(orchestrator: Any) -> str:
    """Return the words of the task that `orchestrator` is at; "" before it has begun."""
    return words_of(getattr(getattr(orchestrator, "state", None), "task", None))


def has_begun(orchestrator: Any) -> bool:
    """Tell whether the task of `orchestrator` was begun in an earlier invocation, or in another process."""
    state = getattr(orchestrator, "state", None)
    return bool(getattr(state, "results", None) or getattr(state, "node_history", None))


def answers_of(orchestrator: Any) -> Iterator[tuple[str, Any, Message]]:
    """Yield the answers to the task, each with the id of its node and what ran there; none if it is not completed.

    In a graph, nodes answer whose results went to no other; in a swarm, the last one does.
    """
    state: Any = getattr(orchestrator, "state", None)
    status = getattr(state, "completion_status", None) or getattr(state, "status", None)
    if getattr(status, "value", None) != "completed":
        return
    for node in _last(state):
        results = state.results[node.node_id].get_agent_results() if node.node_id in state.results else []
        if results:
            yield node.node_id, node.executor, results[-1].message


def _last(state: Any) -> list[Any]:
    if hasattr(state, "node_history"):
        return list(state.node_history[-1:])
    ran = {node.node_id: node for node in state.execution_order}
    passed_on = {begin.node_id for begin, end in state.edges if end.node_id in ran}
    answering = [node for name, node in ran.items() if name not in passed_on]
    return answering or list(state.execution_order[-1:])  # a circle has no end
