"""PostgreSQL beside SQLite and beside plain pgvector, on the same work: `python -m tests.benchmarks.postgres`.

All three in turns in one run, so that a noisy machine is noisy to all. PostgreSQL is one of our own on this machine, by
TCP, with `fsync` and `synchronous_commit` on, and with `--away` as if on another machine; SQLite syncs each commit
(`durability="commit"`). Vectors are drawn and looked up, so that no model is measured; those of words are compared by the
engine, and not by pgvector's side, which is an exact scan of the bank by `embedding <=> …` and a search by `ts_rank`, ten
of each, merged by rank.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by NumPy when it is loaded, so before anything else

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder, MemoryEngine, MiniLMEmbedder
from duramen.opening import store_at
from duramen.protocols import Embedder
from tests.benchmarks import bare
from tests.benchmarks.corpus import Corpus, Vectors, WordedEmbedder, drawn, pour, pour_into, searched
from tests.benchmarks.distance import far
from tests.benchmarks.plan import BANK, WARM_UP
from tests.benchmarks.speed import append_bare
from tests.benchmarks.timing import Times, machine
from tests.postgres import Server, make_server

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "synchronous_commit": "on"}
SQLITE, POSTGRES, PLAIN = SIDES = ("SQLite", "PostgreSQL", "plain pgvector")
OTHER = "bank-of-another"
WRITERS = 8
"""Retains at a time where many banks are written."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the three sides keep their memories.

    Attributes:
        directory: SQLite's.
        address: Duramen's database in PostgreSQL.
        plain: The database of the table with pgvector.
    """

    directory: Path
    address: str
    plain: str

    def opened(self, embedder: Embedder) -> tuple[MemoryEngine, MemoryEngine]:
        """Return engines over SQLite and PostgreSQL, not open yet."""
        entities = CapitalsEntityFinder()
        one = duramen.open(self.directory, embedder=embedder, entities=entities)
        files = self.directory.with_name("index-files")  # where SQLite has its own, too
        return one, duramen.open(self.address, embedder=embedder, entities=entities, index_directory=files)


@contextmanager
def places(server: Server, port: int) -> Iterator[Places]:
    """Give new places, whose databases are reached by `port`, and take them away at the end."""
    with tempfile.TemporaryDirectory() as made:
        address, plain = server.database(), bare.made(server)
        reached = [url.replace(f":{server.port}/", f":{port}/") for url in (address, plain)]
        yield Places(Path(made) / "memory", *reached)
        for url in (address, plain):
            server.give_back(url)


def turned(number: int) -> Sequence[str]:
    """Return the sides, another one first each time, so that none always pays for what the one before left behind."""
    first = number % len(SIDES)
    return SIDES[first:] + SIDES[:first]


# --- retain


async def retains(place: Places, count: int) -> Table:
    """Measure the acknowledgement of one turn, the one before it worked through, and rows inserted by hand."""
    turns, vectors = Corpus(7).turns(WARM_UP + count), drawn(WARM_UP + count)
    times, synced = {side: Times() for side in SIDES}, Times()
    plain = bare.Plain(place.plain)
    one, other = place.opened(HashingEmbedder())
    async with one, other:
        memories = {SQLITE: one, POSTGRES: other}
        for number, turn in enumerate(track(turns, "retaining", transient=True)):
            with (synced if number >= WARM_UP else Times()).measured():
                append_bare(place.directory.with_name("bare"))
            for side in turned(number):
                memory = memories.get(side)
                with (times[side] if number >= WARM_UP else Times()).measured():
                    if memory is None:
                        plain.insert(BANK, turn, vectors[number])
                    else:
                        await memory.retain(BANK, [turn])
                if memory is not None:
                    await memory.flush()
    plain.close()
    table = Table(title=f"Acknowledged retain of one turn, ms ({count} of them)")
    for column in ("by", "p50", "p95", "/ SQLite", "/ pgvector", "/ fsync"):
        table.add_column(column, justify="right" if table.columns else "left")
    for side, its in {**times, "append of 1 kB with fsync": synced}.items():
        table.add_row(side, *its.spread(), *(its.ratio(of) for of in (times[SQLITE], times[PLAIN], synced)))
    return table


async def crowds(place: Places, banks: int) -> Table:
    """Let some retain at a time, one turn to each of many banks and then another, and wait until all can be recalled."""
    turns, vectors = Corpus(9).turns(2 * banks), drawn(2 * banks)
    found: dict[str, tuple[Times, float, float]] = {}
    for side, memory in zip((SQLITE, POSTGRES), place.opened(HashingEmbedder()), strict=True):
        async with memory:

            async def retain(number: int, memory: MemoryEngine = memory) -> None:
                await memory.retain(f"crowd-{number % banks}", [turns[number]])

            times, seconds = await crowded(retain, len(turns))
            begin = time.perf_counter()
            await memory.flush()
            found[side] = times, seconds, time.perf_counter() - begin
    async with bare.Inserter(place.plain, WRITERS) as inserter:

        async def insert(number: int) -> None:
            await inserter.insert(f"crowd-{number % banks}", turns[number], vectors[number])

        found[PLAIN] = (*await crowded(insert, len(turns)), 0.0)
    table = Table(title=f"{banks:,} banks being written, {WRITERS} retains at a time")
    for column in ("by", "p50 ms", "p95 ms", "retains/s", "/ SQLite", "/ pgvector", "s then until all searchable"):
        table.add_column(column, justify="right" if table.columns else "left")
    each = {side: len(turns) / seconds for side, (_, seconds, _) in found.items()}
    for side, (times, _, until) in found.items():
        ratios = [f"{each[side] / each[of]:.2f}" for of in (SQLITE, PLAIN)]
        table.add_row(side, *times.spread(), f"{each[side]:,.0f}", *ratios, f"{until:.1f}")
    return table


async def crowded(do: Callable[[int], Awaitable[None]], count: int) -> tuple[Times, float]:
    """Do something so many times, some at a time; return how long each took, and all."""
    times, numbers, begin = Times(), iter(range(count)), time.perf_counter()

    async def work() -> None:
        for number in numbers:
            with times.measured():
                await do(number)

    await asyncio.gather(*(work() for _ in range(WRITERS)))
    return times, time.perf_counter() - begin


# --- recall


async def filled(place: Places, size: int, questions: int, progress: Progress) -> tuple[list[str], WordedEmbedder]:
    """Put the same memories into all three, and a few into another bank; return questions, and what embeds them."""
    corpus = Corpus()
    turns = corpus.turns(size + 1)
    asked = corpus.questions(turns[:size], questions)
    embedder = WordedEmbedder([*searched(turns), *asked], MiniLMEmbedder.name)
    banks = {BANK: turns[:size], OTHER: turns[size:]}
    tasks = [progress.add_task(f"{size:,} into {side}", total=size) for side in SIDES]
    await pour(place.directory, banks, embedder, _shown(progress, tasks[0]))
    store = store_at(place.address)
    await store.open()
    await pour_into(store, banks, embedder, _shown(progress, tasks[1]))
    await store.aclose()
    plain = bare.Plain(place.plain)
    plain.load(BANK, turns[:size], embedder.vectors[:size])
    plain.close()
    progress.update(tasks[2], completed=size)
    return asked, embedder


def _shown(progress: Progress, task: object) -> Callable[[int], None]:
    return lambda done: progress.update(task, completed=done)  # type: ignore[arg-type]  # a TaskID


async def recalls(place: Places, asked: Sequence[str], embedder: WordedEmbedder) -> dict[str, Times]:
    """Ask all three the same questions in turns, with the bank in memory."""
    vectors: Vectors = await embedder.embed(asked)
    times = {side: Times() for side in SIDES}
    plain = bare.Plain(place.plain)
    one, other = place.opened(embedder)
    async with one, other:
        memories = {SQLITE: one, POSTGRES: other}
        for number, (question, vector) in enumerate(zip(asked, vectors, strict=True)):
            for side in turned(number):
                with (times[side] if number >= WARM_UP else Times()).measured():
                    if side in memories:
                        await memories[side].recall(BANK, question)
                    else:
                        plain.recall(BANK, question, vector)
    plain.close()
    return times


async def colds(place: Places, asked: Sequence[str], embedder: WordedEmbedder, starts: int) -> dict[str, Times]:
    """Ask new engines one question each, which have answered one about another bank before, and so are connected."""
    (vector,) = await embedder.embed(asked[:1])
    times = {side: Times() for side in SIDES}
    plain = bare.Plain(place.plain)
    for number in range(starts):
        memories = dict(zip((SQLITE, POSTGRES), place.opened(embedder), strict=True))
        for side in turned(number):
            if side not in memories:
                plain.begin_anew()
                with times[side].measured():
                    plain.recall(BANK, asked[0], vector)
                continue
            async with memories[side] as memory:
                await memory.recall(OTHER, asked[1])
                with times[side].measured():
                    await memory.recall(BANK, asked[0])
                await memory.portal.run(memory._parts.indexes.quiet())  # a large bank's file is written afterwards
    plain.close()
    return times


def compared(rows: Mapping[tuple[int, str], Mapping[str, Times]]) -> Table:
    """Return the times of recalls as a table."""
    table = Table(title="Recall of one bank, ms; cold: a new engine, the bank not in memory")
    table.add_column("memories", justify="right")
    table.add_column("bank")
    for side in SIDES:
        table.add_column(f"{side} p50", justify="right")
        table.add_column("p95", justify="right")
    for column in ("PostgreSQL / SQLite", "PostgreSQL / pgvector"):
        table.add_column(column, justify="right")
    for (size, how), times in rows.items():
        ours = times[POSTGRES]
        cells = [cell for side in SIDES for cell in times[side].spread()]
        table.add_row(f"{size:,}", how, *cells, ours.ratio(times[SQLITE]), ours.ratio(times[PLAIN]))
    return table


# --- all together


async def measure(given: argparse.Namespace, server: Server, port: int, console: Console) -> None:
    """Measure everything, and print the tables as they come."""
    with places(server, port) as place:
        console.print(await retains(place, given.retains))
    with places(server, port) as place:
        console.print(await crowds(place, given.banks))
    rows: dict[tuple[int, str], Mapping[str, Times]] = {}
    for size in given.sizes:
        with places(server, port) as place, Progress(console=Console(stderr=True), transient=True) as progress:
            asked, embedder = await filled(place, size, WARM_UP + given.recalls, progress)
            rows[size, "warm"] = await recalls(place, asked, embedder)
            rows[size, "cold"] = await colds(place, asked, embedder, given.starts)
    console.print(compared(rows))


def main() -> None:
    """Measure with a PostgreSQL of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000], help="memories in a bank")
    parser.add_argument("--banks", type=int, default=2_000, help="banks that are written")
    parser.add_argument("--retains", type=int, default=200)
    parser.add_argument("--recalls", type=int, default=200)
    parser.add_argument("--away", type=float, default=0.0, help="milliseconds of a round trip to the database")
    parser.add_argument("--starts", type=int, default=10, help="new engines for each size, for cold recalls")
    given = parser.parse_args()
    begun, console = time.perf_counter(), Console(width=150)
    server = make_server(fsync=True, settings=SETTINGS)
    try:
        with psycopg.connect(server.admin) as connection:
            shown = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "full_page_writes")
            said = [f"{name} {connection.execute(f'SHOW {name}').fetchone()[0]}" for name in shown]  # type: ignore[index]
        console.print(machine(), highlight=False)
        console.print(f"PostgreSQL: {', '.join(said)}; SQLite: synchronous FULL.", highlight=False)
        if given.away:
            console.print(f"The database is {given.away:g} ms away, there and back.", highlight=False)
        with far(server.port, given.away) as port:
            asyncio.run(measure(given, server, port, console))
    finally:
        server.remove()
    console.print(f"Took {time.perf_counter() - begun:.0f} s.")


if __name__ == "__main__":
    main()
