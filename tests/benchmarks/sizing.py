"""What a memory over PostgreSQL needs, for planning: `python -m tests.benchmarks.sizing`. Needs `wrk` (`apt install wrk`).

Bytes on disk of each memory, by table and index; memory that a worker takes for each memory of the banks it holds;
connections; and how many recalls and retains a core of a worker carries, with the core of PostgreSQL that they take. The
last are requests by seconds of processor, so that they hold for a machine that is shared. Memories are of 25 words, with
drawn vectors and codes of words.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import psutil
import psycopg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import duramen
from duramen import CapitalsEntityFinder, MiniLMEmbedder
from duramen.opening import store_at
from tests.benchmarks.corpus import Corpus, WordedEmbedder, pour_into, searched
from tests.benchmarks.server import RECALL, RETAIN, filled, loaded, script
from tests.benchmarks.timing import machine
from tests.postgres import Server, make_server
from tests.serving import ROOT, Served, served

QUESTION = "What did Ines say about the garden in March?"
CONNECTIONS = 16

_SIZES = """
SELECT relname, pg_relation_size(oid), pg_table_size(oid) - pg_relation_size(oid), pg_indexes_size(oid)
FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'duramen'::regnamespace
ORDER BY pg_total_relation_size(oid) DESC
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index
JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'duramen'::regnamespace
ORDER BY pg_relation_size(indexrelid) DESC LIMIT 12
"""
_CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


# --- on disk


async def fill(address: str, banks: int, each: int, progress: Progress) -> None:
    """Put as many memories into each of as many banks."""
    store = store_at(address)
    await store.open()
    task = progress.add_task(f"{banks:,} banks of {each:,}", total=banks * each)
    turns = Corpus().turns(banks * each)
    for bank in range(banks):
        some = turns[bank * each :][:each]
        embedder = WordedEmbedder(searched(some), MiniLMEmbedder.name)
        await pour_into(store, {f"bank-{bank}": some}, embedder)
        progress.update(task, completed=(bank + 1) * each)
    await store.aclose()


def disk(server: Server, address: str, count: int) -> list[Table]:
    """Measure tables and indexes, vacuumed, by memory."""
    with psycopg.connect(server.url_of(address.rpartition("/")[2], role="postgres"), autocommit=True) as connection:
        connection.execute("VACUUM")
        sizes = connection.execute(_SIZES).fetchall()
        indexes = connection.execute(_INDEXES).fetchall()
    tables = Table(title=f"On disk, bytes a memory, of {count:,}")
    for column in ("table", "rows", "beside the rows (TOAST)", "indexes", "together"):
        tables.add_column(column, justify="right" if tables.columns else "left")
    for name, *parts in sizes:
        if sum(parts) / count >= 1:
            tables.add_row(str(name), *(f"{part / count:,.0f}" for part in (*parts, sum(parts))))
    totals = [sum(row[place] for row in sizes) for place in (1, 2, 3)]
    tables.add_row("all", *(f"{part / count:,.0f}" for part in (*totals, sum(totals))))
    largest = Table(title="The largest indexes, bytes a memory")
    largest.add_column("index")
    largest.add_column("bytes", justify="right")
    for name, size in indexes:
        largest.add_row(str(name), f"{size / count:,.0f}")
    return [tables, largest]


# --- in memory


async def hold(address: str, banks: int) -> dict[str, float]:
    """Ask each bank, and say what this process holds before and after; run as a process of its own."""
    embedder = WordedEmbedder([QUESTION], MiniLMEmbedder.name)
    parts = {"embedder": embedder, "entities": CapitalsEntityFinder(), "index_bytes": 2**40}
    async with duramen.open(address, **parts) as memory:  # type: ignore[arg-type]  # options of `open`
        await memory.recall("bank-0", QUESTION)
        process, begin = psutil.Process(), time.perf_counter()
        before = process.memory_full_info().uss
        for bank in range(1, banks):
            await memory.recall(f"bank-{bank}", QUESTION)
        spent = time.perf_counter() - begin
        held = process.memory_full_info().uss - before
        return {"process": before, "held": held, "index": (await memory.status()).index_bytes, "seconds": spent}


def resident(address: str, banks: int, each: int) -> Table:
    """Measure what a worker takes that holds all banks."""
    command = [sys.executable, "-m", "tests.benchmarks.sizing", "--hold", address, "--banks", str(banks)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    drawn = Table(title=f"Memory of a worker without models that holds {banks:,} banks of {each:,}")
    for column in (
        "without banks, MB",
        "for them, MB",
        "bytes a memory",
        "of that its index says",
        "ms a bank to load",
    ):
        drawn.add_column(column, justify="right")
    count = (banks - 1) * each
    drawn.add_row(
        f"{said['process'] / 2**20:.0f}",
        f"{said['held'] / 2**20:.0f}",
        f"{said['held'] / count:,.0f}",
        f"{said['index'] / (banks * each):,.0f}",
        f"{1000 * said['seconds'] / (banks - 1):.1f}",
    )
    return drawn


# --- under load


def spent(pid: int) -> float:
    """Return the seconds of processor that a process and all its children took, those that ended included."""
    parent = psutil.Process(pid)
    ended = parent.cpu_times()
    times = [one.cpu_times() for one in (parent, *parent.children(recursive=True))]
    return float(sum(one.user + one.system for one in times) + ended.children_user + ended.children_system)


def pending(server: Served) -> float:
    """Return how many events a server has still to work through."""
    figures = httpx.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return sum(float(line.split()[1]) for line in figures if line.startswith("duramen_events_pending "))


def connected(postgres: Server, address: str) -> int:
    """Return how many connections there are to a database."""
    with psycopg.connect(postgres.admin) as connection:
        found = connection.execute(_CONNECTED, [address.rpartition("/")[2]]).fetchone()
    assert found is not None
    return int(found[0])


def carried(postgres: Server, fast: bool, seconds: int) -> Table:
    """Measure recalls and retains of a server with one and with two workers by the seconds of processor they take."""
    models = "no models" if fast else "the default models"
    drawn = Table(
        title=f"What a core carries: {models}, {CONNECTIONS} connections, {seconds} s each, all worked through"
    )
    columns = ("workers", "verb", "requests/s", "a second of a worker's core", "a second of PostgreSQL's core")
    for column in (*columns, "errors", "connections to PostgreSQL idle", "under load"):
        drawn.add_column(column, justify="right")
    for workers in (1, 2):
        address = postgres.database()
        with tempfile.TemporaryDirectory() as made:
            directory = Path(made)
            options: Mapping[str, str] = {"DURAMEN_STRATEGIES": ""}
            with served(directory / "memory", address=address, fast=fast, workers=workers, variables=options) as server:
                idle = connected(postgres, address)
                questions = filled(server, Corpus())
                for verb, body in (("recall", RECALL), ("retain", RETAIN)):
                    cells = worked(postgres, server, script(directory, body, questions), seconds)
                    drawn.add_row(str(workers), verb, *cells, str(idle), str(connected(postgres, address)))
    return drawn


def worked(postgres: Server, server: Served, asked: Path, seconds: int) -> Sequence[str]:
    """Return requests a second, requests by second of processor of the server's and of PostgreSQL, and errors."""
    loaded(server, asked, 4, 2)
    pids = (server.pid, postgres.pid)
    before = [spent(pid) for pid in pids]
    each, *_, requests, errors = loaded(server, asked, CONNECTIONS, seconds)
    while pending(server):
        time.sleep(0.2)
    took = [spent(pid) - begin for pid, begin in zip(pids, before, strict=True)]
    return [f"{each:,.0f}", *(f"{requests / one:,.0f}" for one in took), f"{errors:.0f}"]


# --- all together


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--banks", type=int, default=1_000)
    parser.add_argument("--each", type=int, default=100, help="memories in each bank")
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--fast", action="store_true", help="load no models")
    parser.add_argument("--hold", metavar="ADDRESS", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.hold:
        sys.stdout.write(json.dumps(asyncio.run(hold(given.hold, given.banks))))
        return
    if shutil.which("wrk") is None:
        sys.exit("`wrk` makes the load, and is not there. Install it: apt install wrk")
    begun, console = time.perf_counter(), Console(width=150)
    console.print(machine(), highlight=False)
    postgres = make_server(fsync=True, settings={"shared_buffers": "512MB", "max_wal_size": "4GB"})
    try:
        address = postgres.database()
        with Progress(console=Console(stderr=True), transient=True) as progress:
            asyncio.run(fill(address, given.banks, given.each, progress))
        console.print(*disk(postgres, address, given.banks * given.each))
        console.print(resident(address, given.banks, given.each))
        console.print(carried(postgres, given.fast, given.seconds))
    finally:
        postgres.remove()
    console.print(f"Took {time.perf_counter() - begun:.0f} s.")


if __name__ == "__main__":
    main()
