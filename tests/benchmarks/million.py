"""A million memories in 10 000 banks, from SQLite to PostgreSQL: `python -m tests.benchmarks.million`.

They are put into a directory, moved by `duramen move`, counted on both sides, and recalled from random banks: cold, from
a new engine that has not asked that bank, and once more, warm. Vectors are drawn and looked up, so no model is measured.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by NumPy when it is loaded, so before anything else

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import duramen
from duramen import CapitalsEntityFinder, MiniLMEmbedder
from duramen.opening import store_at
from duramen.stores.sqlite import SQLiteStore
from tests.benchmarks.corpus import Corpus, WordedEmbedder, pour_into, searched
from tests.benchmarks.timing import Times, machine
from tests.postgres import Server, make_server
from tests.serving import ROOT

MILLION, BANKS = 1_000_000, 10_000
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
POURED = 10_000
"""Memories that are drawn at a time."""


async def loaded(directory: Path, banks: int, each: int, progress: Progress) -> None:
    """Put the memories into a new SQLite store, some banks at a time."""
    store = SQLiteStore(directory, durability="process")
    await store.open()
    task = progress.add_task("into SQLite", total=banks * each)
    corpus, at_once = Corpus(), max(1, POURED // each)
    for first in range(0, banks, at_once):
        names = [f"bank-{bank}" for bank in range(first, min(banks, first + at_once))]
        turns = corpus.turns(len(names) * each)
        embedder = WordedEmbedder(searched(turns), MiniLMEmbedder.name)
        filled = {name: turns[place * each :][:each] for place, name in enumerate(names)}
        await pour_into(store, filled, embedder)
        progress.update(task, advance=len(turns))
    await store.aclose()


def move(directory: Path, address: str) -> None:
    """Move everything with the command, which compares both sides."""
    done = subprocess.run(
        [sys.executable, "-m", "duramen", "move", str(directory), address], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"duramen move failed: {done.stdout}{done.stderr}")


async def counted(address: str) -> tuple[int, int]:
    """Return how many banks and memories a store has."""
    store = store_at(address)
    await store.open()
    banks, memories, cursor = 0, 0, None
    while True:
        page = await store.banks(cursor=cursor, limit=1000)
        banks += len(page.items)
        memories += sum(one.memories for one in page.items)
        cursor = page.next
        if cursor is None:
            await store.aclose()
            return banks, memories


async def recalled(address: str, banks: Sequence[str], questions: Sequence[str]) -> dict[str, Times]:
    """Ask each of `banks` twice: it is not in memory at first, and then it is."""
    embedder = WordedEmbedder(questions, MiniLMEmbedder.name)
    times = {"cold": Times(), "warm": Times()}
    async with duramen.open(address, embedder=embedder, entities=CapitalsEntityFinder()) as memory:
        await memory.recall("bank-0", questions[0])
        for bank, question in zip(banks, questions, strict=True):
            for its in times.values():
                with its.measured():
                    await memory.recall(bank, question)
    return times


def on_disk(server: Server, address: str) -> int:
    """Return the bytes of a database."""
    with psycopg.connect(server.admin) as connection:
        found = connection.execute("SELECT pg_database_size(%s)", [address.rpartition("/")[2]]).fetchone()
    assert found is not None
    return int(found[0])


def told(
    seconds: Mapping[str, float], sizes: Mapping[str, int], counts: Mapping[str, tuple[int, int]], count: int
) -> Table:
    """Return how long each step took, and what came of it."""
    drawn = Table(title=f"{count:,} memories, from SQLite to PostgreSQL")
    for column in ("step", "s", "memories/s", "banks", "memories", "MB on disk", "bytes a memory"):
        drawn.add_column(column, justify="right" if drawn.columns else "left")
    for step, took in seconds.items():
        banks, memories = counts[step]
        cells = (f"{took:.0f}", f"{count / took:,.0f}", f"{banks:,}", f"{memories:,}")
        drawn.add_row(step, *cells, f"{sizes[step] / 2**20:,.0f}", f"{sizes[step] / count:,.0f}")
    return drawn


def asked(found: Mapping[str, Mapping[str, Times]], recalls: int) -> Table:
    """Return the times of recalls as a table."""
    drawn = Table(title=f"Recall from {recalls} random banks, ms")
    for column in ("store", "bank", "p50", "p95"):
        drawn.add_column(column, justify="right" if len(drawn.columns) > 1 else "left")
    for store, times in found.items():
        for how, its in times.items():
            drawn.add_row(store, how, *its.spread())
    return drawn


def measure(given: argparse.Namespace, server: Server, directory: Path, console: Console) -> bool:
    """Load, move, count and recall, and print the tables; return whether both sides have the same."""
    each, address, begin = given.memories // given.banks, server.database(), time.perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        asyncio.run(loaded(directory, given.banks, each, progress))
    between = time.perf_counter()
    move(directory, address)
    seconds = {"put into SQLite": between - begin, "duramen move": time.perf_counter() - between}
    counts = dict(zip(seconds, (asyncio.run(counted(place)) for place in (str(directory), address)), strict=True))
    kept = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
    sizes = dict(zip(seconds, (kept, on_disk(server, address)), strict=True))
    console.print(told(seconds, sizes, counts, each * given.banks))
    chance, corpus = random.Random(given.seed), Corpus(given.seed)
    banks = [f"bank-{bank}" for bank in chance.sample(range(1, given.banks), min(given.recalls, given.banks - 1))]
    questions = corpus.questions(corpus.turns(len(banks)), len(banks))
    stores = {"SQLite": str(directory), "PostgreSQL": address}
    found = {name: asyncio.run(recalled(place, banks, questions)) for name, place in stores.items()}
    console.print(asked(found, len(banks)))
    return len(set(counts.values())) == 1


def main() -> int:
    """Measure with a PostgreSQL of our own; fail if something is missing after the move."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=MILLION)
    parser.add_argument("--banks", type=int, default=BANKS)
    parser.add_argument("--recalls", type=int, default=300, help="banks that are recalled from")
    parser.add_argument("--seed", type=int, default=20261122)
    given = parser.parse_args()
    begun, console = time.perf_counter(), Console(width=130)
    console.print(machine(), highlight=False)
    server = make_server(fsync=True, settings=SETTINGS)
    try:
        with tempfile.TemporaryDirectory() as made:
            same = measure(given, server, Path(made) / "memory", console)
    finally:
        server.remove()
    console.print(f"Took {time.perf_counter() - begun:.0f} s.")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
