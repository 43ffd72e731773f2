"""Two servers that speak the same HTTP API, given the same work in one run: `python -m tests.benchmarks.peer`.

Each is retained the turns of the conversations in `$DURAMEN_DATA/locomo/dev.json`, one item a turn, and asked the questions
about them. Ours is started here. Another one is named by `--peer URL`, with `--start COMMAND` to measure how long it takes to
be ready, `--pids` to weigh its processes, and `--installed DIR` to weigh its installation.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from duramen.conversations import Conversation, load
from tests.benchmarks.timing import Times, machine
from tests.serving import ROOT, Served

AT_ONCE = 50
FOUND = 10


@dataclass
class Figures:
    """What was measured of one server."""

    name: str
    ready: float | None = None
    one: Times = field(default_factory=Times)
    many: float = 0.0
    recall: Times = field(default_factory=Times)
    found: list[float] = field(default_factory=list)
    megabytes: float | None = None
    installed: float | None = None


def work(client: httpx.Client, conversations: Sequence[Conversation], figures: Figures, lean: bool) -> None:
    """Retain the first conversation turn by turn and the others in batches, and ask about all of them."""
    prefix = f"bench-{int(time.time())}"
    turns = 0
    begin = 0.0
    for place, conversation in enumerate(conversations):
        bank = f"{prefix}-{conversation.name}"
        if lean:
            off = {"enable_temporal_retrieval": False, "enable_graph_retrieval": False, "enable_reranking": False}
            client.put(f"/v1/default/banks/{bank}", json=off).raise_for_status()
        items = [
            {
                "content": f"{turn.speaker}: {turn.text}",
                "document_id": turn.id,
                "timestamp": turn.at.isoformat(),
                "tags": [f"session:{session.number}"],
            }
            for session in conversation.sessions
            for turn in session.turns
        ]
        path = f"/v1/default/banks/{bank}/memories"
        if place == 0:
            for item in track(items, f"{figures.name}: one by one"):
                with figures.one.measured():
                    client.post(path, json={"items": [item]}).raise_for_status()
            begin = time.perf_counter()
            continue
        for at in track(range(0, len(items), AT_ONCE), f"{figures.name}: {conversation.name}"):
            client.post(path, json={"items": items[at : at + AT_ONCE]}).raise_for_status()
        turns += len(items)
    figures.many = turns / (time.perf_counter() - begin) if turns else 0.0
    for conversation in conversations:
        ask(client, f"{prefix}-{conversation.name}", conversation, figures)


def ask(client: httpx.Client, bank: str, conversation: Conversation, figures: Figures) -> None:
    """Ask the questions that the conversation answers, and see which of the turns that do are among the first ten."""
    for question in track(conversation.questions, f"{figures.name}: {conversation.name}, questions"):
        if question.category == 5:
            continue
        body = {"query": question.text, "max_tokens": 8192, "budget": "mid"}
        with figures.recall.measured():
            reply = client.post(f"/v1/default/banks/{bank}/memories/recall", json=body)
        reply.raise_for_status()
        said = [one["document_id"] for one in reply.json()["results"] if one.get("type") != "observation"]
        first = [*dict.fromkeys(said)][:FOUND]
        figures.found.append(sum(id in first for id in question.evidence) / len(question.evidence))


def size_of(directory: Path) -> float:
    """Return the megabytes of an installation, byte code left out."""
    files = (path for path in directory.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in files) / 2**20


def held(pids: Sequence[int]) -> float:
    """Return the megabytes that processes and their children hold, shared ones shared out."""
    parents = [psutil.Process(pid) for pid in pids]
    every = {one.pid: one for parent in parents for one in (parent, *parent.children(recursive=True))}
    return float(sum(one.memory_full_info().pss for one in every.values()) / 2**20)


def started(command: str, url: str) -> tuple[float, int]:
    """Start another server; return the seconds until it was ready, and its process."""
    begin = time.perf_counter()
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not is_ready(url):
        time.sleep(0.02)
        if time.perf_counter() - begin > 300:
            raise RuntimeError(f"{command} was not ready after 300 s")
    return time.perf_counter() - begin, process.pid


def is_ready(url: str) -> bool:
    """Tell whether a server answers."""
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def table(every: Sequence[Figures]) -> Table:
    """Draw what was measured."""
    drawn = Table(title="The same work over the same HTTP API, no language model")
    for column in ("", *(one.name for one in every)):
        drawn.add_column(column, justify="right" if column else "left")

    def row(name: str, values: Sequence[float | None], form: str) -> None:
        drawn.add_row(name, *("" if value is None else format(value, form) for value in values))

    row("installed, MB", [one.installed for one in every], ",.0f")
    row("start to ready, s", [one.ready for one in every], ".1f")
    row("memory after the work, MB (PSS)", [one.megabytes for one in every], ",.0f")
    row("retain, one turn: p50 ms", [one.one.at(50) for one in every], ".1f")
    row("retain, one turn: p95 ms", [one.one.at(95) for one in every], ".1f")
    row(f"retain, {AT_ONCE} at once: turns/s", [one.many for one in every], ".1f")
    row("recall: p50 ms", [one.recall.at(50) for one in every], ".1f")
    row("recall: p95 ms", [one.recall.at(95) for one in every], ".1f")
    row(f"recall@{FOUND} of evidence", [float(np.mean(one.found)) for one in every], ".3f")
    return drawn


def ours(conversations: Sequence[Conversation], strategies: str) -> Figures:
    """Measure a server of our own, on a directory of its own."""
    figures = Figures("duramen" + (f", {strategies}" if strategies else ""))
    with tempfile.TemporaryDirectory() as directory:
        server = Served(Path(directory) / "memory", fast=False, variables={"DURAMEN_STRATEGIES": strategies})
        figures.ready = server.start()
        try:
            with httpx.Client(base_url=server.url, timeout=300) as client:
                work(client, conversations, figures, lean=False)
            figures.megabytes = held([server.pid])
        finally:
            server.kill()
    return figures


def theirs(conversations: Sequence[Conversation], given: argparse.Namespace) -> list[Figures]:
    """Measure the other server, a second time without some of its arms if that is asked for."""
    ready, pids = None, list(given.pids)
    if given.start:
        ready, pid = started(given.start, given.peer)
        pids.append(pid)
    every = []
    with httpx.Client(base_url=given.peer, timeout=300) as client:
        for lean in (False, True) if given.lean else (False,):
            figures = Figures(given.name + (", lean" if lean else ""), ready=ready)
            work(client, conversations, figures, lean)
            figures.megabytes = held(pids) if pids else None
            every.append(figures)
    return every


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--conversations", type=int, default=2)
    parser.add_argument("--strategies", default="observation")
    parser.add_argument("--peer", help="its URL")
    parser.add_argument("--name", default="peer")
    parser.add_argument("--start", help="the command that starts it")
    parser.add_argument(
        "--pids", type=int, nargs="*", default=[], help="processes of it that the command does not start"
    )
    parser.add_argument("--installed", type=Path, nargs=2, metavar=("OURS", "PEER"))
    parser.add_argument(
        "--lean", action="store_true", help="ask the peer a second time, without its graph and time arms"
    )
    given = parser.parse_args()
    if given.data is None and "DURAMEN_DATA" not in os.environ:
        sys.exit("Skipped: set DURAMEN_DATA to a folder with locomo/dev.json, or give --data FILE.")
    path = given.data or Path(os.environ["DURAMEN_DATA"]) / "locomo" / "dev.json"
    conversations = load(path)[: given.conversations]
    every = [ours(conversations, given.strategies)]
    if given.peer:
        every += theirs(conversations, given)
    if given.installed:
        for one, directory in zip(every, (given.installed[0], *[given.installed[1]] * (len(every) - 1)), strict=True):
            one.installed = size_of(directory)
    console = Console(width=110)
    console.print(machine())
    console.print(f"{ROOT.name}: {len(conversations)} conversations.")
    console.print(table(every))


if __name__ == "__main__":
    main()
