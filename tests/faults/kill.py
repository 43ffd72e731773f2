"""Kill -9 at random points of retain, again and again: `python -m tests.faults.kill --rounds 500`.

Each round starts a process that retains into one directory, and kills it within a tenth of a second of its being
ready. At the end every item that was acknowledged must be there exactly once.
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

from duramen.retain.worker import Pace
from tests.conftest import engine

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged before the kills and what was there afterwards."""

    rounds: int
    acknowledged: int
    lost: int
    doubled: int
    unacknowledged_but_kept: int
    left_pending: int


def round_of(directory: Path, number: int, chance: random.Random) -> list[str]:
    """Start a writer, kill it, and return the keys that it saw acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.writer", str(directory), f"r{number}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert writer.stdout is not None
    with writer:
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.1))
        writer.kill()
        lines = writer.stdout.read().splitlines(keepends=True)
    return [key for line in lines if line.endswith("\n") for key in line.split()]


async def outcome(directory: Path, rounds: int, acknowledged: list[str]) -> Outcome:
    """Open what the kills left behind, work it through, and count."""
    async with engine(directory, pace=Pace(lease_seconds=1.0, poll_seconds=0.1)) as memory:
        await memory.flush()
        left = (await memory.status()).pending
        kept: Counter[str] = Counter()
        cursor = None
        while True:
            page = await memory.memories("b", cursor=cursor, limit=1000)
            kept.update(one.key for one in page.items)
            cursor = page.next
            if cursor is None:
                break
    return Outcome(
        rounds=rounds,
        acknowledged=len(acknowledged),
        lost=len(set(acknowledged) - set(kept)),
        doubled=sum(count > 1 for count in kept.values()),
        unacknowledged_but_kept=len(set(kept) - set(acknowledged)),
        left_pending=left,
    )


def kill(directory: Path, rounds: int, seed: int, *, show: bool = False) -> Outcome:
    """Run `rounds` of writing and killing in `directory`."""
    chance = random.Random(seed)
    acknowledged: list[str] = []
    for number in track(range(rounds), "killing", console=Console(stderr=True), disable=not show):
        acknowledged += round_of(directory, number, chance)
    return asyncio.run(outcome(directory, rounds, acknowledged))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = kill(Path(folder), given.rounds, given.seed, show=True)
    Console().print(f"seed {given.seed}: {result}")
    sys.exit(bool(result.lost or result.doubled or result.left_pending))
