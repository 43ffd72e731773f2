"""Kill -9 of each part of a memory over PostgreSQL, under load: `python -m tests.faults.kill_postgres --part api`.

Parts: `api`, one of two servers that clients retain at; `worker`, one of two `duramen work` that work through what is
retained meanwhile; `strategist`, two processes in the middle of a strategy's jobs; `server`, PostgreSQL itself, with
clients that retain at a server. At the end all that was acknowledged must be there once, with its memory, and nothing
may be left to do; what nobody can tell from a second append is excepted, as in `kill_server`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from duramen import Item, MemoryEngine
from duramen.retain.worker import Pace
from tests.conftest import engine
from tests.faults import kill_jobs, kill_server
from tests.faults.kill_jobs import everything
from tests.faults.kill_server import Client, Kept, loaded
from tests.faults.victims import Worker, recalled, taken_over
from tests.postgres import Server, make_server
from tests.serving import Served

RECALLED = 100
"""Acknowledged items that are recalled at the end; all are listed."""

_BATCH, _MOST_PENDING = 40, 800
_IDLE = Pace(linger_seconds=86_400.0, poll_seconds=86_400.0)  # leaves all work to others


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged before the kills, and what was there afterwards.

    Attributes:
        acknowledged: Items, and `again` how many of them were sent more than once.
        taken_over: Work that a kill hit and another finished.
        lost: Acknowledged items that are not listed, or have no memory, or are not recalled.
        doubled: Items that are there more than once, or have more than one memory.
        left: What is still to do, or was given up.
        refused: Answers that were neither an acknowledgement nor a request to come again.
    """

    part: str
    rounds: int
    acknowledged: int
    again: int
    taken_over: int
    lost: int
    doubled: int
    left: int
    refused: int

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled, left or refused."""
        return not (self.lost or self.doubled or self.left or self.refused)


@dataclass(frozen=True, slots=True)
class Place:
    """A memory that many share.

    Attributes:
        directory: For logs.
        postgres: The server behind `address`, if it is ours.
        quick: Let nothing be killed for which a lease of a minute has to run out: no operations, and workers whose
            leases are short.
    """

    address: str
    directory: Path
    postgres: Server | None = None
    quick: bool = False

    def served(self, name: str) -> Served:
        """Return a server over it that makes nothing but what was retained word for word."""
        return Served(self.directory / name, address=self.address, variables={"DURAMEN_STRATEGIES": ""})


def api(place: Place, rounds: int, chance: random.Random) -> Outcome:
    """Kill one of two servers, again and again, while clients retain at both."""
    servers = [place.served(f"api-{number}") for number in range(2)]
    try:
        with ThreadPoolExecutor() as at_once:  # so that the schema is made by one of them, and the other waits
            list(at_once.map(Served.start, servers))
        with loaded([server.url for server in servers], operations=not place.quick) as clients:
            for _ in track(range(rounds), "killing servers", console=Console(stderr=True), transient=True):
                time.sleep(chance.uniform(0.1, 1.0))
                victim = chance.choice(servers)
                victim.kill()
                victim.start()
        return outcome("api", rounds, clients, servers[0].url, place.address)
    finally:
        for server in servers:
            server.kill()


def database(place: Place, rounds: int, chance: random.Random) -> Outcome:
    """Kill PostgreSQL, again and again, while clients retain at a server."""
    if place.postgres is None:
        raise ValueError("PostgreSQL can be killed only if it is our own: leave --address out")
    server = place.served("api")
    try:
        server.start()
        with loaded([server.url], operations=not place.quick) as clients:
            for _ in track(range(rounds), "killing PostgreSQL", console=Console(stderr=True), transient=True):
                time.sleep(chance.uniform(0.3, 1.5))
                place.postgres.stop(signal.SIGKILL)
                time.sleep(chance.uniform(0.0, 0.5))
                place.postgres.start()
        return outcome("server", rounds, clients, server.url, place.address)
    finally:
        server.kill()


def outcome(part: str, rounds: int, clients: Sequence[Client], url: str, address: str) -> Outcome:
    """Wait until nothing is pending, and compare what the clients were told with what is listed and recalled."""
    kept = Kept(url)
    counted = kill_server.outcome(rounds, clients, kept)
    acknowledged = [mark for client in clients for mark in client.acknowledged]
    sure = sorted(set(acknowledged) - {mark for client in clients for mark in client.unsure})
    found = recalled(url, sure[:: max(1, len(sure) // RECALLED)])
    return Outcome(
        part=part,
        rounds=rounds,
        acknowledged=counted.acknowledged,
        again=counted.again,
        taken_over=taken_over(address),
        lost=counted.lost + sum(count == 0 for count in found.values()),
        doubled=counted.doubled + sum(count > 1 for count in found.values()),
        left=counted.failed,
        refused=counted.refused,
    )


def worker(place: Place, rounds: int, chance: random.Random) -> Outcome:
    """Kill one of two workers, again and again, while items are retained that nobody else works through."""
    workers = [Worker(place.address, quick=place.quick) for _ in range(2)]
    try:
        return asyncio.run(worked(place.address, rounds, chance, workers))
    finally:
        for one in workers:
            one.kill()


async def worked(address: str, rounds: int, chance: random.Random, workers: Sequence[Worker]) -> Outcome:
    """Retain while workers are killed, and count what they made."""
    memory = engine(address, pace=_IDLE)
    await memory.open()
    acknowledged: list[str] = []
    over = asyncio.Event()
    retaining = asyncio.create_task(retained(memory, acknowledged, over))
    for one in workers:
        one.start()
    for one in workers:
        await asyncio.to_thread(one.wait)
    for _ in track(range(rounds), "killing workers", console=Console(stderr=True), transient=True):
        await asyncio.sleep(chance.uniform(0.0, 0.6))
        victim = chance.choice(workers)
        victim.kill()
        victim.start()
        await asyncio.to_thread(victim.wait)
    over.set()
    await retaining
    left = await done(memory)
    made = await everything(memory.memories)
    listed = await everything(memory.events)
    keys, events = Counter(one.key for one in made), Counter(one.event for one in made)
    found = {key: await hits(memory, key) for key in acknowledged[:: max(1, len(acknowledged) // RECALLED)]}
    await memory.aclose(drain_seconds=0.0)
    there = {*keys} & {event.key for event in listed}
    return Outcome(
        part="worker",
        rounds=rounds,
        acknowledged=len(acknowledged),
        again=0,
        taken_over=taken_over(address),
        lost=len(set(acknowledged) - there) + sum(count == 0 for count in found.values()),
        doubled=sum(count > 1 for count in (*keys.values(), *events.values(), *found.values())),
        left=left,
        refused=0,
    )


async def retained(memory: MemoryEngine, acknowledged: list[str], over: asyncio.Event) -> None:
    """Retain batches until it is over, as fast as they are worked through."""
    while not over.is_set():
        keys = [f"k{len(acknowledged) + place}" for place in range(_BATCH)]
        await memory.retain("b", [Item(content=f"Item {key} was said.", key=key) for key in keys])
        acknowledged += keys
        while (await memory.status()).pending > _MOST_PENDING and not over.is_set():  # noqa: ASYNC110  another's work
            await asyncio.sleep(0.02)


async def done(memory: MemoryEngine, seconds: float = 60.0) -> int:
    """Wait until the workers have done everything; return how much they have not."""
    deadline = time.monotonic() + seconds
    while True:
        status = await memory.status()
        if not status.pending or time.monotonic() > deadline:
            return status.pending + status.failed
        await asyncio.sleep(0.1)


async def hits(memory: MemoryEngine, key: str) -> int:
    """Return how many memories of an item a recall finds."""
    recall = await memory.recall("b", f"What was said of item {key}?")
    return sum(hit.memory.key == key for hit in recall.hits)


def strategist(address: str, rounds: int, seed: int) -> Outcome:
    """Kill two processes at a time that let a strategy work, again and again."""
    counted = kill_jobs.kill(address, rounds, seed, workers=2, show=True)
    return Outcome(
        part="strategist",
        rounds=rounds,
        acknowledged=counted.events,
        again=0,
        taken_over=counted.begun_again,
        lost=counted.lost,
        doubled=counted.doubled,
        left=counted.pending,
        refused=0,
    )


def killed(part: str, rounds: int, seed: int, place: Place) -> Outcome:
    """Kill one part so many times."""
    chance = random.Random(seed)
    parts: Mapping[str, Callable[[], Outcome]] = {
        "api": partial(api, place, rounds, chance),
        "worker": partial(worker, place, rounds, chance),
        "strategist": partial(strategist, place.address, rounds, seed),
        "server": partial(database, place, rounds, chance),
    }
    return parts[part]()


@contextmanager
def placed(address: str | None = None) -> Iterator[Place]:
    """Give the memory at `address`, or one in a new PostgreSQL of our own that syncs to the disk."""
    with tempfile.TemporaryDirectory() as directory:
        if address is not None:
            yield Place(address, Path(directory))
            return
        postgres = make_server(fsync=True)
        try:
            yield Place(postgres.database(), Path(directory), postgres)
        finally:
            postgres.remove()


def table(seed: int, outcome: Outcome) -> Table:
    """Return an outcome as a table of one line."""
    drawn = Table(title=f"Kill -9 over PostgreSQL, seed {seed}")
    for one in fields(outcome):
        drawn.add_column(one.name.replace("_", " "), justify="left" if one.name == "part" else "right")
    drawn.add_row(*(f"{value:,}" if isinstance(value, int) else value for value in astuple(outcome)))
    return drawn


def main() -> int:
    """Say what is left after so many kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("api", "worker", "server", "strategist"), required=True)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--address", help="another memory than one over a PostgreSQL of our own; an empty one")
    parser.add_argument("--quick", action="store_true", help="workers that begin sooner, and no operations")
    given = parser.parse_args()
    with placed(given.address) as place:
        place = replace(place, quick=given.quick)
        result = killed(given.part, given.rounds, given.seed, place)
    Console(width=120).print(table(given.seed, result))
    return int(not result.good)


if __name__ == "__main__":
    sys.exit(main())
