"""Kill -9 of a whole server under load, again and again: `python -m tests.faults.kill_server --rounds 20`.

Clients retain documents and append to others, each of them at once and as operations; what was not answered is sent again,
as clients do. At the end all that was acknowledged must be there with its memory, and exactly once: but for what was
appended at once and not acknowledged at the first attempt, for which nothing tells two attempts from two appends.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import track

from tests.serving import Served

BANK = "user:ada"
CLIENTS = 4

_MARK = re.compile(r"c\d+n\d+")
_LATER = (503,)  # statuses after which a client tries again


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged before the kills, and what was there afterwards.

    Attributes:
        acknowledged: Documents and appends, and `again` how many of them were sent more than once.
        lost: Of these, what has no memory, or does not stand in its document.
        doubled: What is there more than once.
        failed: Operations that are not completed.
        refused: Answers that were neither an acknowledgement nor a request to come again.
    """

    rounds: int
    acknowledged: int
    again: int
    lost: int
    doubled: int
    failed: int
    refused: int


class Client(threading.Thread):
    """Retains one thing after the other, each until it is acknowledged, at the next of the servers where one does not.

    In turn: a document at once, one by an operation, an append at once, one by an operation; without `operations`, all
    at once.
    """

    def __init__(self, urls: Sequence[str], label: str, *, operations: bool = True) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.again: set[str] = set()
        self.unsure: set[str] = set()
        self.refused: list[int] = []
        self.over = threading.Event()
        self._urls = cycle(urls)
        self._label = label
        self._by_operation = operations

    def run(self) -> None:
        with httpx.Client(timeout=10) as client:
            number, url = 0, next(self._urls)
            while not self.over.is_set():
                mark, body = self._next(number)
                if self._sent(client, url, body):
                    self.acknowledged.append(mark)
                    number += 1
                else:
                    url = next(self._urls)
                    self.again.add(mark)
                    if number % 4 == 2 or (number % 4 == 3 and not self._by_operation):
                        self.unsure.add(mark)

    def _next(self, number: int) -> tuple[str, dict[str, Any]]:
        mark = f"{self._label}n{number}"
        item = {"content": f"This is what {mark} says about itself.", "document_id": mark}
        if number % 4 >= 2:
            item |= {"document_id": self._label, "update_mode": "append"}
        body: dict[str, Any] = {"items": [item]}
        if number % 2 and self._by_operation:
            body |= {"async": True, "operation_id": str(uuid.uuid5(uuid.NAMESPACE_URL, mark))}
        return mark, body

    def _sent(self, client: httpx.Client, url: str, body: dict[str, Any]) -> bool:
        try:
            status = client.post(f"{url}/v1/default/banks/{BANK}/memories", json=body).status_code
        except httpx.TransportError:
            time.sleep(0.05)
            return False
        if status not in (200, *_LATER):
            self.refused.append(status)
        return status == 200


class Kept:
    """What a server keeps, once nothing is pending any more.

    Args:
        url: Where the server is.
        seconds: After how long without any progress it is not waited for any more.
    """

    def __init__(self, url: str, seconds: float = 120.0) -> None:
        with httpx.Client(base_url=f"{url}/v1/default/banks/{BANK}", timeout=60) as client:
            self._client = client
            pending, deadline = -1, 0.0
            while (left := self._pending(url)) and (left != pending or time.monotonic() < deadline):
                if left != pending:
                    pending, deadline = left, time.monotonic() + seconds
                time.sleep(0.2)
            self.failed = sum(self._operations(state) for state in ("pending", "processing", "failed", "cancelled"))
            self.memories = Counter(
                mark for one in self._all("/memories/list", type="world") for mark in _MARK.findall(one["text"])
            )
            ids = [one["id"] for one in self._all("/documents")]
            appended = [id for id in ids if not _MARK.fullmatch(id)]
            texts = (client.get(f"/documents/{id}").json()["original_text"] for id in appended)
            self.documents = Counter(mark for text in (*ids, *texts) for mark in _MARK.findall(text))

    def _pending(self, url: str) -> int:
        operations = sum(map(self._operations, ("pending", "processing")))  # first: they end by leaving events
        figures = self._client.get(f"{url}/metrics").text
        events = re.findall(r"^duramen_events_pending (\S+)$", figures, re.MULTILINE)
        return operations + int(float(events[0]))

    def _operations(self, state: str) -> int:
        found: int = self._client.get("/operations", params={"status": state}).json()["total"]
        return found

    def _all(self, path: str, **asked: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._client.get(path, params={**asked, "limit": 1000, "offset": len(found)}).json()["items"]
            found += page
            if not page:
                return found


@contextmanager
def loaded(urls: Sequence[str], *, operations: bool = True) -> Iterator[list[Client]]:
    """Let clients retain at servers for as long as the block takes."""
    clients = [Client(urls, f"c{number}", operations=operations) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.over.set()
        for client in clients:
            client.join()


def killed(directory: Path, rounds: int, seed: int, workers: int) -> Outcome:
    """Run the server under load, and kill it so many times."""
    chance = random.Random(seed)
    server = Served(directory, workers=workers, variables={"DURAMEN_STRATEGIES": ""})
    server.start()
    try:
        with loaded([server.url]) as clients:
            for _ in track(range(rounds), "killing"):
                time.sleep(chance.uniform(0.2, 1.5))
                server.kill()
                server.start()
        kept = Kept(server.url)
    finally:
        server.kill()
    return outcome(rounds, clients, kept)


def outcome(rounds: int, clients: Sequence[Client], kept: Kept) -> Outcome:
    """Compare what the clients were told with what is there."""
    acknowledged = {mark for client in clients for mark in client.acknowledged}
    unsure = {mark for client in clients for mark in client.unsure}
    return Outcome(
        rounds=rounds,
        acknowledged=len(acknowledged),
        again=sum(len(client.again) for client in clients),
        lost=len(acknowledged - set(kept.memories) | acknowledged - set(kept.documents)),
        doubled=sum(max(kept.memories[mark], kept.documents[mark]) > 1 for mark in {*kept.memories} - unsure),
        failed=kept.failed,
        refused=sum(len(client.refused) for client in clients),
    )


def main() -> None:
    """Say what is left after so many kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        outcome = killed(Path(directory) / "memory", given.rounds, given.seed, given.workers)
    Console().print(f"seed {given.seed}: {outcome}")
    sys.exit(bool(outcome.lost or outcome.doubled or outcome.failed or outcome.refused))


if __name__ == "__main__":
    main()
