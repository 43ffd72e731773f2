"""How much a server carries, on loopback: `python -m tests.benchmarks.server`. Needs `wrk` (`apt install wrk`).

Recalls and retains at rising concurrency, by one worker and by two; with `--soak SECONDS`, both together for so long, and
how much memory the processes hold meanwhile. With `--address postgresql` the memory is over a PostgreSQL of our own, with
`--address postgresql://…` over that one; else it is over SQLite. All figures are of one run on one machine, which the load is made on as well.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.benchmarks.corpus import Corpus
from tests.benchmarks.timing import machine
from tests.postgres import make_server
from tests.serving import Served, served

BANKS, TURNS, AT_ONCE = 4, 500, 100
CONCURRENCY = (1, 4, 16, 64)
OUR_OWN = "postgresql"

_LUA = """
local questions = {%(questions)s}
local n = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  local bank = "/v1/default/banks/bank-" .. (n %% %(banks)d)
  %(body)s
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("FIGURES %%f %%f %%f %%f %%d %%d\\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout))
end
"""
RECALL = (
    'return wrk.format(nil, bank .. "/memories/recall", nil, \'{"query":"\' .. questions[n % #questions + 1] .. \'"}\')'
)
RETAIN = (
    'return wrk.format(nil, bank .. "/memories", nil, \'{"items":[{"content":"\' .. questions[n % #questions + 1] .. '
    '" " .. tostring(wrk.thread) .. os.time() .. n .. \'"}]}\')'
)
BOTH = f"if n % 5 == 0 then {RETAIN} end {RECALL}"


def script(directory: Path, body: str, questions: list[str]) -> Path:
    """Write what `wrk` asks."""
    listed = ",".join(f'"{re.sub(chr(34), "", question)}"' for question in questions)
    path = directory / "ask.lua"
    path.write_text(_LUA % {"questions": listed, "banks": BANKS, "body": body})
    return path


def filled(server: Served, corpus: Corpus) -> list[str]:
    """Retain some turns in each bank, wait until all can be searched, and return questions to them."""
    turns = corpus.turns(TURNS)
    with httpx.Client(base_url=server.url, timeout=300) as client:
        for bank in range(BANKS):
            for at in range(0, TURNS, AT_ONCE):
                items = [{"content": one.content, "document_id": one.key} for one in turns[at : at + AT_ONCE]]
                client.post(f"/v1/default/banks/bank-{bank}/memories", json={"items": items}).raise_for_status()
        for bank in range(BANKS):
            recall = f"/v1/default/banks/bank-{bank}/memories/recall"
            while "x-pending" in client.post(recall, json={"query": "all"}).raise_for_status().headers:
                time.sleep(0.2)
    return corpus.questions(turns, 200)


def loaded(server: Served, asked: Path, connections: int, seconds: int) -> tuple[float, ...]:
    """Return requests a second, p50, p95, p99 in ms, requests, and errors."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(asked), server.url],
        capture_output=True,
        text=True,
        check=True,
    )
    (figures,) = re.findall(r"FIGURES (.*)", done.stdout)
    return tuple(map(float, figures.split()))


def resident(server: Served) -> float:
    """Return how many MB the server's processes hold that are theirs alone, and their share of what they hold together."""
    parent = psutil.Process(server.pid)
    return sum(one.memory_full_info().pss for one in (parent, *parent.children(recursive=True))) / 2**20


@contextmanager
def addresses(address: str | None) -> Iterator[Callable[[], str | None]]:
    """Give what returns the address of each next memory: None for a directory."""
    if address != OUR_OWN:
        yield lambda: address
        return
    postgres = make_server(fsync=True, settings={"shared_buffers": "256MB"})
    try:
        yield postgres.database
    finally:
        postgres.remove()


def rising(fast: bool, seconds: int, address: Callable[[], str | None]) -> Table:
    """Measure recalls and retains at rising concurrency."""
    models = "no models" if fast else "the default models"
    drawn = Table(title=f"{BANKS} banks of {TURNS} turns, {models}, {seconds} s each")
    for column in ("workers", "verb", "connections", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors", "PSS MB"):
        drawn.add_column(column, justify="right")
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as made:
            directory = Path(made)
            variables = {"DURAMEN_STRATEGIES": ""}
            with served(
                directory / "memory", address=address(), fast=fast, workers=workers, variables=variables
            ) as server:
                questions = filled(server, Corpus())
                for verb, body in (("recall", RECALL), ("retain", RETAIN)):
                    asked = script(directory, body, questions)
                    loaded(server, asked, 4, 2)
                    for connections in track(CONCURRENCY, f"{verb}, {workers} workers"):
                        each, *spread, _, errors = loaded(server, asked, connections, seconds)
                        figures = [f"{each:.0f}", *(f"{one:.1f}" for one in spread), f"{errors:.0f}"]
                        drawn.add_row(str(workers), verb, str(connections), *figures, f"{resident(server):.0f}")
    return drawn


def soaked(seconds: int, fast: bool, address: Callable[[], str | None]) -> Table:
    """Let four recalls and a retain come at a time, for so long, and look at the memory now and then."""
    drawn = Table(title=f"Four recalls to each retain, 8 connections, for {seconds} s")
    for column in ("after s", "PSS MB", "requests/s", "p95 ms", "errors"):
        drawn.add_column(column, justify="right")
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        with served(directory / "memory", address=address(), fast=fast) as server:
            asked = script(directory, BOTH, filled(server, Corpus()))
            drawn.add_row("0", f"{resident(server):.0f}", "", "", "")
            begin = time.perf_counter()
            for _ in track(range(10), "soaking"):
                each, _, p95, _, _, errors = loaded(server, asked, 8, max(1, seconds // 10))
                after = f"{time.perf_counter() - begin:.0f}"
                drawn.add_row(after, f"{resident(server):.0f}", f"{each:.0f}", f"{p95:.1f}", f"{errors:.0f}")
    return drawn


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--soak", type=int, default=0)
    parser.add_argument("--fast", action="store_true", help="load no models")
    parser.add_argument("--address", help=f"over PostgreSQL: postgresql://…, or {OUR_OWN} for one of our own")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("`wrk` makes the load, and is not there. Install it: apt install wrk")
    console = Console(width=120)
    console.print(machine())
    with addresses(given.address) as address:
        if given.soak:
            console.print(soaked(given.soak, given.fast, address))
        else:
            console.print(rising(given.fast, given.seconds, address))


if __name__ == "__main__":
    main()
