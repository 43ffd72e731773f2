"""What it takes to begin: imports, new processes, the first question to a bank; and what lies on disk."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from tests.benchmarks.corpus import WORDS
from tests.benchmarks.plan import BANK, Filled, Plan


def run_fresh(directory: Path, embedder: str) -> tuple[dict[str, float], float]:
    """Let a new process answer one question; return what it says, and the seconds of its whole life."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.fresh", str(directory), BANK, embedder],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return json.loads(done.stdout), time.perf_counter() - begin


def fresh(stores: Mapping[tuple[int, str], Path], plan: Plan) -> Table:
    """Measure new processes from their first import to their first recall, and the memory they take."""
    drawn = Table(title="A new process, to its first recall: s from before `import duramen` (p50), and MB held then")
    for column in ("memories", "embedder", "imported", "opened", "recalled", "with start and end", "resident", "index"):
        drawn.add_column(column, justify="right")
    for (size, embedder), directory in stores.items():
        runs = [run_fresh(directory, embedder) for _ in range(plan.starts)]
        said = {name: float(np.median([run[name] for run, _ in runs])) for name in runs[0][0]}
        seconds = [f"{said[name]:.2f}" for name in ("imported", "opened", "recalled")]
        life = f"{np.median([life for _, life in runs]):.2f}"
        megabytes = [f"{said[name] / 2**20:.0f}" for name in ("resident", "index")]
        drawn.add_row(f"{size:,}", embedder, *seconds, life, *megabytes)
    return drawn


async def loaded(store: Filled) -> tuple[float, float, int]:
    """Open the store and ask one question; return how long its answer and its index took, in ms, and the index's bytes."""
    async with store.open() as memory:
        begin = time.perf_counter()
        recall = await memory.recall(BANK, store.questions[0])
        whole = 1000 * (time.perf_counter() - begin)
        await memory.portal.run(memory._parts.indexes.quiet())
        await memory.recall(BANK, store.questions[1])
        return whole, recall.trace.milliseconds["index"], (await memory.status()).index_bytes


async def colds(stores: Mapping[int, Filled], plan: Plan) -> Table:
    """Measure the first question to a bank, with and without the file of its index."""
    drawn = Table(title=f"The first question to a bank, models loaded: ms (p50 of {plan.starts}), and MB held then")
    for column in ("memories", "index from", "its answer", "of that the index", "index held", "index file"):
        drawn.add_column(column, justify="right")
    for size, store in stores.items():
        if size < plan.cold:
            continue
        files = store.directory / "indexes"
        runs: dict[str, list[tuple[float, float, int]]] = {"store": [], "file": []}
        for _ in range(plan.starts):
            shutil.rmtree(files, ignore_errors=True)
            runs["store"].append(await loaded(store))
            if files.exists():
                runs["file"].append(await loaded(store))
        written = sum(file.stat().st_blocks * 512 for file in files.iterdir()) if files.exists() else 0
        for source, times in runs.items():
            if times:
                whole, index, held = np.median(times, axis=0)
                cells = (f"{whole:.1f}", f"{index:.1f}", f"{held / 2**20:.1f}", f"{written / 2**20:.1f}")
                drawn.add_row(f"{size:,}", source, *cells)
    return drawn


def disk(stores: Mapping[str, Path], memories: Sequence[int], characters: float) -> Table:
    """Measure the closed stores on disk."""
    drawn = Table(title=f"On disk, closed, for texts of {WORDS} words, {characters:.0f} characters")
    for column in ("store", "memories", "MB", "bytes a memory"):
        drawn.add_column(column, justify="right" if drawn.columns else "left")
    for (name, directory), count in zip(stores.items(), memories, strict=True):
        size = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
        drawn.add_row(name, f"{count:,}", f"{size / 2**20:.1f}", f"{size / count:,.0f}")
    return drawn


def imports(plan: Plan) -> Table:
    """Measure what an import adds to the start of an interpreter, at best."""
    best: dict[str, float] = {}
    for _ in range(plan.imports):
        for code in ("pass", "import duramen", "import httpx"):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            best[code] = min(best.get(code, np.inf), time.perf_counter() - begin)
    drawn = Table(title=f"Import, ms: best of {plan.imports} new interpreters, less a bare one")
    drawn.add_column("code")
    drawn.add_column("ms", justify="right")
    for code in ("import duramen", "import httpx"):
        drawn.add_row(code, f"{1000 * (best[code] - best['pass']):.1f}")
    drawn.add_row("a bare interpreter", f"{1000 * best['pass']:.1f}")
    return drawn
