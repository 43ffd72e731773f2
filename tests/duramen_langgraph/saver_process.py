"""Run as `python -m tests.duramen_langgraph.saver_process DIRECTORY`: a process that dies while a graph waits."""

from __future__ import annotations

import os
import sys

from duramen_langgraph.saver import DuramenSaver
from tests.conftest import engine
from tests.duramen_langgraph.saving import asking, thread

if __name__ == "__main__":
    graph = asking(DuramenSaver(engine(sys.argv[1])))
    graph.invoke({"answers": []}, thread())
    os._exit(9)
