from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from strands.hooks import BeforeNodeCallEvent, HookProvider, HookRegistry
from strands.multiagent.base import MultiAgentBase, Status
from strands.types.content import Messages

import duramen
from duramen_strands.session import DuramenSessionManager
from tests.duramen_strands.multi_agents import KINDS, PICTURE, graph, keeper
from tests.duramen_strands.parts import ROOT, Speaker, answer, texts


@pytest.fixture
def memory(lasting: duramen.MemoryEngine) -> duramen.MemoryEngine:
    return lasting


def seen(multi_agent: MultiAgentBase, name: str) -> list[Messages]:
    node = multi_agent.nodes[name]  # type: ignore[attr-defined]  # both kinds have them
    shown: list[Messages] = node.executor.model.shown
    return shown


def crash(kind: str, whose: str, directory: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.duramen_strands.multi_agents", kind, whose, str(directory)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 7, run.stderr


def outcome(multi_agent: MultiAgentBase, task: str) -> Any:
    """How it went, and what each agent was shown; or what it raised."""
    try:
        result = multi_agent(task)
    except Exception as error:  # noqa: BLE001  older swarms cannot be resumed, whoever keeps them
        return type(error)
    return result.status, {name: [texts(shown) for shown in seen(multi_agent, name)] for name in ("find", "write")}


def test_after_a_crash_a_graph_goes_on_with_the_node_that_was_next(tmp_path: Path) -> None:
    crash("graph", "ours", tmp_path)

    again = graph(keeper("ours", tmp_path), Speaker("It is a heron."))
    result = again("go on")

    assert result.status == Status.COMPLETED
    assert seen(again, "find") == []
    (shown,) = seen(again, "write")
    assert PICTURE in [content["image"]["source"]["bytes"] for content in shown[0]["content"] if "image" in content]
    assert "It is a heron." in str(result.results["write"])


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_crash_it_goes_on_as_from_the_file_session_manager(kind: str, tmp_path: Path) -> None:
    outcomes = []
    for whose in ("ours", "theirs"):
        crash(kind, whose, tmp_path / whose)
        outcomes.append(outcome(KINDS[kind](keeper(whose, tmp_path / whose), Speaker("A heron.")), "go on"))

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_done_begins_anew_as_from_the_file_session_manager(kind: str, tmp_path: Path) -> None:
    outcomes = []
    for whose in ("ours", "theirs"):
        KINDS[kind](keeper(whose, tmp_path / whose), Speaker("A page."))("Write about Lisbon.")
        again = KINDS[kind](keeper(whose, tmp_path / whose), Speaker("Another."))
        outcomes.append(outcome(again, "Write about Ghent."))

    assert outcomes[0] == outcomes[1]
    if kind == "graph":
        status, shown = outcomes[0]
        assert status == Status.COMPLETED
        assert len(shown["find"]) == len(shown["write"]) == 1
        assert "Lisbon" not in str(shown)


class AskBefore(HookProvider):
    def register_hooks(self, registry: HookRegistry, **options: Any) -> None:
        registry.add_callback(BeforeNodeCallEvent, self.ask)

    def ask(self, event: BeforeNodeCallEvent) -> None:
        if event.node_id == "write" and event.interrupt("may-i", reason="Write now?") != "yes":
            event.cancel_node = "not now"


@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_several_agents_go_on_with_the_answer(kind: str, memory: duramen.MemoryEngine) -> None:
    stopped = KINDS[kind](DuramenSessionManager("m", memory), Speaker("A page."), hooks=[AskBefore()])(
        "Write about Lisbon."
    )
    assert stopped.status == Status.INTERRUPTED

    again = KINDS[kind](DuramenSessionManager("m", memory), Speaker("A page."), hooks=[AskBefore()])
    result = again(answer(stopped.interrupts[0].id, "yes"))

    assert result.status == Status.COMPLETED
    assert seen(again, "find") == []
    assert "Lisbon" in str(seen(again, "write"))


def test_the_state_of_several_agents_is_what_they_say_it_is(memory: duramen.MemoryEngine) -> None:
    one = graph(DuramenSessionManager("m", memory), Speaker("A page."))
    one("Write about Lisbon.")

    state = DuramenSessionManager("m", memory).read_multi_agent("m", one.id)

    assert state is not None
    assert state["status"] == "completed"
    assert sorted(state["completed_nodes"]) == ["find", "write"]
    assert DuramenSessionManager("m", memory).read_multi_agent("m", "another") is None
