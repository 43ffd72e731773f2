"""A graph and a swarm of two agents. Run by itself, the process dies inside the second: `graph|swarm ours|theirs where`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from strands import Agent
from strands.multiagent import GraphBuilder, Swarm
from strands.multiagent.base import MultiAgentBase
from strands.session import FileSessionManager, SessionManager
from strands.types.content import ContentBlock

from duramen_strands.session import DuramenSessionManager
from tests.conftest import engine
from tests.duramen_strands.parts import Speaker, Use

PICTURE = b"\x89PNG\x00\xff"
TASK: list[ContentBlock] = [
    {"text": "What is this?"},
    {"image": {"format": "png", "source": {"bytes": PICTURE}}},
]


class Deadly(Speaker):
    """Ends the process as soon as it is asked."""

    async def stream(self, *args: Any, **options: Any) -> Any:
        os._exit(7)
        yield


def keeper(whose: str, directory: str | Path) -> SessionManager:
    """What keeps a session in `directory`: ours, or Strands' own for files."""
    return DuramenSessionManager("m", engine(directory)) if whose == "ours" else FileSessionManager("m", str(directory))


def graph(manager: SessionManager, second: Speaker, **options: Any) -> MultiAgentBase:
    """A graph that finds facts and then writes a page."""
    builder = GraphBuilder()
    builder.add_node(Agent(model=Speaker("Facts."), name="find", callback_handler=None), "find")
    builder.add_node(Agent(model=second, name="write", callback_handler=None), "write")
    builder.add_edge("find", "write")
    builder.set_entry_point("find")
    builder.set_hook_providers(options.get("hooks", []))
    return builder.set_session_manager(manager).set_max_node_executions(10).build()


def swarm(manager: SessionManager, second: Speaker, **options: Any) -> MultiAgentBase:
    """A swarm where one hands over to another."""
    over = Use("handoff_to_agent", {"agent_name": "write", "message": "Please write about the facts."})
    find = Agent(model=Speaker(over, "Handed over."), name="find", callback_handler=None)
    write = Agent(model=second, name="write", callback_handler=None)
    return Swarm([find, write], session_manager=manager, **options)


KINDS = {"graph": graph, "swarm": swarm}

if __name__ == "__main__":
    kind, whose, where = sys.argv[1:]
    KINDS[kind](keeper(whose, where), Deadly())(TASK)
