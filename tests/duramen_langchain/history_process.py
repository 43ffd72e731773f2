"""Adds messages to a history in a process of its own: `python -m … DIRECTORY NAME COUNT`."""

from __future__ import annotations

import sys

from langchain_core.messages import AIMessage, HumanMessage

from duramen import SyncMemoryEngine
from duramen_langchain.history import DuramenChatMessageHistory
from tests.conftest import engine


def add(directory: str, name: str, count: int) -> None:
    with SyncMemoryEngine(engine(directory)) as memory:
        history = DuramenChatMessageHistory(memory, bank="user:ada", session="s1", retain=False)
        for number in range(count):
            history.add_messages([HumanMessage(f"{name} {number}"), AIMessage(f"{name} {number}, yes")])


if __name__ == "__main__":
    add(sys.argv[1], sys.argv[2], int(sys.argv[3]))
