"""One turn of an agent in a process of its own, which then ends without closing anything: `directory prompt answer`."""

from __future__ import annotations

import os
import sys

from strands import Agent

from duramen_strands.session import DuramenSessionManager
from tests.conftest import engine
from tests.duramen_strands.parts import Speaker

if __name__ == "__main__":
    directory, prompt, answer = sys.argv[1:]
    manager = DuramenSessionManager("s", engine(directory))
    agent = Agent(
        model=Speaker(answer),
        agent_id="a",
        session_manager=manager,
        callback_handler=None,
        state={"from": answer},
    )
    agent(prompt)
    sys.stdout.write(f"{len(agent.messages)}\n")
    sys.stdout.flush()
    os._exit(0)
