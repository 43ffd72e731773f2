"""Kill -9 in the middle of extraction, again and again: `python -m tests.faults.kill_jobs --rounds 50`.

Events are retained with a strategy that makes one memory of each. Each round starts a process that works on them, and
kills it soon after it is ready. At the end every event must have been worked through exactly once.
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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from duramen import Item, Page
from tests.faults.extractor import following
from tests.faults.kill import ROOT

SESSIONS = 40

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What was retained before the kills, and what was made of it.

    Attributes:
        done_before: Jobs that killed processes had done. `begun_again`: those that a kill hit.
        lost: Events without a memory. `doubled`: those with several, or with several revisions.
    """

    rounds: int
    events: int
    done_before: int
    begun_again: int
    lost: int
    doubled: int
    pending: int


async def retained(directory: str, rounds: int) -> int:
    """Retain enough events for the rounds, and let nobody work on them; return how many."""
    memory = following(directory)
    count = 0
    for number in range(rounds):
        session = f"s{number % SESSIONS}"
        items = [Item(content=f"Item {number}.{place} was said.", session=session, actor="ada") for place in range(24)]
        count += len((await memory.retain("b", items)).events)
    await memory.aclose(drain_seconds=0.0)
    return count


def round_of(directory: str, chance: random.Random, workers: int = 1) -> None:
    """Start processes that work, and kill them, one a little after the other."""
    command = [sys.executable, "-m", "tests.faults.extractor", directory]
    working = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(workers)]
    for worker in working:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in working:
        with worker:
            time.sleep(chance.uniform(0.0, 0.6))
            worker.kill()


async def outcome(directory: str, rounds: int, events: int) -> Outcome:
    """Work through what the kills left, and count."""
    async with following(directory) as memory:
        before = await everything(memory.jobs)
        left = await memory.wait_idle()
        made = await everything(partial(memory.memories, strategy="facts"))
        revisions = await everything(memory.revisions)
        jobs = await everything(memory.jobs)
    sources = Counter(source for one in made for source in one.sources)
    revised = Counter(one.memory for one in revisions)
    return Outcome(
        rounds=rounds,
        events=events,
        done_before=sum(job.state == "done" for job in before),
        begun_again=sum(job.attempts > 1 for job in jobs),
        lost=events - len(sources),
        doubled=sum(count > 1 for count in (*sources.values(), *revised.values())),
        pending=left.pending + left.waiting,
    )


async def everything(listing: Callable[..., Awaitable[Page[T]]]) -> list[T]:
    """Return all pages of a listing of the bank."""
    found: list[T] = []
    cursor: str | None = None
    while True:
        page = await listing("b", cursor=cursor, limit=1000)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def kill(directory: Path | str, rounds: int, seed: int, *, workers: int = 1, show: bool = False) -> Outcome:
    """Run `rounds` of working and killing in `directory`, which may be another address."""
    chance = random.Random(seed)
    place = str(directory)
    events = asyncio.run(retained(place, rounds))
    for _ in track(range(rounds), "killing", console=Console(stderr=True), disable=not show):
        round_of(place, chance, workers)
    return asyncio.run(outcome(place, rounds, events))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = kill(Path(folder), given.rounds, given.seed, show=True)
    Console().print(f"seed {given.seed}: {result}")
    sys.exit(bool(result.lost or result.doubled or result.pending))
