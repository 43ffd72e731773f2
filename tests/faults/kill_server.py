"""Kill -9 of a whole server under load, again and again: `python -m tests.faults.kill_server --rounds 20`.

Clients retain documents, append to others, and hand work over to be done later; what was not answered is asked again, as
clients do. At the end every document that was acknowledged must be there with its memory, exactly once.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import track

from tests.serving import Served

BANK = "user:ada"
CLIENTS = 4


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged before the kills, and what was there afterwards."""

    rounds: int
    acknowledged: int
    lost: int
    doubled: int


class Client(threading.Thread):
    """Retains one document after the other, each until it is acknowledged, every third to be worked through later."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.over = threading.Event()
        self._url = f"{url}/v1/default/banks/{BANK}/memories"
        self._label = name

    def run(self) -> None:
        with httpx.Client(timeout=10) as client:
            number = 0
            while not self.over.is_set():
                document = f"{self._label}-{number}"
                item = {"content": f"This is what {document} says about itself.", "document_id": document}
                body: dict[str, object] = {"items": [item]}
                if number % 3 == 2:
                    body |= {"async": True, "operation_id": str(uuid.uuid5(uuid.NAMESPACE_URL, document))}
                if self._sent(client, body):
                    self.acknowledged.append(document)
                    number += 1

    def _sent(self, client: httpx.Client, body: dict[str, object]) -> bool:
        try:
            return client.post(self._url, json=body).status_code == 200
        except httpx.TransportError:
            time.sleep(0.05)
            return False


def kept(url: str, seconds: float = 120.0) -> Counter[str]:
    """Return the documents of all memories, once nothing is pending any more."""
    base = f"{url}/v1/default/banks/{BANK}"
    with httpx.Client(timeout=60) as client:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pending = [
                client.get(f"{base}/operations", params={"status": state}).json()["total"]
                for state in ("pending", "processing")
            ]
            if not any(pending):
                break
            time.sleep(0.2)
        found: Counter[str] = Counter()
        while True:
            asked: dict[str, str | int] = {"type": "world", "limit": 1000, "offset": sum(found.values())}
            page = client.get(f"{base}/memories/list", params=asked).json()["items"]
            found.update(str(one["document_id"]) for one in page)
            if not page:
                return found


def killed(directory: Path, rounds: int, seed: int, workers: int) -> Outcome:
    """Run the server under load, and kill it so many times."""
    chance = random.Random(seed)
    server = Served(directory, workers=workers, variables={"DURAMEN_STRATEGIES": ""})
    server.start()
    clients = [Client(server.url, f"c{number}") for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        for _ in track(range(rounds), "killing"):
            time.sleep(chance.uniform(0.2, 1.5))
            server.kill()
            server.start()
        for client in clients:
            client.over.set()
        for client in clients:
            client.join()
        found = kept(server.url)
    finally:
        server.kill()
    acknowledged = [document for client in clients for document in client.acknowledged]
    return Outcome(
        rounds=rounds,
        acknowledged=len(acknowledged),
        lost=len(set(acknowledged) - set(found)),
        doubled=sum(count > 1 for count in found.values()),
    )


def main() -> None:
    """Say what is left after so many kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        Console().print(killed(Path(directory) / "memory", given.rounds, given.seed, given.workers))


if __name__ == "__main__":
    main()
