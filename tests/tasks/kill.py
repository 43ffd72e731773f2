"""Kill -9 at random points of tasks, again and again: `python -m tests.tasks.kill --rounds 50`.

Each round starts two processes on one directory, which submit tasks and do them, and kills both soon after they are
ready, one a little after the other. At the end every submitted task must have been done exactly once in effect.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from tests.conftest import engine
from tests.faults.kill import ROOT
from tests.tasks.doer import BANKS, TYPE, counting
from tests.tasks.workers import COUNTERS, working


@dataclass(frozen=True)
class Outcome:
    """What was submitted before the kills and what became of it.

    Attributes:
        done_before: Tasks that were done before the last kill. `begun_again`: those that a kill hit.
        lost: Submitted tasks without an effect. `doubled`: those with several; `missing`: effects that another undid.
    """

    rounds: int
    submitted: int
    done_before: int
    begun_again: int
    lost: int
    doubled: int
    missing: int
    not_completed: int


def round_of(directory: str, chance: random.Random) -> list[str]:
    """Start two processes, kill them, and return the ids that they saw submitted."""
    doers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.tasks.doer", directory], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(2)
    ]
    lines: list[str] = []
    for doer in doers:
        assert doer.stdout is not None
        assert doer.stdout.readline() == "ready\n"
    for doer in doers:
        assert doer.stdout is not None
        with doer:
            time.sleep(chance.uniform(0.0, 0.4))
            doer.kill()
            lines += doer.stdout.read().splitlines(keepends=True)
    return [line.split()[1] for line in lines if line.endswith("\n")]


async def outcome(directory: str, rounds: int, submitted: list[str]) -> Outcome:
    """Do what the kills left, and count."""
    async with engine(directory) as memory:
        tasks = counting(memory)
        before = (await tasks.counts())["completed"]
        async with working(tasks):
            known = [task for bank in BANKS for task in (await tasks.list(bank, type=TYPE, limit=100_000))[0]]
            ended = [await tasks.wait(task.bank, task.id, seconds=60) for task in known]
        counts = {entry.key: int(entry.value) for entry in await memory.shelf.scan(COUNTERS)}
    kept = {task.id for task in ended}
    done = Counter(task.bank for task in ended if counts.get(task.id))
    return Outcome(
        rounds=rounds,
        submitted=len(submitted),
        done_before=before,
        begun_again=sum(task.attempts > 1 for task in ended),
        lost=len(set(submitted) - set(counts)) + len(set(submitted) - kept),
        doubled=sum(counts.get(task.id, 0) > 1 for task in ended),
        missing=sum(abs(done[bank] - counts.get(bank, 0)) for bank in BANKS),
        not_completed=sum(task.state != "completed" for task in ended),
    )


def kill(directory: Path, rounds: int, seed: int, *, show: bool = False) -> Outcome:
    """Run `rounds` of working and killing in `directory`."""
    chance = random.Random(seed)
    submitted: list[str] = []
    for _ in track(range(rounds), "killing", console=Console(stderr=True), disable=not show):
        submitted += round_of(str(directory), chance)
    return asyncio.run(outcome(str(directory), rounds, submitted))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = kill(Path(folder), given.rounds, given.seed, show=True)
    Console().print(f"seed {given.seed}: {result}")
    sys.exit(bool(result.lost or result.doubled or result.missing or result.not_completed))
