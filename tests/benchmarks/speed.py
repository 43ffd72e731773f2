"""How fast it is: `python -m tests.benchmarks.speed [--quick] [--million] [--banks 10000]`.

One table a subject. Machines are noisy, so times stand beside those of something bare, measured in turns with them in
the same loop: a scan of the same vectors in plain NumPy, an append to a file with `fsync`, the import of httpx.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by NumPy when it is loaded, so before anything else

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder, Item, MemoryEngine, MiniLMEmbedder
from duramen.index.cache import IndexCache
from duramen.opening import Durability
from duramen.protocols import Embedder, EntityFinder
from duramen.recall.asking import query_of
from tests.benchmarks.corpus import Corpus, Vectors, fill
from tests.benchmarks.plan import BANK, MILLION, QUICK, WARM_UP, Filled, Plan, filled
from tests.benchmarks.starts import colds, disk, fresh, imports
from tests.benchmarks.timing import Times, machine

TOP = 10


# --- retain


def append_bare(file: Path) -> None:
    """Append 1 kB to `file` and see to it that it is on the disk."""
    with file.open("ab", buffering=0) as opened:
        opened.write(bytes(1024))
        os.fsync(opened.fileno())


async def retained(
    memory: MemoryEngine, batches: Sequence[Sequence[Item]], file: Path, *, flush: bool = True
) -> tuple[Times, Times]:
    """Retain each of `batches`, with a bare append before it; return the times per item, and those of the appends."""
    times, bare = Times(), Times()
    for batch in batches:
        with bare.measured():
            append_bare(file)
        with times.measured():
            await memory.retain(BANK, batch)
        if flush:
            await memory.flush()
    await memory.flush()
    return Times([seconds / len(batches[0]) for seconds in times.seconds]), bare


async def retains(directory: Path, plan: Plan) -> Table:
    """Measure how long a retain takes to be acknowledged, with the default parts."""
    drawn = Table(title="Acknowledged retain, ms an item (default parts)")
    for column in ("durability", "how", "p50", "p95", "fsync'd append of 1 kB: p50", "p95", "ratio of p50"):
        drawn.add_column(column, justify="right" if len(drawn.columns) > 1 else "left")
    durabilities: tuple[Durability, ...] = ("commit", "process")
    for durability in durabilities:
        first, *turns = Corpus(7).turns(1 + 2 * plan.singles + 100 * plan.batches)
        ones = [[turn] for turn in turns[: 2 * plan.singles]]
        hundreds = [turns[at : at + 100] for at in range(2 * plan.singles, len(turns), 100)]
        file = directory / f"bare-{durability}"
        async with duramen.open(directory / durability, durability=durability) as memory:
            await memory.retain(BANK, [first], wait=True)  # loads the models
            cases = {
                "one, the last one worked through": await retained(memory, ones[: plan.singles], file),
                "one right after the other": await retained(memory, ones[plan.singles :], file, flush=False),
                "in batches of 100": await retained(memory, hundreds, file),
            }
        for how, (times, bare) in cases.items():
            drawn.add_row(durability, how, *times.spread(), *bare.spread(), times.ratio(bare))
    return drawn


async def until_recallable(directory: Path, plan: Plan) -> Table:
    """Measure from before a retain to the end of the recall that finds what was retained."""
    drawn = Table(title="From retain to recalled, ms")
    for column in ("embedder, names by", "p50", "p95", "found"):
        drawn.add_column(column, justify="right" if drawn.columns else "left")
    cases: dict[str, tuple[Embedder | None, EntityFinder | None]] = {
        "MiniLM, spaCy (default)": (None, None),
        "hashing, capitals": (HashingEmbedder(), CapitalsEntityFinder()),
    }
    for number, (name, (embedder, entities)) in enumerate(cases.items()):
        times, found, corpus = Times(), 0, Corpus(8)
        first, *turns = corpus.turns(plan.singles + 1)
        async with duramen.open(directory / f"case-{number}", embedder=embedder, entities=entities) as memory:
            await memory.retain(BANK, [first], wait=True)
            for turn in turns:
                question = corpus.question(turn)
                with times.measured():
                    await memory.retain(BANK, [turn])
                    recall = await memory.recall(BANK, question)
                found += any(hit.memory.key == turn.key for hit in recall.hits)
        drawn.add_row(name, *times.spread(), f"{found} of {len(turns)}")
    return drawn


# --- recall


def scan_bare(scores: Vectors) -> list[int]:
    """Pick the nearest `TOP` rows out of a product of vectors, as one does with NumPy alone."""
    top = np.argpartition(-scores, TOP)[:TOP]
    return list(top[np.argsort(-scores[top])].tolist())


@dataclass
class Recalled:
    """The times of many recalls, and of two bare scans before each.

    Attributes:
        bare: A scan of the vectors as one keeps them, one after the other.
        turned: A scan of them with each dimension of all rows side by side, which is faster.
        engine: The stages of the engine together.
        whole: All that the caller waits.
        hits: The first of each recall.
        agreement: The share of those that an exact ranking has, too.
    """

    bare: Times = field(default_factory=Times)
    turned: Times = field(default_factory=Times)
    engine: Times = field(default_factory=Times)
    whole: Times = field(default_factory=Times)
    stages: dict[str, Times] = field(default_factory=dict)
    hits: list[list[str]] = field(default_factory=list)
    agreement: float | None = None

    async def ask(self, memory: MemoryEngine, question: str) -> None:
        with self.whole.measured():
            recall = await memory.recall(BANK, question)
        self.hits.append([hit.memory.id for hit in recall.hits[:TOP]])
        spent = recall.trace.milliseconds
        self.engine.seconds.append(sum(spent.values()) / 1000)
        for stage, milliseconds in spent.items():
            self.stages.setdefault(stage, Times()).seconds.append(milliseconds / 1000)


async def recalled(store: Filled, embedder: Embedder | None = None) -> Recalled:
    """Ask all questions of `store`; the first few only warm up."""
    measured, warm_up = Recalled(), Recalled()
    vectors = await store.embedder.embed(store.questions)
    turned = np.ascontiguousarray(store.vectors.T)
    async with store.open(embedder) as memory:
        for number, (question, vector) in enumerate(zip(store.questions, vectors, strict=True)):
            times = warm_up if number < WARM_UP else measured
            with times.bare.measured():
                scan_bare(store.vectors @ vector)
            with times.turned.measured():
                scan_bare(vector @ turned)
            await times.ask(memory, question)
        if embedder is None:
            measured.agreement = await agreement(memory, store.questions[WARM_UP:], measured.hits)
    return measured


async def agreement(memory: MemoryEngine, questions: Sequence[str], hits: Sequence[Sequence[str]]) -> float:
    """Return which share of the first `TOP` hits are those that an exact ranking of all memories has there."""
    parts = memory._parts
    exact = replace(parts.recall.said, indexes=IndexCache(parts.store, large=sys.maxsize))
    shares = []
    for question, found in zip(questions, hits, strict=True):
        recall = await memory.portal.run(exact(BANK, query_of(question)))
        wanted = {hit.memory.id for hit in recall.hits[:TOP]}
        shares.append(len(wanted & set(found)) / max(1, len(wanted)))
    return float(np.mean(shares))


async def recalls(stores: Mapping[int, Filled]) -> list[Table]:
    """Measure recall in one bank by its size, without and with the embedding of the query."""
    rows = {(size, "no"): await recalled(store) for size, store in stores.items()}
    embedded = max(size for size in stores if size <= 10_000 or size == min(stores))
    rows[embedded, "MiniLM"] = await recalled(stores[embedded], MiniLMEmbedder())
    drawn = Table(
        title="Recall in one bank, ms: the engine's stages; the whole call; bare NumPy scans of the vectors, "
        "by row and by dimension"
    )
    columns = ("engine p50", "p95", "whole p50", "p95", "by row p50", "p95", "by dim. p50", "p95")
    ratios = ("engine / by row", "whole / by row", "engine / by dim.", f"first {TOP} as exact")
    for column in ("memories", "query embedded", *columns, *ratios):
        drawn.add_column(column, justify="right")
    stages = Table(title="Where the time of a recall goes: p50 of each stage, ms")
    for column in ("memories", "query embedded", *{stage: None for times in rows.values() for stage in times.stages}):
        stages.add_column(column, justify="right")
    for (size, how), times in rows.items():
        cells = [cell for each in (times.engine, times.whole, times.bare, times.turned) for cell in each.spread()]
        compared = (times.engine.ratio(times.bare), times.whole.ratio(times.bare), times.engine.ratio(times.turned))
        exact = "" if times.agreement is None else f"{times.agreement:.4f}"
        drawn.add_row(f"{size:,}", how, *cells, *compared, exact)
        stages.add_row(f"{size:,}", how, *(f"{stage.at(50):.3f}" for stage in times.stages.values()))
    return [drawn, stages]


async def crowds(alone: Filled, crowded: Filled, banks: int) -> Table:
    """Measure the same bank alone in a store and among many, in turns."""
    warm, cold, strange = (Times(), Times()), (Times(), Times()), Times()
    async with alone.open() as few, crowded.open(alone.embedder) as many:
        for place, question in enumerate(alone.questions):
            for memory, times in zip((few, many), warm, strict=True):
                await memory.recall(BANK, question)
                with times.measured():
                    await memory.recall(BANK, question)
            for memory, times in zip((few, many), cold, strict=True):
                memory._parts.indexes.drop(BANK)
                with times.measured():
                    await memory.recall(BANK, question)
            other = f"bank-{1 + place % (banks - 1)}"
            many._parts.indexes.drop(other)
            with strange.measured():
                await many.recall(other, question)
    size, total = len(alone.turns), len(crowded.turns)
    drawn = Table(title=f"Recall in a bank of {size:,}: alone, and in a store of {total:,} in {banks:,} banks, ms")
    for column in ("index", "alone p50", "p95", "in the crowd p50", "p95", "ratio"):
        drawn.add_column(column, justify="right" if drawn.columns else "left")
    for name, (one, other_store) in {"held": warm, "to be loaded": cold}.items():
        drawn.add_row(name, *one.spread(), *other_store.spread(), other_store.ratio(one))
    drawn.add_row("to be loaded, another bank each time", *cold[0].spread(), *strange.spread(), strange.ratio(cold[0]))
    return drawn


# --- all together


async def one_bank(directory: Path, plan: Plan, progress: Progress, show: Callable[[Table], None]) -> None:
    """Measure stores with one bank: recall, new processes, disk."""
    stores = {size: await filled(directory / f"{size}", size, plan.recalls + WARM_UP, progress) for size in plan.sizes}
    for table in await recalls(stores):
        show(table)
    show(await colds(stores, plan))
    starts: dict[tuple[int, str], Path] = {}
    for size in plan.fresh:
        hashed = directory / f"{size}-hashing"
        await fill(hashed, {BANK: stores[size].turns}, HashingEmbedder())
        starts |= {(size, "MiniLM"): stores[size].directory, (size, "hashing"): hashed}
    starts |= {(size, "MiniLM"): store.directory for size, store in stores.items() if size > max(plan.fresh)}
    show(fresh(starts, plan))
    closed = {f"384 dimensions, {size:,}": store.directory for size, store in stores.items()}
    closed |= {f"256 dimensions, {size:,}": path for (size, name), path in starts.items() if name == "hashing"}
    characters = float(np.mean([len(str(turn.content)) for turn in stores[plan.sizes[0]].turns]))
    show(disk(closed, [*stores, *plan.fresh], characters))


async def many_banks(directory: Path, plan: Plan, progress: Progress, show: Callable[[Table], None]) -> None:
    """Measure a bank alone and in a crowd."""
    alone = await filled(directory / "alone", plan.per_bank, plan.recalls, progress)
    crowded = await filled(directory / "crowded", plan.per_bank, plan.recalls, progress, banks=plan.banks)
    show(await crowds(alone, crowded, plan.banks))


async def main(plan: Plan, console: Console) -> None:
    """Measure everything in a temporary directory and print the tables as they come."""
    console.print(machine())
    with tempfile.TemporaryDirectory() as name, Progress(console=Console(stderr=True), transient=True) as progress:
        directory = Path(name)
        console.print(imports(plan))
        console.print(await retains(directory / "retains", plan))
        console.print(await until_recallable(directory / "until", plan))
        await many_banks(directory / "many", plan, progress, console.print)
        shutil.rmtree(directory / "many")
        await one_bank(directory / "one", plan, progress, console.print)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 and 10,000 memories only, fewer repeats")
    parser.add_argument("--million", action="store_true", help=f"{MILLION:,} memories in one bank, too: takes an hour")
    parser.add_argument("--banks", type=int, help="banks of the crowded store, each of 100 memories")
    given = parser.parse_args()
    chosen = QUICK if given.quick else Plan()
    if given.million:
        chosen = replace(chosen, sizes=(*chosen.sizes, MILLION))
    if given.banks:
        chosen = replace(chosen, banks=given.banks)
    begun = time.perf_counter()
    out = Console(width=None if sys.stdout.isatty() else 160)
    asyncio.run(main(chosen, out))
    out.print(f"Took {time.perf_counter() - begun:.0f} s.")
